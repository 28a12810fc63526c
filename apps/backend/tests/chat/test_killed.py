"""A replica is killed at each step of a turn; the message is sent again to another, and its task is there once."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import psycopg
import pytest

from app.core.config import Settings
from tests.support.application import client_for, running_app
from tests.support.chat import Chat, Turn, message_request, parse_sse
from tests.support.identity import Issuer
from tests.support.llm import Call, Hang, LanguageModel, Say, Step
from tests.support.server import Process, publishing
from tests.support.waiting import until, waits_for_a_lock

pytestmark = pytest.mark.slow

ADD = ("add_task", {"title": "milk"})
MESSAGE = '!call add_task {"title": "milk"}'
"""What the model does with it where no script tells otherwise: add milk, unless it sees that it has."""


@dataclass(frozen=True, slots=True)
class Kill:
    """When the replica is killed.

    Attributes:
        script: What its model does.
        thinking: Whether it is killed while the model thinks.
        words: Words of the answer that are waited for.
        locked: Table at which it is held up, so that it is killed in the middle of a statement.
    """

    script: tuple[Step, ...] = ()
    thinking: bool = False
    words: int = 0
    locked: str = ""


STEPS = {
    "receiving the message": Kill(locked="chat_thread"),
    "waiting for the model": Kill((Hang(60),), thinking=True),
    "acting": Kill(locked="task"),
    "recording what was done": Kill((Call([ADD], delay=2.0),), thinking=True, locked="chat_item"),
    "answering": Kill((Call([ADD]), Say("word " * 500)), words=3),
    "ending the turn": Kill((Call([ADD]), Say("word " * 60, pause=0.05)), words=3, locked="chat_item"),
}


@pytest.fixture(scope="module")
def frontend(issuer: Issuer) -> Iterator[str]:
    with publishing(issuer) as url:
        yield url


@pytest.fixture
def replica(model: LanguageModel, frontend: str, database_url: str) -> Process:
    return Process(
        DATABASE_URL=database_url,
        FRONTEND_URL=frontend,
        BETTER_AUTH_URL="http://todo.test",
        LLM_PROVIDER="openai-compatible",
        LLM_MODEL="stub",
        OPENAI_BASE_URL=model.base_url,
    )


async def send(client: httpx2.AsyncClient, key: str) -> Turn:
    response = await client.post("/chatkit", json=message_request(MESSAGE, idempotency_key=key))
    assert response.status_code == 200, response.text
    return Turn(parse_sse(response.text))


def let_the_lease_end(database_url: str, user_id: str) -> None:
    """The time passes after which the conversation of a replica that isn't heard of is free again."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE chat_thread SET lease_until = now() WHERE user_id = %s", [user_id])


@pytest.mark.parametrize("step", STEPS)
async def test_a_message_whose_replica_was_killed_is_carried_out_once(
    step: str,
    replica: Process,
    model: LanguageModel,
    model_settings: Settings,
    issuer: Issuer,
    user_id: str,
    database_url: str,
) -> None:
    kill, key, headers = STEPS[step], uuid.uuid4().hex, issuer.headers(user_id)
    with contextlib.ExitStack() as stack:
        # Started in a thread, as the model answers from this loop.
        process = await asyncio.to_thread(stack.enter_context, replica.running())
        lock = stack.enter_context(psycopg.connect(database_url))
        model.play(*kill.script)
        async with httpx2.AsyncClient(base_url=replica.url, headers=headers, timeout=60) as client:
            if kill.locked and not (kill.thinking or kill.words):
                lock.execute(f"LOCK TABLE {kill.locked}")
            sending = asyncio.create_task(send(client, key))
            if kill.thinking:
                await until(lambda: model.requests)
            if kill.words:
                await until(lambda: model.spoken > kill.words)
            if kill.locked and (kill.thinking or kill.words):
                lock.execute(f"LOCK TABLE {kill.locked}")
            if kill.locked:
                await until(lambda: waits_for_a_lock(database_url, kill.locked))
            process.kill()
            await asyncio.wait({sending})
            assert sending.exception() is not None or not sending.result().of("end_of_turn")
        model.play()
        # The killed process's statement goes on in the database, if it got there.
        lock.rollback()
        await asyncio.to_thread(let_the_lease_end, database_url, user_id)
        async with running_app(model_settings, issuer) as app, client_for(app, headers) as survivor:
            again = await send(survivor, key)
            assert again.answer
            assert await Chat(survivor).titles() == ["milk"]
            repeated = await send(survivor, key)
            assert repeated.answer == again.answer
            assert await Chat(survivor).titles() == ["milk"]
