"""A part of the application that a start leaves for later."""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import ModuleType
from typing import Final, Generic, TypeVar

from app.core.logging import get_logger
from app.core.problems import ServiceUnavailable

log = get_logger(__name__)

Part = TypeVar("Part")

_SWITCH_SECONDS: Final = 0.0005
"""How long requests wait for their turn while modules are imported beside them; Python's own is ten times that."""


class Deferred(Generic[Part]):
    """Has a part made beside the first requests, from when it is wanted.

    Its module is imported in a thread, so that requests are answered meanwhile. Whoever needs the part waits for it.

    Args:
        module: The name of the module that the part is made with.
        open_part: Makes the part, given the module; what it opens is closed with the application.
    """

    def __init__(self, module: str, open_part: Callable[[ModuleType], AbstractAsyncContextManager[Part]]) -> None:
        self._module = module
        self._open = open_part
        self._wanted = asyncio.Event()
        self._settled = asyncio.Event()
        self._part: Part | None = None
        self._failed = False

    def begin(self) -> None:
        """Have the part made, if it isn't yet."""
        self._wanted.set()

    @property
    def made(self) -> Part | None:
        """The part, once it is there."""
        return self._part

    @property
    def failed(self) -> bool:
        """Whether it could not be made; it isn't tried again."""
        return self._failed

    async def get(self) -> Part:
        """The part, as soon as it is there.

        Raises:
            ServiceUnavailable: It could not be made.
        """
        self.begin()
        await self._settled.wait()
        if self._part is None:
            raise ServiceUnavailable("This part of the service did not start.", retry_after_seconds=10)
        return self._part

    async def run(self) -> None:
        """Make the part when it is wanted, and keep it until this is cancelled."""
        await self._wanted.wait()
        try:
            module = await _imported(self._module)
            async with self._open(module) as part:
                self._part = part
                self._settled.set()
                await asyncio.Event().wait()
        except Exception:
            self._failed = True
            log.exception("part.failed", module=self._module)
        finally:
            self._part = None
            self._settled.set()


async def _imported(name: str) -> ModuleType:
    """Import a module in a thread, which doesn't hold up the end of the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[ModuleType] = loop.create_future()

    def settle(module: ModuleType | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if module is not None:
            done.set_result(module)
        elif error is not None:
            done.set_exception(error)

    def work() -> None:
        module, failure = None, None
        try:
            module = importlib.import_module(name) if name in sys.modules else _import_apart(name)
        except Exception as error:
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, module, failure)

    threading.Thread(target=work, name=f"import {name}", daemon=True).start()
    return await done


def _import_apart(name: str) -> ModuleType:
    """Import a module for the first time, as a start does: without collecting among what stays."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        # Not collected before: that would stop all requests for as long as it takes.
        gc.freeze()
        gc.enable()
        sys.setswitchinterval(interval)
