"""Tasks: the table and what the API takes and returns."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Annotated, Final

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.core.text import Line, Text, Title

MAX_TITLE = 200
MAX_DESCRIPTION = 4_000
MAX_SEARCH_WORDS = 20
"""Each is looked for in all of a task's text."""

MAX_POSITION = 1_000
"""Characters; between the same two neighbours there is room for some 4,000 moves, as four take a digit."""


class Priority(StrEnum):
    """How much a task matters."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class TaskSort(StrEnum):
    """Orders of the task list; a leading minus means descending."""

    CREATED = "created_at"
    CREATED_DESC = "-created_at"
    UPDATED = "updated_at"
    UPDATED_DESC = "-updated_at"
    DUE = "due_date"
    DUE_DESC = "-due_date"
    PRIORITY = "priority"
    PRIORITY_DESC = "-priority"
    TITLE = "title"
    TITLE_DESC = "-title"
    POSITION = "position"
    POSITION_DESC = "-position"


def utc_now() -> dt.datetime:
    """The present moment, time zone included."""
    return dt.datetime.now(dt.UTC)


_Bytewise: Final = sa.Text(collation="C")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def position_of(task_id: uuid.UUID, created_at: dt.datetime) -> str:
    """Where a task stands that was never moved: after all that were added before it.

    A position is a key of https://www.npmjs.com/package/fractional-indexing in hexadecimal digits: between any two
    there is room for another one, so a move writes the task that is moved and no other.
    """
    return f"n{(created_at - _EPOCH) // dt.timedelta(microseconds=1):014x}{task_id.hex[:4]}8"


class Task(SQLModel, table=True):
    """A task of one user."""

    __tablename__ = "task"

    id: uuid.UUID = Column(default_factory=uuid.uuid4, primary_key=True)
    user_id: str = Column(sa_type=sa.Text)
    title: str = Column(sa_type=sa.Text)
    description: str | None = Column(default=None, sa_type=sa.Text)
    completed: bool = False
    due_date: dt.date | None = None
    priority: str = Column(default=Priority.MEDIUM.value, sa_type=sa.Text)
    position: str = Column(sa_type=_Bytewise)
    created_at: dt.datetime = Column(
        default_factory=utc_now,
        sa_type=sa.DateTime(timezone=True),
    )
    updated_at: dt.datetime = Column(
        default_factory=utc_now,
        sa_type=sa.DateTime(timezone=True),
    )
    deleted_at: dt.datetime | None = Column(default=None, sa_type=sa.DateTime(timezone=True))


TitleField = Annotated[Title, Field(min_length=1, max_length=MAX_TITLE, examples=["Buy milk"])]
DescriptionField = Annotated[Text, Field(max_length=MAX_DESCRIPTION, examples=["Two litres, semi-skimmed"])]
DueDateField = Annotated[dt.date, Field(description="Calendar day, ISO 8601.", examples=["2030-01-31"])]
PositionField = Annotated[
    str,
    Field(
        pattern=r"^n[0-9a-f]{14}([0-9a-f]*[1-9a-f])?$",
        max_length=MAX_POSITION,
        description=(
            "The place in the order made by hand, compared byte by byte. Give a task the place between its new "
            "neighbours: a key between theirs as the package fractional-indexing makes it of hexadecimal digits."
        ),
        examples=["n0006b9e4bd4c8007f6c8"],
    ),
]


class TaskCreate(BaseModel):
    """A new task."""

    model_config = ConfigDict(extra="forbid")

    title: TitleField
    description: DescriptionField | None = None
    completed: bool = False
    due_date: DueDateField | None = None
    priority: Priority = Priority.MEDIUM


class TaskUpdate(BaseModel):
    """Changes to a task: what is left out stays as it is, null clears what may be empty."""

    model_config = ConfigDict(extra="forbid")

    title: TitleField | None = None
    description: DescriptionField | None = None
    completed: bool | None = None
    due_date: DueDateField | None = None
    priority: Priority | None = None
    position: PositionField | None = None

    @model_validator(mode="after")
    def _no_null_where_required(self) -> TaskUpdate:
        for name in ("title", "completed", "priority", "position"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self


class TaskContent(BaseModel):
    """A task as the tools return it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str
    description: str | None
    completed: bool
    due_date: dt.date | None
    priority: Priority
    created_at: dt.datetime
    updated_at: dt.datetime


FieldValue = bool | str | None
"""What a field of a task holds, as JSON has it."""


class ChangedTask(TaskContent):
    """A task after a change of some of its fields."""

    before: dict[str, FieldValue] | None = Field(
        default=None,
        description="What the fields were that are different now; null where that isn't known any more.",
    )


class TaskRead(TaskContent):
    """A task as the API returns it."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55",
                "title": "Buy milk",
                "description": None,
                "completed": False,
                "due_date": "2030-01-31",
                "priority": "medium",
                "created_at": "2030-01-30T09:00:00Z",
                "updated_at": "2030-01-30T09:00:00Z",
                "position": "n0006b9e4bd4c8007f6c8",
            }
        },
    )

    position: str = Field(
        description="The place in the order made by hand, compared byte by byte; a new task stands at the end."
    )


MAX_IDS = 1_000

TaskIds = Annotated[
    list[uuid.UUID],
    Field(min_length=1, max_length=MAX_IDS, description="Ids of tasks; those that are not the caller's are left out."),
]


class TaskSelection(BaseModel):
    """Several tasks at once."""

    model_config = ConfigDict(extra="forbid")

    ids: TaskIds


class TaskCompletion(TaskSelection):
    """Several tasks to mark as done, or to open again."""

    completed: bool = Field(default=True, description="False opens the tasks again.")


class TaskReversion(BaseModel):
    """A change that was made to several tasks alike, to be taken back."""

    model_config = ConfigDict(extra="forbid")

    after: TaskUpdate = Field(description="What was made of the fields.", examples=[{"due_date": "2030-01-31"}])
    before: dict[uuid.UUID, TaskUpdate] = Field(
        min_length=1,
        max_length=MAX_IDS,
        description="What they were, by the task's id; null where one was empty. Other fields are left alone.",
        examples=[{"7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55": {"due_date": "2030-01-30"}}],
    )

    @model_validator(mode="after")
    def _known(self) -> TaskReversion:
        for fields in self.before.values():
            if not fields.model_fields_set or not fields.model_fields_set <= self.after.model_fields_set:
                raise ValueError("before must name fields that after names, at least one")
        return self


class TaskItems(BaseModel):
    """The tasks that were meant, as they are now, the oldest first."""

    items: list[TaskRead]


class QuickAddLine(BaseModel):
    """One line that says a task."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[Line, Field(min_length=1, max_length=500, examples=["call mum tomorrow p1"])]
    timezone: str | None = Field(
        default=None,
        max_length=100,
        description="IANA name; decides what “tomorrow” means, and whether 2/10 is in February. UTC when left out.",
        examples=["Europe/Berlin"],
    )


class Detail(StrEnum):
    """What words of a line were understood as."""

    DATE = "date"
    PRIORITY = "priority"


class UnderstoodWords(BaseModel):
    """Some words of a line, from `start` to before `end`, counted in UTF-16 code units as JavaScript does."""

    model_config = ConfigDict(from_attributes=True)

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    kind: Detail


class QuickAddRead(BaseModel):
    """The task that a line says. Nothing was added."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "call mum",
                "due_date": "2030-01-31",
                "priority": "high",
                "understood": [
                    {"start": 9, "end": 17, "kind": "date"},
                    {"start": 18, "end": 20, "kind": "priority"},
                ],
            }
        },
    )

    title: str = Field(description="The line without the details; all of it, when nothing else would be left.")
    due_date: dt.date | None
    priority: Priority = Field(description="Medium, when none was said.")
    understood: list[UnderstoodWords] = Field(description="Where the details were said, in order.")


class TaskPage(BaseModel):
    """One page of tasks."""

    items: list[TaskRead]
    next_cursor: str | None = Field(description="Pass as `cursor` for the next page; null on the last one.")
