from __future__ import annotations

import json
import subprocess
import sys

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL

from app.migrate import migrate
from app.migrate_if_needed import VERSIONS, is_current, main, newest
from tests.support.application import make_settings
from tests.support.server import Process

pytestmark = pytest.mark.slow


def rendered(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def events(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_the_newest_migration_is_the_one_that_alembic_goes_to() -> None:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    assert newest() == ScriptDirectory.from_config(config).get_current_head()


def test_an_old_schema_is_migrated_and_the_second_time_nothing_is_done(empty_database_url: URL) -> None:
    process = Process(DATABASE_URL=rendered(empty_database_url))
    results = [process.run("-m", "app.migrate_if_needed") for _ in range(2)]
    assert [result.returncode for result in results] == [0, 0]
    first, second = (events(result.stdout)[-1] for result in results)
    assert (first["event"], first["before"], first["after"], first["changed"]) == ("migrate.done", None, newest(), True)
    assert (second["event"], second["before"], second["changed"]) == ("migrate.done", newest(), False)
    assert second["service"] == first["service"]


def test_a_newer_schema_is_left_as_it_is(empty_database_url: URL) -> None:
    migrate(make_settings(rendered(empty_database_url)))
    with psycopg.connect(rendered(empty_database_url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    result = Process(DATABASE_URL=rendered(empty_database_url)).run("-m", "app.migrate_if_needed")
    assert result.returncode == 0
    assert "migrate.schema_is_newer" in [line["event"] for line in events(result.stdout)]


def test_what_is_wrong_is_said_as_by_a_migration(empty_database_url: URL) -> None:
    wrong = rendered(empty_database_url.set(username="nobody-at-all", password="hunter2"))
    result = Process(DATABASE_URL=wrong).run("-m", "app.migrate_if_needed")
    assert result.returncode == 1
    assert "credentials refused" in result.stdout
    assert "hunter2" not in result.stdout + result.stderr


def test_it_loads_nothing_that_only_a_migration_needs() -> None:
    code = "import app.migrate_if_needed, sys; print({'sqlalchemy', 'alembic', 'pydantic'} & set(sys.modules))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "set()"


NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.mark.parametrize(
    ("name", "others"),
    [("MIGRATION_DATABASE_URL", {"DATABASE_URL": NOWHERE}), ("DATABASE_URL", {"MIGRATION_DATABASE_URL": ""})],
)
def test_the_database_that_migrations_go_to_is_looked_at(
    name: str,
    others: dict[str, str],
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for variable, url in {**others, name: database_url}.items():
        monkeypatch.setenv(variable, url)
    assert main() == 0
    (line,) = events(capsys.readouterr().out)
    assert {**line, "timestamp": ""} == {
        "before": newest(),
        "after": newest(),
        "changed": False,
        "event": "migrate.done",
        "level": "info",
        "service": "todo-backend",
        "timestamp": "",
    }


def test_a_database_that_is_away_or_empty_or_older_is_not_current(empty_database_url: URL) -> None:
    assert not is_current(NOWHERE)
    assert not is_current(rendered(empty_database_url))
    migrate(make_settings(rendered(empty_database_url)), "0001")
    assert not is_current(rendered(empty_database_url))
    migrate(make_settings(rendered(empty_database_url)))
    assert is_current(rendered(empty_database_url))
