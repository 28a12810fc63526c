from __future__ import annotations

import asyncio
import time
import uuid

import httpx2
import jwt
import pytest

from app.core.problems import ServiceUnavailable, Unauthorized
from app.core.security import InternalTokens, JwksCache, UserTokenVerifier
from tests.support.application import JWT_SECRET
from tests.support.identity import ISSUER, Issuer
from tests.support.waiting import until


def verifier(issuer: Issuer, *, cooldown: float = 10.0, max_age: float = 600.0) -> UserTokenVerifier:
    keys = JwksCache(f"{ISSUER}/api/auth/jwks", cooldown=cooldown, max_age=max_age, transport=issuer.transport)
    return UserTokenVerifier(keys, issuer=ISSUER)


async def test_a_token_names_its_user() -> None:
    issuer = Issuer()
    identity = await verifier(issuer).verify(issuer.token("anna"))
    assert identity.user_id == "anna"
    assert identity.expires_at > time.time()


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.test"},
        {"aud": "https://evil.test"},
        {"aud": None},
        {"iss": None},
        {"exp": None},
        {"exp": 1},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": "a\x00b"},
        {"nbf": 4_000_000_000},
        {"kid": None},
        {"kid": "unknown"},
        {"algorithm": "HS256", "key": JWT_SECRET},
    ],
)
async def test_a_token_with_anything_wrong_is_refused(changes: dict[str, object]) -> None:
    issuer = Issuer()
    with pytest.raises(Unauthorized):
        await verifier(issuer).verify(issuer.token("anna", **changes))


async def test_a_user_may_have_a_name_of_255_characters_and_a_clock_ten_seconds_off() -> None:
    issuer, now = Issuer(), int(time.time())
    users = verifier(issuer)
    assert (await users.verify(issuer.token("x" * 255))).user_id == "x" * 255
    ended = await users.verify(issuer.token("anna", exp=now - 5))
    assert (ended.user_id, ended.expires_at) == ("anna", now - 5)
    assert (await users.verify(issuer.token("anna", nbf=now + 5))).user_id == "anna"
    with pytest.raises(Unauthorized, match="expired"):
        await users.verify(issuer.token("anna", exp=now - 15))
    with pytest.raises(Unauthorized):
        await users.verify(issuer.token("anna", nbf=now + 20))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(Unauthorized):
        await verifier(Issuer()).verify(token)


async def test_a_token_signed_by_somebody_else_is_refused() -> None:
    issuer, impostor = Issuer(), Issuer()
    (kid,) = issuer._keys
    with pytest.raises(Unauthorized):
        await verifier(issuer).verify(impostor.token("anna", kid=kid))


async def test_keys_are_fetched_once_for_many_tokens() -> None:
    issuer = Issuer()
    users = verifier(issuer)
    await asyncio.gather(*(users.verify(issuer.token(f"user-{n}")) for n in range(50)))
    assert issuer.requests == 1


async def test_a_process_that_takes_another_ones_place_needs_no_fetch() -> None:
    issuer = Issuer()
    before, after = (JwksCache(f"{ISSUER}/api/auth/jwks", transport=issuer.transport) for _ in range(2))
    before.on_fetched = after.remember
    token = issuer.token("anna")
    await UserTokenVerifier(before, issuer=ISSUER).verify(token)
    assert (await UserTokenVerifier(after, issuer=ISSUER).verify(token)).user_id == "anna"
    assert issuer.requests == 1


async def test_a_rotated_key_is_found() -> None:
    issuer = Issuer()
    users = verifier(issuer, cooldown=0.1)
    await users.verify(issuer.token("anna"))
    old = issuer.token("anna")
    issuer.rotate()
    await asyncio.sleep(0.15)
    assert (await users.verify(issuer.token("anna"))).user_id == "anna"
    with pytest.raises(Unauthorized):
        await users.verify(old)


async def test_made_up_key_ids_do_not_flood_the_issuer() -> None:
    issuer = Issuer()
    users = verifier(issuer)
    await users.verify(issuer.token("anna"))
    for _ in range(100):
        with pytest.raises(Unauthorized):
            await users.verify(issuer.token("anna", kid=uuid.uuid4().hex))
    assert issuer.requests == 1
    await users.verify(issuer.token("anna"))


async def test_keys_are_asked_for_again_when_they_are_old_and_not_before() -> None:
    issuer = Issuer()
    users = verifier(issuer, cooldown=0.0, max_age=0.2)
    for _ in range(3):
        await users.verify(issuer.token("anna"))
    assert issuer.requests == 1
    await asyncio.sleep(0.25)
    await users.verify(issuer.token("anna"))
    await until(lambda: issuer.requests == 2)


async def test_without_any_key_the_issuer_is_asked_again_after_a_second_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = time.monotonic()
    monkeypatch.setattr("app.core.security.time.monotonic", lambda: now)
    issuer = Issuer()
    issuer.available = False
    users = verifier(issuer, cooldown=10.0)
    for after, requests in ((0.0, 1), (0.9, 1), (1.0, 2)):
        monkeypatch.setattr("app.core.security.time.monotonic", lambda after=after: now + after)
        with pytest.raises(ServiceUnavailable):
            await users.verify(issuer.token("anna"))
        assert issuer.requests == requests


async def test_known_keys_serve_while_the_issuer_is_away() -> None:
    issuer = Issuer()
    users = verifier(issuer, cooldown=0.0, max_age=0.0)
    await users.verify(issuer.token("anna"))
    issuer.available = False
    assert (await users.verify(issuer.token("anna"))).user_id == "anna"
    await asyncio.sleep(0.05)
    assert issuer.requests == 2


async def test_an_issuer_that_hangs_holds_nobody_up_who_has_a_known_key() -> None:
    issuer = Issuer()
    asked: list[httpx2.Request] = []

    async def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        if len(asked) > 1:
            await asyncio.sleep(60)
        return httpx2.Response(200, json=issuer.jwks)

    keys = JwksCache(f"{ISSUER}/jwks", max_age=0.0, cooldown=0.0, transport=httpx2.MockTransport(answer))
    users = UserTokenVerifier(keys, issuer=ISSUER)
    await users.verify(issuer.token("anna"))
    async with asyncio.timeout(1.0):
        for _ in range(5):
            assert (await users.verify(issuer.token("anna"))).user_id == "anna"
            await asyncio.sleep(0)
    assert len(asked) == 2, "one renewal at a time"
    await keys.close()


@pytest.mark.parametrize("document", [{}, {"keys": []}, [], "text", {"keys": [{"kty": "nonsense"}]}])
async def test_a_broken_key_document_is_survived(document: object) -> None:
    issuer = Issuer()
    issuer.document = document
    with pytest.raises(ServiceUnavailable):
        await verifier(issuer).verify(issuer.token("anna"))


async def test_without_any_key_sign_in_is_unavailable_and_not_refused() -> None:
    issuer = Issuer()
    issuer.available = False
    users = verifier(issuer, cooldown=0.1)
    with pytest.raises(ServiceUnavailable):
        await users.verify(issuer.token("anna"))
    issuer.available = True
    await asyncio.sleep(0.15)
    assert (await users.verify(issuer.token("anna"))).user_id == "anna"


async def test_an_issuer_that_answers_an_error_is_away() -> None:
    transport = httpx2.MockTransport(lambda _request: httpx2.Response(500))
    keys = JwksCache(f"{ISSUER}/api/auth/jwks", transport=transport)
    with pytest.raises(ServiceUnavailable):
        await keys.key("any")
    await keys.close()


def test_internal_tokens_stand_for_a_user_for_a_minute() -> None:
    tokens = InternalTokens(JWT_SECRET)
    token = tokens.issue("anna")
    assert tokens.verify(token).user_id == "anna"
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 60
    assert claims["aud"] == "mcp"
    with pytest.raises(Unauthorized):
        InternalTokens(JWT_SECRET[::-1]).verify(token)
    with pytest.raises(Unauthorized, match="expired"):
        tokens.verify(InternalTokens(JWT_SECRET, lifetime=-60).issue("anna"))
