"""The order in which the page shows tasks: `sections` in apps/frontend/src/lib/tasks/views.ts."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from app.models.task import TaskSort

_MARKS: Final = "_-,;:!?.'\"“”()[]{}@*/\\&#%`^+<=>|~"
"""In the order of the Unicode collation, with the marks that people type."""


def page_order(tasks: Sequence[dict[str, Any]], sort: str) -> list[str]:
    """Ids of tasks as the page shows them: open ones, then done ones, of which the one that was done last comes first.

    Args:
        tasks: As list_tasks returns them in that order.
        sort: What the page sorts by.
    """
    open_ones = [task for task in tasks if not task["completed"]]
    if sort == TaskSort.TITLE:
        # Databases differ in how they order texts, and take "10" for less than "9".
        open_ones.sort(key=lambda task: title_key(str(task["title"])))
    done = sorted((task for task in tasks if task["completed"]), key=_changed_at, reverse=True)
    return [str(task["id"]) for task in (*open_ones, *done)]


def title_key(title: str) -> tuple[object, ...]:
    """Orders titles about as browsers do: numbers by value, then letters, then accents, small letters first."""
    plain = unicodedata.normalize("NFKD", title).casefold()
    letters = [char for char in plain if not unicodedata.combining(char)]
    parts: list[tuple[int, int | str]] = []
    for decimal, group in groupby(letters, str.isdecimal):
        text = "".join(group)
        parts.extend([(3, int(text))] if decimal else map(_place, text))
    return parts, plain, title.swapcase()


def _place(char: str) -> tuple[int, str]:
    """Spaces come before marks, these before symbols, digits and letters."""
    if (mark := _MARKS.find(char)) >= 0:
        return 1, chr(mark)
    return {"Z": 0, "C": 0, "P": 1, "S": 2}.get(unicodedata.category(char)[0], 4), char


def _changed_at(task: dict[str, Any]) -> dt.datetime:
    text = task.get("updated_at")
    return dt.datetime.fromisoformat(text) if text else dt.datetime.min.replace(tzinfo=dt.UTC)
