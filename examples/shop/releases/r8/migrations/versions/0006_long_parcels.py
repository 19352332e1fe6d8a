"""Parcels' numbers become bigint.

The carrier's numbers outgrow an integer: the key of parcels, and what refers to it. Writes all of orders
anew, with its indexes, while nobody can use it.

Revises: 0005_customer_orders
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_long_parcels"
down_revision = "0005_customer_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("parcels", "number", type_=sa.BigInteger(), existing_type=sa.Integer())
    op.alter_column("orders", "parcel", type_=sa.BigInteger(), existing_type=sa.Integer())


def downgrade() -> None:
    # Refused by the database as soon as there is a number that an integer cannot hold.
    op.alter_column("orders", "parcel", type_=sa.Integer(), existing_type=sa.BigInteger())
    op.alter_column("parcels", "number", type_=sa.Integer(), existing_type=sa.BigInteger())
