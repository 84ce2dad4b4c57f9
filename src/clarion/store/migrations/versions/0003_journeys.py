"""Journeys, their participants, what they wait for"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journey_answered",
        sa.Column("journey_id", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("journey_id", "occasion", name=op.f("pk_journey_answered")),
    )
    with op.batch_alter_table("journey_answered", schema=None) as batch_op:
        batch_op.create_index("ix_journey_answered_age", ["journey_id", "at_ms"], unique=False)

    op.create_table(
        "journey_matches",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("journey_id", sa.String(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journey_matches")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("journey_matches", schema=None) as batch_op:
        batch_op.create_index("ix_journey_matches_journey", ["app_id", "journey_id", "seq"], unique=False)

    op.create_table(
        "journey_participants",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("journey_id", sa.String(length=32), nullable=False),
        sa.Column("participant", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("waiting", sa.String(length=8), nullable=False),
        sa.Column("arrived_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("entered_ms", sa.BigInteger(), nullable=False),
        sa.Column("left_ms", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journey_participants")),
        sa.UniqueConstraint("journey_id", "participant", name=op.f("uq_journey_participants_journey_id_participant")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("journey_participants", schema=None) as batch_op:
        batch_op.create_index(
            "ix_journey_participants_due",
            ["journey_id", "shard", "due_ms"],
            unique=False,
            sqlite_where=sa.text("inside IS 1"),
            postgresql_where=sa.text("inside IS true"),
        )
        batch_op.create_index("ix_journey_participants_person", ["app_id", "participant"], unique=False)

    op.create_table(
        "journey_parts",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("journey_id", sa.String(length=32), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "part", name=op.f("pk_journey_parts")),
    )
    with op.batch_alter_table("journey_parts", schema=None) as batch_op:
        batch_op.create_index("ix_journey_parts_journey", ["app_id", "journey_id"], unique=False)

    op.create_table(
        "journey_runs",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("journey_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("scheduled_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.Column("entering", sa.Boolean(), nullable=False),
        sa.Column("inside", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "run_id", name=op.f("pk_journey_runs")),
    )
    with op.batch_alter_table("journey_runs", schema=None) as batch_op:
        batch_op.create_index("ix_journey_runs_journey", ["app_id", "journey_id", "number"], unique=False)

    op.create_table(
        "journey_signals",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("journey_id", sa.String(length=32), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("participant", sa.Text(), nullable=False),
        sa.Column("signal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journey_signals")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("journey_signals", schema=None) as batch_op:
        batch_op.create_index("ix_journey_signals_shard", ["journey_id", "shard", "seq"], unique=False)

    op.create_table(
        "journey_stamps",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_journey_stamps")),
    )
    op.create_table(
        "journey_versions",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("journey_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.LargeBinary(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "journey_id", "version", name=op.f("pk_journey_versions")),
    )
    op.create_table(
        "journeys",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("journey_id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("published_ms", sa.BigInteger(), nullable=True),
        sa.Column("start_ms", sa.BigInteger(), nullable=True),
        sa.Column("end_ms", sa.BigInteger(), nullable=True),
        sa.Column("paused_ms", sa.BigInteger(), nullable=True),
        sa.Column("paced_ms", sa.BigInteger(), nullable=False),
        sa.Column("segment_id", sa.String(length=32), nullable=False),
        sa.Column("segment_version", sa.Integer(), nullable=True),
        sa.Column("event_started", sa.Boolean(), nullable=False),
        sa.Column("behind", sa.BigInteger(), nullable=False),
        sa.Column("defaults", sa.LargeBinary(), nullable=False),
        sa.Column("test_of", sa.String(length=32), nullable=False),
        sa.Column("inside", sa.BigInteger(), nullable=False),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "journey_id", name=op.f("pk_journeys")),
    )
    with op.batch_alter_table("journeys", schema=None) as batch_op:
        batch_op.create_index("ix_journeys_listing", ["app_id", "created_ms", "journey_id"], unique=False)
        batch_op.create_index("ix_journeys_segment", ["app_id", "segment_id"], unique=False)
        batch_op.create_index("ix_journeys_state", ["account", "region", "state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("journeys", schema=None) as batch_op:
        batch_op.drop_index("ix_journeys_state")
        batch_op.drop_index("ix_journeys_segment")
        batch_op.drop_index("ix_journeys_listing")

    op.drop_table("journeys")
    op.drop_table("journey_versions")
    op.drop_table("journey_stamps")
    with op.batch_alter_table("journey_signals", schema=None) as batch_op:
        batch_op.drop_index("ix_journey_signals_shard")

    op.drop_table("journey_signals")
    with op.batch_alter_table("journey_runs", schema=None) as batch_op:
        batch_op.drop_index("ix_journey_runs_journey")

    op.drop_table("journey_runs")
    with op.batch_alter_table("journey_parts", schema=None) as batch_op:
        batch_op.drop_index("ix_journey_parts_journey")

    op.drop_table("journey_parts")
    with op.batch_alter_table("journey_participants", schema=None) as batch_op:
        batch_op.drop_index("ix_journey_participants_person")
        batch_op.drop_index(
            "ix_journey_participants_due",
            sqlite_where=sa.text("inside IS 1"),
            postgresql_where=sa.text("inside IS true"),
        )

    op.drop_table("journey_participants")
    with op.batch_alter_table("journey_matches", schema=None) as batch_op:
        batch_op.drop_index("ix_journey_matches_journey")

    op.drop_table("journey_matches")
    with op.batch_alter_table("journey_answered", schema=None) as batch_op:
        batch_op.drop_index("ix_journey_answered_age")

    op.drop_table("journey_answered")
