"""Totals become whole cents.

So that nothing that adds them up has to round. The code must know it: the old column goes.

Revises: 0006_long_parcels
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_cents_again"
down_revision = "0006_long_parcels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("total_cents", sa.BigInteger(), nullable=True))
    op.execute("update orders set total_cents = (total * 100)::bigint")
    op.alter_column("orders", "total_cents", nullable=False)
    op.drop_column("orders", "total")


def downgrade() -> None:
    op.add_column("orders", sa.Column("total", sa.Numeric(12, 2), nullable=True))
    op.execute("update orders set total = total_cents / 100.0")
    op.alter_column("orders", "total", nullable=False)
    op.drop_column("orders", "total_cents")
