/** A revision as a test writes it: its id, and the Python of its two functions, indented by four. */
export interface Revision {
  id: string;
  up: string;
  down: string;
}

export const INI = `[alembic]
script_location = migrations
prepend_sys_path = .

[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = plain
[logger_root]
level = WARNING
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain
[formatter_plain]
format = %(message)s
`;

/** An ordinary synchronous env.py that reads DATABASE_URL. */
export const ENV_PY = `import os

import sqlalchemy as sa
from alembic import context

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = sa.create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"))
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
`;

export const revisionFile = ({ id, up, down }: Revision, before?: string): string => `"""${id}"""
import os
import time

import sqlalchemy as sa
from alembic import op

revision = "${id}"
down_revision = ${before ? `"${before}"` : 'None'}
branch_labels = None
depends_on = None


def upgrade():
    ${up}


def downgrade():
    ${down}
`;
