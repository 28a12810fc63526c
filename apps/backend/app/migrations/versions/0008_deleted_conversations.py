"""Conversations that can be brought back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Only adds: the version before goes on working beside this one while a rollout lasts.

    It doesn't see a conversation that this one has deleted, as that belongs to nobody until it is brought back.
    """
    op.add_column("chat_thread", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.add_column("chat_thread", sa.Column("deleted_user_id", sa.Text))
    op.create_index(
        "chat_thread_deleted_idx",
        "chat_thread",
        ["deleted_at"],
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Conversations that could still be brought back are gone for good."""
    op.execute("DELETE FROM chat_thread WHERE deleted_at IS NOT NULL")
    op.drop_index("chat_thread_deleted_idx", "chat_thread")
    op.drop_column("chat_thread", "deleted_user_id")
    op.drop_column("chat_thread", "deleted_at")
