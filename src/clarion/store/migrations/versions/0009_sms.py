"""Text messages both ways: numbers, keywords, opt-outs, what waits for receipts, what was spent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sms_conversations",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("origination", sa.String(length=20), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("sent_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", "origination", "provider", name=op.f("pk_sms_conversations")),
    )
    with op.batch_alter_table("sms_conversations", schema=None) as batch_op:
        batch_op.create_index("ix_sms_conversations_age", ["sent_ms"], unique=False)
        batch_op.create_index("ix_sms_conversations_app", ["app_id", "number"], unique=False)

    op.create_table(
        "sms_inbound",
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("inbound_id", sa.String(length=128), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "inbound_id", name=op.f("pk_sms_inbound")),
    )
    with op.batch_alter_table("sms_inbound", schema=None) as batch_op:
        batch_op.create_index("ix_sms_inbound_age", ["at_ms"], unique=False)
        batch_op.create_index("ix_sms_inbound_place", ["place", "at_ms"], unique=False)

    op.create_table(
        "sms_keywords",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("word", sa.String(length=30), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "number", "word", name=op.f("pk_sms_keywords")),
    )
    op.create_table(
        "sms_limits",
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("millicents", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("account", "region", name=op.f("pk_sms_limits")),
    )
    op.create_table(
        "sms_numbers",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("message_type", sa.String(length=20), nullable=False),
        sa.Column("keyword", sa.String(length=30), nullable=False),
        sa.Column("opt_out_list", sa.String(length=64), nullable=False),
        sa.Column("self_managed", sa.Boolean(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("app_id", "number", name=op.f("pk_sms_numbers")),
    )
    with op.batch_alter_table("sms_numbers", schema=None) as batch_op:
        batch_op.create_index("ix_sms_numbers_number", ["number"], unique=False)

    op.create_table(
        "sms_opt_outs",
        sa.Column("list", sa.String(length=128), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("word", sa.String(length=30), nullable=False),
        sa.Column("removed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("list", "place", name=op.f("pk_sms_opt_outs")),
    )
    with op.batch_alter_table("sms_opt_outs", schema=None) as batch_op:
        batch_op.create_index("ix_sms_opt_outs_number", ["number"], unique=False)

    op.create_table(
        "sms_prices",
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("millicents", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("account", "region", "country", name=op.f("pk_sms_prices")),
    )
    op.create_table(
        "sms_receipts",
        sa.Column("provider_id", sa.String(length=128), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("endpoint_key", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("origination", sa.String(length=20), nullable=False),
        sa.Column("price", sa.Float(), nullable=True),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", "message_id", name=op.f("pk_sms_receipts")),
    )
    with op.batch_alter_table("sms_receipts", schema=None) as batch_op:
        batch_op.create_index("ix_sms_receipts_age", ["expires_ms"], unique=False)
        batch_op.create_index("ix_sms_receipts_message", ["message_id"], unique=False)
        batch_op.create_index("ix_sms_receipts_number", ["app_id", "number"], unique=False)

    op.create_table(
        "sms_spending",
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("millicents", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("account", "region", "month", name=op.f("pk_sms_spending")),
    )


def downgrade() -> None:
    op.drop_table("sms_spending")
    with op.batch_alter_table("sms_receipts", schema=None) as batch_op:
        batch_op.drop_index("ix_sms_receipts_number")
        batch_op.drop_index("ix_sms_receipts_message")
        batch_op.drop_index("ix_sms_receipts_age")

    op.drop_table("sms_receipts")
    op.drop_table("sms_prices")
    with op.batch_alter_table("sms_opt_outs", schema=None) as batch_op:
        batch_op.drop_index("ix_sms_opt_outs_number")

    op.drop_table("sms_opt_outs")
    with op.batch_alter_table("sms_numbers", schema=None) as batch_op:
        batch_op.drop_index("ix_sms_numbers_number")

    op.drop_table("sms_numbers")
    op.drop_table("sms_limits")
    op.drop_table("sms_keywords")
    with op.batch_alter_table("sms_inbound", schema=None) as batch_op:
        batch_op.drop_index("ix_sms_inbound_place")
        batch_op.drop_index("ix_sms_inbound_age")

    op.drop_table("sms_inbound")
    with op.batch_alter_table("sms_conversations", schema=None) as batch_op:
        batch_op.drop_index("ix_sms_conversations_app")
        batch_op.drop_index("ix_sms_conversations_age")

    op.drop_table("sms_conversations")
