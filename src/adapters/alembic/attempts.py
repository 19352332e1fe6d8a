# Part of bridge.py, which says where: a statement is sent as often, and waits for its lock as long, as the worker says.

LOCK_NOT_AVAILABLE = "55P03"
NO_TRANSACTION = "25P01"
# What may change it, SQL of env.py included.
LOCK_TIMEOUT = re.compile(r"lock_timeout|\b(?:RESET|DISCARD)\s+ALL\b", re.I)
SAVEPOINT = "lockkeeper_attempt"
PROBE = "lockkeeper_probe"


def attempts(dbapi, send, leave, pid):
    """Until it is done, or fails of something else than its lock. @returns the milliseconds of the last attempt"""
    while True:
        set_lock_timeout(dbapi, leave.get("lockTimeoutMs"), pid)
        way_back = begin_attempt(dbapi) if leave.get("savepoint") else None
        started = time.perf_counter()
        try:
            send()
        except Exception as error:
            if not way_back or sqlstate(error) != LOCK_NOT_AVAILABLE:
                raise
            ms = ms_since(started)
            take_back(dbapi, way_back)
            leave = CHANNEL.ask("retry", revision=Run.revision, ms=ms)
            continue
        ms = ms_since(started)
        if way_back == "savepoint":
            tell(dbapi, "release savepoint " + SAVEPOINT)
        return ms


def begin_attempt(dbapi):
    """@returns `savepoint`, or `alone` where the statement is a transaction of its own and leaves nothing"""
    if getattr(dbapi, "autocommit", False):
        return "alone"
    try:
        tell(dbapi, "savepoint " + SAVEPOINT)
    except Exception as error:
        if sqlstate(error) != NO_TRANSACTION:
            raise
        return "alone"  # the migration has sent COMMIT as text
    return "savepoint"


def sends_instead(dbapi, send, instead):
    """A table that is dropped is moved away, where DROP itself would have succeeded: what refuses that, refuses this."""

    def sends():
        own = getattr(dbapi, "autocommit", False) and not in_transaction(dbapi)
        if own:
            tell(dbapi, "begin")
        try:
            tell(dbapi, "savepoint " + PROBE)
            send()
            tell(dbapi, "rollback to savepoint " + PROBE)
            tell(dbapi, "release savepoint " + PROBE)
            for each in instead:
                tell(dbapi, each)
        except Exception:
            if own:
                with contextlib.suppress(Exception):
                    tell(dbapi, "rollback")
            raise
        if own:
            tell(dbapi, "commit")

    return sends if instead else send


def take_back(dbapi, way_back):
    """Gives back what locks the attempt got."""
    if way_back == "savepoint":
        tell(dbapi, "rollback to savepoint " + SAVEPOINT)
        tell(dbapi, "release savepoint " + SAVEPOINT)


def set_lock_timeout(dbapi, ms, pid):
    """Where it is to be another one: each change is a round trip."""
    if ms is None or Run.lock_timeouts.get(pid) == ms:
        return
    rows(dbapi, "select " + set_config("lock_timeout", "%dms" % ms))
    Run.lock_timeouts[pid] = ms


def on_rollback(connection, *savepoint):
    """Takes the settings back that were made since."""
    Run.lock_timeouts.clear()
    Run.granted = []


def tell(dbapi, sql):
    cursor = dbapi.cursor()
    try:
        cursor.execute(sql)
    finally:
        cursor.close()


def ms_since(started):
    return round((time.perf_counter() - started) * 1000, 2)
