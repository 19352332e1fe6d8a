# Part of bridge.py, which says where: what each statement did on the copy of a rehearsal (`trace`), and that nothing
# connects to the live server from here (`forbid`). Of a real run none of this is active.
import importlib.util  # noqa: E402


# They do nothing to relations, and nothing may be asked before some of them.
UNTRACED = re.compile(r"\A(?:SET|RESET|SHOW|SAVEPOINT|RELEASE|SELECT\s+pg_catalog\.)\b", re.I)
# After these nothing is as it was.
ENDS = re.compile(r"\A(?:BEGIN|START|COMMIT|END|ROLLBACK|ABORT)\b", re.I)

# All relations; or those that this transaction has locked, as each is that a statement of it has made or changed.
ALL, LOCKED = "", " and c.oid in (select l.relation from pg_catalog.pg_locks l where l.pid = pg_catalog.pg_backend_pid())"
TRACE = """select pg_catalog.json_build_object(
  'lsn', pg_catalog.pg_current_wal_insert_lsn()::text,
  'relations', (select pg_catalog.json_object_agg(c.oid::text, pg_catalog.json_build_array(c.relkind::text,
      pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), c.relfilenode::text))
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.oid >= 16384 and c.relkind in ('r', 'p', 'm', 'i', 'v', 'f', 'S')[which]),
  'locks', (select pg_catalog.json_agg(pg_catalog.json_build_array(l.relation::text, l.mode)) from pg_catalog.pg_locks l
    where l.pid = pg_catalog.pg_backend_pid() and l.locktype = 'relation' and l.granted and l.relation >= 16384),
  'counts', (select pg_catalog.json_object_agg(s.relid::text, pg_catalog.json_build_array(s.seq_scan, s.seq_tup_read,
      coalesce(s.idx_tup_fetch, 0), s.n_tup_ins, s.n_tup_upd, s.n_tup_del))
    from pg_catalog.pg_stat_xact_all_tables s where s.relid >= 16384 and coalesce(s.seq_scan, 0)
      + coalesce(s.idx_scan, 0) + s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0))::text"""

STRENGTH = [
    "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock",
    "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
]


class Traced:
    """How things stand in one session; read anew where it may be another than we know."""

    start = None  # relations before the first statement: what the run makes keeps nobody waiting
    last = dbapi = None


def look_around(dbapi, which):
    found = json.loads(rows(dbapi, TRACE.replace("[which]", which))[0][0])
    return {name: value or {} for name, value in found.items()}


def trace_before(dbapi, sql):
    """@returns how things stood before the statement; None: it is not traced"""
    if not OPTIONS.get("trace"):
        return None
    text = LEADING.sub("", sql)
    if ENDS.match(text):
        Traced.last = None
    if ENDS.match(text) or UNTRACED.match(text):
        return None
    if Traced.last is None or Traced.dbapi is not dbapi:
        outside = not in_transaction(dbapi)
        Traced.last, Traced.dbapi = look_around(dbapi, ALL), dbapi
        if outside and in_transaction(dbapi):
            dbapi.rollback()  # what we asked must not be what begins the transaction
    if Traced.start is None:
        Traced.start = Traced.last["relations"]
    return Traced.last


def trace_after(dbapi, before):
    """@returns what the statement did, for its event"""
    if before is None:
        return {}
    inside = in_transaction(dbapi)
    after = look_around(dbapi, LOCKED if inside else ALL)
    if inside:
        locked = {oid for oid, _ in before["locks"]} | {oid for oid, _ in after["locks"]}
        others = {oid: one for oid, one in before["relations"].items() if oid not in locked}
        after["relations"] = dict(others, **after["relations"])
    elif in_transaction(dbapi):
        dbapi.rollback()
    Traced.last = after
    known = {oid: relation for oid, relation in before["relations"].items() if oid in Traced.start}
    return {
        "trace": {
            "open": inside,
            "walBytes": max(0, lsn(after["lsn"]) - lsn(before["lsn"])),
            "locks": new_locks(known, before["locks"], after["locks"]),
            "rewritten": [
                now[1]
                for oid, now in after["relations"].items()
                if now[0] in "rm" and oid in known and known[oid][2] != now[2]
            ],
            "dropped": [old[1] for oid, old in known.items() if old[0] in "rpm" and oid not in after["relations"]],
            "rows": counted(known, before["counts"], after["counts"]),
        }
    }


def lsn(text):
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def new_locks(known, before, after):
    """The strongest lock on each relation that was there, where the statement took a stronger one than was held."""
    held, strongest = {}, {}
    for where, locks in ((held, before), (strongest, after)):
        for oid, mode in locks:
            if oid in known and mode in STRENGTH:
                where[oid] = max(where.get(oid, -1), STRENGTH.index(mode))
    return [
        [known[oid][1], known[oid][0], STRENGTH[mode]]
        for oid, mode in strongest.items()
        if mode > held.get(oid, -1)
    ]


def counted(known, before, after):
    """Scans, rows read, fetched by index, inserted, updated, deleted; of relations that were there."""
    told = []
    for oid, counts in after.items():
        more = [b - a for a, b in zip(before.get(oid, [0] * 6), counts)]
        if oid in known and any(more):
            told.append([known[oid][1]] + [max(0, each) for each in more])
    return told


def trace_commit():
    if OPTIONS.get("trace"):
        CHANNEL.emit(event="commit")
        if Traced.last:
            Traced.last = dict(Traced.last, locks=[], counts={})


def trace_rollback(*about):
    Traced.last = None


def trace_failure(error, sql):
    if OPTIONS.get("trace"):
        CHANNEL.emit(event="statement_failed", revision=Run.revision, sql=sql[:SQL_SHOWN], sqlstate=sqlstate(error))


# The drivers that connect in C: what they are told is looked at where they are called.
def guard_psycopg2(module):
    connect = module._connect

    def guarded(dsn, *arguments, **options):
        refuse_live(module.extensions.parse_dsn(dsn or ""), "psycopg2")
        return connect(dsn, *arguments, **options)

    module._connect = guarded


def guard_psycopg(module):
    from psycopg import conninfo, generators

    connect = generators.connect

    def guarded(told, *arguments, **options):
        refuse_live(conninfo.conninfo_to_dict(told), "psycopg")
        return connect(told, *arguments, **options)

    generators.connect = guarded


GUARDED = {"psycopg2": guard_psycopg2, "psycopg": guard_psycopg}


class Guard:
    """Finds a driver as Python does, and guards it once it is loaded."""

    def find_spec(self, name, path=None, target=None):
        if name not in GUARDED:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                with contextlib.suppress(ImportError, AttributeError):  # a driver of another build
                    GUARDED[name](module)

            spec.loader.exec_module = exec_module
        return spec


def guard():
    """Those that connect in Python are seen by its audit: asyncpg, pg8000, whatever opens a socket."""
    if OPTIONS.get("trace"):
        listen(rollback=trace_rollback, rollback_savepoint=trace_rollback)
    if not OPTIONS.get("forbid"):
        return
    for name, act in GUARDED.items():
        if name in sys.modules:
            act(sys.modules[name])
    sys.meta_path.insert(0, Guard())
    sys.addaudithook(on_socket)


def on_socket(name, arguments):
    if name == "socket.connect":
        address = arguments[1]
        if isinstance(address, (str, bytes)):
            folder, _, file = os.fsdecode(address).rpartition("/.s.PGSQL.")
            if file:
                refuse_live({"host": folder, "port": file}, "a socket")
        elif isinstance(address, tuple) and len(address) > 1:
            refuse_live({"host": address[0], "port": address[1]}, "a socket")


def refuse_live(told, driver):
    forbidden = OPTIONS["forbid"]
    hosts = str(told.get("hostaddr") or told.get("host") or os.environ.get("PGHOST", "")).split(",")
    ports = str(told.get("port") or os.environ.get("PGPORT", 5432)).split(",")
    for index, host in enumerate(hosts):
        port = ports[min(index, len(ports) - 1)]
        if port == str(forbidden["port"]) and is_live(host.strip(), forbidden):
            raise Stop("reached-out", revision=Run.revision, driver=driver, host=host, port=port)


def is_live(host, forbidden):
    if host.startswith("/") or host == "":
        return forbidden["local"]
    if host.lower() in forbidden["hosts"]:
        return True
    with contextlib.suppress(OSError, UnicodeError):
        return any(found[4][0] in forbidden["hosts"] for found in socket.getaddrinfo(host, None))
    return False
