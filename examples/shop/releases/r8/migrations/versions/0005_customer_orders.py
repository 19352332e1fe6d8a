"""The orders of a customer, by index.

Built while orders are taken, and in a revision of its own: outside of a transaction nothing else can be left
half done.

Revises: 0004_parcels
"""

from alembic import op

revision = "0005_customer_orders"
down_revision = "0004_parcels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_orders_customer_id", "orders", ["customer_id"], postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_orders_customer_id", "orders", postgresql_concurrently=True)
