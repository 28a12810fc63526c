"""REST: tasks of the caller."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response, status

from app.agent.offline.dates import Calendar
from app.agent.offline.quick_add import quick_add
from app.api.deps import ERROR_RESPONSES, NOT_FOUND_RESPONSE, IdentityDep, ResourcesDep, limit_api_rate
from app.core.text import Text
from app.core.timezones import time_zone
from app.models.chat import IDEMPOTENCY_KEY_PATTERN
from app.models.task import (
    MAX_SEARCH_WORDS,
    Detail,
    Priority,
    QuickAddLine,
    QuickAddRead,
    TaskCompletion,
    TaskCreate,
    TaskItems,
    TaskPage,
    TaskRead,
    TaskReversion,
    TaskSelection,
    TaskSort,
    TaskUpdate,
    UnderstoodWords,
)
from app.services.once import Once
from app.services.tasks import TaskFilter

router = APIRouter(
    prefix="/api/tasks",
    tags=["tasks"],
    dependencies=[Depends(limit_api_rate)],
    responses=ERROR_RESPONSES,
)


@router.get("", summary="List tasks")
async def list_tasks(
    identity: IdentityDep,
    resources: ResourcesDep,
    completed: Annotated[bool | None, Query(description="Only done tasks, or only open ones.")] = None,
    priority: Annotated[Priority | None, Query(description="Only this priority.")] = None,
    due_from: Annotated[dt.date | None, Query(description="Due on this day or later.")] = None,
    due_to: Annotated[dt.date | None, Query(description="Due on this day or earlier.")] = None,
    search: Annotated[
        Text | None,
        Query(
            max_length=200,
            description=(
                f"Words that title or description contain, all of them, in any case; at most {MAX_SEARCH_WORDS}."
            ),
        ),
    ] = None,
    sort: Annotated[
        TaskSort,
        Query(
            description=(
                "Tasks without due date come last when sorting by it. The same due date is ordered by priority, the same "
                "priority by due date, and then by age."
            )
        ),
    ] = TaskSort.CREATED_DESC,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=2_000, description="`next_cursor` of the page before.")] = None,
) -> TaskPage:
    """A page of the caller's tasks. The sort order must stay the same from page to page."""
    return await resources.tasks.list(
        identity.user_id,
        where=TaskFilter(
            completed=completed,
            priority=priority,
            search=search,
            due_from=due_from,
            due_to=due_to,
        ),
        sort=sort,
        limit=limit,
        cursor=cursor,
    )


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Add a task",
    responses={200: {"model": TaskRead, "description": "It was added before, under the same idempotency key"}},
)
async def create_task(
    new: TaskCreate,
    identity: IdentityDep,
    resources: ResourcesDep,
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern=IDEMPOTENCY_KEY_PATTERN,
            description="Names the task that is meant across repeated requests to add it.",
            examples=["9a7c1f0e"],
        ),
    ] = None,
) -> TaskRead:
    """Adds a task; its address is in the Location header.

    A request that is sent again with the same Idempotency-Key adds nothing: the task that the first one added is
    returned with 200, as it is now, also where it was deleted since. The same key with another body is refused
    with 422.
    """
    once = (
        None
        if idempotency_key is None
        else Once(scope="rest", key=idempotency_key, request=new.model_dump(mode="json"))
    )
    task, added = await resources.tasks.create(identity.user_id, new, once)
    if not added:
        response.status_code = status.HTTP_200_OK
    response.headers["Location"] = f"/api/tasks/{task.id}"
    return task


@router.post("/parse", summary="Read a line that says a task")
async def parse_task(line: QuickAddLine) -> QuickAddRead:
    """Reads title, day and priority from a line as people type it, such as “call mum tomorrow p1”; adds nothing.

    The same line, day and time zone always give the same answer.
    """
    zone = time_zone(line.timezone, "timezone")
    found = quick_add(line.text, Calendar.of(dt.datetime.now(zone).date(), line.timezone))
    return QuickAddRead(
        title=found.title,
        due_date=found.slots.due,
        priority=found.slots.priority or Priority.MEDIUM,
        understood=[
            UnderstoodWords(
                start=_utf16_length(line.text[: words.start]),
                end=_utf16_length(line.text[: words.end]),
                kind=Detail(words.kind),
            )
            for words in found.understood
        ],
    )


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@router.post("/complete", summary="Complete or reopen several tasks")
async def complete_tasks(completion: TaskCompletion, identity: IdentityDep, resources: ResourcesDep) -> TaskItems:
    """Marks the tasks as done, or as open; those that are not the caller's are left out of the answer."""
    changes = TaskUpdate(completed=completion.completed)
    return TaskItems(items=list(await resources.tasks.update_all(identity.user_id, completion.ids, changes)))


@router.post("/delete", summary="Delete several tasks")
async def delete_tasks(selection: TaskSelection, identity: IdentityDep, resources: ResourcesDep) -> TaskItems:
    """Deletes the tasks and returns what they were; those that are not there are left out of the answer."""
    # When the database's answer is lost, the statement is run again: the tasks that it deleted are still told.
    once = Once(scope="rest", key=uuid.uuid4().hex, request=selection.model_dump(mode="json"))
    return TaskItems(items=list(await resources.tasks.delete_all(identity.user_id, selection.ids, once)))


@router.post("/restore", summary="Bring several tasks back")
async def restore_tasks(selection: TaskSelection, identity: IdentityDep, resources: ResourcesDep) -> TaskItems:
    """Brings deleted tasks back; those that are gone for good are left out of the answer."""
    return TaskItems(items=list(await resources.tasks.restore_all(identity.user_id, selection.ids)))


@router.post("/revert", summary="Take a change of several tasks back")
async def revert_tasks(reversion: TaskReversion, identity: IdentityDep, resources: ResourcesDep) -> TaskItems:
    """Gives fields back what they held before a change, and leaves all others alone.

    A task is left out of the answer, and as it is, where one of these fields isn't what that change had made of it:
    somebody has changed it since. Asking again does nothing more, and is answered alike.
    """
    return TaskItems(items=list(await resources.tasks.revert(identity.user_id, reversion)))


@router.get("/{task_id}", summary="Get a task", responses=NOT_FOUND_RESPONSE)
async def get_task(task_id: uuid.UUID, identity: IdentityDep, resources: ResourcesDep) -> TaskRead:
    """One task of the caller."""
    return await resources.tasks.get(identity.user_id, task_id)


@router.patch("/{task_id}", summary="Change a task", responses=NOT_FOUND_RESPONSE)
async def update_task(
    task_id: uuid.UUID, changes: TaskUpdate, identity: IdentityDep, resources: ResourcesDep
) -> TaskRead:
    """Changes the given fields and leaves the others alone."""
    return await resources.tasks.update(identity.user_id, task_id, changes)


@router.delete(
    "/{task_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Delete a task",
    responses=NOT_FOUND_RESPONSE,
)
async def delete_task(task_id: uuid.UUID, identity: IdentityDep, resources: ResourcesDep) -> None:
    """Deletes the task. It can be brought back for 30 days; deleting it again is no error."""
    await resources.tasks.delete(identity.user_id, task_id)


@router.post("/{task_id}/restore", summary="Bring a task back", responses=NOT_FOUND_RESPONSE)
async def restore_task(task_id: uuid.UUID, identity: IdentityDep, resources: ResourcesDep) -> TaskRead:
    """Brings a deleted task back; one that isn't deleted stays as it is."""
    return await resources.tasks.restore(identity.user_id, task_id)
