"""Tasks of one user: every function takes the user's id and sees no other rows."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import col

from app.core.database import Database
from app.core.pagination import CursorValue, decode_cursor, encode_cursor
from app.core.problems import NotFound, TooManyRequests, Unprocessable
from app.models.task import (
    MAX_SEARCH_WORDS,
    ChangedTask,
    FieldValue,
    Priority,
    Task,
    TaskContent,
    TaskCreate,
    TaskPage,
    TaskRead,
    TaskReversion,
    TaskSort,
    TaskUpdate,
    position_of,
    utc_now,
)
from app.services.once import Once, check_same, claim

Content = TypeVar("Content", bound=TaskContent)

_NO_SUCH_TASK: Final = "There is no such task."
_COLUMNS: Final = Task.__table__.c  # type: ignore[attr-defined]
_LISTED: Final = col(Task.deleted_at).is_(None)
_REVERT: Final = sa.text("""
    UPDATE task SET
        title = (jsonb_populate_record(task, change.before)).title,
        description = (jsonb_populate_record(task, change.before)).description,
        completed = (jsonb_populate_record(task, change.before)).completed,
        due_date = (jsonb_populate_record(task, change.before)).due_date,
        priority = (jsonb_populate_record(task, change.before)).priority,
        position = (jsonb_populate_record(task, change.before)).position,
        updated_at = :now
    FROM jsonb_to_recordset(CAST(:changes AS jsonb)) AS change (id uuid, before jsonb)
    WHERE task.id = change.id AND task.user_id = :user_id AND task.deleted_at IS NULL
      AND NOT EXISTS (
        SELECT FROM jsonb_each(change.before) AS field
        WHERE to_jsonb(task) -> field.key NOT IN (field.value, CAST(:after AS jsonb) -> field.key)
      )
    RETURNING task.*
""")
"""Gives tasks fields back; one that has what it had before was given it already, and the answer was lost."""

_SEARCH_WAIT_SECONDS: Final = 8.0
"""How long a search waits for the user's others."""


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

    Deleted tasks can be brought back for a while; they are in no list until then.

    Args:
        database: Where the tasks are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._searching: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def create(self, user_id: str, new: TaskCreate, once: Once | None = None) -> tuple[TaskRead, bool]:
        """Add a task, unless this was done before under the same key.

        Returns:
            The task as it is now, and whether this call added it. A task that was deleted since stays deleted.

        Raises:
            Unprocessable: Something else was asked for under this key.
        """
        now = utc_now()
        task_id = uuid.uuid4() if once is None else _keyed_id(user_id, once)
        row: dict[str, Any] = {
            **new.model_dump(),
            "priority": new.priority.value,
            "id": task_id,
            "user_id": user_id,
            "position": position_of(task_id, now),
            "created_at": now,
            "updated_at": now,
        }
        if once is None:
            # A retry after a lost answer finds the row there.
            added = await self._database.one(insert(Task).values(row).on_conflict_do_nothing().returning(Task))
            return TaskRead.model_validate(added or row), True

        claimed = claim(user_id, once)
        values = [sa.literal(value, _COLUMNS[name].type).label(name) for name, value in row.items()]
        source = sa.select(*values).where(sa.exists(sa.select(claimed.c.key)))
        insertion = insert(Task).from_select(list(row), source).on_conflict_do_nothing().returning(Task)
        added = await self._database.one(sa.select(insertion.cte("effect")))
        if added is not None:
            return TaskRead.model_validate(added), True
        await check_same(self._database, user_id, once)
        there = await self._database.one(sa.select(Task).where(*_owned(user_id, [task_id])))
        return TaskRead.model_validate(there or row), False

    async def get(self, user_id: str, task_id: uuid.UUID) -> TaskRead:
        """One task.

        Raises:
            NotFound: There is none with this id that belongs to the user.
        """
        statement = sa.select(Task).where(*_owned(user_id, [task_id]), _LISTED)
        return _found(await self._database.one(statement))

    async def update(self, user_id: str, task_id: uuid.UUID, changes: TaskUpdate) -> TaskRead:
        """Change a task and return it.

        Raises:
            NotFound: There is none with this id that belongs to the user.
        """
        if not changes.model_fields_set:
            return await self.get(user_id, task_id)
        return _only(await self.update_all(user_id, [task_id], changes))

    async def update_all(self, user_id: str, ids: Sequence[uuid.UUID], changes: TaskUpdate) -> Sequence[TaskRead]:
        """Change several tasks alike; those that don't exist are left out of the answer."""
        return await self._change(user_id, ids, {**_values(changes), "updated_at": utc_now()}, None, _LISTED)

    async def change(self, user_id: str, task_id: uuid.UUID, changes: TaskUpdate, once: Once) -> ChangedTask:
        """Change a task and return it with what it was.

        Raises:
            NotFound: There is none with this id that belongs to the user.
        """
        changed = await self.change_all(user_id, [task_id], changes, once)
        if not changed:
            raise NotFound(_NO_SUCH_TASK)
        return changed[0]

    async def change_all(
        self, user_id: str, ids: Sequence[uuid.UUID], changes: TaskUpdate, once: Once
    ) -> Sequence[ChangedTask]:
        """Change several tasks alike and return them with what they were; those that don't exist are left out."""
        values = _values(changes)
        # Locked, so that it is what the change meets.
        old = (
            sa.select(col(Task.id), *(_COLUMNS[name] for name in values))
            .where(*_owned(user_id, ids), _LISTED)
            .with_for_update()
            .cte("old")
        )
        fields = sa.func.jsonb_build_object(*(part for name in values for part in (name, old.c[name])))
        kept = sa.select(sa.func.jsonb_object_agg(sa.cast(old.c.id, sa.Text), fields)).scalar_subquery()
        claimed = claim(user_id, once, kept)
        effect = (
            sa.update(Task)
            .where(col(Task.id) == old.c.id, sa.exists(sa.select(claimed.c.key)))
            .values({**values, "updated_at": utc_now()})
            .returning(Task, fields.cast(JSONB).label("before"))
            .cte("effect")
        )
        first_time = sa.select(sa.func.count().label("claims")).select_from(claimed).subquery("first_time")
        rows = await self._database.all(sa.select(first_time, effect).outerjoin(effect, sa.true()))
        if rows[0].claims:
            return _by_age([_changed(row, row.before) for row in rows if row.id is not None])
        before = await check_same(self._database, user_id, once) or {}
        there = await self._database.all(sa.select(Task).where(*_owned(user_id, ids)))
        # What was changed again since can't be told from what this has changed.
        return _by_age([_changed(row, before.get(str(row.id)) if _has(row, values) else None) for row in there])

    async def revert(self, user_id: str, reversion: TaskReversion) -> Sequence[TaskRead]:
        """Take a change back where nobody has changed the same fields since; again is no error.

        Returns:
            The tasks that are as they were; those that were changed since, or don't exist, are left out.
        """
        change = reversion.model_dump(mode="json", exclude_unset=True)
        parameters = {
            "user_id": user_id,
            "now": utc_now(),
            "after": json.dumps(change["after"]),
            "changes": json.dumps([{"id": task_id, "before": before} for task_id, before in change["before"].items()]),
        }
        return _in_order(await self._database.all(_REVERT, parameters))

    async def delete(self, user_id: str, task_id: uuid.UUID) -> None:
        """Delete a task; again is no error, as an answer may have been lost.

        Raises:
            NotFound: The user never had it, or it is gone for good.
        """
        if not await self.delete_all(user_id, [task_id]):
            _found(await self._database.one(sa.select(Task).where(*_owned(user_id, [task_id]))))

    async def delete_all(self, user_id: str, ids: Sequence[uuid.UUID], once: Once | None = None) -> Sequence[TaskRead]:
        """Delete several tasks and return what they were; those that don't exist are left out."""
        return await self._change(user_id, ids, {"deleted_at": utc_now()}, once, _LISTED)

    async def restore(self, user_id: str, task_id: uuid.UUID) -> TaskRead:
        """Bring a deleted task back; one that isn't deleted stays as it is.

        Raises:
            NotFound: The user never had it, or it is gone for good.
        """
        return _only(await self.restore_all(user_id, [task_id]))

    async def restore_all(self, user_id: str, ids: Sequence[uuid.UUID], once: Once | None = None) -> Sequence[TaskRead]:
        """Bring deleted tasks back; those that don't exist any more are left out of the answer."""
        return await self._change(user_id, ids, {"deleted_at": None, "updated_at": utc_now()}, once, sa.true())

    async def _change(
        self,
        user_id: str,
        ids: Sequence[uuid.UUID],
        values: dict[str, Any],
        once: Once | None,
        where: sa.ColumnElement[bool],
    ) -> Sequence[TaskRead]:
        update = sa.update(Task).where(*_owned(user_id, ids), where).values(values).returning(Task)
        if once is None:
            return _in_order(await self._database.all(update))
        claimed = claim(user_id, once)
        effect = update.where(sa.exists(sa.select(claimed.c.key))).cte("effect")
        first_time = sa.select(sa.func.count().label("claims")).select_from(claimed).subquery("first_time")
        rows = await self._database.all(sa.select(first_time, effect).outerjoin(effect, sa.true()))
        if rows[0].claims:
            return _in_order([row for row in rows if row.id is not None])
        await check_same(self._database, user_id, once)
        return _in_order(await self._database.all(sa.select(Task).where(*_owned(user_id, ids))))

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
            Unprocessable: The cursor does not belong to this list, or too many words are looked for.
            TooManyRequests: The user's other searches take too long.
        """
        order, descending = _ORDERS[sort]
        here = [*(key.expression for key in order), col(Task.id)]
        conditions = [col(Task.user_id) == user_id, _LISTED, *_conditions(where)]
        if cursor is not None:
            values, raw_id = decode_cursor(cursor, sort.value, count=len(order))
            last = [key.literal(value) for key, value in zip(order, values, strict=True)]
            position = sa.tuple_(*last, _task_id(raw_id))
            conditions.append(sa.tuple_(*here) < position if descending else sa.tuple_(*here) > position)
        direction = sa.desc if descending else sa.asc
        statement = sa.select(Task).where(*conditions).order_by(*map(direction, here)).limit(limit + 1)
        words = _words(where.search or "")
        if words:
            tasks = await self._search(user_id, statement, words)
        else:
            tasks = await self._database.all(statement)
        page = tasks[:limit]
        more = len(tasks) > limit
        return TaskPage(
            items=[TaskRead.model_validate(task) for task in page],
            next_cursor=(
                encode_cursor(sort.value, [key.value(page[-1]) for key in order], str(page[-1].id)) if more else None
            ),
        )

    async def _search(self, user_id: str, statement: sa.Select[Any], words: Sequence[str]) -> Sequence[sa.Row[Any]]:
        """Run a statement for those tasks that have the words.

        No index helps, so it takes a user's tasks one by one: in thousands of long ones, seconds. One user's searches
        therefore run one after the other, and take one of the connections that all users have.
        """
        # Made once for all words; the offset keeps the planner from making it for each.
        text = sa.func.lower(col(Task.title) + "\n" + sa.func.coalesce(col(Task.description), ""))
        searched = sa.select(text.label("text")).correlate(Task).offset(0).lateral("searched")
        has_words = (sa.func.strpos(searched.c.text, sa.func.lower(word)) > 0 for word in words)
        statement = statement.select_from(sa.join(Task, searched, sa.true())).where(*has_words)
        lock = self._searching.setdefault(user_id, asyncio.Lock())
        try:
            async with asyncio.timeout(_SEARCH_WAIT_SECONDS):
                await lock.acquire()
        except TimeoutError:
            raise TooManyRequests("Your searches before this one are still running.", retry_after_seconds=5) from None
        try:
            return await self._database.all(statement)
        finally:
            lock.release()


class _Key:
    """One of the values that tasks are ordered by, in keyset pagination."""

    expression: sa.ColumnElement[Any]

    def literal(self, value: CursorValue) -> sa.ColumnElement[Any]:
        raise NotImplementedError

    def value(self, task: sa.Row[Any]) -> CursorValue:
        raise NotImplementedError


class _Timestamp(_Key):
    def __init__(self, name: str) -> None:
        self._name = name
        self.expression = _COLUMNS[name]

    def literal(self, value: CursorValue) -> sa.ColumnElement[Any]:
        return sa.literal(_parsed(dt.datetime.fromisoformat, value), sa.DateTime(timezone=True))

    def value(self, task: sa.Row[Any]) -> CursorValue:
        moment: dt.datetime = getattr(task, self._name)
        return moment.isoformat()


class _DueDate(_Key):
    """Tasks without a due date take the place of a day: the one after or before all others."""

    def __init__(self, none: str) -> None:
        # Written out, not a parameter: only so an index can be used.
        self._none: sa.ColumnElement[Any] = sa.literal_column(f"'{none}'::date", sa.Date)
        self.expression = sa.func.coalesce(col(Task.due_date), self._none)

    def literal(self, value: CursorValue) -> sa.ColumnElement[Any]:
        if value is None:
            return self._none
        return sa.literal(_parsed(dt.date.fromisoformat, value), sa.Date)

    def value(self, task: sa.Row[Any]) -> CursorValue:
        due: dt.date | None = task.due_date
        return due.isoformat() if due else None


class _Priority(_Key):
    def __init__(self, ranks: Mapping[str, int]) -> None:
        self._ranks = ranks
        # Written out, as the index has it.
        cases = " ".join(f"WHEN '{name}' THEN {rank}" for name, rank in ranks.items())
        self.expression = sa.literal_column(f"(CASE task.priority {cases} ELSE 0 END)", sa.Integer)

    def literal(self, value: CursorValue) -> sa.ColumnElement[Any]:
        if not isinstance(value, int) or value not in self._ranks.values():
            raise _bad_cursor()
        return sa.literal(value, sa.Integer)

    def value(self, task: sa.Row[Any]) -> CursorValue:
        return self._ranks[task.priority]


class _TitleText(_Key):
    expression = sa.func.lower(col(Task.title))

    def literal(self, value: CursorValue) -> sa.ColumnElement[Any]:
        if not isinstance(value, str):
            raise _bad_cursor()
        return sa.func.lower(sa.literal(value, sa.Text))

    def value(self, task: sa.Row[Any]) -> CursorValue:
        title: str = task.title
        return title


class _Position(_Key):
    expression = _COLUMNS["position"]

    def literal(self, value: CursorValue) -> sa.ColumnElement[Any]:
        if not isinstance(value, str):
            raise _bad_cursor()
        return sa.literal(value, _COLUMNS["position"].type)

    def value(self, task: sa.Row[Any]) -> CursorValue:
        position: str = task.position
        return position


_CREATED: Final = _Timestamp("created_at")
_UPDATED: Final = (_Timestamp("updated_at"),)
_RANK: Final = _Priority({"low": 1, "medium": 2, "high": 3})
_URGENCY: Final = _Priority({"high": 1, "medium": 2, "low": 3})
_DUE: Final = _DueDate("infinity")
_DUE_OR_BEFORE: Final = _DueDate("-infinity")

_ORDERS: Final[Mapping[TaskSort, tuple[tuple[_Key, ...], bool]]] = {
    TaskSort.CREATED: ((_CREATED,), False),
    TaskSort.CREATED_DESC: ((_CREATED,), True),
    TaskSort.UPDATED: (_UPDATED, False),
    TaskSort.UPDATED_DESC: (_UPDATED, True),
    TaskSort.TITLE: ((_TitleText(), _CREATED), False),
    TaskSort.TITLE_DESC: ((_TitleText(), _CREATED), True),
    TaskSort.POSITION: ((_Position(), _CREATED), False),
    TaskSort.POSITION_DESC: ((_Position(), _CREATED), True),
    TaskSort.DUE: ((_DUE, _URGENCY, _CREATED), False),
    TaskSort.DUE_DESC: ((_DUE_OR_BEFORE, _RANK, _CREATED), True),
    TaskSort.PRIORITY: ((_URGENCY, _DUE, _CREATED), True),
    TaskSort.PRIORITY_DESC: ((_URGENCY, _DUE, _CREATED), False),
}
"""Keys of every order, before the id, and whether they descend; an index has each.

What is equal is ordered as the front end's page orders it, `sortTasks` in apps/frontend/src/lib/tasks/views.ts: the
assistant counts in these orders, so that "the first one" is the one that is seen first.
"""


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


def _values(changes: TaskUpdate) -> dict[str, Any]:
    values: dict[str, Any] = changes.model_dump(exclude_unset=True)
    if "priority" in values:
        values["priority"] = Priority(values["priority"]).value
    return values


def _has(task: sa.Row[Any], values: Mapping[str, Any]) -> bool:
    return all(getattr(task, name) == value for name, value in values.items())


def _changed(row: sa.Row[Any], before: Mapping[str, FieldValue] | None) -> ChangedTask:
    task = TaskContent.model_validate(row)
    now = task.model_dump(mode="json")
    different = None if before is None else {name: value for name, value in before.items() if value != now[name]}
    return ChangedTask(**task.model_dump(), before=different)


def _owned(user_id: str, ids: Sequence[uuid.UUID]) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(Task.id).in_(ids), col(Task.user_id) == user_id)


def _keyed_id(user_id: str, once: Once) -> uuid.UUID:
    """The id of a task that is added under a key: the same one each time."""
    digest = hashlib.sha256("\0".join((user_id, once.stored_key)).encode()).digest()
    # Version 8: the bits are the maker's.
    return uuid.UUID(int=int.from_bytes(digest[:16]) & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62)


def _found(task: sa.Row[Any] | None) -> TaskRead:
    if task is None:
        raise NotFound(_NO_SUCH_TASK)
    return TaskRead.model_validate(task)


def _only(tasks: Sequence[TaskRead]) -> TaskRead:
    if not tasks:
        raise NotFound(_NO_SUCH_TASK)
    return tasks[0]


def _in_order(rows: Sequence[sa.Row[Any]]) -> Sequence[TaskRead]:
    return _by_age([TaskRead.model_validate(row) for row in rows])


def _by_age(tasks: Sequence[Content]) -> Sequence[Content]:
    return sorted(tasks, key=lambda task: (task.created_at, task.id))


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
    return conditions


def _words(search: str) -> list[str]:
    """What has to be looked for: a word that is part of another one is found with it.

    Raises:
        Unprocessable: These are too many.
    """
    words: list[str] = []
    for word in sorted(set(search.split()), key=len, reverse=True):
        if not any(word in longer for longer in words):
            words.append(word)
    if len(words) > MAX_SEARCH_WORDS:
        raise Unprocessable(f"Search for at most {MAX_SEARCH_WORDS} words at once.")
    return words
