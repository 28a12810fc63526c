"""Opaque cursors for keyset pagination."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from typing import Final

from app.core.problems import Unprocessable
from app.core.text import storable

_MAX_LENGTH: Final = 2_000

CursorValue = str | int | None


def encode_cursor(sort: str, values: Sequence[CursorValue], row_id: str) -> str:
    """Make the cursor that continues after a row.

    Args:
        sort: Name of the order the list is in.
        values: The row's values in that order, the most important first.
        row_id: The row's id, which breaks ties.
    """
    raw = json.dumps([sort, *values, row_id], separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str, sort: str, *, count: int = 1) -> tuple[tuple[CursorValue, ...], str]:
    """Read a cursor made by `encode_cursor`: the row's values, and its id.

    Args:
        cursor: What was made.
        sort: Name of the order the list is in.
        count: How many values a row has in it.

    Raises:
        Unprocessable: When it was not made by this API, or for another order.
    """
    problem = Unprocessable("The cursor is not one that this list returned.")
    if len(cursor) > _MAX_LENGTH:
        raise problem
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parsed = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise problem from None
    if not isinstance(parsed, list) or len(parsed) < 3:
        raise problem
    made_for, *values, row_id = parsed
    if not all(_storable(value) for value in values) or not isinstance(row_id, str) or not storable(row_id):
        raise problem
    if made_for != sort:
        raise Unprocessable("The cursor belongs to a list in another order.")
    if len(values) != count:
        raise problem
    return tuple(values), row_id


def _storable(value: object) -> bool:
    match value:
        case bool():
            return False
        case int():
            return abs(value) < 2**63
        case str():
            return storable(value)
        case _:
            return value is None


def cursor_moment(value: CursorValue) -> dt.datetime:
    """The time that a cursor holds.

    Raises:
        Unprocessable: It holds none.
    """
    try:
        moment = dt.datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except ValueError:
        raise Unprocessable("The cursor is not one that this list returned.") from None
