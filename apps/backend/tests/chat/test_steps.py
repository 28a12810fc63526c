"""What the user is shown of each tool call."""

from __future__ import annotations

import json

import pytest

from app.chat.steps import step_title

MILK = {"task": {"title": "buy milk"}}


@pytest.mark.parametrize(
    ("tool", "arguments", "output", "title"),
    [
        ("add_task", {}, json.dumps(MILK), "Added: buy milk"),
        ("update_task", {}, json.dumps(MILK), "Changed: buy milk"),
        ("complete_task", {}, json.dumps(MILK), "Completed: buy milk"),
        ("complete_task", {"completed": False}, json.dumps(MILK), "Reopened: buy milk"),
        ("delete_task", {}, json.dumps({"deleted": {"title": "buy milk"}}), "Deleted: buy milk"),
        ("list_tasks", {}, json.dumps({"tasks": [{}]}), "Looked at the list: 1 task"),
        ("list_tasks", {}, json.dumps({"tasks": []}), "Looked at the list: 0 tasks"),
        ("add_task", {}, "Error: The title is too long.", "Not done: The title is too long."),
        ("add_task", {}, "no JSON", "Added"),
        ("add_task", {}, json.dumps([1]), "Added"),
        ("send_mail", {}, "{}", "Send mail"),
    ],
)
def test_a_tool_call_is_told_in_one_line(tool: str, arguments: dict[str, object], output: str, title: str) -> None:
    assert step_title(tool, json.dumps(arguments), output) == title


def test_a_long_title_is_cut() -> None:
    title = step_title("add_task", "{}", json.dumps({"task": {"title": "x" * 500}}))
    assert len(title) == 200
    assert title.endswith("…")
