from __future__ import annotations

import io
import json
import logging

import pytest

from app.core.logging import get_logger, redact_text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("could not connect to postgresql://todo:hunter2@db/todo", "hunter2"),
        ("token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2ln was refused", "eyJzdWIiOiJhIn0"),
        ("Incorrect API key provided: sk-proj-0123456789", "sk-proj-0123456789"),
    ],
)
def test_credentials_in_text_are_removed(text: str, secret: str) -> None:
    assert secret not in redact_text(text)


def test_lines_are_json_without_secrets(log_output: io.StringIO) -> None:
    get_logger("test").info(
        "something", api_key="sk-1", nested={"Cookie": "session=1", "items": ["Bearer xyz", 5]}, count=3
    )
    try:
        raise RuntimeError("Bearer very-secret")
    except RuntimeError:
        logging.getLogger("somebody.else").exception("It failed for %s", "postgres://u:hunter2@h/d")
    first, second = (json.loads(line) for line in log_output.getvalue().splitlines())
    assert first["api_key"] == first["nested"]["Cookie"] == "[redacted]"
    assert first["nested"]["items"] == ["Bearer [redacted]", 5]
    assert (first["count"], first["level"], first["service"]) == (3, "info", "todo-backend")
    assert second["logger"] == "somebody.else"
    assert "RuntimeError" in second["exception"]
    assert "hunter2" not in json.dumps(second)
    assert "very-secret" not in json.dumps(second)
