"""The MCP server: the task list as tools for any MCP client."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Awaitable
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

from mcp.server import CacheHint
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations
from pydantic import AnyHttpUrl, BaseModel, Field, ValidationError

from app.core.config import Settings
from app.core.problems import Problem, invalid_params
from app.mcp.verifier import BearerTokenVerifier, current_user_id
from app.models.chat import IDEMPOTENCY_KEY_PATTERN
from app.models.task import (
    MAX_DESCRIPTION,
    MAX_IDS,
    MAX_SEARCH_WORDS,
    MAX_TITLE,
    ChangedTask,
    Priority,
    TaskContent,
    TaskCreate,
    TaskRead,
    TaskSort,
    TaskUpdate,
)
from app.services.once import Once
from app.services.tasks import TaskFilter, TaskService

Result = TypeVar("Result")
Validated = TypeVar("Validated", bound=BaseModel)

DEFAULT_LISTED: Final = 100
MAX_LISTED: Final = 1_000
LISTED_DESCRIPTION: Final = 200
"""Characters of a description in a list; get_task has the whole."""

KEY_IN_META: Final = "todo-app/idempotency-key"
"""Where a call of a writing tool carries its idempotency key, in `_meta`: 1 to 200 printable characters."""

_KEPT: Final = CacheHint(ttl_ms=300_000, scope="private")
"""How long a client may keep what only a new version changes: as long as a rollout takes."""

_INSTRUCTIONS: Final = (
    "Tools for the signed-in user's to-do list. Tasks are addressed by id: call list_tasks first "
    "to learn the ids of tasks that the user names by title or position."
)

TaskId = Annotated[str, Field(description="The task's id (a UUID), as list_tasks returns it.")]
TaskIds = Annotated[
    list[str],
    Field(min_length=1, max_length=MAX_IDS, description="Ids of tasks (UUIDs), as list_tasks returns them."),
]
TitleArg = Annotated[str, Field(min_length=1, max_length=MAX_TITLE, description="What is to be done, in a few words.")]
DescriptionArg = Annotated[str, Field(max_length=MAX_DESCRIPTION, description="Details.")]
DueDateArg = Annotated[dt.date, Field(description="Due day, YYYY-MM-DD.")]
PriorityArg = Annotated[Priority, Field(description="low, medium or high.")]


class TaskResult(BaseModel):
    """A task after a change."""

    task: TaskContent


class ChangedTaskResult(BaseModel):
    """A task after a change, with what it was before."""

    task: ChangedTask


class ListedTask(BaseModel):
    """A task as lists have it."""

    id: uuid.UUID
    title: str
    completed: bool
    due_date: dt.date | None
    priority: Priority
    description: str | None = Field(default=None, description=f"Cut to {LISTED_DESCRIPTION} characters.")
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None


class TaskList(BaseModel):
    """Tasks in the order asked for."""

    tasks: list[ListedTask]
    truncated: bool = Field(description="Whether there are more tasks than were returned.")
    next_cursor: str | None = Field(description="Pass as `cursor`, with the same order, for the tasks after these.")


class TaskResults(BaseModel):
    """Tasks after a change, the oldest first; ids that don't exist are left out."""

    tasks: list[TaskContent]


class ChangedTaskResults(BaseModel):
    """Tasks after a change, the oldest first, with what they were before; ids that don't exist are left out."""

    tasks: list[ChangedTask]


class DeletedTask(BaseModel):
    """The task that was deleted."""

    deleted: TaskContent


class DeletedTasks(BaseModel):
    """The tasks that were deleted, the oldest first; ids that don't exist are left out."""

    deleted: list[TaskContent]


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


def _parse_ids(ids: list[str]) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(task_id) for task_id in ids]
    except ValueError:
        raise ToolError("ids must be ids of tasks, as list_tasks returns them.") from None


def _once(ctx: Context[Any, Any]) -> Once:
    """What keeps a call from taking effect twice: the caller's key, or one for this call alone.

    The latter still makes the repetition of a statement after a lost answer harmless.
    """
    params = ctx.request_context.params or {}
    request = {"tool": params.get("name"), "arguments": params.get("arguments") or {}}
    key = (ctx.request_context.meta or {}).get(KEY_IN_META)
    if key is None:
        return Once(scope="tool", key=uuid.uuid4().hex, request=request)
    if not isinstance(key, str) or not re.fullmatch(IDEMPOTENCY_KEY_PATTERN, key):
        raise ToolError("The idempotency key must be 1 to 200 printable characters.")
    return Once(scope="tool", key=key, request=request, keep_request=True)


def _listed(task: TaskRead, *, brief: bool) -> ListedTask:
    if brief:
        # The page orders done tasks by it.
        times = {"created_at"} if task.completed else {"created_at", "updated_at"}
        return ListedTask.model_validate(task.model_dump(exclude={"description", *times}))
    listed = ListedTask.model_validate(task.model_dump())
    if listed.description is not None and len(listed.description) > LISTED_DESCRIPTION:
        listed.description = listed.description[: LISTED_DESCRIPTION - 1] + "…"
    return listed


def _validated(model: type[Validated], values: dict[str, Any]) -> Validated:
    try:
        return model(**values)
    except ValidationError as error:
        invalid = invalid_params([dict(item) for item in error.errors()])
        reasons = [f"{param.name}: {param.reason}" for param in invalid]
        raise ToolError("; ".join(reasons)) from None


def create_mcp_server(settings: Settings, tasks: TaskService, verifier: BearerTokenVerifier) -> MCPServer[Any]:
    """Build the server with its tools.

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
            # The verifier checks the audience, and the gate publishes the metadata.
            resource_server_url=None,
        ),
        log_level=settings.log_level,
        # The tools are the code's: nothing ever changes, and a stream that tells so would stay open, silent.
        subscriptions=False,
        cache_hints={"server/discover": _KEPT, "tools/list": _KEPT},
    )

    _add_reading_tools(server, tasks)
    _add_writing_tools(server, tasks)
    _add_bulk_tools(server, tasks)
    return server


def _add_reading_tools(server: MCPServer[Any], tasks: TaskService) -> None:
    @server.tool(title="List tasks", annotations=ToolAnnotations(read_only_hint=True))
    async def list_tasks(
        status: Annotated[Literal["all", "open", "done"], Field(description="Which tasks to return.")] = "all",
        search: Annotated[
            str | None,
            Field(max_length=200, description=f"Words that title or description contain; at most {MAX_SEARCH_WORDS}."),
        ] = None,
        priority: Annotated[Priority | None, Field(description="Only this priority.")] = None,
        due_from: Annotated[dt.date | None, Field(description="Due this day or later.")] = None,
        due_to: Annotated[dt.date | None, Field(description="Due this day or earlier.")] = None,
        sort: Annotated[
            TaskSort,
            Field(
                description="Order; oldest first by default, position is the order made by hand, a minus reverses it."
            ),
        ] = TaskSort.CREATED,
        limit: Annotated[int, Field(ge=1, le=MAX_LISTED, description="Most tasks to return at once.")] = DEFAULT_LISTED,
        cursor: Annotated[
            str | None, Field(max_length=2_000, description="`next_cursor` of the answer before, for more tasks.")
        ] = None,
        brief: Annotated[
            bool, Field(description="Leave descriptions out, and times but for when done tasks were changed.")
        ] = False,
    ) -> TaskList:
        """Return the user's tasks, the oldest first unless another order is asked for."""
        where = TaskFilter(
            completed=None if status == "all" else status == "done",
            priority=priority,
            search=(search or "").replace("\x00", " "),
            due_from=due_from,
            due_to=due_to,
        )
        page = await _shown(tasks.list(current_user_id(), where=where, sort=sort, limit=limit, cursor=cursor))
        return TaskList(
            tasks=[_listed(task, brief=brief) for task in page.items],
            truncated=page.next_cursor is not None,
            next_cursor=page.next_cursor,
        )

    @server.tool(title="Get a task", annotations=ToolAnnotations(read_only_hint=True))
    async def get_task(task_id: TaskId) -> TaskResult:
        """Return one task with its whole description."""
        return TaskResult(task=await _shown(tasks.get(current_user_id(), _parse_id(task_id))))


def _add_writing_tools(server: MCPServer[Any], tasks: TaskService) -> None:
    @server.tool(
        title="Add a task",
        annotations=ToolAnnotations(destructive_hint=False, idempotent_hint=False),
    )
    async def add_task(
        title: TitleArg,
        ctx: Context[Any, Any],
        description: DescriptionArg | None = None,
        due_date: DueDateArg | None = None,
        priority: PriorityArg = Priority.MEDIUM,
    ) -> TaskResult:
        """Add one task to the user's list. Call once per task."""
        values = {"title": title, "description": description, "due_date": due_date, "priority": priority}
        new = _validated(TaskCreate, values)
        task, _added = await _shown(tasks.create(current_user_id(), new, _once(ctx)))
        return TaskResult(task=task)

    @server.tool(
        title="Change a task",
        annotations=ToolAnnotations(destructive_hint=False, idempotent_hint=True),
    )
    async def update_task(
        task_id: TaskId,
        ctx: Context[Any, Any],
        title: TitleArg | None = None,
        description: DescriptionArg | None = None,
        due_date: DueDateArg | None = None,
        priority: PriorityArg | None = None,
        clear_due_date: Annotated[bool, Field(description="Remove the due date.")] = False,
        clear_description: Annotated[bool, Field(description="Remove the description.")] = False,
    ) -> ChangedTaskResult:
        """Change title, description, due date or priority; what is left out stays as it is."""
        values = _given(title=title, description=description, due_date=due_date, priority=priority)
        if clear_due_date:
            values["due_date"] = None
        if clear_description:
            values["description"] = None
        changes = _changes(values)
        once = _once(ctx)
        return ChangedTaskResult(task=await _shown(tasks.change(current_user_id(), _parse_id(task_id), changes, once)))

    @server.tool(
        title="Complete a task",
        annotations=ToolAnnotations(destructive_hint=False, idempotent_hint=True),
    )
    async def complete_task(
        task_id: TaskId,
        ctx: Context[Any, Any],
        completed: Annotated[bool, Field(description="False opens the task again.")] = True,
    ) -> ChangedTaskResult:
        """Mark a task as done, or open it again."""
        changes = TaskUpdate(completed=completed)
        once = _once(ctx)
        return ChangedTaskResult(task=await _shown(tasks.change(current_user_id(), _parse_id(task_id), changes, once)))

    @server.tool(
        title="Delete a task",
        annotations=ToolAnnotations(destructive_hint=True, idempotent_hint=True),
    )
    async def delete_task(task_id: TaskId, ctx: Context[Any, Any]) -> DeletedTask:
        """Delete a task; restore_tasks brings it back. To tick a task off, use complete_task instead."""
        once = _once(ctx)
        deleted = await _shown(tasks.delete_all(current_user_id(), [_parse_id(task_id)], once))
        if not deleted:
            raise ToolError("There is no such task.")
        return DeletedTask(deleted=deleted[0])


def _add_bulk_tools(server: MCPServer[Any], tasks: TaskService) -> None:
    @server.tool(
        title="Complete several tasks",
        annotations=ToolAnnotations(destructive_hint=False, idempotent_hint=True),
    )
    async def complete_tasks(
        ids: TaskIds,
        ctx: Context[Any, Any],
        completed: Annotated[bool, Field(description="False opens the tasks again.")] = True,
    ) -> ChangedTaskResults:
        """Mark several tasks as done at once, or open them again."""
        once = _once(ctx)
        changes = TaskUpdate(completed=completed)
        changed = await _shown(tasks.change_all(current_user_id(), _parse_ids(ids), changes, once))
        return ChangedTaskResults(tasks=list(changed))

    @server.tool(
        title="Change several tasks",
        annotations=ToolAnnotations(destructive_hint=False, idempotent_hint=True),
    )
    async def update_tasks(
        ids: TaskIds,
        ctx: Context[Any, Any],
        due_date: DueDateArg | None = None,
        priority: PriorityArg | None = None,
        clear_due_date: Annotated[bool, Field(description="Remove the due dates.")] = False,
    ) -> ChangedTaskResults:
        """Give several tasks the same due date or priority at once."""
        values = _given(due_date=due_date, priority=priority)
        if clear_due_date:
            values["due_date"] = None
        once = _once(ctx)
        changed = await _shown(tasks.change_all(current_user_id(), _parse_ids(ids), _changes(values), once))
        return ChangedTaskResults(tasks=list(changed))

    @server.tool(
        title="Delete several tasks",
        annotations=ToolAnnotations(destructive_hint=True, idempotent_hint=True),
    )
    async def delete_tasks(ids: TaskIds, ctx: Context[Any, Any]) -> DeletedTasks:
        """Delete several tasks at once; restore_tasks brings them back."""
        once = _once(ctx)
        deleted = await _shown(tasks.delete_all(current_user_id(), _parse_ids(ids), once))
        return DeletedTasks(deleted=list(deleted))

    @server.tool(
        title="Bring tasks back",
        annotations=ToolAnnotations(destructive_hint=False, idempotent_hint=True),
    )
    async def restore_tasks(ids: TaskIds, ctx: Context[Any, Any]) -> TaskResults:
        """Bring deleted tasks back, within 30 days."""
        once = _once(ctx)
        return TaskResults(tasks=list(await _shown(tasks.restore_all(current_user_id(), _parse_ids(ids), once))))


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _changes(values: dict[str, Any]) -> TaskUpdate:
    if not values:
        raise ToolError("Nothing to change: give at least one new value.")
    return _validated(TaskUpdate, values)


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
