"""Who is calling: users' tokens from Better Auth, and this service's own for its MCP server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import jwt
from jwt import PyJWK, PyJWKSet

from app.core.config import Settings
from app.core.logging import get_logger
from app.core.problems import ServiceUnavailable, Unauthorized

log = get_logger(__name__)

LEEWAY_SECONDS: Final = 10
"""Clock difference tolerated between the pods that sign and check."""

MAX_SUBJECT_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified caller.

    Attributes:
        user_id: The token's subject; every row and query is scoped by it.
        expires_at: Unix time at which the token ends.
    """

    user_id: str
    expires_at: int


class JwksCache:
    """Public keys of the token issuer, by key id.

    Keys are fetched on first use and again once they are older than `max_age`; those that are known serve until
    the new ones are there, so that an issuer that doesn't answer holds nobody up. An unknown key id
    means that the issuer rotated its keys, so it causes a fetch as well, but at most one every
    `cooldown` seconds: tokens with made-up key ids can't be used to flood the issuer.

    Args:
        url: The JWKS document.
        max_age: Seconds for which fetched keys are used without asking again.
        cooldown: Fewest seconds between two fetches.
        timeout: Seconds to wait for the issuer.
        transport: Replaces the network.

    Attributes:
        on_fetched: Called with each document that was fetched, for a process that takes this one's place.
    """

    def __init__(
        self,
        url: str,
        *,
        max_age: float = 600.0,
        cooldown: float = 10.0,
        timeout: float = 3.0,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url
        self._max_age = max_age
        self._cooldown = cooldown
        # The authorities take a tenth of a second of CPU to load, and an issuer in the cluster is asked without TLS.
        verify = not url.startswith("http:")
        self._client = httpx2.AsyncClient(timeout=timeout, transport=transport, verify=verify)
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None
        self.on_fetched: Callable[[dict[str, Any]], object] | None = None

    async def key(self, kid: str) -> PyJWK | None:
        """The key with an id, or None when the issuer has no such key.

        Raises:
            ServiceUnavailable: When no keys are known and the issuer can't be reached.
        """
        if kid in self._keys:
            if self._must_fetch(kid) and (self._renewing is None or self._renewing.done()):
                self._renewing = asyncio.create_task(self._renew(kid))
            return self._keys[kid]
        await self._renew(kid)
        if not self._keys:
            raise ServiceUnavailable("Sign-in can't be checked right now.")
        return self._keys.get(kid)

    async def _renew(self, kid: str) -> None:
        if self._must_fetch(kid):
            async with self._lock:
                if self._must_fetch(kid):
                    await self._fetch()

    def _must_fetch(self, kid: str) -> bool:
        now = time.monotonic()
        if kid in self._keys and now - self._fetched_at < self._max_age:
            return False
        # With nothing cached every request depends on the fetch, so try again soon.
        cooldown = self._cooldown if self._keys else min(self._cooldown, 1.0)
        return now - self._tried_at >= cooldown

    async def _fetch(self) -> None:
        try:
            response = await self._client.get(self._url)
            response.raise_for_status()
            document = response.json()
            self.remember(document)
        except (httpx2.HTTPError, jwt.PyJWTError, ValueError, AttributeError, TypeError) as error:
            # Keys that are already known stay in use while the issuer is away.
            log.warning("jwks.fetch_failed", error=type(error).__name__)
        else:
            log.info("jwks.fetched", keys=len(self._keys))
            if self.on_fetched is not None:
                self.on_fetched(document)
        self._tried_at = time.monotonic()

    def remember(self, document: dict[str, Any]) -> None:
        """Use the keys of a document that the issuer has just given.

        Raises:
            PyJWTError: It holds no keys.
        """
        self._keys = {key.key_id: key for key in PyJWKSet.from_dict(document).keys if key.key_id}
        self._fetched_at = time.monotonic()

    async def close(self) -> None:
        """Close the connections to the issuer."""
        if self._renewing is not None:
            self._renewing.cancel()
        await self._client.aclose()


class UserTokenVerifier:
    """Checks the EdDSA tokens that Better Auth issues.

    Args:
        keys: The issuer's public keys.
        issuer: Expected `iss` and `aud`: the front end's public URL.
    """

    def __init__(self, keys: JwksCache, *, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer

    async def verify(self, token: str) -> Identity:
        """Identify the caller.

        Raises:
            Unauthorized: The token is malformed, expired, or not from the issuer.
            ServiceUnavailable: The issuer's keys can't be had.
        """
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise Unauthorized("The token is not a valid JWT.") from None
        kid = header.get("kid")
        if header.get("alg") != "EdDSA" or not isinstance(kid, str) or not kid:
            raise Unauthorized("The token is not signed the way this service expects.")
        key = await self._keys.key(kid)
        if key is None:
            raise Unauthorized("The token is signed with an unknown key.")
        return _identity(token, key, algorithms=["EdDSA"], audience=self._issuer, issuer=self._issuer)


class InternalTokens:
    """Signs and checks the short-lived tokens for the hop from the agent to the MCP server.

    Args:
        secret: HS256 key, shared by all replicas.
        lifetime: Seconds for which a token is valid.
    """

    ISSUER: Final = "todo-backend"
    AUDIENCE: Final = "mcp"

    def __init__(self, secret: str, *, lifetime: int = 60) -> None:
        self._secret = secret
        self._lifetime = lifetime

    def issue(self, user_id: str) -> str:
        """A token that lets the bearer act as the user at the MCP server."""
        now = int(time.time())
        return jwt.encode(
            {
                "sub": user_id,
                "iss": self.ISSUER,
                "aud": self.AUDIENCE,
                "iat": now,
                "exp": now + self._lifetime,
            },
            self._secret,
            algorithm="HS256",
        )

    def verify(self, token: str) -> Identity:
        """Identify the user a token stands for.

        Raises:
            Unauthorized: The token is not one of ours, or expired.
        """
        return _identity(
            token,
            self._secret,
            algorithms=["HS256"],
            audience=self.AUDIENCE,
            issuer=self.ISSUER,
        )


def _identity(token: str, key: PyJWK | str, *, algorithms: list[str], audience: str, issuer: str) -> Identity:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["sub", "exp", "aud", "iss"]},
        )
    except jwt.ExpiredSignatureError:
        raise Unauthorized("The token has expired.") from None
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Unauthorized("The token is not valid for this service.") from None
    subject = claims["sub"]
    if not subject or len(subject) > MAX_SUBJECT_LENGTH or "\x00" in subject:
        raise Unauthorized("The token names no usable user.")
    return Identity(user_id=subject, expires_at=int(claims["exp"]))


def create_verifier(
    settings: Settings, *, transport: httpx2.AsyncBaseTransport | None = None
) -> tuple[JwksCache, UserTokenVerifier]:
    """The key cache and the verifier of users' tokens for a configuration."""
    keys = JwksCache(settings.jwks_url, transport=transport)
    return keys, UserTokenVerifier(keys, issuer=settings.better_auth_url)
