"""The process as Kubernetes sees it: start, health check, signals, exit codes."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator

import httpx2
import pytest

from app import __main__ as entry
from app import healthcheck
from app.core.config import get_settings
from tests.support.chat import Turn, message_request, parse_sse
from tests.support.identity import Issuer
from tests.support.llm import silent_model
from tests.support.postgres import free_port
from tests.support.server import Process, publishing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def frontend(issuer: Issuer) -> Iterator[str]:
    with publishing(issuer) as url:
        yield url


def environment(database_url: str, frontend: str, **changes: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "FRONTEND_URL": frontend, "BETTER_AUTH_URL": "http://todo.test", **changes}


def lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_wrong_settings_are_all_named_before_anything_starts() -> None:
    result = Process(DATABASE_URL="mysql://x:hunter2@y/z", ENVIRONMENT="production", DB_POOL_SIZE="0").run("-m", "app")
    assert result.returncode == 2
    (line,) = lines(result.stdout)
    assert line["event"] == "settings.invalid"
    assert [str(problem).split()[0] for problem in line["problems"]] == ["DATABASE_URL", "DB_POOL_SIZE"]  # type: ignore[attr-defined]
    assert "hunter2" not in result.stdout + result.stderr


def test_fr_058_wrong_credentials_end_the_process(database_url: str, frontend: str) -> None:
    url = httpx2.URL(database_url)
    wrong = f"postgresql://nobody-at-all:hunter2@{url.host}:{url.port or 5432}{url.path}"
    started = time.monotonic()
    result = Process(**environment(wrong, frontend)).run("-m", "app")
    assert result.returncode != 0
    assert time.monotonic() - started < 30
    assert "database.refused" in result.stdout
    assert "hunter2" not in result.stdout + result.stderr


def test_it_serves_a_chat_and_stops_in_good_order(
    database_url: str, frontend: str, issuer: Issuer, user_id: str
) -> None:
    process = Process(**environment(database_url, frontend))
    with process.running() as running:
        with httpx2.Client(base_url=process.url, headers=issuer.headers(user_id)) as client:
            response = client.post("/chatkit", json=message_request("add buy milk"))
            assert Turn(parse_sse(response.text)).answer == 'Added "buy milk" to your list.'
            assert [task["title"] for task in client.get("/api/tasks").json()["items"]] == ["buy milk"]
            assert "server" not in response.headers

            assert process.run("-m", "app.healthcheck").returncode == 0
            running.send_signal(signal.SIGTERM)
            started = time.monotonic()
            while client.get("/ready").status_code != 503:
                time.sleep(0.01)
        assert running.wait(timeout=5) == 0
        assert time.monotonic() - started < 5
        assert running.stdout is not None
        output = lines(running.stdout.read())
    events = [line["event"] for line in output]
    assert events.index("app.stopping") < events.index("app.stopped")
    assert process.run("-m", "app.healthcheck").returncode == 1


@pytest.mark.parametrize("signals", [1, 2])
def test_an_open_stream_ends_cleanly_within_five_seconds(
    signals: int, database_url: str, frontend: str, issuer: Issuer, user_id: str
) -> None:
    with silent_model() as base_url:
        process = Process(
            **environment(
                database_url,
                frontend,
                LLM_PROVIDER="openai-compatible",
                LLM_MODEL="stub",
                OPENAI_BASE_URL=base_url,
            )
        )
        with process.running() as running:
            headers = issuer.headers(user_id)
            with httpx2.Client(base_url=process.url, headers=headers, timeout=20) as client:
                with client.stream("POST", "/chatkit", json=message_request("add buy milk")) as response:
                    received = response.iter_text()
                    text = next(received)
                    started = time.monotonic()
                    for _ in range(signals):
                        running.send_signal(signal.SIGTERM)
                        time.sleep(0.05)
                    text += "".join(received)
            assert running.wait(timeout=6) == 0
            assert time.monotonic() - started < 5
    events = parse_sse(text)
    assert events[0]["type"] == "thread.created"
    assert events[-1]["type"] == "error"
    assert "saved" in events[-1]["message"]


def test_the_health_check_tells_by_its_exit_code(monkeypatch: pytest.MonkeyPatch, issuer: Issuer) -> None:
    monkeypatch.setenv("PORT", str(free_port()))
    assert healthcheck.main() == 1
    with publishing(issuer) as url:  # anything that answers 200
        monkeypatch.setenv("PORT", str(httpx2.URL(url).port))
        assert healthcheck.main() == 0


def test_the_entry_point_reports_wrong_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("JWT_SECRET", raising=False)
    get_settings.cache_clear()
    assert entry.main() == 2
    assert "DATABASE_URL is required" in capsys.readouterr().out


def test_nothing_is_written_but_json(database_url: str, frontend: str) -> None:
    process = Process(**environment(database_url, frontend, LOG_LEVEL="DEBUG", APP_VERSION="1.2.3"))
    with process.running() as running:
        httpx2.get(f"{process.url}/nowhere")
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=6) == 0
        assert running.stdout is not None
        output = lines(running.stdout.read())
    assert {line["version"] for line in output if line["event"] == "request"} == {"1.2.3"}
