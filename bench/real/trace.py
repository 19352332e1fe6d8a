"""Upgrades a project for real, revision by revision, and tells which locks each took on what was there before it,
and which tables it has written anew: one line of JSON a revision.

    python trace.py <alembic.ini> <Python to run first, or "">
"""

import json
import logging
import sys

from alembic import command
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from sqlalchemy import event
from sqlalchemy.engine import Engine

RELATIONS = (
    "select c.oid::text, c.relname::text, c.relkind::text, c.relfilenode::text from pg_catalog.pg_class c"
    " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
    " where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm')"
)
LOCKS = (
    "select relation::text, mode::text from pg_catalog.pg_locks"
    " where pid = pg_backend_pid() and locktype = 'relation' and granted and mode <> 'AccessShareLock'"
)
now = None  # what the revision that runs has done so far
configure = EnvironmentContext.configure


def each_by_itself(self, *arguments, **options):
    """A transaction each, or the locks of all would be those of the last."""
    configure(self, *arguments, **dict(options, transaction_per_migration=True))


EnvironmentContext.configure = each_by_itself


class Started(logging.Handler):
    def emit(self, record):
        global now
        if record.msg.startswith("Running"):
            tell()
            text = record.getMessage()  # "Running upgrade a -> b, doc"
            revision = text.split("->")[1].strip().split(",")[0].split(" ")[0]
            now = {"revision": revision, "was": None, "locks": {}, "rewrites": []}


def tell():
    if now:
        there = sorted(name for name, _, _ in (now["was"] or {}).values())
        print(json.dumps(dict({key: now[key] for key in ("revision", "locks", "rewrites")}, there=there)), flush=True)


def rows(connection, sql):
    cursor = connection.connection.dbapi_connection.cursor()
    try:
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]
    finally:
        cursor.close()


def before(connection, *_):
    if now and now["was"] is None:
        now["was"] = {oid: (name, kind, file) for oid, name, kind, file in rows(connection, RELATIONS)}


def after(connection, *_):
    if not now or now["was"] is None:
        return
    for oid, mode in rows(connection, LOCKS):
        if oid in now["was"] and now["was"][oid][0] != "alembic_version":
            modes = now["locks"].setdefault(now["was"][oid][0], [])
            if mode not in modes:
                modes.append(mode)
    for oid, _, kind, file in rows(connection, RELATIONS):
        name, _, old = now["was"].get(oid, ("", "", file))
        if kind == "r" and old != file and name not in now["rewrites"]:
            now["rewrites"].append(name)


logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)
logging.getLogger("alembic.runtime.migration").addHandler(Started())
event.listen(Engine, "before_cursor_execute", before)
event.listen(Engine, "after_cursor_execute", after)
exec(sys.argv[2])
now = None
command.upgrade(Config(sys.argv[1]), "heads")
tell()
