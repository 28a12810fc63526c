"""Settings, read once from the environment and validated all together."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from psycopg.pq import Conninfo
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

Environment = Literal["development", "staging", "production"]
LlmProvider = Literal["offline", "openai", "openrouter", "ollama", "openai-compatible"]
CommaSeparated = Annotated[list[str], NoDecode]

MIN_SECRET_LENGTH: Final = 32
"""Shortest secret, in characters, accepted outside development (256 bits of HS256 key)."""

MIN_SECRET_BITS: Final = 80.0
"""Least entropy of a secret outside development, estimated by how often its characters occur.

32 random hexadecimal digits have 116 bits by that measure on average, and hardly ever less than 90; 48 random
letters and digits have some 240."""

_FOREIGN_PARAMETERS: Final = frozenset(
    {"pgbouncer", "connection_limit", "pool_timeout", "uselibpqcompat", "statement_cache_size", "prepared_statements"}
)
"""Of other clients' URLs, and without a meaning here: left out, as libpq refuses what it doesn't know."""

_PROVIDER_BASE_URLS: Final[dict[str, str]] = {
    "openai": "https://api.openai.com/v1",
    "openrouter": "https://openrouter.ai/api/v1",
}

_PROVIDER_MODELS: Final[dict[str, str]] = {
    "openai": "gpt-5-mini",
    "openrouter": "openai/gpt-5-mini",
    "ollama": "llama3.2",
}


class SettingsError(Exception):
    """The environment does not make a valid configuration.

    Attributes:
        problems: One message per wrong variable, each starting with the variable's name and
            never containing its value.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("invalid configuration: " + "; ".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """Configuration of one back-end process.

    Every field is the environment variable of the same name in upper case; a variable that is
    empty counts as not set. Fields are validated in order, so a field may depend on those above.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    environment: Environment = "production"
    """Decides how strict secrets are checked; only development is lenient, and has to be asked for."""

    app_version: str = Field(default="0.0.0-dev", max_length=128)
    """Version reported by /health and the OpenAPI document."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"

    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port on which metrics are served in Prometheus' format, at /metrics; 0 is off."""

    otel_exporter_otlp_endpoint: str | None = None
    """Where traces are sent, by OTLP over HTTP; none by default."""

    otel_service_name: str = Field(default="todo-backend", min_length=1, max_length=100)
    """This service's name in traces."""

    host: str = "0.0.0.0"  # noqa: S104 - a container listens on its pod's address
    port: int = Field(default=7860, ge=1, le=65535)

    database_url: SecretStr
    """PostgreSQL URL; any of the common schemes, with libpq query options as Neon hands them out."""

    db_pool_size: int = Field(default=5, ge=1, le=100)
    """Connections this process holds for requests; the readiness probe uses one more."""

    db_timeout_seconds: float = Field(default=8.0, gt=0, le=120)
    """Longest time one use of the database may take in all, waiting for a connection and retries included.

    Below the 15 seconds after which the front end's proxy gives up, so that the 503 arrives."""

    migration_database_url: SecretStr | None = None
    """URL for migrations, where it is another one: a role that may change tables, or a way around a pooler."""

    migration_wait_seconds: float = Field(default=600.0, ge=0, le=3600)
    """How long a migration waits for a database that is away."""

    deleted_tasks_days: int = Field(default=30, ge=1, le=3650)
    """How long a deleted task can be brought back."""

    chat_retention_days: int = Field(default=0, ge=0, le=3650)
    """Days after its last message for which a conversation is kept; 0 keeps it for good."""

    jwt_secret: SecretStr
    """HS256 key of the tokens the agent uses for the MCP server of the same deployment."""

    better_auth_url: str = "http://localhost:3000"
    """Public URL of the front end: issuer and audience of users' tokens."""

    frontend_url: str | None = None
    """Address of the front end as seen from here, for its JWKS; defaults to BETTER_AUTH_URL."""

    backend_url: str | None = None
    """Address under which other pods reach this service; its host is allowed at /mcp."""

    trusted_origins: CommaSeparated = []
    """Further origins accepted at /mcp; the front end has its own use for the variable."""

    mcp_public_url: str | None = None
    """Public URL of this service for MCP clients, without a path; by default the one that a request names."""

    cors_origins: CommaSeparated = []
    """Origins that browsers may call from; none by default, as the front end proxies."""

    allowed_hosts: CommaSeparated = []
    """Additional Host header values accepted at /mcp; `*` accepts any."""

    llm_provider: LlmProvider | None = None
    """Defaults to `openai` with an OPENAI_API_KEY, to `offline` without."""

    llm_model: str | None = None
    openai_base_url: str | None = None
    openai_api_key: SecretStr | None = Field(default=None, validate_default=True)
    llm_timeout_seconds: float = Field(default=30.0, gt=0, le=600)
    llm_max_retries: int = Field(default=3, ge=0, le=10)

    agent_max_turns: int = Field(default=24, ge=1, le=100)
    """Model calls allowed in one chat turn."""

    chat_turn_timeout_seconds: float = Field(default=120.0, gt=0, le=900)
    """Longest time one chat turn may take, retries of the model included."""

    chat_history_limit: int = Field(default=40, ge=2, le=500)
    """Thread items handed to the model as context."""

    chat_history_tokens: int = Field(default=24_000, ge=1_000, le=1_000_000)
    """About how many tokens of them, at three bytes each; older turns are left out."""

    max_connections: int = Field(default=1_000, ge=10, le=100_000)
    """Connections that the process keeps; beyond it those that ask for nothing make room."""

    max_body_bytes: int = Field(default=256 * 1024, ge=1024, le=16 * 1024 * 1024)
    chat_rate_per_minute: int = Field(default=60, ge=0)
    """Chat turns per user and replica; 0 switches the limit off."""

    chat_rate_burst: int = Field(default=30, ge=1)
    chat_streams_per_user: int = Field(default=32, ge=0)
    """Answers that a user may have open at once at a replica; 0 switches the limit off."""

    api_rate_per_minute: int = Field(default=12_000, ge=0)
    """Other authenticated calls per user and replica; 0 switches the limit off."""

    api_rate_burst: int = Field(default=2_000, ge=1)

    drain_seconds: float = Field(default=1.0, ge=0, le=30)
    """How long /ready answers 503 after SIGTERM before the listener closes."""

    shutdown_timeout_seconds: float = Field(default=3.0, gt=0, le=60)
    """Time that in-flight requests and streams get to finish after the listener closed."""

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("environment", "llm_provider", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("trusted_origins", "cors_origins", "allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("trusted_origins", "cors_origins")
    @classmethod
    def _origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
                raise ValueError("must be a comma-separated list of origins such as https://todo.example.com")
        return [origin.rstrip("/") for origin in value]

    @field_validator("database_url", "migration_database_url")
    @classmethod
    def _postgres_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            url = make_url(value.get_secret_value().strip())
        except (ArgumentError, ValueError):
            raise ValueError("must be a URL such as postgresql://user:password@host/database") from None
        if url.drivername.split("+")[0] not in {"postgres", "postgresql"}:
            raise ValueError("must be a PostgreSQL URL (postgresql://…)")
        if not url.host or not url.database:
            raise ValueError("must name a host and a database")
        url = url.difference_update_query(_FOREIGN_PARAMETERS)
        if url.query.get("sslmode") == "no-verify":  # node-postgres' name for it
            url = url.update_query_dict({"sslmode": "require"})
        known = {option.keyword.decode() for option in Conninfo.get_defaults()}
        if unknown := sorted(set(url.query) - known):
            raise ValueError(f"has parameters that PostgreSQL doesn't know: {', '.join(unknown)[:100]}")
        return SecretStr(url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False))

    @field_validator("jwt_secret")
    @classmethod
    def _strong(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        # An environment that is itself invalid is missing from `info.data`: treat it as strict.
        if value is None or info.data.get("environment") == "development":
            return value
        secret = value.get_secret_value()
        if len(secret) < MIN_SECRET_LENGTH:
            raise ValueError(f"must have at least {MIN_SECRET_LENGTH} characters outside development")
        if _entropy(secret) < MIN_SECRET_BITS:
            raise ValueError("can be guessed; use a random value outside development")
        return value

    @field_validator(
        "better_auth_url",
        "frontend_url",
        "backend_url",
        "mcp_public_url",
        "openai_base_url",
        "otel_exporter_otlp_endpoint",
    )
    @classmethod
    def _http_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an http(s) URL")
        return value.rstrip("/")

    @field_validator("openai_api_key")
    @classmethod
    def _key_for_provider(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        provider = info.data.get("llm_provider")
        if provider in {"openai", "openrouter"} and value is None:
            raise ValueError(f"is required with LLM_PROVIDER={provider}")
        if provider in {"ollama", "openai-compatible"} and not info.data.get("openai_base_url"):
            raise ValueError(f"OPENAI_BASE_URL is required with LLM_PROVIDER={provider}")
        if provider == "openai-compatible" and not info.data.get("llm_model"):
            raise ValueError(f"LLM_MODEL is required with LLM_PROVIDER={provider}")
        return value

    @property
    def sqlalchemy_url(self) -> URL:
        """The database URL for SQLAlchemy's psycopg dialect."""
        return make_url(self.database_url.get_secret_value())

    @property
    def sqlalchemy_migration_url(self) -> URL:
        """The URL for migrations."""
        return make_url((self.migration_database_url or self.database_url).get_secret_value())

    @property
    def jwks_url(self) -> str:
        """Where the public keys of users' tokens are published."""
        return f"{self.frontend_url or self.better_auth_url}/api/auth/jwks"

    @property
    def provider(self) -> LlmProvider:
        """The model provider in effect."""
        if self.llm_provider is not None:
            return self.llm_provider
        return "openai" if self.openai_api_key is not None else "offline"

    @property
    def model_name(self) -> str:
        """The model in effect, as the provider names it."""
        return self.llm_model or _PROVIDER_MODELS.get(self.provider, "offline")

    @property
    def model_base_url(self) -> str | None:
        """Base URL of the OpenAI-compatible endpoint, or None for the offline model."""
        return self.openai_base_url or _PROVIDER_BASE_URLS.get(self.provider)


def _entropy(secret: str) -> float:
    """About how many bits a text has: what repeats an earlier part, or goes on counting, adds next to nothing."""
    new: list[str] = []
    position = repeated = 0
    while position < len(secret):
        length = 3
        while position + length <= len(secret) and secret[position : position + length] in secret[:position]:
            length += 1
        if length > 3:
            position += length - 1
            repeated += 1
            continue
        steps = {ord(b) - ord(a) for a, b in pairwise(secret[max(0, position - 2) : position + 1])}
        if position < 2 or len(steps) > 1 or steps.isdisjoint({-1, 0, 1}):
            new.append(secret[position])
        position += 1
    counts = Counter(new)
    return 4.0 * repeated - sum(count * math.log2(count / len(new)) for count in counts.values())


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment.

    Args:
        overrides: Values that win over the environment, by field name.

    Raises:
        SettingsError: Naming every variable that is missing or wrong.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError([_describe(item) for item in error.errors()]) from None


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings, read on first use."""
    return load_settings()


def _describe(error: Any) -> str:
    name = "_".join(str(part) for part in error["loc"]).upper() or "ENVIRONMENT"
    if error["type"] == "missing":
        return f"{name} is required"
    message = str(error["msg"]).removeprefix("Value error, ")
    if message.startswith(("OPENAI_", "LLM_")):
        return message
    return f"{name} {message[0].lower()}{message[1:]}"
