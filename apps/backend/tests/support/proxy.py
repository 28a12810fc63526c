"""A TCP proxy that can lose the server behind it."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType

from sqlalchemy.engine import URL


class DatabaseProxy:
    """Stands between the application and PostgreSQL, and fails on demand."""

    def __init__(self, target: URL) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._unanswered: bytes | None = None

    @property
    def url(self) -> str:
        """The database's URL through the proxy."""
        return self._target.set(host="127.0.0.1", port=self._port).render_as_string(hide_password=False)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._tasks)

    async def __aenter__(self) -> DatabaseProxy:
        await self.restore()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flowing.set()
        await self.cut()

    async def cut(self) -> None:
        """Drop every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.drop()

    async def drop(self) -> None:
        """Drop every connection; new ones are welcome."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def restore(self) -> None:
        """Take connections again."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def lose_answer_to(self, part: bytes) -> None:
        """Drop the connection when the next statement with this part has been carried out."""
        self._unanswered = part

    def freeze(self) -> None:
        """Keep connections open, and let nothing through."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Let everything through again."""
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        upstream: asyncio.StreamWriter | None = None
        try:
            answers, upstream = await asyncio.open_connection(self._target.host, self._target.port or 5432)
            lost = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, upstream, asks=lost))
                group.create_task(self._pump(answers, writer, answers=lost))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        except* asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            for end in (writer, upstream):
                if end is not None:
                    end.transport.abort()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        asks: asyncio.Event | None = None,
        answers: asyncio.Event | None = None,
    ) -> None:
        while data := await reader.read(65_536):
            await self._flowing.wait()
            if asks is not None and self._unanswered is not None and self._unanswered in data:
                self._unanswered = None
                asks.set()
            if answers is not None and answers.is_set():
                raise ConnectionResetError
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()
        raise ConnectionResetError
