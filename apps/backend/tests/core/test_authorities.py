"""Certificate authorities, the system's and a company's own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from app.core.authorities import trust_extra_authorities, trusted_authorities
from app.core.problems import ServiceUnavailable
from app.core.security import JwksCache
from tests.support.identity import Issuer


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A folder with a company's authority, `ca.crt`, and a server's certificate and key of it."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "hosts.ext").write_text("subjectAltName=DNS:localhost\n")
    fresh = ["-newkey", "rsa:2048", "-nodes"]
    openssl("req", "-x509", *fresh, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=company")
    openssl("req", *fresh, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server")
    signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "hosts.ext"]
    openssl("x509", "-req", "-in", "server.csr", *signed, "-out", "server.crt")
    return tmp_path


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment, without what names authorities."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "EXTRA_CA_CERTS"):
        monkeypatch.delenv(name, raising=False)
    yield monkeypatch
    os.environ.pop("SSL_CERT_FILE", None)


@contextlib.asynccontextmanager
async def server_of(company: Path, body: bytes = b"") -> AsyncIterator[str]:
    """The URL of a server with the company's certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(company / "server.crt", company / "server.key")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context, family=socket.AF_INET)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}/"


async def test_a_server_of_the_companys_is_trusted_beside_the_usual_ones(
    company: Path, variables: pytest.MonkeyPatch
) -> None:
    async with server_of(company) as url:
        async with httpx2.AsyncClient() as client:
            with pytest.raises(httpx2.ConnectError, match="certificate verify failed"):
                await client.get(url)
        variables.setenv("EXTRA_CA_CERTS", str(company / "ca.crt"))
        trust_extra_authorities()
        async with httpx2.AsyncClient() as client:
            assert (await client.get(url)).status_code == 200


async def test_keys_of_an_issuer_that_is_not_trusted_are_not_used(company: Path, variables: pytest.MonkeyPatch) -> None:
    issuer = Issuer()
    (kid,) = issuer._keys
    async with server_of(company, json.dumps(issuer.jwks).encode()) as url:
        stranger = JwksCache(url)
        with pytest.raises(ServiceUnavailable):
            await stranger.key(kid)
        await stranger.close()
        variables.setenv("EXTRA_CA_CERTS", str(company / "ca.crt"))
        trust_extra_authorities()
        trusted = JwksCache(url)
        assert await trusted.key(kid) is not None
        await trusted.close()


def test_the_usual_ones_go_on_counting(company: Path, variables: pytest.MonkeyPatch) -> None:
    usual = company / "usual.crt"
    usual.write_text("the usual ones")
    variables.setenv("SSL_CERT_FILE", str(usual))
    variables.setenv("EXTRA_CA_CERTS", str(company / "ca.crt"))
    trust_extra_authorities()
    assert trusted_authorities().read_text() == f"the usual ones\n{(company / 'ca.crt').read_text()}"


@pytest.mark.parametrize("extra", ["", "/nowhere/ca.crt"])
def test_nothing_changes_where_there_are_none(extra: str, variables: pytest.MonkeyPatch) -> None:
    variables.setenv("EXTRA_CA_CERTS", extra)
    trust_extra_authorities()
    assert "SSL_CERT_FILE" not in os.environ
