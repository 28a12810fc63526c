"""The place of each task in the order that its user makes by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

_OF_THE_TIME = "'n' || lpad(to_hex((extract(epoch from {} AT TIME ZONE 'UTC') * 1000000)::bigint), 14, '0')"
"""As `app.models.task.position_of` has it: until it is moved, a task stands where its time puts it."""


def upgrade() -> None:
    """The version before goes on working beside this one while a rollout lasts: its tasks get a place by themselves."""
    # One pass over the table, which leaves no dead rows behind as an UPDATE would.
    op.execute(
        'ALTER TABLE task ADD COLUMN position text COLLATE "C" NOT NULL GENERATED ALWAYS AS ('
        + _OF_THE_TIME.format("created_at")
        + " || left(id::text, 4) || '8') STORED"
    )
    op.execute("ALTER TABLE task ALTER COLUMN position DROP EXPRESSION")
    op.alter_column("task", "position", server_default=sa.text(_OF_THE_TIME.format("clock_timestamp()") + " || '8'"))
    op.create_index(
        "task_user_listed_position_idx",
        "task",
        ["user_id", "position", "id"],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def downgrade() -> None:
    """What was ordered by hand is forgotten."""
    op.drop_index("task_user_listed_position_idx", "task")
    op.drop_column("task", "position")
