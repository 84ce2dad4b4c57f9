"""Sending domains and the keys their mail is signed with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sending_domains",
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("bounce_domain", sa.String(length=253), nullable=False),
        sa.Column("tracking_url", sa.String(length=300), nullable=False),
        sa.Column("spf", sa.String(length=400), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sending_domains")),
    )
    op.create_table(
        "dkim_keys",
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("selector", sa.String(length=63), nullable=False),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("retired_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("domain", "selector", name=op.f("pk_dkim_keys")),
    )


def downgrade() -> None:
    op.drop_table("dkim_keys")
    op.drop_table("sending_domains")
