"""Lockkeeper's only Python: drives Alembic from inside, for the worker that started it.

    python -c "<this text>" <nonce> <verb> '<options as JSON>'      or `-`: the first line of standard input has them

Runs with the user's interpreter in the user's project and needs nothing but the alembic and SQLAlchemy found
there (Python 3.8+, alembic 1.8+, SQLAlchemy 1.4 and 2.x; psycopg2, psycopg, asyncpg). It never edits env.py.

Out: lines `@lk:<nonce> {json}` on the standard output we were started with. What the project prints goes to
standard error. In: one JSON line an answer; the end of standard input means that the worker is gone.

verb       options
inspect    from: "database" or revision ids; render: "pending" or "none"; mayBeAhead. Creates and changes nothing.
upgrade    revisions: exact ids, in the order to run; expectFrom: where the database must stand;
downgrade  lockWaitMs; handshake: ask at connect, step and commit; ask: "statements": before each of them, too
           trace: tell what each statement did; forbid: the server that nothing may connect to (tracing.py)
           kept: revision files, used where the project has none of that id: revision, file, text
write      revisions: id or none, message, upgrades, downgrades, annotation, on top of `head`: new files, by the
           project's own template; no database is asked
all        config, section, x (as of the alembic command); expectDatabase; applicationName; lockTimeoutMs

Leave for a statement may say `lockTimeoutMs`, in force from then on, and `savepoint`: then an attempt that did not
get its lock is taken back, and `retry` asks whether it is sent again. `instead`: what is sent in its place. `ahead`:
statements that may follow in the same transaction without being asked for; each is told of as any.

It is longer than our other files because its text travels as one argument: no image, host or virtual
environment needs anything of ours installed. Sections: imports, channel, errors, sessions, the advisory lock,
statements, attempts (attempts.py, which project.ts puts in its place), connections (connections.py), tracing
(tracing.py), watching (watching.py), revisions, rendering (rendering.py), rows (rows.py), verbs.
"""

import os
import sys

# ---------------------------------------------------------------------------------------------------- imports
# `python -c` puts the working directory first: ./json.py or ./alembic/__init__.py would be taken for the
# real ones.
PATH = list(sys.path)
sys.path[:] = [entry for entry in PATH if os.path.abspath(entry) != os.getcwd()]
sys.dont_write_bytecode = True  # no __pycache__ in the user's repository

import argparse  # noqa: E402
import ast  # noqa: E402
import contextlib  # noqa: E402
import hashlib  # noqa: E402
import inspect as signatures  # noqa: E402
import io  # noqa: E402
import json  # noqa: E402
import re  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
import tokenize  # noqa: E402
import traceback  # noqa: E402

NONCE, VERB, GIVEN = sys.argv[1:4]
sys.argv[:] = ["alembic", VERB]  # what an env.py that looks at it expects
PROJECT = os.path.realpath(os.getcwd())


class Stop(BaseException):
    """We end the run, with the reason. No Exception: a migration's `except Exception` must not swallow it."""

    def __init__(self, kind, **facts):
        super().__init__(kind)
        self.kind = kind
        self.facts = facts


# ---------------------------------------------------------------------------------------------------- channel
class Channel:
    """The talk with the worker, on copies of the standard streams that the project cannot reach."""

    def __init__(self):
        self.input, self.output = os.dup(0), os.dup(1)  # copies are not inherited (PEP 446)
        self.received = b""
        self.asked = 0
        self.lock = threading.Lock()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(2, 1)
        sys.stdin = open(0, closefd=False)

    def emit(self, **message):
        line = memoryview(("@lk:%s %s\n" % (NONCE, json.dumps(message, default=str))).encode("ascii"))
        with self.lock:
            try:
                while line:
                    line = line[os.write(self.output, line) :]
            except OSError:
                raise Stop("aborted", words="the worker is gone")

    def ask(self, what, **about):
        """Waits for the worker's leave, which may say how. Silence of a worker that is gone is a no."""
        if not OPTIONS.get("handshake"):
            return {}
        self.asked += 1
        self.emit(ask=what, id=self.asked, **about)
        answer = self.read()
        if answer.get("id") != self.asked or answer.get("do") != "go":
            raise Stop("aborted", words=answer.get("why", "the worker said no"))
        return answer

    def read(self):
        while b"\n" not in self.received:
            some = os.read(self.input, 65536)
            if not some:
                raise Stop("aborted", words="the worker is gone")
            self.received += some
        line, self.received = self.received.split(b"\n", 1)
        return json.loads(line.decode())


CHANNEL = Channel()


def end(code, **message):
    """The last word. Ends at once: threads of the project that never end cannot keep us alive."""
    with contextlib.suppress(Stop):
        CHANNEL.emit(**message)
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if sys.version_info < (3, 8):
    end(1, event="failed", kind="old-python", version=sys.version.split()[0], executable=sys.executable)

try:
    import alembic
    import sqlalchemy
    from alembic.config import Config
    from alembic.operations import Operations
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationStep
    from alembic.script import Script, ScriptDirectory
    from alembic.script.revision import RevisionMap
    from alembic.util import CommandError
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from sqlalchemy.engine.mock import MockConnection
except ImportError as missing:
    end(1, event="failed", kind="no-alembic", words=str(missing), executable=sys.executable)



def versions():
    python = ".".join(str(part) for part in sys.version_info[:3])
    return {"python": python, "alembic": alembic.__version__, "sqlalchemy": sqlalchemy.__version__}


# Importing takes half of a small migration's time: whoever starts us ahead says later what to do, and has been
# told that we can begin. A worker that is gone ends us here, as everywhere.
try:
    CHANNEL.emit(event="hello", **versions())
    OPTIONS = CHANNEL.read() if GIVEN == "-" else json.loads(GIVEN)
except Stop as gone:
    end(1, event="failed", kind=gone.kind, **gone.facts)

# The project's modules may be imported again, but after those installed, as under the `alembic` command.
sys.path[:] = [entry for entry in PATH if entry] + ([""] if "" in PATH else [])


class Run:
    """Where this run is. One process does one run."""

    pids = set()  # of all our database sessions
    lock_pid = None  # the session that holds the advisory lock
    connecting = False
    rendering = False
    asked = None  # why what is rendered now is not known without the database
    called = False  # env.py has run the migrations
    finished = False  # all steps are done; only the commit is left
    revision = None  # the step that runs
    statements = 0
    uncommitted = 0  # statements since the last commit
    committing = False
    changed = False  # something that we saw is committed for good
    failed = None  # (error, sql) of the last statement that failed
    lock_timeouts = {}  # by pid, in ms, as far as known
    granted, granted_ms, granted_pid = [], None, None  # statements that need not be asked for, in this session
    context = None  # Alembic's MigrationContext, once env.py has made one


# ----------------------------------------------------------------------------------------------------- errors
def chain(error):
    """The error and all that it was raised from; SQLAlchemy keeps the driver's under `orig`."""
    seen, todo = [], [error]
    while todo:
        one = todo.pop(0)
        if isinstance(one, BaseException) and all(one is not other for other in seen):
            seen.append(one)
            todo += [getattr(one, "orig", None), one.__cause__, one.__context__]
    return seen


def sqlstate(error):
    for one in chain(error):
        state = getattr(one, "sqlstate", None) or getattr(one, "pgcode", None)
        if state:
            return str(state)
    return None


def words(error):
    """What the database said, or the error's own type and text; no traceback, no SQL, no parameters."""
    for one in chain(error):
        if getattr(one, "sqlstate", None) or getattr(one, "pgcode", None):
            text = str(getattr(one, "__cause__", None) or one)  # asyncpg's own words are below SQLAlchemy's
            return text.strip()[:1000]
    if isinstance(error, CommandError):
        return str(error)[:1000]
    original = getattr(error, "orig", None) or error
    return ("%s: %s" % (type(original).__name__, original)).strip()[:1000]


def place(error, folders=(PROJECT,)):
    """`file:line` of the project where the error was raised, or None."""
    if isinstance(error, SyntaxError) and error.filename:
        return "%s:%s" % (relative(error.filename), error.lineno)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if in_folders(frame.filename, folders):
            return "%s:%s" % (relative(frame.filename), frame.lineno)
    return None


def in_folders(path, folders):
    if path.startswith("<"):  # "<string>" is this text
        return False
    path = os.path.realpath(path)
    foreign = "site-packages" in path or path.startswith(os.path.realpath(sys.prefix) + os.sep)
    return not foreign and any(path.startswith(os.path.realpath(folder) + os.sep) for folder in folders)


def relative(path):
    return os.path.relpath(os.path.realpath(path), PROJECT)


def failure(error):
    """The error as one message, by what we were doing when it came."""
    if isinstance(error, Stop):
        return dict(error.facts, kind=error.kind)
    facts = dict(words=words(error), at=place(error), sqlstate=sqlstate(error))
    if Run.connecting:
        return dict(facts, kind="cannot-connect")
    if Run.revision or Run.finished:
        sql = Run.failed[1] if Run.failed and Run.failed[0] in chain(error) else None
        lost = any(getattr(one, "connection_invalidated", False) for one in chain(error))  # the drivers' words differ
        return dict(
            facts, kind="migration-failed", revision=Run.revision, sql=sql, committing=Run.committing, lost=lost
        )
    if isinstance(error, CommandError):
        return dict(facts, kind="alembic-refused")
    return dict(facts, kind="env-failed")


# --------------------------------------------------------------------------------------------------- sessions
# What a role's or a database's own settings could end our session with is switched off.
SETTINGS = {
    "lock_timeout": "%dms" % OPTIONS.get("lockTimeoutMs", 1000),
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
# Not known to every server: never as startup parameters. The check interval ends the statement of a client
# that was killed; without it a dead client's ALTER TABLE goes on queueing, and everybody waits behind it.
SETTINGS_SINCE = [
    (140000, "idle_session_timeout", "0"),
    (140000, "client_connection_check_interval", "2s"),
    (170000, "transaction_timeout", "0"),
]
APPLICATION_NAME = OPTIONS.get("applicationName", "lockkeeper")
CONNECT_TIMEOUT_S = 10
KEY = "lockkeeper"


def rows(dbapi, sql):
    """One statement of ours on the driver's connection, through a cursor of its own."""
    cursor = dbapi.cursor()
    try:
        cursor.execute(sql)
        return cursor.fetchall()
    finally:
        cursor.close()


def literal(value):
    return "'%s'" % str(value).replace("'", "''")


def set_config(name, value):
    return "set_config(%s, %s, false)" % (literal(name), literal(value))


def on_do_connect(dialect, record, arguments, parameters):
    """Startup parameters are in force from the first statement and survive every rollback."""
    if dialect.name != "postgresql":
        return
    refuse_while_rendering()
    Run.connecting = True
    if dialect.driver == "asyncpg":
        given = parameters.get("server_settings") or {}
        parameters["server_settings"] = dict(given, application_name=APPLICATION_NAME, **SETTINGS)
    elif dialect.driver.startswith("psycopg"):
        parameters["application_name"] = APPLICATION_NAME
        parameters.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
        # Our `options` would hide those of the environment.
        given = parameters.get("options") or os.environ.get("PGOPTIONS") or ""
        ours = ["-c %s=%s" % setting for setting in SETTINGS.items()]
        parameters["options"] = " ".join([given] + ours).strip()


def on_connect(dbapi, record):
    """Again, for connections made by a `creator=`, which get no startup parameters from us."""
    if not type(dbapi).__module__.startswith(("psycopg", "sqlalchemy.dialects.postgresql")):
        return
    refuse_while_rendering()
    settings = dict(SETTINGS, application_name=APPLICATION_NAME)
    rows(dbapi, "select " + ", ".join(set_config(*setting) for setting in settings.items()))
    dbapi.commit()  # a rollback undoes a SET that is not committed
    identity = identify(dbapi)
    readonly = identity.pop("readonly")
    set_newer_settings(dbapi, identity["serverVersion"])
    record.info[KEY] = identity
    Run.pids.add(identity["pid"])
    Run.connecting = False
    CHANNEL.emit(event="connect", **identity)
    CHANNEL.ask("connect", **identity)
    refuse_other_database(dbapi, identity)
    if VERB != "inspect":
        if readonly:
            raise Stop("read-only", standby=readonly == "standby")
        wait_for_lock(dbapi, identity["pid"])


def identify(dbapi):
    names = ("pid", "database", "user", "startedAt", "address", "port", "serverVersion", "readonly")
    values = rows(
        dbapi,
        "select pg_backend_pid(), current_database()::text, current_user::text,"
        # Not as text: that depends on the session's time zone.
        " to_char(pg_postmaster_start_time() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
        " host(inet_server_addr()), inet_server_port(), current_setting('server_version_num')::int,"
        " case when pg_is_in_recovery() then 'standby'"
        " when current_setting('transaction_read_only') = 'on' then 'setting' end",
    )[0]
    dbapi.commit()
    return dict(zip(names, values))


def set_newer_settings(dbapi, version):
    for since, name, value in SETTINGS_SINCE:
        if version < since:
            continue
        try:
            rows(dbapi, "select " + set_config(name, value))
            dbapi.commit()
        except Exception:  # the check interval exists, but can only be 0, on some systems
            dbapi.rollback()


def refuse_while_rendering():
    if Run.rendering:
        raise RuntimeError("opens a database connection of its own, which offline rendering does not allow")


def refuse_other_database(dbapi, identity):
    """Compared in the database, as times: they can be written in many ways."""
    expected = OPTIONS.get("expectDatabase")
    if not expected:
        return
    same_start = "select pg_postmaster_start_time() = %s::timestamptz" % literal(expected["startedAt"])
    same = identity["database"] == expected["database"] and rows(dbapi, same_start)[0][0]
    dbapi.commit()
    if not same:
        raise Stop("wrong-database", expected=expected, found=identity)


# ------------------------------------------------------------------------------------------ the advisory lock
# The same two numbers everywhere in Lockkeeper: "LOCK" and "KEEP" in ASCII.
LOCK = "1280262987, 1262830928"
TRY_LOCK = "select pg_try_advisory_lock(%s)" % LOCK
HOLDER = (
    "select l.pid, a.application_name, a.usename::text, a.backend_start::text"
    " from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid"
    " where l.locktype = 'advisory' and l.granted and l.objsubid = 2"
    " and l.classid = 1280262987 and l.objid = 1262830928"
    " and l.database = (select oid from pg_catalog.pg_database where datname = current_database())"
)
POLL_S = 0.1


def holder_of_lock(dbapi):
    found = rows(dbapi, HOLDER)
    return dict(zip(("pid", "applicationName", "user", "since"), found[0])) if found else None


def wait_for_lock(dbapi, pid):
    """Polls: a blocked pg_advisory_lock holds a snapshot, and CREATE INDEX CONCURRENTLY waits for those."""
    deadline = time.monotonic() + OPTIONS.get("lockWaitMs", 0) / 1000.0
    told = False
    while not has_lock(dbapi, pid):
        holder = holder_of_lock(dbapi)
        dbapi.commit()
        if time.monotonic() >= deadline:
            raise Stop("lock-held", holder=holder)
        if holder and not told:
            CHANNEL.emit(event="lock_wait", holder=holder)
            told = True
        time.sleep(POLL_S)
    dbapi.commit()


def has_lock(dbapi, pid):
    """Whether this session, or another one of ours, has the lock; takes it where it is free."""
    if Run.lock_pid == pid:
        return True
    if rows(dbapi, TRY_LOCK)[0][0]:
        Run.lock_pid = pid
        return True
    holder = holder_of_lock(dbapi)
    return holder is not None and holder["pid"] in Run.pids


def keep_lock(context):
    """A pool may have closed the session of ours that had it. Asked at each step; commits nothing."""
    fairy = context.connection.connection
    identity = fairy.info.get(KEY)
    if not identity:
        return
    refuse_pooler(driver_connection(fairy), identity["pid"])
    if not has_lock(driver_connection(fairy), identity["pid"]):
        raise Stop("lock-held", holder=holder_of_lock(driver_connection(fairy)))


def refuse_pooler(dbapi, pid):
    """A pooler that gives each transaction another session takes our lock and our settings away unseen."""
    if rows(dbapi, "select pg_backend_pid()")[0][0] != pid:
        raise Stop("pooled", words="one connection had several sessions of the server")


def driver_connection(fairy):
    return getattr(fairy, "dbapi_connection", None) or fairy.connection


# ------------------------------------------------------------------------------------------------- statements
LEADING = re.compile(r"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.S)
# These wait for old transactions in several phases. A lock timeout in between leaves an INVALID index.
CONCURRENTLY = re.compile(
    r"\A(?:CREATE\s+(?:UNIQUE\s+)?INDEX|DROP\s+INDEX|REINDEX\b[^;]*?"
    r"|ALTER\s+TABLE\b[^;]*?\bDETACH\s+PARTITION\b[^;]*?)"
    r"\s+CONCURRENTLY\b",
    re.I,
)
SQL_SHOWN = 10000
SQL_ASKED = 100000


def before_statement(dbapi, sql, pid):
    """The one place where a statement can be held back: nothing of it has been sent. @returns the worker's leave"""
    if OPTIONS.get("ask") != "statements":
        return {}
    inside = in_transaction(dbapi)
    if inside and Run.granted and pid == Run.granted_pid and plain(sql) == Run.granted[0]:
        Run.granted.pop(0)
        return {"lockTimeoutMs": Run.granted_ms}
    leave = CHANNEL.ask("statement", revision=Run.revision, sql=sql[:SQL_ASKED], pid=pid, inTransaction=inside)
    ahead = leave.get("ahead") or {"statements": [], "lockTimeoutMs": None}
    Run.granted, Run.granted_ms, Run.granted_pid = list(ahead["statements"]), ahead["lockTimeoutMs"], pid
    return leave


def plain(sql):
    return LEADING.sub("", sql).rstrip("; \t\r\n")


def execute(send, cursor, sql, context, many=False):
    """Sends a statement in SQLAlchemy's place. @returns True: SQLAlchemy must not send it again"""
    fairy = context.root_connection.connection
    sets_timeout = LOCK_TIMEOUT.search(sql)
    if sets_timeout:
        Run.lock_timeouts.clear()
    if Run.revision is None or KEY not in fairy.info:
        return False  # not of a migration, or not PostgreSQL
    dbapi, pid = driver_connection(fairy), fairy.info[KEY]["pid"]
    leave = before_statement(dbapi, sql, pid)
    Run.statements += 1
    Run.uncommitted += 1
    Run.committing = False
    send = sends_instead(dbapi, send, leave.get("instead"))
    before = trace_before(dbapi, sql)
    with patience(dbapi, sql):
        try:
            ms = attempts(dbapi, send, dict(leave, savepoint=leave.get("savepoint") and not many), pid)
        except Exception as error:
            Run.failed, Run.granted = (error, sql), []
            trace_failure(error, sql)
            raise
    if sets_timeout:
        Run.lock_timeouts.clear()
    if not in_transaction(dbapi):
        Run.changed = True
    count = getattr(cursor, "rowcount", None)
    did = trace_after(dbapi, before)
    CHANNEL.emit(event="statement", revision=Run.revision, sql=sql[:SQL_SHOWN], ms=ms, rows=count, **did)
    return True


def on_do_execute(cursor, sql, parameters, context):
    send = context.dialect.do_execute
    return execute(lambda: send(cursor, sql, parameters, context), cursor, sql, context)


def on_do_execute_no_params(cursor, sql, context):
    send = context.dialect.do_execute_no_params
    return execute(lambda: send(cursor, sql, context), cursor, sql, context)


def on_do_executemany(cursor, sql, parameters, context):
    send = context.dialect.do_executemany
    return execute(lambda: send(cursor, sql, parameters, context), cursor, sql, context, many=True)


def on_commit(connection):
    """Comes before the commit itself: from here on nobody can say "nothing was changed"."""
    Run.granted = []
    if Run.uncommitted:
        Run.changed = Run.committing = True
        trace_commit()
    Run.uncommitted = 0


@contextlib.contextmanager
def patience(dbapi, sql):
    """Lets a CONCURRENTLY outside a transaction take its time. Also when we are killed: it then ends by
    itself with a valid index, where cutting it off would leave an INVALID one."""
    lifted = ("lock_timeout", "client_connection_check_interval")
    if not CONCURRENTLY.match(LEADING.sub("", sql)) or in_transaction(dbapi):
        yield
        return
    values = ", ".join("current_setting(%s, true)" % literal(name) for name in lifted)
    before = [(name, value) for name, value in zip(lifted, rows(dbapi, "select " + values)[0]) if value]
    rows(dbapi, "select " + ", ".join(set_config(name, "0") for name, _ in before))
    try:
        yield
    finally:
        with contextlib.suppress(Exception):  # a session that is broken needs no settings
            rows(dbapi, "select " + ", ".join(set_config(*setting) for setting in before))


def in_transaction(dbapi):
    """Whether the SERVER is in a transaction: a migration may have sent COMMIT as text."""
    driver = getattr(dbapi, "_connection", dbapi)  # SQLAlchemy wraps the asynchronous drivers
    if hasattr(driver, "is_in_transaction"):  # asyncpg
        return driver.is_in_transaction()
    return int(driver.info.transaction_status) in (1, 2, 3)  # libpq: active, in transaction, in a failed one


def listen(**handlers):
    for name, handler in handlers.items():
        event.listen(Engine, name, handler)


# --------------------------------------------------------------------------------------------------- attempts
# <attempts.py>


# ------------------------------------------------------------------------------------------------ connections
# <connections.py>


# ---------------------------------------------------------------------------------------------------- tracing
# <tracing.py>


# --------------------------------------------------------------------------------------------------- watching
# <watching.py>


# -------------------------------------------------------------------------------------------------- revisions
def open_project():
    """@returns Alembic's configuration and script folder; revision files are not loaded yet"""
    path = OPTIONS.get("config", "alembic.ini")
    if not os.path.exists(path):
        raise Stop("no-config", path=os.path.abspath(path))
    section = OPTIONS.get("section", "alembic")
    options = argparse.Namespace(x=OPTIONS.get("x", []), config=[path], name=section, raiseerr=True)
    toml = "toml_file" in signatures.signature(Config).parameters  # since alembic 1.16
    files = {"toml_file": path if path.endswith(".toml") else "pyproject.toml"} if toml else {}
    config = Config(
        "alembic.ini" if toml and path.endswith(".toml") else path,
        ini_section=section,
        output_buffer=io.StringIO(),
        stdout=sys.stderr,
        cmd_opts=options,
        **files
    )
    try:
        script = ScriptDirectory.from_config(config)
    except CommandError as error:
        raise Stop("bad-config", path=os.path.abspath(path), words=words(error))
    script.revision_map = RevisionMap(lambda: load_revisions(script))
    return config, script


def load_revisions(script):
    """Loads the revision files as Alembic does, but says which file it is that cannot be used."""
    loaded, found = {}, ScriptDirectory._load_revisions(script)
    while True:
        try:
            revision = next(found, None)
        except Exception as error:
            raise Stop(
                "revision-file", file=revision_file(error, script), words=words(error), at=place(error)
            )
        if revision is None:
            break
        if revision.revision in loaded:  # Alembic only warns, and takes the last one
            files = [relative(loaded[revision.revision].path), relative(revision.path)]
            raise Stop("duplicate-revision", revision=revision.revision, files=files)
        loaded[revision.revision] = revision
    load_kept(script, loaded)
    refuse_missing(loaded)
    return iter(loaded.values())


def load_kept(script, loaded):
    """Revisions that git or a prune took out of the project, by the files that the worker has kept of them."""
    lost = [kept for kept in OPTIONS.get("kept", []) if kept["revision"] not in loaded]
    if not lost:
        return
    with tempfile.TemporaryDirectory(prefix="lockkeeper-") as folder:
        for kept in lost:
            name = os.path.basename(kept["file"])
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(kept["text"])
            by_path = hasattr(Script, "_from_path")  # since alembic 1.16
            revision = Script._from_path(script, path) if by_path else Script._from_filename(script, folder, name)
            loaded[revision.revision] = revision


def revision_file(error, script):
    if isinstance(error, SyntaxError) and error.filename:
        return relative(error.filename)
    folders = getattr(script, "_version_locations", None) or [script.versions]
    for frame in traceback.extract_tb(error.__traceback__):
        if in_folders(frame.filename, [str(folder) for folder in folders]):
            return relative(frame.filename)
    return None  # then Alembic's own words name it


def refuse_missing(loaded):
    labels = {label for revision in loaded.values() for label in revision._orig_branch_labels}
    for revision in loaded.values():
        for wanted in as_list(revision.down_revision) + as_list(revision.dependencies):
            if wanted not in loaded and wanted not in labels:
                raise Stop("missing-revision", revision=wanted, file=relative(revision.path))


def as_list(value):
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def all_revisions(script):
    """From Alembic's own map, where a revision is found by its id and by its label."""
    return {revision for revision in script.revision_map._revision_map.values() if revision}


def unknown_revisions(script, current):
    """Those of the database that no file has: it is ahead of this release. Refused unless nothing is to run."""
    known = {revision.revision for revision in all_revisions(script)}
    unknown = [revision for revision in current if revision not in known]
    if unknown and not OPTIONS.get("mayBeAhead"):
        raise Stop("unknown-revision", revisions=unknown, heads=list(script.get_heads()))
    return unknown


def pending_revisions(script, current):
    """In the order in which `alembic upgrade heads` would run them."""
    try:
        return [step.revision for step in script._upgrade_revs("heads", tuple(current))]
    except (AssertionError, KeyError) as error:  # an id that is a word of Alembic's, such as `base`
        raise Stop("alembic-refused", words="it cannot put them in order (%s)" % words(error))


def exact(script, wanted):
    revision = script.revision_map._revision_map.get(wanted)
    if revision is None or revision.revision != wanted:
        raise Stop("alembic-refused", words="no revision file has the id %s" % wanted)
    return revision


def applied(script, heads):
    """Ids of all revisions that a database at these heads has, dependencies included."""
    todo, done = list(heads), set()
    while todo:
        revision = exact(script, todo.pop())
        if revision.revision not in done:
            done.add(revision.revision)
            todo += revision._all_down_revisions
    return done


# -------------------------------------------------------------------------------------------------- rendering
# <rendering.py>


# ------------------------------------------------------------------------------------------------------- rows
# <rows.py>


# ------------------------------------------------------------------------------------------------------ verbs
def run_env(config, script, steps, destination, as_sql=False):
    """Runs env.py. `dont_mutate`: the version table is not created before we have looked at everything."""

    def once(heads, context):
        if Run.called:
            raise Stop("several-databases")
        Run.called, Run.context = True, context
        return steps(heads, context)

    with EnvironmentContext(
        config,
        script,
        fn=once,
        as_sql=as_sql,
        starting_rev=None,
        destination_rev=destination,
        dont_mutate=True,
    ):
        script.run_env()
    if not Run.called:
        raise Stop("env-failed", words="env.py ended without running any migration", at=None, sqlstate=None)


def look(config, script):
    """Where the database stands, through env.py. @returns what `inspect` tells of it"""
    seen = {}

    def steps(heads, context):
        seen["current"] = sorted(heads)
        seen["identity"] = context.connection.connection.info.get(KEY)
        if seen["identity"] is None:
            raise Stop("not-postgresql", dialect=context.dialect.name)
        seen["transactionPerMigration"] = commits_each(context)
        seen["versionTable"] = {"table": context.version_table, "idLength": id_length(context)}
        if context.version_table_schema:
            seen["versionTable"]["schema"] = context.version_table_schema
        return []

    run_env(config, script, steps, "heads")
    return seen


def commits_each(context):
    """Whether each revision has a transaction of its own. Not when env.py has begun one around all."""
    each = context._transaction_per_migration or not context.impl.transactional_ddl
    return bool(each and not getattr(context, "_in_external_transaction", False))


def id_length(context):
    """Characters that the version column holds, or will hold once Alembic makes it; None: no limit."""
    parts = [part for part in (context.version_table_schema, context.version_table) if part]
    table = ".".join('"%s"' % part.replace('"', '""') for part in parts)
    sql = sqlalchemy.text(
        "select atttypmod from pg_catalog.pg_attribute"
        " where attrelid = to_regclass(:name) and attname = 'version_num'"
    )
    found = context.connection.execute(sql, {"name": table}).fetchone()
    if found:
        return found[0] - 4 if found[0] > 4 else None
    return context._version.c.version_num.type.length


def locations_by_env(config, script):
    """Some env.py files set where the revision files lie: they are run first, offline, without a step."""
    with open(os.path.join(str(script.dir), "env.py"), encoding="utf-8", errors="replace") as file:
        sets_them = "version_locations" in file.read()
    if sets_them:
        run_env(config, script, lambda heads, context: [], "heads", as_sql=True)


NOT_RENDERED = {"upSql": None, "downSql": None, "lines": []}
DEFAULT_ID_LENGTH = 32  # of Alembic's version table


def inspect():
    watch()
    listen(do_connect=on_do_connect, connect=on_connect)
    config, script = open_project()
    if OPTIONS["from"] == "database":
        seen = look(config, script)
    else:
        locations_by_env(config, script)
        Run.context = None  # an offline one knows no more than we do
        seen = dict(current=sorted(OPTIONS["from"]))
    script.get_heads()  # loads the revision files
    ahead = unknown_revisions(script, seen["current"])
    pending = [] if ahead else pending_revisions(script, seen["current"])
    done = [] if ahead else sorted(applied(script, seen["current"]))
    rendered = render(config, script, pending) if OPTIONS.get("render") != "none" else {}
    length = seen.get("versionTable", {"idLength": DEFAULT_ID_LENGTH})["idLength"]
    told = dict(
        seen,
        event="inspection",
        versions=versions(),
        heads=list(script.get_heads()),
        bases=list(script.get_bases()),
        applied=[files_of(exact(script, each)) for each in done],
        branches=sorted(each.revision for each in all_revisions(script) if each.is_branch_point),
        pending=[
            dict(describe(revision, length), **rendered.get(revision.revision, NOT_RENDERED))
            for revision in pending
        ],
    )
    return dict(told, inputs=inputs())


def write():
    """New revision files, one on top of the other: all of them or none."""
    config, script = open_project()
    locations_by_env(config, script)
    heads = list(script.get_heads())
    if heads != as_list(OPTIONS["head"]):
        raise Stop("moved-on", expected=as_list(OPTIONS["head"]), found=heads)
    written, head = [], OPTIONS["head"]
    try:
        for each in OPTIONS["revisions"]:
            made = write_one(script, each, head, written)
            head = made.revision
    except BaseException:
        for path in written:
            with contextlib.suppress(OSError):
                os.unlink(path)
        raise
    return dict(event="written", files=[relative(path) for path in written])


def write_one(script, each, head, written):
    before = set(os.listdir(os.path.dirname(script.get_revision(head).path))) if head else set()
    template = os.path.join(str(script.dir), "script.py.mako")
    try:
        made = script.generate_revision(
            each["id"] or alembic.util.rev_id(),
            each["message"],
            head=head,
            upgrades=each["upgrades"],
            downgrades=each["downgrades"],
            imports="",
        )
    except Exception as error:
        if head:  # what does not load was written all the same
            folder = os.path.dirname(script.get_revision(head).path)
            written += [os.path.join(folder, name) for name in set(os.listdir(folder)) - before if name != "__pycache__"]
        raise Stop("template", file=relative(template), words=words(error))
    written.append(made.path)
    with open(made.path, encoding="utf-8") as file:
        text = file.read()
    if each["annotation"] not in text:
        raise Stop("template", file=relative(template), words="what it writes has no body of ours")
    return made


def files_of(revision):
    with open(revision.path, "rb") as file:
        sha256 = hashlib.sha256(file.read()).hexdigest()
    return {"revision": revision.revision, "file": relative(revision.path), "sha256": sha256}


def migrate():
    guard()
    listen(do_connect=on_do_connect, connect=on_connect, commit=on_commit)
    listen(rollback=on_rollback, rollback_savepoint=on_rollback)
    listen(
        do_execute=on_do_execute,
        do_execute_no_params=on_do_execute_no_params,
        do_executemany=on_do_executemany,
    )
    config, script = open_project()
    started = time.perf_counter()
    run_env(
        config, script, lambda heads, context: run_steps(script, heads, context), OPTIONS["revisions"][-1]
    )
    if not Run.finished:  # env.py has swallowed the error
        unfinished = Stop("env-failed", words="env.py stopped half way", at=None, sqlstate=None)
        raise Run.failed[0] if Run.failed else unfinished
    ms = round((time.perf_counter() - started) * 1000)
    return dict(event="done", revisions=OPTIONS["revisions"], statements=Run.statements, ms=ms)


def run_steps(script, heads, context):
    """Alembic takes the steps from here, one by one, and writes its version table after each."""
    if not context.connection.connection.info.get(KEY):
        raise Stop("not-postgresql", dialect=context.dialect.name)
    if set(heads) != set(OPTIONS["expectFrom"]):
        raise Stop("moved-on", expected=OPTIONS["expectFrom"], found=list(heads))
    watch_connections()  # env.py has imported its driver; what revision files take from it by name is taken now
    steps = plan(script, heads)
    watch_connections()  # of the drivers that they have imported
    keep_lock(context)
    for index, step in enumerate(steps):
        revision = step.revision.revision
        dbapi = driver_connection(context.connection.connection)
        CHANNEL.ask("step", revision=revision, inTransaction=in_transaction(dbapi))
        if index:
            keep_lock(context)
        elif not heads:
            context._ensure_version_table()
        CHANNEL.emit(event="step", revision=revision, index=index, of=len(steps))
        Run.revision, started = revision, time.perf_counter()
        yield step
        Run.revision = None
        CHANNEL.emit(
            event="step_done", revision=revision, ms=round((time.perf_counter() - started) * 1000, 1)
        )
    CHANNEL.ask("commit")  # for a worker that died during the last statement
    Run.finished = True


def plan(script, heads):
    """The steps for exactly the revisions asked for, when they can run in exactly this order."""
    done, steps, down = applied(script, heads), [], VERB == "downgrade"
    make = MigrationStep.downgrade_from_script if down else MigrationStep.upgrade_from_script
    for wanted in OPTIONS["revisions"]:
        revision = exact(script, wanted)
        if not hasattr(revision.module, VERB):
            raise Stop("alembic-refused", words="%s has no function %s" % (relative(revision.path), VERB))
        refuse_order(script, revision, done, down)
        (done.remove if down else done.add)(wanted)
        steps.append(make(script.revision_map, revision))
    return steps


def refuse_order(script, revision, done, down):
    if (revision.revision in done) != down:
        state = "not applied" if down else "applied already"
        raise Stop("alembic-refused", words="%s is %s" % (revision.revision, state))
    above = [other for other in done if revision.revision in exact(script, other)._all_down_revisions]
    below = [other for other in revision._all_down_revisions if other not in done]
    wrong = above if down else below
    if wrong:
        raise Stop(
            "alembic-refused", words="%s cannot run before %s" % (revision.revision, ", ".join(sorted(wrong)))
        )


def main():
    try:
        result = {"inspect": inspect, "upgrade": migrate, "downgrade": migrate, "write": write, "rows": on_rows}[VERB]()
    except BaseException as error:
        end(1, event="failed", changed=Run.changed, statements=Run.statements, **failure(error))
    end(0, **result)


main()
