"""What was done under a key, so that a request that comes again does nothing again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.task import utc_now


class Idempotency(SQLModel, table=True):
    """One key of one user; the row is written by the statement that has the effect."""

    __tablename__ = "idempotency"

    user_id: str = Column(primary_key=True, sa_type=sa.Text)
    key: str = Column(primary_key=True, sa_type=sa.Text)
    digest: str = Column(sa_type=sa.Text)
    request: dict[str, Any] | None = Column(default=None, sa_type=JSONB(none_as_null=True))
    created_at: dt.datetime = Column(default_factory=utc_now, sa_type=sa.DateTime(timezone=True))
