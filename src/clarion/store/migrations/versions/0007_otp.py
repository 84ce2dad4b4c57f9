"""One-time passwords that wait to be typed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "otp_codes",
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("attempts_left", sa.Integer(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_otp_codes")),
    )
    op.create_index("ix_otp_codes_number", "otp_codes", ["app_id", "number"])
    op.create_index("ix_otp_codes_age", "otp_codes", ["expires_ms"])


def downgrade() -> None:
    op.drop_table("otp_codes")
