"""REST: tasks of the caller."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response, status

from app.api.deps import ERROR_RESPONSES, NOT_FOUND_RESPONSE, IdentityDep, ResourcesDep, limit_api_rate
from app.core.text import Text
from app.models.chat import IDEMPOTENCY_KEY_PATTERN
from app.models.task import Priority, TaskCreate, TaskPage, TaskRead, TaskSort, TaskUpdate
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
            description="Words that title or description contain, all of them, in any case.",
        ),
    ] = None,
    sort: Annotated[
        TaskSort, Query(description="Tasks without due date come last when sorting by it.")
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
    returned with 200, as it is now. The same key with another body is refused with 422.
    """
    if idempotency_key is None:
        task = await resources.tasks.create(identity.user_id, new)
    else:
        task, added = await resources.tasks.create_once(identity.user_id, new, idempotency_key)
        if not added:
            response.status_code = status.HTTP_200_OK
    response.headers["Location"] = f"/api/tasks/{task.id}"
    return task


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
    """Removes the task for good."""
    await resources.tasks.delete(identity.user_id, task_id)
