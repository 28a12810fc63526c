"""A PostgreSQL for the tests: the one in TEST_DATABASE_URL, or one of our own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url


def _binary(name: str) -> str:
    candidates = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(candidates[0]) if candidates else shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed: install PostgreSQL, or set TEST_DATABASE_URL")
    return found


def free_port() -> int:
    """A TCP port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def _own_server() -> Iterator[URL]:
    """Start a server of our own; PostgreSQL refuses to run as root, so then as `postgres`."""
    user = pwd.getpwnam("postgres").pw_name if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="todo-pg-") as folder:
        if user is not None:
            shutil.chown(folder, user)
        data, port = f"{folder}/data", free_port()
        # Texts are ordered as in users' databases, not byte by byte: a statement that relies on bytes fails here too.
        order = ["-E", "UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
        subprocess.run(
            [_binary("initdb"), "-D", data, "-U", "postgres", "-A", "trust", *order, "-N"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=user,
        )
        control = [_binary("pg_ctl"), "-D", data, "-w"]
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        subprocess.run(
            [*control, "-l", f"{folder}/log", "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, user=user
        )
        try:
            yield URL.create("postgresql", username="postgres", host="127.0.0.1", port=port, database="postgres")
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, user=user)


@contextlib.contextmanager
def server() -> Iterator[URL]:
    """The server to test against."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql")
    else:
        with _own_server() as url:
            yield url


@contextlib.contextmanager
def database(server_url: URL) -> Iterator[URL]:
    """A new, empty database that is dropped at the end."""
    name = f"todo_test_{uuid.uuid4().hex[:12]}"
    conninfo = server_url.render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield server_url.set(database=name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
