"""Effects that happen once, however often they are asked for: one store for REST, chat and tools.

A key and its effect are written by one statement, so there is never one without the other: not after
SIGKILL, not after a lost answer, not when the same request comes twice at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import col

from app.core.database import Database
from app.core.problems import Unprocessable
from app.models.idempotency import Idempotency

_CANCELLED: Final = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A request that must not take effect twice.

    Attributes:
        scope: What the key belongs to; keys of different scopes never meet.
        key: Names the request across repeated sendings.
        request: What is asked for; another request under the same key is refused.
        keep_request: Whether the request is stored too, with what it has changed, for whoever goes on after a crash.
    """

    scope: Literal["rest", "tool"]
    key: str
    request: dict[str, Any]
    keep_request: bool = False

    @property
    def stored_key(self) -> str:
        """The key as it is stored."""
        return f"{self.scope}:{self.key}"

    @property
    def digest(self) -> str:
        """Says whether two requests are the same."""
        canonical = json.dumps(self.request, sort_keys=True, default=str)
        return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def claim(user_id: str, once: Once, before: sa.ColumnElement[Any] | None = None) -> sa.CTE:
    """A part of a statement that has a row only the first time: have the effect depend on it.

    Args:
        user_id: Whose request it is.
        once: The request.
        before: What is to be changed, as it is; kept with the request.
    """
    request: Any = once.request if once.keep_request else None
    if once.keep_request and before is not None:
        request = sa.literal(once.request, JSONB).op("||")(sa.func.jsonb_build_object("before", before))
    return (
        insert(Idempotency)
        .values(
            user_id=user_id,
            key=once.stored_key,
            digest=once.digest,
            request=request,
            created_at=sa.func.now(),
        )
        .on_conflict_do_nothing()
        .returning(col(Idempotency.key))
        .cte("claim")
    )


async def check_same(database: Database, user_id: str, once: Once) -> Any:
    """Check that what a key stands for is this request.

    Returns:
        What was given to `claim` as `before`; None where that wasn't kept.

    Raises:
        Unprocessable: It is another one, or it was called off.
    """
    before = col(Idempotency.request)["before"].label("before")
    statement = sa.select(col(Idempotency.digest), before).where(*_row(user_id, once.stored_key))
    kept = await database.one(statement)
    if kept is None:
        return None
    if kept.digest == _CANCELLED:
        raise Unprocessable("This request was called off before it was carried out.")
    if kept.digest != once.digest:
        raise Unprocessable("This idempotency key was used for another request. Use a new one for each.")
    return kept.before


async def call_off(database: Database, user_id: str, key: str) -> bool:
    """Make sure that a tool call takes no effect any more.

    Returns:
        False where it has taken effect already.
    """
    row = {"user_id": user_id, "key": f"tool:{key}", "digest": _CANCELLED, "created_at": sa.func.now()}
    added = insert(Idempotency).values(row).on_conflict_do_nothing().returning(col(Idempotency.key)).cte("added")
    there = sa.select(col(Idempotency.digest)).where(*_row(user_id, f"tool:{key}")).scalar_subquery()
    mine = sa.select(sa.func.count()).select_from(added).scalar_subquery()
    found = await database.one(sa.select(mine.label("mine"), there.label("digest")))
    return found is None or found.mine == 1 or found.digest in {None, _CANCELLED}


def tool_key(message_id: str, ordinal: int) -> str:
    """The key of a message's tool call: the same one however often the message is sent."""
    return f"{message_id}:{ordinal}"


async def settle_calls(
    database: Database, user_id: str, message_id: str, ordinals: Collection[int]
) -> dict[int, dict[str, Any]]:
    """What the tool calls of a message have done, by ordinal, where it is certain that no more will be.

    A call under one of the ordinals that has no effect yet never gets any.
    """
    keys = [f"tool:{tool_key(message_id, ordinal)}" for ordinal in ordinals]
    rows = [{"user_id": user_id, "key": key, "digest": _CANCELLED, "created_at": sa.func.now()} for key in keys]
    await database.execute(insert(Idempotency).values(rows).on_conflict_do_nothing())
    prefix = f"tool:{message_id}:"
    statement = sa.select(col(Idempotency.key), col(Idempotency.request)).where(
        col(Idempotency.user_id) == user_id,
        # No range of keys: what is in it depends on the order that the database has for texts.
        sa.func.starts_with(col(Idempotency.key), prefix),
        col(Idempotency.digest) != _CANCELLED,
    )
    done = await database.all(statement)
    return {int(row.key.removeprefix(prefix)): row.request for row in done if row.request is not None}


def _row(user_id: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(Idempotency.user_id) == user_id, col(Idempotency.key) == key)
