"""How many of each product are in stock, one row a product, and when an order was sent.

Only adds, as the revision before. There is no foreign key to products yet: it would lock products while it is
added, and comes in a release of its own.

Revises: 0002_gifts
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_stock"
down_revision = "0002_gifts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "stock",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_table("stock")
    op.drop_column("orders", "sent_at")
