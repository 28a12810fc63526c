from __future__ import annotations

import asyncio
import gc
import io
import itertools
import json
import logging
import time

import pytest

from app.core.logging import MAX_TRACEBACK_LENGTH, get_logger, quiet_libraries, redact_text


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


ALPHABET = ["a.", "a+", "://", "a://:", "a:b@", "eyJ-", "eyJa.", "sk-", "bearer ", "bearer\u00a0", "\u3000", "@ ", "("]


@pytest.mark.parametrize("pair", list(itertools.product(ALPHABET, ALPHABET)), ids=repr)
def test_no_text_takes_long(pair: tuple[str, str]) -> None:
    """Every pattern in linear time: one request must not hold up the others."""
    for text in (pair[0] * 35_000 + pair[1] * 35_000, "".join(pair) * 35_000, "a " * 4_000 + pair[0] * 4_000 + pair[1]):
        started = time.process_time()
        redact_text(text[:70_000])
        redact_text(text[:MAX_TRACEBACK_LENGTH], limit=MAX_TRACEBACK_LENGTH)
        assert time.process_time() - started < 0.05


def test_a_long_text_is_cut_between_words() -> None:
    text = "x" * 1_000 + " postgresql://todo:" + "hunter2" * 300 + "@db/todo " + "y" * 1_000 + " end"
    assert redact_text(text) == "x" * 1_000 + f" [… of {len(text)} characters] " + "y" * 1_000 + " end"


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


async def test_a_stream_that_ends_after_its_turn_is_no_error_and_anything_else_is(log_output: io.StringIO) -> None:
    async def last() -> None:
        raise StopAsyncIteration

    async def broken() -> None:
        raise RuntimeError("broken")

    for unheard in (last, broken):
        task = asyncio.create_task(unheard())
        await asyncio.wait({task})
        del task
        gc.collect()
    (line,) = (json.loads(line) for line in log_output.getvalue().splitlines())
    assert "never retrieved" in line["event"]
    assert "broken" in line["exception"]


def test_a_library_that_is_loaded_later_writes_no_lines_of_its_own(log_output: io.StringIO) -> None:
    """ChatKit gives its logger a handler where LOG_LEVEL is set, as in every pod."""
    library = logging.getLogger("chatkit")
    own = io.StringIO()
    library.addHandler(logging.StreamHandler(own))
    library.setLevel("INFO")
    quiet_libraries("INFO")
    library.info("what somebody wrote")
    library.error("it failed for postgres://u:hunter2@h/d")
    assert own.getvalue() == ""
    (line,) = (json.loads(line) for line in log_output.getvalue().splitlines())
    assert line["level"] == "error"
    assert "hunter2" not in line["event"]
