"""Opaque cursors for keyset pagination."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from typing import Final

from app.core.problems import Unprocessable
from app.core.text import storable

_MAX_LENGTH: Final = 2_000

CursorValue = str | int | None


def encode_cursor(sort: str, value: CursorValue, row_id: str) -> str:
    """Make the cursor that continues after a row.

    Args:
        sort: Name of the order the list is in.
        value: The row's value in that order.
        row_id: The row's id, which breaks ties.
    """
    raw = json.dumps([sort, value, row_id], separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str, sort: str) -> tuple[CursorValue, str]:
    """Read a cursor made by `encode_cursor`.

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
    if not isinstance(parsed, list) or len(parsed) != 3:
        raise problem
    made_for, value, row_id = parsed
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise problem
    if isinstance(value, int) and abs(value) >= 2**63:
        raise problem
    if not isinstance(row_id, str) or not storable(row_id) or not storable(str(value)):
        raise problem
    if made_for != sort:
        raise Unprocessable("The cursor belongs to a list in another order.")
    return value, row_id


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
