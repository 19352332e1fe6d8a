"""Renders revisions offline, as `alembic upgrade --sql` does: one JSON list of {id, code} in, {id: sql or error} out."""

import io
import json
import re
import sys
import traceback

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

# Each revision has its own transaction there, as transaction_per_migration makes it.
NEXT = re.compile(r"^# the next (?:revision|one).*$", re.MULTILINE)

rendered = {}
for snippet in json.load(sys.stdin):
    out = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": out, "transactional_ddl": True}
    )
    try:
        for revision in NEXT.split(snippet["code"]):
            with context.begin_transaction(), Operations.context(context) as op:
                names = {"op": op, "sa": sa}
                exec(revision, names)
                for way in ("upgrade", "downgrade"):
                    names.get(way, lambda: None)()
        rendered[snippet["id"]] = {"sql": out.getvalue()}
    except Exception:
        rendered[snippet["id"]] = {"error": traceback.format_exc(limit=1)}
json.dump(rendered, sys.stdout)
