"""First process of a back-end pod in development: `serve [PORT]`, and `attach` to talk to it.

An edit is served by a new process that is forked from this one, in which the libraries are loaded
already. It takes the place of the one before once it is ready; where it can't start, the one before
goes on. The listening socket is this process's, so no connection is refused in between, and idle
connections move to the new process as they are.

`attach` connects standard input and output with `serve`: one JSON object a line, both ways.

From the terminal: `hello` (who it is), `sync` (files to write and to delete, and the hash of the tree that
comes out of it), `restart`, `debug`, `ping`. To the terminal: `hello` (the hash of each file here), `refused`,
`synced`, `serving`, `broken` (with file and line), `ended`, `debugging` (a debugger can attach).
"""

from __future__ import annotations

import ast
import asyncio
import base64
import contextlib
import gc
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import logging
import os
import re
import selectors
import shutil
import signal
import socket
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

OVERLAY: Final = Path(os.environ.get("DEV_OVERLAY") or "/overlay")
"""Where the sources are that this pod runs; a volume of its own."""

BAKED: Final = Path(os.environ.get("DEV_BAKED") or "/app")
"""Where the image has its sources."""

PACKAGE: Final = "app"
ENDPOINT: Final = str(OVERLAY / ".supervisor")
STREAM_SECONDS: Final = 1.0
"""How long an old process may go on with answers that it has begun: streams have no end of their own."""

ANSWER_SECONDS: Final = 10.0
"""How long it may take to begin an answer, as production's processes may."""

GRACE_SECONDS: Final = 0.5
"""How much later than it should a process may cut its streams, until it is ended whatever it does."""

SILENCE_SECONDS: Final = 10.0
"""A terminal that has said nothing for so long is gone: it sends a `ping` each two seconds."""

DEBUGGER: Final = "/opt/debugger"
"""Where the image has the debugger; loaded where one is wanted only."""

DEBUGGER_PORT: Final = 5678

RETRY_SECONDS: Final = 2.0
"""Pause before a process that ended by itself is started again."""

Message = dict[str, Any]


class Wire:
    """One JSON object a line over a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.heard = time.monotonic()
        self._rest = b""

    def send(self, message: Message) -> None:
        """Send one message; the other end may be gone, which the next `receive` tells."""
        with contextlib.suppress(OSError):
            self.connection.sendall(json.dumps(message).encode() + b"\n")

    def receive(self) -> list[Message] | None:
        """What has come since; None at the end."""
        try:
            data = self.connection.recv(1 << 20)
        except (BlockingIOError, InterruptedError):
            return []
        except OSError:
            return None
        if not data:
            return None
        self.heard = time.monotonic()
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines if line]


# ---- The tree of sources -------------------------------------------------------------------------


@dataclass
class Source:
    """A file of the tree."""

    digest: str
    code: CodeType | None = None
    imports: frozenset[str] = frozenset()
    """Modules of others that it imports."""


class Tree:
    """The sources in the overlay, and their bytecode, which no file's time can make stale."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sources: dict[str, Source] = {}

    def read(self) -> None:
        """Read what is on disk."""
        self.sources = {}
        for path in sorted((self.root / PACKAGE).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                self._take(path.relative_to(self.root).as_posix(), path.read_bytes())

    def apply(self, write: dict[str, str], delete: list[str]) -> None:
        """Write and delete files; each is the old or the new one, never half of it.

        Raises:
            ValueError: A path leads out of the tree.
        """
        for name in [*write, *delete]:
            if not name.startswith(f"{PACKAGE}/") or ".." in name.split("/"):
                raise ValueError(f"{name} is not in the tree")
        for name in delete:
            path = self.root / name
            path.unlink(missing_ok=True)
            self.sources.pop(name, None)
            for folder in path.parents:
                if folder == self.root or not folder.is_dir() or any(folder.iterdir()):
                    break
                folder.rmdir()
        for name, text in write.items():
            data = base64.b64decode(text)
            path = self.root / name
            for folder in [*reversed(path.relative_to(self.root).parents)][1:]:
                if (self.root / folder).is_file():
                    (self.root / folder).unlink()
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.rmtree(path)
            beside = path.with_name(f".{path.name}.partial")
            beside.write_bytes(data)
            beside.replace(path)
            self._take(name, data)

    def _take(self, name: str, data: bytes) -> None:
        known = self.sources.get(name)
        digest = hashlib.sha256(data).hexdigest()
        if known is None or known.digest != digest:
            self.sources[name] = Source(digest)

    def compile(self) -> None:
        """Compile what has changed.

        Raises:
            SyntaxError: With the file and the line.
        """
        for name, source in self.sources.items():
            if source.code is None and name.endswith(".py"):
                path = self.root / name
                module = ast.parse(path.read_bytes(), str(path))
                source.code = compile(module, str(path), "exec", dont_inherit=True)
                source.imports = imports_in(module)

    def hash(self) -> str:
        """The tree's hash, as the terminal computes it of its own."""
        lines = "".join(f"{name}\0{source.digest}\n" for name, source in sorted(self.sources.items()))
        return hashlib.sha256(lines.encode()).hexdigest()

    def digests(self) -> dict[str, str]:
        """Each file's hash."""
        return {name: source.digest for name, source in self.sources.items()}

    def libraries(self) -> set[str]:
        """Modules of others that the sources import."""
        return {name for source in self.sources.values() for name in source.imports}


def imports_in(module: ast.Module) -> frozenset[str]:
    """The modules of others that a source imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return frozenset(name for name in names if name.split(".")[0] != PACKAGE)


class TreeFinder(importlib.abc.MetaPathFinder):
    """Finds the application's modules among the compiled sources."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def find_spec(self, fullname: str, _path: object, _target: ModuleType | None = None) -> Any:
        """The spec of a module of the application; None of any other."""
        base = fullname.replace(".", "/")
        for name in (f"{base}/__init__.py", f"{base}.py"):
            source = self._tree.sources.get(name)
            if source is not None and source.code is not None:
                path = str(self._tree.root / name)
                loader = TreeLoader(fullname, path, source.code)
                return importlib.util.spec_from_file_location(fullname, path, loader=loader)
        return None


class TreeLoader(importlib.machinery.SourceFileLoader):
    """Loads a module from the code that was compiled when it came."""

    def __init__(self, fullname: str, path: str, code: CodeType) -> None:
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, _fullname: str) -> CodeType:
        """The module's code."""
        return self._code


# ---- In the process that serves ------------------------------------------------------------------


def run_server(listener: socket.socket, control: socket.socket, keys: Message | None, *, debug: bool) -> int:
    """Serve the application until told to go; returns the exit code.

    Args:
        listener: Where connections come.
        control: To the supervisor.
        keys: The public keys of the token issuer that a process before has fetched.
        debug: Whether a debugger may attach.
    """
    from app.__main__ import create_server
    from app.core.config import get_settings
    from app.core.logging import configure_logging

    configure_logging()
    # Whole, so that an edit that breaks anything keeps the old code serving.
    server = create_server(get_settings(), whole=True)
    wire = Wire(control)
    keep_keys(server, wire, keys)
    startup_errors = LastError()
    logging.getLogger("uvicorn.error").addHandler(startup_errors)
    control.setblocking(False)

    def new_protocol() -> asyncio.Protocol:
        make: Any = server.config.http_protocol_class
        made: asyncio.Protocol = make(
            config=server.config, server_state=server.server_state, app_state=server.lifespan.state
        )
        return made

    def on_control() -> None:
        try:
            data, handed, _, _ = socket.recv_fds(control, 4096, 64)
        except BlockingIOError:
            return
        loop = asyncio.get_running_loop()
        for descriptor in handed:
            task = loop.create_task(loop.connect_accepted_socket(new_protocol, socket.socket(fileno=descriptor)))
            kept.add(task)
            task.add_done_callback(kept.discard)
        if b"release" in data or not data:
            loop.remove_reader(control)
            release(server, control)

    kept: set[asyncio.Task[Any]] = set()
    startup = server.startup

    async def startup_and_tell(sockets: list[socket.socket] | None = None) -> None:
        server.config.http_protocol_class = watched(server.config.http_protocol_class)  # type: ignore[assignment]
        await startup(sockets)
        if server.should_exit:
            return
        asyncio.get_running_loop().add_reader(control, on_control)
        if debug:
            server.debugger = asyncio.create_task(open_debugger(wire))  # type: ignore[attr-defined]
        wire.send({"type": "ready", "modules": sorted(sys.modules), "cpu": round(time.process_time(), 3)})

    server.startup = startup_and_tell  # type: ignore[method-assign]
    try:
        server.run(sockets=[listener])
    except SystemExit:
        if startup_errors.text:
            wire.send({"type": "failed", **describe_text(startup_errors.text)})
        raise
    return 0 if server.started else 1


def keep_keys(server: Any, wire: Wire, keys: Message | None) -> None:
    """Let the issuer's public keys outlive an edit.

    Fetched anew, they would let the first request of each edit wait for the front end, which may be busy with
    an edit of its own.
    """
    if (resources := resources_of(server)) is None:
        return
    if keys is not None:
        resources.jwks.remember(keys)
    resources.jwks.on_fetched = lambda fetched: wire.send({"type": "keys", "keys": fetched})


async def open_debugger(wire: Wire) -> None:
    """Let a debugger attach, once the process before has left the port."""
    sys.path.append(DEBUGGER)
    debugpy = importlib.import_module("debugpy")
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", DEBUGGER_PORT))
            break
        await asyncio.sleep(0.1)
    debugpy.listen(("127.0.0.1", DEBUGGER_PORT), in_process_debug_adapter=True)
    wire.send({"type": "debugging", "port": DEBUGGER_PORT})


def resources_of(server: Any) -> Any:
    """What the application is made of; None where it is another one."""
    return getattr(getattr(getattr(server.config, "app", None), "state", None), "resources", None)


def watched(make: Any) -> Any:
    """A protocol whose connections know whether anything has come."""

    def made(*args: Any, **kwargs: Any) -> Any:
        protocol = make(*args, **kwargs)
        received = protocol.data_received

        def data_received(data: bytes) -> None:
            protocol.untouched = False
            received(data)

        protocol.untouched = True
        protocol.data_received = data_received
        return protocol

    return made


def is_idle(connection: Any) -> bool:
    """Whether nothing of a request has come that isn't answered: else it is this process's to answer."""
    if connection.untouched:
        return True
    cycle = connection.cycle
    return cycle is not None and cycle.response_complete and not getattr(connection, "_arriving", False)


class LastError(logging.Handler):
    """Keeps the last error of the server: a start that fails is but logged by it."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first one, which is the cause."""
        if record.levelno >= logging.ERROR and not self.text:
            self.text = record.getMessage()


def release(server: Any, control: socket.socket) -> None:
    """Take no more connections, hand over the idle ones, and end what is under way."""
    for listener in server.servers:
        listener.close()
    control.setblocking(True)
    for connection in list(server.server_state.connections):
        transport = getattr(connection, "transport", None)
        if transport is None or transport.is_closing() or not is_idle(connection):
            continue
        transport.pause_reading()
        descriptor = os.dup(transport.get_extra_info("socket").fileno())
        socket.send_fds(control, [b"connection\n"], [descriptor])
        os.close(descriptor)
        transport.abort()  # of this process's copy: the other end sees nothing
    control.sendall(b'{"type": "released"}\n')
    server.handle_exit(signal.SIGTERM, None)
    loop = asyncio.get_running_loop()
    loop.call_later(STREAM_SECONDS, cut, server, control)
    if (resources := resources_of(server)) is not None:
        # Chat turns end in good order, and at once: only answers that haven't begun are waited for.
        server.ending = loop.create_task(resources.end_turns(0))


def cut(server: Any, control: socket.socket) -> None:
    """Close the connections of answers that are begun and don't end."""
    for connection in list(server.server_state.connections):
        if connection.transport is not None and getattr(connection.cycle, "response_started", True):
            connection.transport.abort()
    with contextlib.suppress(OSError):
        control.sendall(b'{"type": "cut"}\n')


def describe(error: BaseException) -> Message:
    """An error for the terminal: what it says, and where in the sources it comes from."""
    said = traceback.format_exception(error)
    place: tuple[str, int] | None = None
    if isinstance(error, SyntaxError) and error.filename:
        place = (error.filename, error.lineno or 0)
    else:
        inside = str(OVERLAY / PACKAGE)
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename.startswith(inside):
                place = (frame.filename, frame.lineno or 0)
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    found: Message = {"error": f"{type(error).__name__}: {message}".rstrip(": "), "traceback": "".join(said)}
    if place is not None:
        found["file"] = str(Path(place[0]).relative_to(OVERLAY)) if Path(place[0]).is_relative_to(OVERLAY) else place[0]
        found["line"] = place[1]
    return found


def describe_text(said: str) -> Message:
    """The same, of an error that somebody has turned into text already."""
    lines = [line for line in said.strip().split("\n") if line]
    found: Message = {"error": lines[-1] if lines else "", "traceback": said}
    for file, line in re.findall(rf'File "{re.escape(str(OVERLAY))}/({PACKAGE}/[^"]+)", line (\d+)', said):
        found["file"], found["line"] = file, int(line)
    return found


# ---- The supervisor ------------------------------------------------------------------------------


@dataclass
class Child:
    """A process that was forked to serve, or to migrate the database before that."""

    pid: int
    task: str
    tree: str
    edit: int
    wire: Wire
    started: float = field(default_factory=time.monotonic)
    cpu: float = 0.0
    failure: Message | None = None
    kill_at: float | None = None


class Supervisor:
    """Runs one process that serves, and the next one until it is ready."""

    def __init__(self, listener: socket.socket, ready_port: int = 0) -> None:
        self.listener = listener
        self.ready_port = ready_port
        self.keys: Message | None = None
        self.debugging = False
        self.tree = Tree(OVERLAY)
        self.loaded: set[str] = set()
        self.children: dict[int, Child] = {}
        self.serving: Child | None = None
        self.next: Child | None = None
        self.edit = 0
        self.migrate = True
        self.retry_at: float | None = None
        self.terminal: Wire | None = None
        self.owner: Message = {}
        self.stopping = False
        self.selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Serve until SIGTERM; returns the exit code."""
        wake, waker = socket.socketpair()
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.fileno())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        Path(ENDPOINT).unlink(missing_ok=True)
        endpoint = socket.socket(socket.AF_UNIX)
        endpoint.bind(ENDPOINT)
        endpoint.listen()
        self.selector.register(wake, selectors.EVENT_READ, lambda: self.on_signal(wake))
        self.selector.register(endpoint, selectors.EVENT_READ, lambda: self.on_attach(endpoint))
        gc.disable()
        sys.meta_path.insert(0, TreeFinder(self.tree))
        self.tree.read()
        self.start()
        while not (self.stopping and not self.children):
            for key, _ in self.selector.select(self.pause()):
                key.data()
            self.on_time()
        return 0

    # -- processes --

    def start(self) -> None:
        """Start the process that serves the tree as it is; what is in it may be wrong."""
        self.retry_at = None
        if self.next is not None:
            self.end(self.next)
            self.next = None
        try:
            self.tree.compile()
        except (SyntaxError, ValueError) as error:
            self.tell_broken(describe(error))
            return
        self.preload(self.tree.libraries())
        self.next = self.fork("migrate" if self.migrate else "serve")

    def preload(self, names: set[str]) -> None:
        """Load libraries, so that no later process needs to."""
        fresh = names - self.loaded - set(sys.modules)
        self.loaded |= names
        for name in sorted(fresh):
            if name.startswith("__") or name.split(".")[0] == PACKAGE:
                continue
            # What is missing or wrong fails in the process that really needs it, and is told there.
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        if fresh:
            gc.collect()
            gc.freeze()
        if threading.active_count() > 1:
            say("dev.threads", count=threading.active_count())

    def fork(self, task: str) -> Child:
        """Fork a process for a task."""
        ours, theirs = socket.socketpair()
        tree = self.tree.hash()
        pid = os.fork()
        if pid == 0:
            self.in_child(task, ours, theirs)
        theirs.close()
        child = Child(pid, task, tree, self.edit, Wire(ours))
        self.children[pid] = child
        self.selector.register(ours, selectors.EVENT_READ, lambda: self.on_child(child))
        return child

    def in_child(self, task: str, ours: socket.socket, theirs: socket.socket) -> None:
        """What a forked process does; never returns."""
        code = 1
        try:
            ours.close()
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            for key in list(self.selector.get_map().values()):
                if key.fileobj is not self.listener:
                    key.fileobj.close()  # type: ignore[union-attr]
            self.selector.close()
            # Readiness and connections are the supervisor's to move: nothing to wait for.
            os.environ.update(DRAIN_SECONDS="0", SHUTDOWN_TIMEOUT_SECONDS=str(ANSWER_SECONDS))
            try:
                if task == "migrate":
                    from app.migrate import main

                    code = main([])
                else:
                    code = run_server(self.listener, theirs, self.keys, debug=self.debugging)
            except BaseException as error:
                if not isinstance(error, SystemExit):
                    failure = describe(error)
                    print(failure["traceback"], file=sys.stderr, flush=True)  # noqa: T201
                    Wire(theirs).send({"type": "failed", **failure})
        finally:
            sys.stdout.flush()
            os._exit(code)

    def on_child(self, child: Child) -> None:
        """React to what a process says."""
        try:
            data, handed, _, _ = socket.recv_fds(child.wire.connection, 1 << 20, 64)
        except OSError:
            data, handed = b"", []
        for descriptor in handed:
            # An idle connection of the old process goes to the new one.
            if self.serving is not None and self.serving is not child:
                socket.send_fds(self.serving.wire.connection, [b"connection\n"], [descriptor])
            os.close(descriptor)
        if not data:
            self.forget(child)
            return
        child.wire._rest += data
        *lines, child.wire._rest = child.wire._rest.split(b"\n")
        for line in lines:
            if not line.startswith(b"{"):
                continue
            message = json.loads(line)
            if message["type"] == "failed":
                child.failure = message
            elif message["type"] == "ready" and child is self.next:
                self.switch(child, message)
                self.preload(set(message["modules"]))
            elif message["type"] == "released":
                self.tell_serving()
            elif message["type"] == "cut":
                child.kill_at = time.monotonic() + ANSWER_SECONDS - STREAM_SECONDS + GRACE_SECONDS
            elif message["type"] == "keys":
                self.keys = message["keys"]
            elif message["type"] == "debugging":
                self.tell(message)

    def switch(self, child: Child, message: Message) -> None:
        """Let a process that is ready take the place of the one before."""
        before, self.serving, self.next = self.serving, child, None
        child.cpu = message["cpu"]
        self.open_ready_port()
        if before is None:
            self.tell_serving()
            return
        with contextlib.suppress(OSError):  # it has just ended by itself
            before.wire.connection.sendall(b"release\n")
        before.kill_at = time.monotonic() + STREAM_SECONDS + GRACE_SECONDS

    def open_ready_port(self) -> None:
        """Be ready once something has served, and from then on.

        Probes ask this port, not the application: the one pod's only address must not go because a machine is
        busy, or because the process that a probe has reached is about to go.
        """
        if self.ready_port == 0:
            return
        probes = socket.create_server((self.listener.getsockname()[0], self.ready_port))
        self.selector.register(probes, selectors.EVENT_READ, lambda: probes.accept()[0].close())
        self.ready_port = 0

    def end(self, child: Child) -> None:
        """End a process that serves nobody."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)

    def forget(self, child: Child) -> None:
        """No more is heard of a process."""
        if child.wire.connection.fileno() >= 0:
            self.selector.unregister(child.wire.connection)
            child.wire.connection.close()

    def on_exit(self, child: Child, code: int) -> None:
        """A process has ended."""
        while child.wire.connection.fileno() >= 0:
            self.on_child(child)  # what it said last
        if child is self.next:
            self.next = None
            if child.task == "migrate" and code == 0:
                self.migrate = False
                self.next = self.fork("serve")
                return
            said = "the migration failed" if child.task == "migrate" else "it did not start"
            self.tell_broken(child.failure or {"error": f"{said} (exit code {code}); its log says why"})
        elif child is self.serving:
            self.serving = None
            if not self.stopping:
                say("dev.ended", code=code)
                self.tell({"type": "ended", "code": code})
                self.retry_at = time.monotonic() + RETRY_SECONDS

    # -- events --

    def pause(self) -> float | None:
        """Seconds until something is due."""
        times = [child.kill_at for child in self.children.values() if child.kill_at is not None]
        if self.retry_at is not None:
            times.append(self.retry_at)
        if self.terminal is not None:
            times.append(self.terminal.heard + SILENCE_SECONDS)
        return max(0.0, min(times) - time.monotonic()) if times else None

    def on_time(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        for child in self.children.values():
            if child.kill_at is not None and child.kill_at <= now:
                child.kill_at = None
                self.end(child)
        if self.retry_at is not None and self.retry_at <= now and self.next is None:
            self.start()
        if self.terminal is not None and self.terminal.heard + SILENCE_SECONDS <= now:
            self.drop(self.terminal)

    def on_signal(self, wake: socket.socket) -> None:
        """A process has ended, or this one shall."""
        numbers = wake.recv(4096)
        if signal.SIGTERM in numbers or signal.SIGINT in numbers:
            self.stopping = True
            self.retry_at = None
            for child in self.children.values():
                os.kill(child.pid, signal.SIGTERM if child is self.serving else signal.SIGKILL)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self.children.pop(pid, None)
            if child is not None:
                self.on_exit(child, os.waitstatus_to_exitcode(status))

    def on_attach(self, endpoint: socket.socket) -> None:
        """A terminal connects."""
        connection, _ = endpoint.accept()
        wire = Wire(connection)
        self.selector.register(connection, selectors.EVENT_READ, lambda: self.on_terminal(wire))

    def on_terminal(self, wire: Wire) -> None:
        """React to what a terminal says."""
        messages = wire.receive()
        if messages is None:
            self.drop(wire)
            return
        for message in messages:
            if message["type"] == "hello":
                self.on_hello(wire, message)
            elif wire is not self.terminal:
                continue
            elif message["type"] == "sync":
                self.on_sync(message)
            elif message["type"] == "restart":
                self.edit = message["edit"]
                self.start()
            elif message["type"] == "debug":
                self.debugging = True
                self.start()

    def on_hello(self, wire: Wire, message: Message) -> None:
        """One terminal at a time: two would undo each other's edits."""
        if self.terminal is not None and self.terminal is not wire:
            wire.send({"type": "refused", "owner": self.owner})
            return
        self.terminal, self.owner = wire, message["owner"]
        serving = self.serving.tree if self.serving else None
        wire.send({"type": "hello", "files": self.tree.digests(), "tree": self.tree.hash(), "serving": serving})

    def on_sync(self, message: Message) -> None:
        """Take over an edit, and start a process that serves it."""
        write, delete = message["write"], message["delete"]
        self.edit = message["edit"]
        try:
            self.tree.apply(write, delete)
        except (OSError, ValueError) as error:
            self.tree.read()
            self.tell({"type": "broken", "edit": self.edit, "error": str(error), "serves": self.serving is not None})
            return
        tree = self.tree.hash()
        self.tell({"type": "synced", "edit": self.edit, "tree": tree})
        self.migrate = self.migrate or any(name.startswith(f"{PACKAGE}/migrations/") for name in [*write, *delete])
        self.start()

    def drop(self, wire: Wire) -> None:
        """A terminal has gone."""
        self.selector.unregister(wire.connection)
        wire.connection.close()
        if wire is self.terminal:
            self.terminal = None

    def tell(self, message: Message) -> None:
        """Tell the terminal, if there is one."""
        if self.terminal is not None:
            self.terminal.send(message)

    def tell_serving(self) -> None:
        """Tell what is served now."""
        if self.serving is None:
            return
        took = round(time.monotonic() - self.serving.started, 3)
        say("dev.serving", tree=self.serving.tree[:12], seconds=took, cpu=self.serving.cpu)
        self.tell({"type": "serving", "edit": self.serving.edit, "tree": self.serving.tree, "seconds": took})

    def tell_broken(self, failure: Message) -> None:
        """Tell why an edit isn't served."""
        say("dev.broken", error=failure["error"], file=failure.get("file"), line=failure.get("line"))
        self.tell({**failure, "type": "broken", "edit": self.edit, "serves": self.serving is not None})


def say(event: str, **values: object) -> None:
    """Write a line to the pod's log, in the shape of the application's own."""
    line = {**values, "event": event, "level": "info", "service": "todo-backend"}
    print(json.dumps(line), flush=True)  # noqa: T201


# ---- Commands ------------------------------------------------------------------------------------


def copy() -> int:
    """Copy the image's sources to the overlay, where it is empty; returns the exit code."""
    if not (OVERLAY / PACKAGE).exists():
        ignored = shutil.ignore_patterns("__pycache__")
        # Only the bytes: the volume's own user and times are right.
        shutil.copytree(BAKED / PACKAGE, OVERLAY / PACKAGE, ignore=ignored, copy_function=shutil.copyfile)
    return 0


def serve(ready_port: str = "0") -> int:
    """Run the supervisor; returns the exit code.

    Args:
        ready_port: Port that can be connected to once something has served.
    """
    copy()
    host, port = os.environ.get("HOST") or "0.0.0.0", int(os.environ.get("PORT") or 7860)  # noqa: S104
    listener = socket.create_server((host, port), backlog=2048)
    return Supervisor(listener, int(ready_port)).run()


def attach() -> int:
    """Connect standard input and output with the supervisor; returns the exit code."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(ENDPOINT)
    except OSError as error:
        print(f"the supervisor doesn't answer: {error}", file=sys.stderr)  # noqa: T201
        return 1
    ways = {0: connection.fileno(), connection.fileno(): 1}
    with selectors.DefaultSelector() as selector:
        for source in ways:
            selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                data = os.read(key.fd, 1 << 16)
                if not data:
                    return 0
                while data:
                    data = data[os.write(ways[key.fd], data) :]


if __name__ == "__main__":
    sys.exit({"serve": serve, "copy": copy, "attach": attach}[sys.argv[1]](*sys.argv[2:]))
