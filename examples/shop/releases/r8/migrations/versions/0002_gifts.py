"""Orders can be gifts, and coupons make them cheaper.

Only adds: the running release neither reads nor writes what is new, so it can stay while this runs.

Revises: 0001_first
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_gifts"
down_revision = "0001_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("gift_note", sa.Text(), nullable=True))
    op.create_table(
        "coupons",
        sa.Column("code", sa.Text(), primary_key=True),
        sa.Column("percent", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("coupons")
    op.drop_column("orders", "gift_note")
