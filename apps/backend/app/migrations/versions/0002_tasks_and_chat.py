"""Tasks and conversations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

_TIMESTAMP = sa.DateTime(timezone=True)
_NOW = sa.text("CURRENT_TIMESTAMP")


def upgrade() -> None:
    """Create the tables, with an index for every order a list comes in."""
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("completed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("due_date", sa.Date),
        sa.Column("priority", sa.Text, nullable=False, server_default="medium"),
        sa.Column("created_at", _TIMESTAMP, nullable=False, server_default=_NOW),
        sa.Column("updated_at", _TIMESTAMP, nullable=False, server_default=_NOW),
        sa.CheckConstraint("priority IN ('low', 'medium', 'high')", name="task_priority_check"),
    )
    op.create_index("task_user_created_idx", "task", ["user_id", "created_at", "id"])
    op.create_index("task_user_due_idx", "task", ["user_id", "due_date", "id"])

    op.create_table(
        "chat_thread",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("data", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("created_at", _TIMESTAMP, nullable=False, server_default=_NOW),
        sa.Column("updated_at", _TIMESTAMP, nullable=False, server_default=_NOW),
        sa.Column("lease_owner", sa.Text),
        sa.Column("lease_until", _TIMESTAMP),
    )
    op.create_index("chat_thread_user_updated_idx", "chat_thread", ["user_id", "updated_at", "id"])

    op.create_table(
        "chat_item",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column(
            "thread_id",
            sa.Text,
            sa.ForeignKey("chat_thread.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("created_at", _TIMESTAMP, nullable=False, server_default=_NOW),
    )
    op.create_index("chat_item_thread_position_idx", "chat_item", ["thread_id", "position"])


def downgrade() -> None:
    """Drop the tables with all tasks and conversations."""
    for table in ("chat_item", "chat_thread", "task"):
        op.drop_table(table)
