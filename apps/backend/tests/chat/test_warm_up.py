"""The first answer after a start doesn't wait for what could be done before."""

from __future__ import annotations

import json

from tests.support.server import Process

_TYPES_LEFT = """
import asyncio, json
from app.chat.warm_up import TYPES, warm_up

async def main():
    turns = 0
    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)
    beside = asyncio.create_task(others())
    before = [kind.__name__ for kind in TYPES if not kind.__pydantic_complete__]
    await warm_up()
    beside.cancel()
    after = [kind.__name__ for kind in TYPES if not kind.__pydantic_complete__]
    print(json.dumps({"before": before, "after": after, "turns": turns, "types": len(TYPES)}))

asyncio.run(main())
"""


def test_types_of_an_answer_are_built_one_at_a_time() -> None:
    result = Process().run("-c", _TYPES_LEFT)
    told = json.loads(result.stdout.splitlines()[-1])
    assert "Response" in told["before"]
    assert told["after"] == []
    assert told["turns"] >= told["types"]
