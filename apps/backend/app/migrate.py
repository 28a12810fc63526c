"""Bring the database's schema up to date: `python -m app.migrate [revision]`.

Safe to run at any time and from any number of processes at once: the whole run is one
transaction under an advisory lock, so one process migrates and the others find nothing to do.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    stop_all,
    wait_exponential,
)

from app.core.authorities import trust_extra_authorities
from app.core.config import Settings, SettingsError, load_settings
from app.core.database import MAX_RETRIES, connect_args, is_permanent, is_transient, is_untrusted
from app.core.logging import configure_logging, get_logger

log = get_logger(__name__)

# Transaction-level, as a session-level lock does not survive a transaction pooler.
_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(:key)")
_LOCK_KEY: Final = 0x746F646F  # "todo"
_LIMITS: Final = (
    # A change that waits for a table holds everybody up who wants it after that: better to give up and try again.
    sa.text("SET LOCAL lock_timeout = '5s'"),
    sa.text("SET LOCAL statement_timeout = '120s'"),
)
_LOCK_LIMIT: Final = sa.text("SET LOCAL lock_timeout = '60s'")
"""For the migration of another process."""


def migrate(settings: Settings, revision: str = "head") -> tuple[str | None, str | None]:
    """Migrate to a revision, up or down.

    Args:
        settings: Names the database.
        revision: An Alembic revision; `base` removes every table.

    Returns:
        The revisions before and after.
    """
    url = settings.sqlalchemy_migration_url
    engine = create_engine(url, poolclass=NullPool, connect_args=connect_args(url), hide_parameters=True)
    for attempt in Retrying(
        retry=retry_if_exception(lambda error: is_transient(error) or _is_locked(error)),
        # The first three times at once, then for as long as the database is away: a pod that is made during an outage
        # is there soon after its end.
        stop=stop_all(stop_after_attempt(MAX_RETRIES + 1), stop_after_delay(settings.migration_wait_seconds)),
        wait=wait_exponential(multiplier=1, min=1, max=4),
        before_sleep=_tell,
        reraise=True,
    ):
        with attempt:
            return _migrate(engine, revision)
    raise AssertionError("unreachable: the retry policy re-raises")


def _is_locked(error: BaseException) -> bool:
    return isinstance(getattr(error, "orig", None), psycopg.errors.LockNotAvailable)


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
    log.warning("migrate.retry", attempt=state.attempt_number, reason=reason)


def _reason(error: BaseException) -> str:
    if is_untrusted(error):
        return "certificate refused"
    return "credentials refused" if is_permanent(error) else type(error).__name__


def _migrate(engine: Engine, revision: str) -> tuple[str | None, str | None]:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        connection.execute(_LOCK_LIMIT)
        connection.execute(_LOCK, {"key": _LOCK_KEY})
        for limit in _LIMITS:
            connection.execute(limit)
        before = _current(connection)
        config.attributes["connection"] = connection
        if revision == "head" and before is not None and not _knows(config, before):
            # A rollback to an older image: its code runs on a newer schema, which only adds to what
            # it knows, and the way back is another update.
            log.warning("migrate.schema_is_newer", schema=before)
            return before, before
        if _goes_down(config, before, revision):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
        return before, _current(connection)


def _goes_down(config: Config, before: str | None, revision: str) -> bool:
    """Whether a revision is one before the present one; `-1` and `base` are, `+1` and `head` aren't."""
    if revision == "base" or revision.startswith("-"):
        return True
    if before is None or revision == "head" or revision.startswith("+"):
        return False
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]  # the latest first
    return revision in revisions and before in revisions and revisions.index(revision) > revisions.index(before)


def _knows(config: Config, revision: str) -> bool:
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return any(script.revision == revision for script in scripts)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def main(arguments: list[str] | None = None) -> int:
    """Command line entry point; returns the exit code."""
    revision = next(iter(sys.argv[1:] if arguments is None else arguments), "head")
    configure_logging()
    trust_extra_authorities()
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
            reason=_reason(error),
            detail=str(getattr(error, "orig", None) or error),
        )
        return 1
    log.info("migrate.done", before=before, after=after, changed=before != after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
