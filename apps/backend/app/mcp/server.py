"""The MCP server: the task list as tools for any MCP client."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Awaitable
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations
from pydantic import AnyHttpUrl, BaseModel, Field, ValidationError

from app.core.config import Settings
from app.core.problems import Problem
from app.mcp.auth import BearerTokenVerifier, current_user_id
from app.models.task import (
    MAX_DESCRIPTION,
    MAX_TITLE,
    Priority,
    TaskCreate,
    TaskRead,
    TaskSort,
    TaskUpdate,
)
from app.services.tasks import TaskFilter, TaskService

Result = TypeVar("Result")
Validated = TypeVar("Validated", bound=BaseModel)

MCP_PATH: Final = "/mcp"
MAX_LISTED: Final = 100

_INSTRUCTIONS: Final = (
    "Tools for the signed-in user's to-do list. Tasks are addressed by id: call list_tasks first "
    "to learn the ids of tasks that the user names by title or position."
)

TaskId = Annotated[str, Field(description="The task's id (a UUID), as list_tasks returns it.")]
TitleArg = Annotated[str, Field(min_length=1, max_length=MAX_TITLE, description="What is to be done, in a few words.")]
DescriptionArg = Annotated[str, Field(max_length=MAX_DESCRIPTION, description="Details.")]
DueDateArg = Annotated[dt.date, Field(description="Due day, YYYY-MM-DD.")]
PriorityArg = Annotated[Priority, Field(description="low, medium or high.")]


class TaskResult(BaseModel):
    """A task after a change."""

    task: TaskRead


class TaskList(BaseModel):
    """Tasks in the order asked for."""

    tasks: list[TaskRead]
    truncated: bool = Field(description="Whether there are more tasks than were returned.")


class DeletedTask(BaseModel):
    """The task that no longer exists."""

    deleted: TaskRead


async def _shown(work: Awaitable[Result]) -> Result:
    """Let the caller see errors that were written for it; all others stay inside."""
    try:
        return await work
    except Problem as problem:
        raise ToolError(problem.detail) from None


def _parse_id(task_id: str) -> uuid.UUID:
    try:
        return uuid.UUID(task_id)
    except ValueError:
        raise ToolError("task_id must be the id of a task, as list_tasks returns it.") from None


def _validated(model: type[Validated], values: dict[str, Any]) -> Validated:
    try:
        return model(**values)
    except ValidationError as error:
        reasons = [f"{item['loc'][-1]}: {item['msg']}" for item in error.errors()]
        raise ToolError("; ".join(reasons)) from None


def create_mcp_server(settings: Settings, tasks: TaskService, verifier: BearerTokenVerifier) -> MCPServer[Any]:
    """Build the server with its five tools.

    Args:
        settings: Name the version and the URLs.
        tasks: What the tools act on.
        verifier: Tells who calls; tools have no argument for the user.
    """
    server: MCPServer[Any] = MCPServer(
        "todo-app",
        title="Todo tasks",
        instructions=_INSTRUCTIONS,
        version=settings.app_version,
        token_verifier=verifier,
        auth=AuthSettings(
            issuer_url=AnyHttpUrl(settings.better_auth_url),
            # The verifier checks the audience; there is no OAuth metadata to publish.
            resource_server_url=None,
        ),
        log_level=settings.log_level,
    )

    @server.tool(
        title="Add a task",
        annotations=ToolAnnotations(destructive_hint=False, idempotent_hint=False),
    )
    async def add_task(
        title: TitleArg,
        description: DescriptionArg | None = None,
        due_date: DueDateArg | None = None,
        priority: PriorityArg = Priority.MEDIUM,
    ) -> TaskResult:
        """Add one task to the user's list. Call once per task."""
        user_id = current_user_id()
        new = _validated(
            TaskCreate,
            {
                "title": title,
                "description": description,
                "due_date": due_date,
                "priority": priority,
            },
        )
        return TaskResult(task=await _shown(tasks.create(user_id, new)))

    @server.tool(title="List tasks", annotations=ToolAnnotations(read_only_hint=True))
    async def list_tasks(
        status: Annotated[Literal["all", "open", "done"], Field(description="Which tasks to return.")] = "all",
        search: Annotated[
            str | None,
            Field(max_length=200, description="Words that title or description contain."),
        ] = None,
        priority: Annotated[Priority | None, Field(description="Only this priority.")] = None,
        due_from: Annotated[dt.date | None, Field(description="Due this day or later.")] = None,
        due_to: Annotated[dt.date | None, Field(description="Due this day or earlier.")] = None,
        sort: Annotated[
            TaskSort, Field(description="Order; oldest first by default, a minus reverses it.")
        ] = TaskSort.CREATED,
        limit: Annotated[int, Field(ge=1, le=MAX_LISTED)] = MAX_LISTED,
    ) -> TaskList:
        """Return the user's tasks, the oldest first unless another order is asked for."""
        where = TaskFilter(
            completed=None if status == "all" else status == "done",
            priority=priority,
            search=(search or "").replace("\x00", " "),
            due_from=due_from,
            due_to=due_to,
        )
        page = await _shown(tasks.list(current_user_id(), where=where, sort=sort, limit=limit))
        return TaskList(tasks=page.items, truncated=page.next_cursor is not None)

    @server.tool(
        title="Change a task",
        annotations=ToolAnnotations(destructive_hint=False, idempotent_hint=True),
    )
    async def update_task(
        task_id: TaskId,
        title: TitleArg | None = None,
        description: DescriptionArg | None = None,
        due_date: DueDateArg | None = None,
        priority: PriorityArg | None = None,
        clear_due_date: Annotated[bool, Field(description="Remove the due date.")] = False,
    ) -> TaskResult:
        """Change title, description, due date or priority; what is left out stays as it is."""
        given = {
            "title": title,
            "description": description,
            "due_date": due_date,
            "priority": priority,
        }
        values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if clear_due_date:
            values["due_date"] = None
        if not values:
            raise ToolError("Nothing to change: give at least one new value.")
        changes = _validated(TaskUpdate, values)
        user_id = current_user_id()
        return TaskResult(task=await _shown(tasks.update(user_id, _parse_id(task_id), changes)))

    @server.tool(
        title="Complete a task",
        annotations=ToolAnnotations(destructive_hint=False, idempotent_hint=True),
    )
    async def complete_task(
        task_id: TaskId,
        completed: Annotated[bool, Field(description="False opens the task again.")] = True,
    ) -> TaskResult:
        """Mark a task as done, or open it again."""
        changes = TaskUpdate(completed=completed)
        user_id = current_user_id()
        return TaskResult(task=await _shown(tasks.update(user_id, _parse_id(task_id), changes)))

    @server.tool(
        title="Delete a task",
        annotations=ToolAnnotations(destructive_hint=True, idempotent_hint=True),
    )
    async def delete_task(task_id: TaskId) -> DeletedTask:
        """Remove a task for good. To tick a task off, use complete_task instead."""
        user_id = current_user_id()
        return DeletedTask(deleted=await _shown(tasks.delete(user_id, _parse_id(task_id))))

    return server


def transport_security(settings: Settings) -> TransportSecuritySettings:
    """Which Host and Origin headers /mcp accepts (protection against DNS rebinding).

    The service's own names are accepted: loopback, BACKEND_URL's host, and ALLOWED_HOSTS.
    """
    if "*" in settings.allowed_hosts:
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    names = ["localhost", "127.0.0.1", "[::1]"]
    if settings.backend_url is not None:
        names.append(urlsplit(settings.backend_url).hostname or "")
    hosts = [*settings.allowed_hosts, *(name for name in names if name)]
    return TransportSecuritySettings(
        allowed_hosts=[*hosts, *(f"{host}:*" for host in hosts if ":" not in host or "]" in host)],
        allowed_origins=[
            *settings.cors_origins,
            *settings.trusted_origins,
            settings.better_auth_url,
        ],
    )
