"""Windows of campaigns that events trigger, what they are to answer and what they answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_answers",
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", sa.String(length=32), nullable=False),
        sa.Column("endpoint_key", sa.Text(), nullable=False),
        sa.Column("occasion", sa.String(length=32), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_campaign_answers")),
    )
    op.create_index("ix_campaign_answers_endpoint", "campaign_answers", ["app_id", "endpoint_key"])
    op.create_index("ix_campaign_answers_age", "campaign_answers", ["app_id", "campaign_id", "at_ms"])
    op.create_table(
        "campaign_matches",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", sa.String(length=32), nullable=False),
        sa.Column("treatment_id", sa.String(length=1), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_campaign_matches")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_campaign_matches_window", "campaign_matches", ["app_id", "campaign_id", "treatment_id", "seq"])
    op.create_table(
        "campaign_stamps",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_campaign_stamps")),
    )
    op.create_table(
        "direct_answers",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("request", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_direct_answers")),
    )
    op.create_index("ix_direct_answers_age", "direct_answers", ["at_ms"])
    op.create_index("ix_direct_answers_token", "direct_answers", ["app_id", "operation", "token"], unique=True)
    op.create_table(
        "campaign_windows",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", sa.String(length=32), nullable=False),
        sa.Column("treatment_id", sa.String(length=1), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.String(length=32), nullable=False),
        sa.Column("listens", sa.Boolean(), nullable=False),
        sa.Column("behind", sa.BigInteger(), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=True),
        sa.Column("paced_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "campaign_id", "treatment_id", name=op.f("pk_campaign_windows")),
    )


def downgrade() -> None:
    for table in ("campaign_windows", "direct_answers", "campaign_stamps", "campaign_matches", "campaign_answers"):
        op.drop_table(table)
