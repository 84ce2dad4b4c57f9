"""How long events are kept by project, and saved reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_retention",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_event_retention")),
    )
    op.create_table(
        "reports",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_reports")),
        sa.UniqueConstraint("app_id", "name", name=op.f("uq_reports_app_id_name")),
    )


def downgrade() -> None:
    op.drop_table("reports")
    op.drop_table("event_retention")
