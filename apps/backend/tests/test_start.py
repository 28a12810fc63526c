"""What a start loads before the process is ready, and what it leaves for later."""

from __future__ import annotations

import json

import httpx2
import pytest

from tests.support.identity import ISSUER
from tests.support.server import Process

pytestmark = pytest.mark.slow

LATER = ("agents", "chatkit", "griffe", "mcp", "mcp_types", "openai", "opentelemetry.sdk", "prometheus_client")
"""Three fifths of the time that imports take, and none of it serves tasks or probes."""

_LOADED = """
import gc, json, sys
from app.__main__ import create_server
from app.core.config import get_settings

def loaded():
    return [name for name in sys.argv[1:] if name in sys.modules]

config = create_server(get_settings()).config
at_once = loaded()
collecting = gc.isenabled(), gc.get_freeze_count()
create_server(get_settings(), whole=True)
told = {"port": config.port, "idle": config.timeout_keep_alive, "stopping": config.timeout_graceful_shutdown}
print(json.dumps({"at once": at_once, "whole": loaded(), "collecting": collecting, **told}))
"""


def test_what_only_the_chat_needs_is_left_for_later_unless_a_mistake_must_show_at_the_start() -> None:
    process = Process(
        DATABASE_URL="postgresql://nobody@localhost/nothing", ENVIRONMENT="development", BETTER_AUTH_URL=ISSUER
    )
    result = process.run("-c", _LOADED, *LATER)
    assert result.returncode == 0, result.stderr
    loaded = json.loads(result.stdout.splitlines()[-1])
    assert loaded["at once"] == []
    assert {"agents", "chatkit", "mcp", "openai"} <= set(loaded["whole"])
    # Garbage is collected again, without a look at what the start has made.
    enabled, frozen = loaded["collecting"]
    assert enabled
    assert frozen > 10_000
    # Longer than a proxy in front of it keeps a connection; and turns are ended before connections are cut off.
    assert (loaded["port"], loaded["idle"], loaded["stopping"]) == (httpx2.URL(process.url).port, 75, 4)


def test_what_is_asked_for_right_after_the_start_is_waited_for(database_url: str) -> None:
    process = Process(DATABASE_URL=database_url, ENVIRONMENT="development", BETTER_AUTH_URL=ISSUER)
    with process.running(whole=False), httpx2.Client(base_url=process.url, timeout=60) as client:
        assert "ChatKitReq" in client.get("/openapi.json").json()["components"]["schemas"]
