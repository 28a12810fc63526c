"""How many answers may be open at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from app.core.config import Settings
from app.core.problems import ServiceUnavailable
from app.core.streams import OpenStreams
from tests.support.application import client_for, make_settings, resources_of, running_app
from tests.support.chat import Chat, message_request
from tests.support.identity import Issuer
from tests.support.llm import LanguageModel, Say
from tests.support.waiting import until

LIMIT = 2


@pytest.fixture
async def limited(model_settings: Settings, issuer: Issuer) -> AsyncIterator[FastAPI]:
    settings = model_settings.model_copy(update={"chat_streams_per_user": LIMIT})
    async with running_app(settings, issuer) as app:
        yield app


async def test_one_more_stream_is_refused_until_one_ends(
    limited: FastAPI, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    headers = issuer.headers(user_id)
    async with client_for(limited, headers) as client, client_for(limited, issuer.headers("other")) as other:
        chat = Chat(client)
        model.play(Say("hello"))
        await chat.say("hi")

        model.play(Say("Here I am.", delay=1.0))
        answering = asyncio.create_task(chat.say("are you there?"))
        await until(lambda: model.requests)
        following = asyncio.create_task(client.get(f"/api/conversations/{chat.thread_id}/turn/events"))
        await until(lambda: resources_of(limited).streams.of(user_id) == LIMIT)

        for refused in (
            await client.post("/chatkit", json=message_request("another")),
            await client.get(f"/api/conversations/{chat.thread_id}/turn/events"),
        ):
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == "5"
            assert refused.headers["content-type"] == "application/problem+json"
            problem = refused.json()
            assert problem["type"] == "urn:todo-app:problem:rate-limited"
            assert problem["detail"] == "You have 2 answers open at once; wait for one to end."
        # What was refused left nothing behind, everything else goes on, and so do other people.
        assert len((await client.get("/api/conversations")).json()["items"]) == 1
        threads = {"type": "threads.list", "params": {}, "metadata": {}}
        assert (await client.post("/chatkit", json=threads)).status_code == 200
        model.play(Say("You too."))
        assert (await Chat(other).say("hello")).answer == "You too."

        assert (await answering).answer == "Here I am."
        assert (await following).status_code == 200
        assert resources_of(limited).streams.of(user_id) == 0
        model.play(Say("Again."))
        assert (await chat.say("and now?")).answer == "Again."


async def test_a_stream_that_cannot_begin_does_not_count(limited: FastAPI, issuer: Issuer, user_id: str) -> None:
    async with client_for(limited, issuer.headers(user_id)) as client:
        for _ in range(LIMIT + 1):
            lost = await client.post("/chatkit", json=message_request("hello", "thr_nowhere"))
            assert lost.status_code == 404
            assert (await client.get("/api/conversations/thr_nowhere/turn/events")).status_code == 404


async def nothing() -> AsyncIterator[bytes]:
    async def events() -> AsyncIterator[bytes]:
        for event in list[bytes]():
            yield event

    return events()


async def test_connections_are_left_for_everything_else() -> None:
    streams = OpenStreams(per_user=0, total=3)
    opened = [await streams.open(f"user {number}", nothing) for number in range(3)]
    with pytest.raises(ServiceUnavailable) as refused:
        await streams.open("one more", nothing)
    assert refused.value.headers["Retry-After"] == "5"
    opened[0].close()
    await streams.open("one more", nothing)


async def test_the_limit_can_be_switched_off() -> None:
    streams = OpenStreams(
        per_user=make_settings("postgresql://h/d", chat_streams_per_user=0).chat_streams_per_user, total=800
    )
    for _ in range(800):
        await streams.open("one", nothing)
    assert streams.of("one") == 800
