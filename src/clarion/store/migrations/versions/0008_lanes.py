"""Providers, lanes, and the queues that messages wait in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "providers",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("config", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_providers")),
    )
    op.create_table(
        "lanes",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reroute_to", sa.String(length=32), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lanes")),
    )
    op.create_table(
        "lane_figures",
        sa.Column("lane", sa.String(length=160), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("handed", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("error_ms", sa.BigInteger(), nullable=False),
        sa.Column("rests_until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lane", "owner", name=op.f("pk_lane_figures")),
    )
    op.add_column("outbox", sa.Column("queue", sa.String(length=160), nullable=False, server_default=""))
    op.execute("UPDATE outbox SET queue = '2' || channel")
    op.drop_index("ix_outbox_turn", "outbox")
    op.create_index("ix_outbox_turn", "outbox", ["channel", "queue", "due_ms", "seq"])


def downgrade() -> None:
    op.drop_index("ix_outbox_turn", "outbox")
    op.create_index("ix_outbox_turn", "outbox", ["channel", "due_ms", "seq"])
    op.drop_column("outbox", "queue")
    op.drop_table("lane_figures")
    op.drop_table("lanes")
    op.drop_table("providers")
