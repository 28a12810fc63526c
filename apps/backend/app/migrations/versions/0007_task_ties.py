"""Indexes of the orders in which tasks are listed, in which what is equal has an order of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None

_RANK = "(CASE priority WHEN 'low' THEN 1 WHEN 'medium' THEN 2 WHEN 'high' THEN 3 ELSE 0 END)"
_URGENCY = "(CASE priority WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 0 END)"
_DUE, _DUE_DESC = "coalesce(due_date, 'infinity'::date)", "coalesce(due_date, '-infinity'::date)"
_ORDERS = {
    "task_user_listed_title_created_idx": ("lower(title)",),
    "task_user_listed_position_created_idx": ("position",),
    "task_user_listed_due_urgency_idx": (_DUE, _URGENCY),
    "task_user_listed_due_desc_rank_idx": (_DUE_DESC, _RANK),
    "task_user_listed_urgency_due_idx": (_URGENCY, _DUE),
}
_ORDERS_BEFORE = {
    "task_user_listed_title_idx": "lower(title)",
    "task_user_listed_position_idx": "position",
    "task_user_listed_due_idx": _DUE,
    "task_user_listed_due_desc_idx": _DUE_DESC,
    "task_user_listed_priority_idx": _RANK,
}


def upgrade() -> None:
    """The version before goes on working beside this one while a rollout lasts, only sorting what it reads."""
    for name, expressions in _ORDERS.items():
        _create(name, *expressions, "created_at")
    for name in _ORDERS_BEFORE:
        op.drop_index(name, "task")


def downgrade() -> None:
    """Loses nothing."""
    for name, expression in _ORDERS_BEFORE.items():
        _create(name, expression)
    for name in _ORDERS:
        op.drop_index(name, "task")


def _create(name: str, *expressions: str) -> None:
    columns: list[str | sa.TextClause] = ["user_id", *map(sa.text, expressions), "id"]
    op.create_index(name, "task", columns, postgresql_where=sa.text("deleted_at IS NULL"))
