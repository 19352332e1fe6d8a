"""Products get a description.

Only adds, and nothing has one at first: can be deployed, and taken back, while the shop is open.

Revises: 0008_cents_again
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_descriptions"
down_revision = "0008_cents_again"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("products", sa.Column("description", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("products", "description")
