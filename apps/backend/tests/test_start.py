"""What a start loads before the process is ready, and what it leaves for later."""

from __future__ import annotations

import json

import httpx2

from tests.support.identity import ISSUER
from tests.support.server import Process

LATER = ("agents", "chatkit", "griffe", "mcp", "mcp_types", "openai", "opentelemetry.sdk", "prometheus_client")
"""Three fifths of the time that imports take, and none of it serves tasks or probes."""

_LOADED = """
import json, sys
from app.__main__ import create_server
from app.core.config import get_settings

def loaded():
    return [name for name in sys.argv[1:] if name in sys.modules]

create_server(get_settings())
at_once = loaded()
create_server(get_settings(), whole=True)
print(json.dumps({"at once": at_once, "whole": loaded()}))
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


def test_what_is_asked_for_right_after_the_start_is_waited_for(database_url: str) -> None:
    process = Process(DATABASE_URL=database_url, ENVIRONMENT="development", BETTER_AUTH_URL=ISSUER)
    with process.running(whole=False), httpx2.Client(base_url=process.url, timeout=60) as client:
        assert "ChatKitReq" in client.get("/openapi.json").json()["components"]["schemas"]
