"""Bring the database's schema up to date: `python -m app.migrate [revision]`.

Safe to run at any time and from any number of processes at once: the whole run is one
transaction under an advisory lock, so one process migrates and the others find nothing to do.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from app.core.config import Settings, SettingsError, load_settings
from app.core.database import MAX_RETRIES, connect_args, is_permanent, is_transient
from app.core.logging import configure_logging, get_logger

log = get_logger(__name__)

# Transaction-level, as a session-level lock does not survive a transaction pooler.
_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(:key)")
_LOCK_KEY: Final = 0x746F646F  # "todo"


def migrate(settings: Settings, revision: str = "head") -> tuple[str | None, str | None]:
    """Migrate to a revision, up or down.

    Args:
        settings: Names the database.
        revision: An Alembic revision; `base` removes every table.

    Returns:
        The revisions before and after.
    """
    engine = create_engine(
        settings.sqlalchemy_url,
        poolclass=NullPool,
        connect_args=connect_args(settings.sqlalchemy_url),
        hide_parameters=True,
    )
    for attempt in Retrying(
        retry=retry_if_exception(is_transient),
        stop=stop_after_attempt(MAX_RETRIES + 1),
        wait=wait_exponential(multiplier=1, min=1, max=4),
        before_sleep=lambda state: log.warning("migrate.retry", attempt=state.attempt_number),
        reraise=True,
    ):
        with attempt:
            return _migrate(engine, revision)
    raise AssertionError("unreachable: the retry policy re-raises")


def _migrate(engine: Engine, revision: str) -> tuple[str | None, str | None]:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        connection.execute(_LOCK, {"key": _LOCK_KEY})
        before = _current(connection)
        config.attributes["connection"] = connection
        if revision == "head" and before is not None and not _knows(config, before):
            # A rollback to an older image: its code runs on a newer schema, which only adds to what
            # it knows, and the way back is another update.
            log.warning("migrate.schema_is_newer", schema=before)
            return before, before
        if revision == "base" or (before is not None and revision < before):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
        return before, _current(connection)


def _knows(config: Config, revision: str) -> bool:
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return any(script.revision == revision for script in scripts)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def main(arguments: list[str] | None = None) -> int:
    """Command line entry point; returns the exit code."""
    revision = next(iter(sys.argv[1:] if arguments is None else arguments), "head")
    configure_logging()
    try:
        settings = load_settings()
    except SettingsError as error:
        log.error("settings.invalid", problems=error.problems)
        return 2
    configure_logging(settings.log_level, version=settings.app_version)
    try:
        before, after = migrate(settings, revision)
    except Exception as error:
        log.error(
            "migrate.failed",
            reason="credentials refused" if is_permanent(error) else type(error).__name__,
            detail=str(getattr(error, "orig", None) or error),
        )
        return 1
    log.info("migrate.done", before=before, after=after, changed=before != after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
