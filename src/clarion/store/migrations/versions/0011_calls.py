"""The last day's calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("provider_id", sa.String(length=128), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("endpoint_key", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("told", sa.String(length=8), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "provider_id", name=op.f("pk_calls")),
    )
    op.create_index("ix_calls_age", "calls", ["expires_ms"])
    op.create_index("ix_calls_number", "calls", ["app_id", "number"])


def downgrade() -> None:
    op.drop_table("calls")
