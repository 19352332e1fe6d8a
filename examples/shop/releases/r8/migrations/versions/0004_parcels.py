"""Parcels, by the carrier's number.

Which parcel an order was sent in, and when. Only adds. There is no foreign key from orders to
parcels yet: every order would be looked up while it is added.

Revises: 0002_gifts
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_parcels"
down_revision = "0002_gifts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "parcels",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.add_column("orders", sa.Column("parcel", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "parcel")
    op.drop_table("parcels")
