"""What apps reported in vain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_rejections",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("endpoint_key", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event_rejections")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_rejections_page", "event_rejections", ["account", "region", "app_id", "seq"])
    op.create_index("ix_event_rejections_endpoint", "event_rejections", ["app_id", "endpoint_key"])
    op.create_index("ix_event_rejections_age", "event_rejections", ["at_ms"])


def downgrade() -> None:
    op.drop_table("event_rejections")
