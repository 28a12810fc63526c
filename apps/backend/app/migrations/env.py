"""Alembic environment: runs on the connection that `app.migrate` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

import app.models  # noqa: F401 - registers the tables
from app.core.config import load_settings

AUTH_TABLES = frozenset({"user", "session", "account", "verification", "jwks", "rateLimit"})


def _include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave Better Auth's tables, which have no models here, out of autogenerate."""
    return not (kind == "table" and name in AUTH_TABLES)


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_name=_include_name,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run() -> None:
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection)
        return
    # The `alembic` command on its own, as developers use it.
    engine = create_engine(load_settings().sqlalchemy_migration_url)
    with engine.begin() as own_connection:
        _migrate(own_connection)


_run()
