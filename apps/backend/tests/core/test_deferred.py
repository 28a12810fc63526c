"""Parts that are made beside the first requests."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType

import pytest

from app.core.deferred import Deferred
from app.core.problems import ServiceUnavailable
from tests.support.waiting import until


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a module that takes a second of work to import; it can't be where the test says that it fails."""
    name = f"slow_{request.node.name.partition('[')[0]}"
    ending = "1 / 0" if "fail" in name else "VALUE = 42"
    (tmp_path / f"{name}.py").write_text(
        f"import time\nend = time.monotonic() + 1.0\nwhile time.monotonic() < end: pass\n{ending}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


class _Opened:
    """Opens parts, and remembers what became of them."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0

    @asynccontextmanager
    async def __call__(self, module: ModuleType) -> AsyncIterator[tuple[int, int]]:
        self.opened += 1
        try:
            yield module.VALUE, self.opened
        finally:
            self.closed += 1


async def test_a_part_is_made_once_when_it_is_wanted_and_closed_at_the_end(module: str) -> None:
    opening = _Opened()
    part = Deferred(module, opening)
    running = asyncio.create_task(part.run())
    await asyncio.sleep(0.1)
    assert module not in sys.modules
    first, second = await asyncio.gather(part.get(), part.get())
    assert first is second
    assert part.made == (42, 1)
    assert opening.closed == 0
    running.cancel()
    await asyncio.wait({running})
    assert opening.closed == 1


async def test_others_are_served_while_its_module_is_imported(module: str) -> None:
    part = Deferred(module, _Opened())
    running = asyncio.create_task(part.run())
    part.begin()
    turns, interval = 0, sys.getswitchinterval()
    while part.made is None:
        await asyncio.sleep(0.001)
        turns += 1
    # Held up by the import, the loop would come round once or twice.
    assert turns > 20
    assert sys.getswitchinterval() == interval
    assert gc.isenabled()
    running.cancel()


async def test_a_part_that_fails_says_so_to_whoever_needs_it(module: str) -> None:
    part = Deferred(module, _Opened())
    running = asyncio.create_task(part.run())
    with pytest.raises(ServiceUnavailable):
        await part.get()
    await running
    assert part.failed
    with pytest.raises(ServiceUnavailable):
        await part.get()


async def test_the_end_does_not_wait_for_an_import(module: str) -> None:
    opening = _Opened()
    part = Deferred(module, opening)
    running = asyncio.create_task(part.run())
    part.begin()
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.wait({running})
    assert not hasattr(sys.modules.get(module), "VALUE")
    await until(lambda: hasattr(sys.modules.get(module), "VALUE"))
    await asyncio.sleep(0.05)
    assert opening.opened == 0
