"""What was done under which key, tasks that can be brought back, the queue of a conversation, and indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

_TIMESTAMP = sa.DateTime(timezone=True)
_NOW = sa.text("CURRENT_TIMESTAMP")
_ORDERS = {
    "task_user_listed_created_idx": "created_at",
    "task_user_listed_updated_idx": "updated_at",
    "task_user_listed_title_idx": "lower(title)",
    "task_user_listed_priority_idx": "(CASE priority WHEN 'low' THEN 1 WHEN 'medium' THEN 2 WHEN 'high' THEN 3 ELSE 0 END)",
    "task_user_listed_due_idx": "coalesce(due_date, 'infinity'::date)",
    "task_user_listed_due_desc_idx": "coalesce(due_date, '-infinity'::date)",
}
"""One index for every order a list comes in, of the tasks that lists show."""


def upgrade() -> None:
    """Only adds: the version before goes on working beside this one while a rollout lasts."""
    op.create_table(
        "idempotency",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("request", JSONB),
        sa.Column("created_at", _TIMESTAMP, nullable=False, server_default=_NOW),
    )
    op.create_index("idempotency_created_idx", "idempotency", ["created_at"])

    op.add_column("task", sa.Column("deleted_at", _TIMESTAMP))
    for name, expression in _ORDERS.items():
        op.create_index(
            name,
            "task",
            ["user_id", sa.text(expression), "id"],
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
    op.create_index("task_deleted_idx", "task", ["deleted_at"], postgresql_where=sa.text("deleted_at IS NOT NULL"))

    op.create_table(
        "chat_ticket",
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("thread_id", sa.Text, sa.ForeignKey("chat_thread.id", ondelete="CASCADE"), nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("expires_at", _TIMESTAMP, nullable=False),
    )
    op.create_index("chat_ticket_thread_idx", "chat_ticket", ["thread_id", "position"])
    op.create_index("chat_ticket_owner_idx", "chat_ticket", ["owner"], unique=True)
    op.create_index(
        "chat_thread_lease_owner_idx",
        "chat_thread",
        ["lease_owner"],
        postgresql_where=sa.text("lease_owner IS NOT NULL"),
    )


def downgrade() -> None:
    """Tasks that could still be brought back are gone for good."""
    op.drop_index("chat_thread_lease_owner_idx", "chat_thread")
    op.drop_table("chat_ticket")
    op.execute("DELETE FROM task WHERE deleted_at IS NOT NULL")
    op.drop_index("task_deleted_idx", "task")
    for name in reversed(_ORDERS):
        op.drop_index(name, "task")
    op.drop_column("task", "deleted_at")
    op.drop_table("idempotency")
