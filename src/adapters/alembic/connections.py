# Part of bridge.py, which says where: connections that a migration opens itself, past SQLAlchemy. Nobody gives leave for
# what is sent over them, and they have none of our settings: all that we can do is say so.

DRIVERS = ("psycopg2", "psycopg", "asyncpg")


def watch_connections():
    for name in DRIVERS:
        module = sys.modules.get(name)
        if module and not hasattr(module.connect, "lockkeeper"):
            module.connect = telling(name, module.connect)


def telling(driver, connect):
    def connects(*arguments, **options):
        # SQLAlchemy connects by the same function, after do_connect.
        if Run.revision and not Run.connecting:
            CHANNEL.emit(event="own_connection", revision=Run.revision, driver=driver, at=caller())
        return connect(*arguments, **options)

    connects.lockkeeper = True
    return connects


def caller():
    """@returns `file:line` of the project, as `place` does"""
    for frame in reversed(traceback.extract_stack()):
        if in_folders(frame.filename, (PROJECT,)):
            return "%s:%s" % (relative(frame.filename), frame.lineno)
    return None
