"""Tasks of one user: every function takes the user's id and sees no other rows."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.core.database import Database
from app.core.pagination import CursorValue, decode_cursor, encode_cursor
from app.core.problems import NotFound, Unprocessable
from app.models.task import (
    Priority,
    Task,
    TaskCreate,
    TaskPage,
    TaskRead,
    TaskSort,
    TaskUpdate,
    utc_now,
)

_NO_SUCH_TASK: Final = "There is no such task."
_PRIORITY_RANK: Final = {Priority.LOW.value: 1, Priority.MEDIUM.value: 2, Priority.HIGH.value: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks to list; what is None does not filter.

    Attributes:
        search: Words looked for in title and description, case-insensitively.
        due_from: First due date included.
        due_to: Last due date included.
    """

    completed: bool | None = None
    priority: Priority | None = None
    search: str | None = None
    due_from: dt.date | None = None
    due_to: dt.date | None = None


class TaskService:
    """Reads and changes tasks.

    Args:
        database: Where the tasks are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, user_id: str, new: TaskCreate) -> TaskRead:
        """Add a task and return it."""
        task, _added = await self._insert(user_id, new, uuid.uuid4())
        return task

    async def create_once(self, user_id: str, new: TaskCreate, key: str) -> tuple[TaskRead, bool]:
        """Add a task unless this was done before under the same key.

        Returns:
            The task as it is now, and whether it was added by this call.

        Raises:
            Unprocessable: Something else was added under this key.
        """
        first, task_id, last = _keyed_ids(user_id, key, new)
        sent = sa.select(Task).where(col(Task.user_id) == user_id, col(Task.id).between(first, last))
        before = await self._database.one(sent)
        if before is None:
            return await self._insert(user_id, new, task_id)
        if before.id != task_id:
            raise Unprocessable("This idempotency key was used for another task. Use a new one for each task.")
        return TaskRead.model_validate(before), False

    async def _insert(self, user_id: str, new: TaskCreate, task_id: uuid.UUID) -> tuple[TaskRead, bool]:
        now = utc_now()
        row: dict[str, Any] = {
            **new.model_dump(),
            "priority": new.priority.value,
            "id": task_id,
            "user_id": user_id,
            "created_at": now,
            "updated_at": now,
        }

        # A retry after a lost answer, or the same request at the same time, finds the row there.
        insertion = insert(Task).values(row).on_conflict_do_nothing().returning(Task)
        added = await self._database.one(insertion)
        there = added or await self._database.one(sa.select(Task).where(*_owned(user_id, task_id)))
        return TaskRead.model_validate(there or row), added is not None

    async def get(self, user_id: str, task_id: uuid.UUID) -> TaskRead:
        """One task.

        Raises:
            NotFound: There is none with this id that belongs to the user.
        """
        return _found(await self._database.one(sa.select(Task).where(*_owned(user_id, task_id))))

    async def update(self, user_id: str, task_id: uuid.UUID, changes: TaskUpdate) -> TaskRead:
        """Change a task and return it.

        Raises:
            NotFound: There is none with this id that belongs to the user.
        """
        values: dict[str, Any] = changes.model_dump(exclude_unset=True)
        if not values:
            return await self.get(user_id, task_id)
        if "priority" in values:
            values["priority"] = Priority(values["priority"]).value
        values["updated_at"] = utc_now()

        return _found(
            await self._database.one(sa.update(Task).where(*_owned(user_id, task_id)).values(values).returning(Task))
        )

    async def delete(self, user_id: str, task_id: uuid.UUID) -> TaskRead:
        """Remove a task and return what it was.

        Raises:
            NotFound: There is none with this id that belongs to the user.
        """
        return _found(await self._database.one(sa.delete(Task).where(*_owned(user_id, task_id)).returning(Task)))

    async def list(
        self,
        user_id: str,
        *,
        where: TaskFilter,
        sort: TaskSort = TaskSort.CREATED_DESC,
        limit: int = 50,
        cursor: str | None = None,
    ) -> TaskPage:
        """One page of the user's tasks.

        Raises:
            Unprocessable: The cursor does not belong to this list.
        """
        order = _ORDERS[sort.value.removeprefix("-")]
        descending = sort.value.startswith("-")
        key = order.expression(descending)
        conditions = [col(Task.user_id) == user_id, *_conditions(where)]
        if cursor is not None:
            value, raw_id = decode_cursor(cursor, sort.value)
            position = sa.tuple_(order.literal(value, descending), _task_id(raw_id))
            here = sa.tuple_(key, col(Task.id))
            conditions.append(here < position if descending else here > position)
        direction = sa.desc if descending else sa.asc
        statement = (
            sa.select(Task).where(*conditions).order_by(direction(key), direction(col(Task.id))).limit(limit + 1)
        )

        tasks = await self._database.all(statement)
        page = tasks[:limit]
        more = len(tasks) > limit
        return TaskPage(
            items=[TaskRead.model_validate(task) for task in page],
            next_cursor=encode_cursor(sort.value, order.value(page[-1]), str(page[-1].id)) if more else None,
        )


class _Order:
    """How one column takes part in keyset pagination."""

    def expression(self, descending: bool) -> sa.ColumnElement[Any]:
        raise NotImplementedError

    def literal(self, value: CursorValue, descending: bool) -> sa.ColumnElement[Any]:
        raise NotImplementedError

    def value(self, task: sa.Row[Any]) -> CursorValue:
        raise NotImplementedError


class _Timestamp(_Order):
    def __init__(self, name: str) -> None:
        self._name = name

    def expression(self, descending: bool) -> sa.ColumnElement[Any]:
        column: sa.ColumnElement[Any] = Task.__table__.c[self._name]  # type: ignore[attr-defined]
        return column

    def literal(self, value: CursorValue, descending: bool) -> sa.ColumnElement[Any]:
        return sa.literal(_parsed(dt.datetime.fromisoformat, value), sa.DateTime(timezone=True))

    def value(self, task: sa.Row[Any]) -> CursorValue:
        moment: dt.datetime = getattr(task, self._name)
        return moment.isoformat()


class _DueDate(_Order):
    """Tasks without a due date come last in either direction."""

    @staticmethod
    def _none(descending: bool) -> sa.ColumnElement[Any]:
        return sa.cast("-infinity" if descending else "infinity", sa.Date)

    def expression(self, descending: bool) -> sa.ColumnElement[Any]:
        return sa.func.coalesce(col(Task.due_date), self._none(descending))

    def literal(self, value: CursorValue, descending: bool) -> sa.ColumnElement[Any]:
        if value is None:
            return self._none(descending)
        return sa.literal(_parsed(dt.date.fromisoformat, value), sa.Date)

    def value(self, task: sa.Row[Any]) -> CursorValue:
        due: dt.date | None = task.due_date
        return due.isoformat() if due else None


class _PriorityRank(_Order):
    def expression(self, descending: bool) -> sa.ColumnElement[Any]:
        return sa.case(_PRIORITY_RANK, value=col(Task.priority), else_=0)

    def literal(self, value: CursorValue, descending: bool) -> sa.ColumnElement[Any]:
        if not isinstance(value, int) or value not in _PRIORITY_RANK.values():
            raise _bad_cursor()
        return sa.literal(value, sa.Integer)

    def value(self, task: sa.Row[Any]) -> CursorValue:
        return _PRIORITY_RANK[task.priority]


class _TitleText(_Order):
    def expression(self, descending: bool) -> sa.ColumnElement[Any]:
        return sa.func.lower(col(Task.title))

    def literal(self, value: CursorValue, descending: bool) -> sa.ColumnElement[Any]:
        if not isinstance(value, str):
            raise _bad_cursor()
        return sa.func.lower(sa.literal(value, sa.Text))

    def value(self, task: sa.Row[Any]) -> CursorValue:
        title: str = task.title
        return title


_ORDERS: Final[dict[str, _Order]] = {
    "created_at": _Timestamp("created_at"),
    "updated_at": _Timestamp("updated_at"),
    "due_date": _DueDate(),
    "priority": _PriorityRank(),
    "title": _TitleText(),
}


def _bad_cursor() -> Unprocessable:
    return Unprocessable("The cursor is not one that this list returned.")


def _parsed(parse: Any, value: CursorValue) -> Any:
    if not isinstance(value, str):
        raise _bad_cursor()
    try:
        return parse(value)
    except ValueError:
        raise _bad_cursor() from None


def _task_id(raw: str) -> sa.ColumnElement[Any]:
    try:
        return sa.literal(uuid.UUID(raw), sa.Uuid)
    except ValueError:
        raise _bad_cursor() from None


def _owned(user_id: str, task_id: uuid.UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(Task.id) == task_id, col(Task.user_id) == user_id)


def _keyed_ids(user_id: str, key: str, new: TaskCreate) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """The id of a task that is added under a key, between the first and the last id of that key.

    The first half says who sent it under which key, the second half what was sent. So the same request has
    the same id, another one under the same key is found beside it, and nothing more needs to be stored.
    """
    high = (_digest(user_id, key) & ~0xF000) | 0x8000  # version 8: the other bits are the maker's
    low = (_digest(new.model_dump_json()) >> 2) | 1 << 63
    start = high << 64
    return uuid.UUID(int=start), uuid.UUID(int=start | low), uuid.UUID(int=start | (1 << 64) - 1)


def _digest(*parts: str) -> int:
    """64 bits."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8])


def _found(task: sa.Row[Any] | None) -> TaskRead:
    if task is None:
        raise NotFound(_NO_SUCH_TASK)
    return TaskRead.model_validate(task)


def _conditions(where: TaskFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if where.completed is not None:
        conditions.append(col(Task.completed).is_(where.completed))
    if where.priority is not None:
        conditions.append(col(Task.priority) == where.priority.value)
    if where.due_from is not None:
        conditions.append(col(Task.due_date) >= where.due_from)
    if where.due_to is not None:
        conditions.append(col(Task.due_date) <= where.due_to)
    conditions.extend(
        sa.or_(
            col(Task.title).icontains(word, autoescape=True),
            col(Task.description).icontains(word, autoescape=True),
        )
        for word in (where.search or "").split()
    )
    return conditions
