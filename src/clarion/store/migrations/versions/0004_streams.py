"""Event streams, how far they are, what waits for them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_streams",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("stream_id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("behind", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_event_streams")),
    )
    with op.batch_alter_table("event_streams", schema=None) as batch_op:
        batch_op.create_index("ix_event_streams_scope", ["account", "region", "app_id"], unique=False)

    op.create_table(
        "stream_backlog",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stream_id", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_stream_backlog")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("stream_backlog", schema=None) as batch_op:
        batch_op.create_index("ix_stream_backlog_stream", ["stream_id", "seq"], unique=False)

    op.create_table(
        "stream_progress",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("turn_ms", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before_ms", sa.BigInteger(), nullable=False),
        sa.Column("linger_ms", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("exported", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("sent_ms", sa.BigInteger(), nullable=True),
        sa.Column("failing_ms", sa.BigInteger(), nullable=True),
        sa.Column("error_ms", sa.BigInteger(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_stream_progress")),
    )
    op.create_table(
        "stream_refused",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stream_id", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_stream_refused")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("stream_refused", schema=None) as batch_op:
        batch_op.create_index("ix_stream_refused_stream", ["stream_id", "seq"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("stream_refused", schema=None) as batch_op:
        batch_op.drop_index("ix_stream_refused_stream")

    op.drop_table("stream_refused")
    op.drop_table("stream_progress")
    with op.batch_alter_table("stream_backlog", schema=None) as batch_op:
        batch_op.drop_index("ix_stream_backlog_stream")

    op.drop_table("stream_backlog")
    with op.batch_alter_table("event_streams", schema=None) as batch_op:
        batch_op.drop_index("ix_event_streams_scope")

    op.drop_table("event_streams")
