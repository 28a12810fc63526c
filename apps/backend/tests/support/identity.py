"""A token issuer like Better Auth's jwt plugin."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

ISSUER = "http://todo.test"


class Issuer:
    """Signs users' tokens, and publishes its keys as a JWKS document."""

    def __init__(self) -> None:
        self._keys: dict[str, Ed25519PrivateKey] = {}
        self.requests = 0
        self.available = True
        self.document: object | None = None
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on, and forget the old ones."""
        self._kid = uuid.uuid4().hex
        self._keys = {self._kid: Ed25519PrivateKey.generate()}

    def token(self, user_id: str, **changes: Any) -> str:
        """A token as the front end sends it; `None` leaves a claim out."""
        kid = changes.pop("kid", self._kid)
        algorithm = changes.pop("algorithm", "EdDSA")
        key = changes.pop("key", self._keys[self._kid])
        now = int(time.time())
        claims = {"sub": user_id, "iss": ISSUER, "aud": ISSUER, "iat": now, "exp": now + 900} | changes
        headers = {} if kid is None else {"kid": kid}
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not None}, key, algorithm, headers=headers
        )

    def headers(self, user_id: str) -> dict[str, str]:
        """Request headers of a signed-in user."""
        return {"Authorization": f"Bearer {self.token(user_id)}"}

    @property
    def jwks(self) -> dict[str, Any]:
        """The public keys."""
        keys = [
            {**json.loads(OKPAlgorithm.to_jwk(key.public_key())), "kid": kid, "alg": "EdDSA"}
            for kid, key in self._keys.items()
        ]
        return {"keys": keys}

    @property
    def transport(self) -> httpx2.MockTransport:
        """The network towards this issuer."""
        return httpx2.MockTransport(self._answer)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        if not self.available:
            raise httpx2.ConnectError("refused", request=request)
        assert request.url.path == "/api/auth/jwks"
        return httpx2.Response(200, json=self.jwks if self.document is None else self.document)
