"""One JSON object per log line, for our own events and the libraries' alike."""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

_SENSITIVE_KEY: Final = re.compile(
    r"authorization|cookie|password|passwd|secret|token|api_?key|database_url", re.IGNORECASE
)
# Each takes time in proportion to the text: a match begins at one place only, and no part of one is tried twice.
_SENSITIVE_TEXT: Final = (
    (re.compile(r"(?i)\b(bearer)\s++[\w.~+/=-]++"), r"\1 [redacted]"),
    (re.compile(r"(?i)((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}+://[^\s:/@]{0,255}+:)[^\s@]{0,256}+@"), r"\1[redacted]@"),
    (re.compile(r"(?<![\w.-])eyJ[\w-]++\.[\w-]++\.[\w-]*+"), "[redacted]"),
    (re.compile(r"\bsk-[\w-]{8,}+"), "[redacted]"),
)
MAX_TEXT_LENGTH: Final = 2_048
"""Characters of one text in a log line; more of it is cut before anything looks at it."""

MAX_TRACEBACK_LENGTH: Final = 16_384
_NOISY_LOGGERS: Final = ("httpx2", "httpcore2", "httpx", "openai", "openai.agents", "chatkit", "mcp")


def redact_text(text: str, *, limit: int = MAX_TEXT_LENGTH) -> str:
    """Cut free text to a length that a log line may have, and remove what looks like a credential."""
    if len(text) > limit:
        # Both ends tell most: what it is about, and what went wrong at last. Cut between words, as half a
        # credential would not be known for one.
        head, tail = text[: limit // 2], text[-limit // 2 :]
        text = f"{head.rpartition(' ')[0]} [… of {len(text)} characters] {tail.partition(' ')[2]}"
    for pattern, replacement in _SENSITIVE_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _redact(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {key: "[redacted]" if _SENSITIVE_KEY.search(str(key)) else _redact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redact(item) for item in value]
    return value


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor that keeps secrets and tokens out of every line."""
    traceback = event.pop("exception", None)
    redacted: dict[str, Any] = _redact(event)
    if isinstance(traceback, str):
        redacted["exception"] = redact_text(traceback, limit=MAX_TRACEBACK_LENGTH)
    return redacted


def _is_trouble(record: logging.LogRecord) -> bool:
    # ChatKit merges streams and leaves one of them unfinished where a turn is ended: its end is no error.
    return not (record.exc_info and record.exc_info[0] is StopAsyncIteration)


def configure_logging(level: str = "INFO", *, version: str = "") -> None:
    """Send structlog and standard logging to standard output as JSON lines.

    Libraries log at WARNING or above unless the level is DEBUG, as some of them put request
    contents into their INFO lines.

    Args:
        level: Name of the lowest level written.
        version: Added to every line as `version` when not empty.
    """

    def add_service(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("service", "todo-backend")
        if version:
            event.setdefault("version", version)
        return event

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        redact_event,
                        structlog.processors.JSONRenderer(),
                    ],
                }
            },
            "handlers": {
                "stdout": {
                    "class": "logging.StreamHandler",
                    "stream": "ext://sys.stdout",
                    "formatter": "json",
                }
            },
            "root": {"handlers": ["stdout"], "level": level},
            "loggers": {
                "uvicorn": {"level": level, "propagate": True, "handlers": []},
                "uvicorn.error": {"level": level, "propagate": True, "handlers": []},
                "uvicorn.access": {"level": "CRITICAL", "propagate": False, "handlers": []},
                "asyncio": {"filters": ["trouble"]},
            },
            "filters": {"trouble": {"()": lambda: _is_trouble}},
        }
    )
    quiet_libraries(level)


def quiet_libraries(level: str) -> None:
    """Have libraries log as the rest does, also those that are loaded later.

    Once it is loaded, ChatKit takes LOG_LEVEL for itself, and writes lines of its own form beside ours.
    """
    for name in _NOISY_LOGGERS:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel("DEBUG" if level == "DEBUG" else "WARNING")


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose events carry the request's id and user."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
