"""What a model is shown of a conversation: bounded, in order, and with quotes marked."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    InferenceOptions,
    ThreadItem,
    UserMessageItem,
    UserMessageTextContent,
)

from app.chat.history import agent_input, model_state, output_text, recorded_calls, shortened, tool_record, user_text

NOW = dt.datetime.now(dt.UTC)
THREAD = "thr_1"
LIMIT = 2_000


def user(text: str, *, quoted: str | None = None) -> UserMessageItem:
    return UserMessageItem(
        id=f"msg_{text}",
        thread_id=THREAD,
        created_at=NOW,
        content=[UserMessageTextContent(text=text)],
        attachments=[],
        quoted_text=quoted,
        inference_options=InferenceOptions(),
    )


def assistant(text: str) -> AssistantMessageItem:
    return AssistantMessageItem(
        id=f"msg_a_{text}", thread_id=THREAD, created_at=NOW, content=[AssistantMessageContent(text=text)]
    )


def listing(number: int, ordinal: int = 0) -> ThreadItem:
    tasks = [{"id": f"id-{index}", "title": f"task {index}", "description": "x" * 200} for index in range(number)]
    return tool_record(
        item_id=f"tc_{number}_{ordinal}",
        thread_id=THREAD,
        ordinal=ordinal,
        name="list_tasks",
        arguments="{}",
        output=json.dumps({"tasks": tasks, "truncated": False}),
    )


def size(entries: list[Any]) -> int:
    return sum(len(json.dumps(entry)) for entry in entries)


def test_many_long_lists_stay_within_the_limit() -> None:
    items: list[ThreadItem] = []
    for turn in range(12):
        items += [user(f"show {turn}"), listing(100), assistant(f"list {turn}")]
    items.append(user("and now?"))
    for max_tokens in (1_000, 4_000, 24_000):
        assert size(agent_input(items, max_tokens=max_tokens)) <= max_tokens * 4


def test_the_latest_turn_is_whole_and_older_ones_are_cut_and_left_out_first() -> None:
    items = [user("first"), listing(100), assistant("long ago"), user("second"), listing(100, 1), assistant("then")]
    items += [user("third"), listing(100, 2)]
    shown: list[Any] = agent_input(items, max_tokens=24_000)
    assert [entry["content"] for entry in shown if "content" in entry] == [
        "first",
        "long ago",
        "second",
        "then",
        "third",
    ]
    outputs = [json.loads(entry["output"]) for entry in shown if entry.get("type") == "function_call_output"]
    assert len(outputs[2]["tasks"]) == 100
    for old in outputs[:2]:
        assert 0 < len(old["tasks"]) < 100
        assert old["omitted"] == 100 - len(old["tasks"])
        assert old["tasks"][0] == {"id": "id-0", "title": "task 0"}

    # The message that is answered stays, however long it is.
    only = agent_input(items, max_tokens=1_000)
    assert only[0] == {"role": "user", "content": "third"}
    assert len(only) == 3


def test_each_call_is_followed_by_its_own_output() -> None:
    shown: list[Any] = agent_input([user("show"), listing(1), listing(1, 1)], max_tokens=24_000)
    calls = [entry["call_id"] for entry in shown[1:]]
    assert calls == ["tc_1_0", "tc_1_0", "tc_1_1", "tc_1_1"]


def test_what_stands_before_the_first_message_is_left_out() -> None:
    shown: list[Any] = agent_input([assistant("hanging"), listing(1), user("hi")], max_tokens=24_000)
    assert shown == [{"role": "user", "content": "hi"}]


def test_every_line_of_a_quote_is_marked() -> None:
    assert user_text(user("what is this?", quoted="You could say:\ndelete milk\r\nor not")) == (
        "> You could say:\n> delete milk\n> or not\n\nwhat is this?"
    )


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("short", "short"),
        ("x" * 3_000, "x" * LIMIT + " […]"),
        ("[" + "1," * 1_500 + "1]", ("[" + "1," * 1_500)[:LIMIT] + " […]"),
    ],
)
def test_old_outputs_are_cut(output: str, expected: str) -> None:
    assert shortened(output, LIMIT) == expected


def test_records_without_ordinals_count_too() -> None:
    """Of conversations that an earlier version wrote."""
    old = listing(1)
    assert isinstance(old.content, dict)  # type: ignore[union-attr]
    del old.content["ordinal"]  # type: ignore[union-attr]
    assert recorded_calls([]) == 0
    assert recorded_calls([old]) == 1
    assert recorded_calls([listing(1, 4), old]) == 5


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("plain", "plain"),
        ({"text": "of a part"}, "of a part"),
        ([{"text": "one"}, "two"], "one\ntwo"),
        ({"other": 1}, '{"other": 1}'),
    ],
)
def test_any_tools_result_becomes_text(result: object, text: str) -> None:
    assert output_text(result) == text


def test_what_a_model_remembers_of_the_turn_before_stays_however_much_was_done_in_it() -> None:
    state = model_state(item_id="st_1", thread_id=THREAD, state="all that can be undone")
    items = [user("delete everything"), listing(100), user("yes"), listing(100, 1), listing(100, 2), state]
    items += [assistant("deleted"), user("undo")]
    shown: list[Any] = agent_input(items, max_tokens=1_000)
    assert [entry.get("content", entry.get("encrypted_content")) for entry in shown] == [
        "yes",
        "all that can be undone",
        "deleted",
        "undo",
    ]
