from __future__ import annotations

import random
import re
import string

import pytest
from pydantic import ValidationError

from app.core.config import Settings, SettingsError, get_settings, load_settings
from tests.support.server import BACKEND

STRONG = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
VALID = {"DATABASE_URL": "postgresql://todo:pw@db.test/todo", "JWT_SECRET": STRONG}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in {**VALID, **variables}.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def problems(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, **variables)
    return caught.value.problems


def test_little_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert settings.provider == "offline"
    assert settings.model_name == "offline"
    assert settings.model_base_url is None
    assert settings.jwks_url == "http://localhost:3000/api/auth/jwks"


def test_fr_059_the_pool_has_5_connections_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).db_pool_size == 5
    assert load(monkeypatch, DB_POOL_SIZE="12").db_pool_size == 12


def test_every_wrong_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = problems(
        monkeypatch,
        ENVIRONMENT="prod",
        DATABASE_URL="mysql://u:hunter2@h/d",
        JWT_SECRET="short",
        DB_POOL_SIZE="many",
        LOG_LEVEL="loud",
        CORS_ORIGINS="todo.example.com",
        BETTER_AUTH_URL="todo.example.com",
        LLM_PROVIDER="openai",
        PORT="99999",
    )
    names = [problem.split()[0] for problem in found]
    assert names == [
        "ENVIRONMENT",
        "LOG_LEVEL",
        "PORT",
        "DATABASE_URL",
        "DB_POOL_SIZE",
        "JWT_SECRET",
        "BETTER_AUTH_URL",
        "CORS_ORIGINS",
        "OPENAI_API_KEY",
    ]
    assert "hunter2" not in str(found)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, DATABASE_URL="", JWT_SECRET="") == [
        "DATABASE_URL is required",
        "JWT_SECRET is required",
    ]


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, LOG_LEVEL="", OPENAI_API_KEY="", LLM_MODEL="", CORS_ORIGINS="", DB_POOL_SIZE="")
    assert (settings.log_level, settings.openai_api_key, settings.llm_model) == ("INFO", None, None)
    assert (settings.cors_origins, settings.db_pool_size) == ([], 5)


@pytest.mark.parametrize(
    "url", ["not a url", "postgresql://", "postgresql:///todo", "postgresql://host", "postgresql://host:port/x"]
)
def test_a_bad_database_url_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = problems(monkeypatch, DATABASE_URL=url)
    assert problem.startswith("DATABASE_URL must")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg"])
def test_fr_056_neons_urls_are_accepted_under_every_common_scheme(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    neon = f"{scheme}://u:p%40w@ep-cool-1-pooler.eu.aws.neon.tech/neondb?sslmode=require&channel_binding=require"
    url = load(monkeypatch, DATABASE_URL=neon).sqlalchemy_url
    assert url.drivername == "postgresql+psycopg"
    assert url.password == "p@w"
    assert url.query == {"sslmode": "require", "channel_binding": "require"}


@pytest.mark.parametrize(
    "secret",
    [
        *("short", "a" * 40, "please-change-me-please-change-me-0123", "x" * 20 + "default0123456789"),
        *("0123456789abcdefghijklmnopqrstuvwxyz", "changeme" * 5, "abcabcabcabcabcabcabcabcabcabcabcabc"),
    ],
)
@pytest.mark.parametrize("environment", ["staging", "production"])
def test_weak_secrets_are_refused_outside_development(
    secret: str, environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = problems(monkeypatch, ENVIRONMENT=environment, JWT_SECRET=secret)
    assert [problem.split()[0] for problem in found] == ["JWT_SECRET"]
    assert secret not in str(found)
    assert load(monkeypatch, ENVIRONMENT="development").environment == "development"


def test_random_secrets_are_accepted_whatever_words_they_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = random.Random(1)
    settings = load(monkeypatch, ENVIRONMENT="production")
    check = Settings.__pydantic_validator__.validate_assignment  # as a start does, without reading all else again
    for alphabet, length in (("0123456789abcdef", 32), (string.ascii_letters + string.digits, 48)):
        for _ in range(500):
            secret = "".join(letters.choices(alphabet, k=length))
            check(settings, "jwt_secret", secret)
            assert settings.jwt_secret.get_secret_value() == secret
    with pytest.raises(ValidationError):
        check(settings, "jwt_secret", "secret" * 8)
    secret = "kT9testQ2mVxPasswordL7wZsecretB4nY6dR1"
    assert load(monkeypatch, ENVIRONMENT="production", JWT_SECRET=secret)


def test_it_is_strict_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).environment == "production"
    assert problems(monkeypatch, JWT_SECRET="x")[0].startswith("JWT_SECRET must have at least 32 characters")


def test_parameters_of_other_clients_are_left_out_and_unknown_ones_named(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://u:hunter2@h/d?pgbouncer=true&connection_limit=5&uselibpqcompat=true&sslmode=no-verify"
    assert load(monkeypatch, DATABASE_URL=url).sqlalchemy_url.query == {"sslmode": "require"}
    (problem,) = problems(monkeypatch, DATABASE_URL="postgresql://u:hunter2@h/d?schema=public&sslmode=prefer")
    assert problem == "DATABASE_URL has parameters that PostgreSQL doesn't know: schema"


def test_migrations_may_have_a_url_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).sqlalchemy_migration_url.host == "db.test"
    settings = load(monkeypatch, MIGRATION_DATABASE_URL="postgres://admin:hunter2@direct.test/todo")
    assert (settings.sqlalchemy_migration_url.host, settings.sqlalchemy_url.host) == ("direct.test", "db.test")


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        CORS_ORIGINS="https://a.test, https://b.test/ ,",
        ALLOWED_HOSTS="a.test,b.test:7860",
        LOG_LEVEL="debug",
    )
    assert settings.cors_origins == ["https://a.test", "https://b.test"]
    assert settings.allowed_hosts == ["a.test", "b.test:7860"]
    assert settings.log_level == "DEBUG"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LLM_PROVIDER": "ollama"}, "OPENAI_BASE_URL is required with LLM_PROVIDER=ollama"),
        ({"LLM_PROVIDER": "openai"}, "OPENAI_API_KEY is required with LLM_PROVIDER=openai"),
        ({"LLM_PROVIDER": "openrouter"}, "OPENAI_API_KEY is required with LLM_PROVIDER=openrouter"),
        (
            {"LLM_PROVIDER": "openai-compatible", "OPENAI_BASE_URL": "http://llm.test/v1"},
            "LLM_MODEL is required with LLM_PROVIDER=openai-compatible",
        ),
    ],
)
def test_a_provider_needs_what_it_needs(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert problems(monkeypatch, **variables) == [expected]


def test_a_key_alone_means_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, OPENAI_API_KEY="sk-test")
    assert settings.provider == "openai"
    assert settings.model_base_url == "https://api.openai.com/v1"
    assert settings.model_name
    assert "sk-test" not in repr(settings)
    assert STRONG not in repr(settings)


def test_the_front_end_is_reached_inside_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, FRONTEND_URL="http://todo-app-frontend:3000/", BETTER_AUTH_URL="https://todo.test")
    assert settings.jwks_url == "http://todo-app-frontend:3000/api/auth/jwks"


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    load(monkeypatch)
    get_settings.cache_clear()
    try:
        assert get_settings() is get_settings()
    finally:
        get_settings.cache_clear()


def told_in_the_readme() -> dict[str, str]:
    """The defaults in the table of variables, by name."""
    told: dict[str, str] = {}
    for line in (BACKEND / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = re.findall(r"`([A-Z][A-Z_]+)`", cells[0])
        if line.startswith("| `") and names:
            defaults = re.split(r"[,;] ", cells[1]) if len(names) > 1 else [cells[1]]
            told |= zip(names, (default.strip("`") for default in defaults), strict=False)
    return told


def test_defaults_are_those_that_the_readme_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    settings, told = load(monkeypatch), told_in_the_readme()
    numbers = {
        name: value
        for name, value in settings.model_dump().items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    assert {name: float(told[name.upper()].partition(":")[0]) for name in numbers} == numbers
    for name in ("environment", "better_auth_url", "host", "log_level"):
        assert getattr(settings, name) == told[name.upper()]
    assert settings.otel_exporter_otlp_endpoint is None
    assert settings.otel_service_name == told["OTEL_SERVICE_NAME"]


LIMITS: list[tuple[str, float, float | None]] = [
    ("PORT", 1, 65_535),
    ("METRICS_PORT", 0, 65_535),
    ("DB_POOL_SIZE", 1, 100),
    ("DB_TIMEOUT_SECONDS", 0.1, 120),
    ("MIGRATION_WAIT_SECONDS", 0, 3_600),
    ("DELETED_TASKS_DAYS", 1, 3_650),
    ("CHAT_RETENTION_DAYS", 0, 3_650),
    ("LLM_TIMEOUT_SECONDS", 0.1, 600),
    ("LLM_MAX_RETRIES", 0, 10),
    ("AGENT_MAX_TURNS", 1, 100),
    ("CHAT_TURN_TIMEOUT_SECONDS", 0.1, 900),
    ("CHAT_HISTORY_LIMIT", 2, 500),
    ("CHAT_HISTORY_TOKENS", 1_000, 1_000_000),
    ("MAX_CONNECTIONS", 10, 100_000),
    ("MAX_BODY_BYTES", 1_024, 16_777_216),
    ("CHAT_RATE_PER_MINUTE", 0, None),
    ("CHAT_RATE_BURST", 1, None),
    ("CHAT_STREAMS_PER_USER", 0, None),
    ("API_RATE_PER_MINUTE", 0, None),
    ("API_RATE_BURST", 1, None),
    ("DRAIN_SECONDS", 0, 30),
    ("SHUTDOWN_TIMEOUT_SECONDS", 0.1, 60),
]
"""The least and the most that a number may be."""


@pytest.mark.parametrize(("name", "least", "most"), LIMITS)
def test_a_number_may_be_at_its_limits_and_not_beyond(
    name: str, least: float, most: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (least, *([] if most is None else [most])):
        assert getattr(load(monkeypatch, **{name: f"{value:g}" if value < 1 else str(value)}), name.lower()) == value
    for value in (least - 1, *([] if most is None else [most + 1])):
        (problem,) = problems(monkeypatch, **{name: f"{value:g}" if value < 1 else str(value)})
        assert problem.startswith(f"{name} ")


def test_every_number_has_limits() -> None:
    numbers = {name.upper() for name, field in Settings.model_fields.items() if field.annotation in (int, float)}
    assert {name for name, _, _ in LIMITS} == numbers


@pytest.mark.parametrize("name", ["DB_TIMEOUT_SECONDS", "LLM_TIMEOUT_SECONDS", "SHUTDOWN_TIMEOUT_SECONDS"])
def test_a_time_limit_is_more_than_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = problems(monkeypatch, **{name: "0"})
    assert problem.startswith(f"{name} ")


def test_a_version_and_a_name_have_a_length(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, APP_VERSION="1" * 128, OTEL_SERVICE_NAME="x" * 100)
    assert (len(settings.app_version), len(settings.otel_service_name)) == (128, 100)
    found = problems(monkeypatch, APP_VERSION="1" * 129, OTEL_SERVICE_NAME="x" * 101)
    assert [problem.split()[0] for problem in found] == ["APP_VERSION", "OTEL_SERVICE_NAME"]


def test_a_secret_of_32_characters_is_long_enough_and_one_less_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, JWT_SECRET=STRONG).jwt_secret.get_secret_value() == STRONG
    (problem,) = problems(monkeypatch, JWT_SECRET=STRONG[1:])
    assert "at least 32 characters" in problem


@pytest.mark.parametrize(
    "variables",
    [
        *({"CORS_ORIGINS": value} for value in ("ftp://a.test", "https://a.test/path", "https://", "a.test")),
        {"TRUSTED_ORIGINS": "https://a.test/path"},
        *({"FRONTEND_URL": value} for value in ("ftp://a.test", "http://", "a.test")),
        *({name: "a.test"} for name in ("BACKEND_URL", "MCP_PUBLIC_URL", "OPENAI_BASE_URL")),
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"},
        {"MIGRATION_DATABASE_URL": "mysql://h/d"},
    ],
    ids=str,
)
def test_what_is_no_address_is_refused(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = problems(monkeypatch, **variables)
    assert problem.startswith(next(iter(variables)))


def test_what_somebody_sets_wins_over_what_the_provider_has(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"OPENAI_API_KEY": "sk-test", "LLM_MODEL": "own", "OPENAI_BASE_URL": "http://llm.test/v1/"}
    settings = load(monkeypatch, **own)
    assert (settings.model_name, settings.model_base_url) == ("own", "http://llm.test/v1")
    offline = load(monkeypatch, LLM_PROVIDER="Offline")
    assert offline.provider == "offline"
    monkeypatch.delenv("LLM_MODEL")
    monkeypatch.delenv("OPENAI_BASE_URL")
    router = load(monkeypatch, LLM_PROVIDER="openrouter")
    assert (router.model_name, router.model_base_url) == ("openai/gpt-5-mini", "https://openrouter.ai/api/v1")
    local = load(monkeypatch, LLM_PROVIDER="ollama", OPENAI_BASE_URL="http://ollama:11434/v1")
    assert (local.model_name, local.model_base_url) == ("llama3.2", "http://ollama:11434/v1")
