# Part of bridge.py, which says where: what the answer of `inspect` was made of, so that it can be kept until one of
# these changes. Whatever is not certain to be seen makes `why`: then nothing is kept.


class Watched:
    files = set()  # read, or looked for; they may not exist
    folders = set()  # listed
    why = None  # why the answer may be another one the next time though none of these has changed


# Other processes, other machines and other databases answer as they like.
UNSEEN = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn", "sqlite3.", "ftplib.", "urllib.")
# Alembic's own questions, ours, and the driver's first.
KNOWN_QUERIES = ("get_current_heads", "_has_version_table", "id_length", "initialize")


def watch():
    sys.addaudithook(on_audit)
    for name in ("stat", "lstat", "access"):  # what os.path.exists() and pathlib ask by
        setattr(os, name, looking(getattr(os, name)))
    listen(before_cursor_execute=on_query)


def looking(function):
    def looks(path, *arguments, **options):
        saw(Watched.files, path)
        return function(path, *arguments, **options)

    return looks


def saw(where, path):
    if isinstance(path, (str, bytes)) or hasattr(path, "__fspath__"):
        where.add(os.path.abspath(os.fsdecode(path)))


def on_audit(name, arguments):
    if name == "open":
        path, mode, flags = arguments
        writes = any(sign in mode for sign in "wax") if isinstance(mode, str) else (flags or 0) & (os.O_WRONLY | os.O_RDWR)
        if not writes:  # a log file, for one
            saw(Watched.files, path)
    elif name in ("os.listdir", "os.scandir"):
        saw(Watched.folders, arguments[0] if arguments and arguments[0] is not None else ".")
    elif name.startswith("socket.") and name != "socket.__new__" and not Run.connecting:
        if name in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
            Watched.why = "something is asked over the network"
    elif name.startswith(UNSEEN):
        Watched.why = "another program is asked (%s)" % name


def on_query(connection, cursor, statement, parameters, context, many):
    frame = sys._getframe()
    while frame and frame.f_code.co_name not in KNOWN_QUERIES:
        frame = frame.f_back
    if not frame:
        Watched.why = "the project asks the database by itself"


def inputs():
    """@returns all that was read: files, folders whose list of names counts, and what Python looks for modules in"""
    for module in list(sys.modules.values()):
        saw(Watched.files, getattr(module, "__file__", None))
        for folder in list(getattr(module, "__path__", None) or []):
            if not getattr(module, "__file__", None):  # a namespace: whatever lies in its folders
                saw(Watched.folders, folder)
    return {
        "why": Watched.why,
        "files": sorted(Watched.files | {os.path.realpath(sys.executable), sys.executable}),
        "folders": sorted(Watched.folders | {PROJECT}),
        "searched": [os.path.abspath(entry) for entry in sys.path if os.path.isdir(entry)],
    }
