"""Conversations with the offline model, through the real agent loop and the real MCP server."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import psycopg

from app.agent.offline.model import Answer, OfflineModel, next_step
from app.agent.offline.world import ToolCall, ToolOutput
from app.models.task import MAX_IDS
from tests.support.chat import Chat

TODAY = dt.datetime.now(dt.UTC).date()


async def test_the_whole_life_of_a_task(chat: Chat) -> None:
    assert (await chat.say("add buy milk")).answer == 'Added "buy milk" to your list.'
    assert (await chat.say("remind me to call mum tomorrow")).answer == 'Added "call mum" to your list (due tomorrow).'
    assert (await chat.say("what's on my list?")).answer == (
        "You have 2 tasks:\n\n1. ⬜ buy milk\n2. ⬜ call mum (due tomorrow)"
    )
    assert (await chat.say("mark the second one done")).answer == 'Marked "call mum" as done.'
    assert (await chat.say("delete that task")).answer == 'Deleted "call mum".'
    assert (await chat.say("rename buy milk to buy oat milk")).answer == 'Renamed "buy milk" to "buy oat milk".'
    tasks = await chat.tasks()
    assert [(task["title"], task["completed"]) for task in tasks] == [("buy oat milk", False)]


async def test_several_commands_in_one_message(chat: Chat) -> None:
    turn = await chat.say("add buy milk and add call mum, then mark the first one done and show my list")
    assert turn.answer == (
        'Added "buy milk" to your list.\n\nAdded "call mum" to your list.\n\nMarked "buy milk" as done.\n\n'
        "You have 2 tasks:\n\n1. ✅ buy milk\n2. ⬜ call mum"
    )


async def test_the_answer_is_streamed_in_pieces(chat: Chat) -> None:
    await chat.say("add tasks: milk, eggs, bread, butter, cheese and jam")
    turn = await chat.say("show my list")
    assert len(turn.of("thread.item.updated")) > 5
    assert turn.streamed == turn.answer


async def test_every_detail_of_a_task_can_be_changed(chat: Chat) -> None:
    await chat.say("add file taxes")
    assert (await chat.say("make it high priority")).answer == '"file taxes" now has high priority.'
    assert (await chat.say("it is due tomorrow")).answer == '"file taxes" is now due tomorrow.'
    assert (await chat.say("add a note to it: ask Anna")).answer == 'Added a note to "file taxes".'
    (task,) = await chat.tasks()
    due = (TODAY + dt.timedelta(days=1)).isoformat()
    assert (task["priority"], task["due_date"], task["description"]) == ("high", due, "ask Anna")
    assert (await chat.say("remove the due date from file taxes")).answer == '"file taxes" has no due date any more.'
    assert (await chat.say("mark it done")).answer == 'Marked "file taxes" as done.'
    assert (await chat.say("reopen it")).answer == 'Marked "file taxes" as not done.'
    (task,) = await chat.tasks()
    assert (task["due_date"], task["completed"]) == (None, False)


async def test_lists_are_filtered_and_counted(chat: Chat) -> None:
    await chat.say("add buy milk tomorrow; add call mum with high priority; add pay rent by 2099-01-01")
    await chat.say("mark buy milk as done")
    assert (await chat.say("show completed tasks")).answer == "You have 1 done task:\n\n1. ✅ buy milk (due tomorrow)"
    assert "call mum" in (await chat.say("show high priority tasks")).answer
    assert (await chat.say("how many tasks do I have?")).answer == "You have 3 tasks, 1 of them done."
    assert (await chat.say("what's overdue?")).answer == "You have no open tasks overdue."
    assert (await chat.say("find tasks about rent")).answer.startswith('You have 1 task matching "rent":')
    assert (await chat.say("find tasks about zebras")).answer == 'You have no tasks matching "zebras".'


async def test_positions_count_in_the_list_shown_last(chat: Chat) -> None:
    await chat.say("add tasks: milk, eggs, bread")
    await chat.say("mark eggs as done")
    await chat.say("show open tasks")  # milk, bread
    assert (await chat.say("mark the second one done")).answer == 'Marked "bread" as done.'
    assert (await chat.say("delete the last one and the first one")).answer == 'Deleted "bread" and "milk".'
    assert (await chat.say("delete the ninth one")).answer == (
        "There are only 2 tasks on the list, so there is no number 9."
    )
    assert await chat.titles() == ["eggs"]


async def test_a_position_works_without_a_list_shown_before(chat: Chat) -> None:
    await chat.say("add tasks: milk, eggs")
    assert (await chat.say("complete the second one")).answer == 'Marked "eggs" as done.'


async def test_more_tasks_than_one_call_takes_are_changed_at_once(chat: Chat, user_id: str, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO task (id, user_id, title, completed, priority, position, created_at, updated_at) "
            "SELECT gen_random_uuid(), %s, 'errand ' || n, false, 'medium', 'n00000000000001', now(), now() "
            "FROM generate_series(1, %s) AS n",
            [user_id, MAX_IDS + 1],
        )

    def count(where: str) -> int:
        with psycopg.connect(database_url, autocommit=True) as connection:
            query = f"SELECT count(*) FROM task WHERE user_id = %s AND deleted_at IS NULL AND {where}"
            row = connection.execute(query.encode(), [user_id]).fetchone()
        return row[0] if row is not None else -1

    everything = MAX_IDS + 1
    await chat.say("complete everything")
    await chat.say("yes")
    assert count("completed") == everything
    await chat.say("make all tasks high priority")
    await chat.say("yes")
    assert count("priority = 'high'") == everything
    assert "989 more" in (await chat.say("delete everything")).answer
    assert "989 more" in (await chat.say("yes")).answer
    assert count("true") == 0


async def test_deleting_everything_needs_a_yes(chat: Chat) -> None:
    await chat.say("add tasks: milk, eggs")
    assert (await chat.say("delete everything")).answer == (
        'This deletes 2 tasks: "milk" and "eggs". Are you sure? Please answer yes or no.'
    )
    assert (await chat.say("no")).answer == "All right, nothing was deleted."
    assert (await chat.say("yes")).answer == "All right. What shall I do with your list?"
    assert await chat.titles() == ["milk", "eggs"]
    await chat.say("clear my list")
    assert (await chat.say("yes, delete them")).answer == 'Deleted "milk" and "eggs".'
    assert await chat.titles() == []
    assert (await chat.say("delete everything")).answer == "Your list is empty."


async def test_done_tasks_are_deleted_after_a_question(chat: Chat) -> None:
    await chat.say("add tasks: milk, eggs")
    assert (await chat.say("delete all completed tasks")).answer == "There are no such tasks."
    await chat.say("complete milk")
    assert (await chat.say("delete all completed tasks")).answer == (
        'Do you want to delete "milk"? Please answer yes or no.'
    )
    assert (await chat.say("yes")).answer == 'Deleted "milk".'


async def test_all_tasks_are_completed_after_a_question(chat: Chat) -> None:
    await chat.say("add tasks: milk, eggs")
    await chat.say("thanks")
    assert (await chat.say("mark everything as done")).answer == (
        'Shall I mark 2 tasks: "milk" and "eggs" as done? Please answer yes or no.'
    )
    assert (await chat.say("yes")).answer == 'Marked "milk" and "eggs" as done.'
    assert (await chat.say("mark everything as done")).answer == "Everything is done already."
    await chat.say("reopen all tasks")
    await chat.say("yes")
    assert (await chat.say("reopen all tasks")).answer == "No task is done yet."


async def test_what_was_done_is_taken_back(chat: Chat) -> None:
    await chat.say("add tasks: milk, eggs")
    await chat.say("mark milk as done")
    await chat.say("delete eggs")
    assert (await chat.say("undo")).answer == 'Undone: "eggs" is back on your list.'
    assert (await chat.say("undo")).answer == 'Undone: "milk" is open again.'
    assert (await chat.say("undo that")).answer == 'Undone: "milk" and "eggs" are off your list again.'
    assert await chat.titles() == []
    assert (await chat.say("undo")).answer == "There is nothing to undo in this conversation."


async def test_it_asks_when_a_name_fits_several_tasks(chat: Chat) -> None:
    await chat.say('add "call mum" and "call dad"')
    assert (
        await chat.say("complete call")
    ).answer == "Which one do you want to complete?\n\n1. ⬜ call mum\n2. ⬜ call dad"
    assert (await chat.say("the second one")).answer == 'Marked "call dad" as done.'


async def test_it_asks_when_nothing_was_spoken_of(chat: Chat) -> None:
    assert (await chat.say("delete that task")).answer == "Your list is empty."
    await chat.client.post("/api/tasks", json={"title": "milk"})
    await chat.client.post("/api/tasks", json={"title": "eggs"})
    assert (await chat.say("delete that task")).answer == "Which task do you want to delete?\n\n1. ⬜ milk\n2. ⬜ eggs"
    assert (await chat.say("the first one is done")).answer == 'Marked "milk" as done.'


async def test_the_only_task_shown_is_that_task(chat: Chat) -> None:
    await chat.client.post("/api/tasks", json={"title": "milk"})
    await chat.say("what's on my list?")
    assert (await chat.say("mark it done")).answer == 'Marked "milk" as done.'


async def test_misspelt_and_partial_names_are_asked_about(chat: Chat) -> None:
    await chat.say('add "Buy organic milk"')
    for said in ("complete buy organc milk", "complete organic"):
        assert (await chat.say(said)).answer == 'Shall I mark "Buy organic milk" as done? Please answer yes or no.'
        assert (await chat.say("no")).answer == "All right, I leave everything as it is."
    assert (await chat.say("tick off organic milk")).answer == 'Marked "Buy organic milk" as done.'
    assert (await chat.say("complete zebra")).answer.startswith('I can\'t find a task called "zebra".')


async def test_one_title_for_several_tasks_is_questioned(chat: Chat) -> None:
    await chat.say("add tasks: milk, eggs")
    assert "one task only" in (await chat.say("rename the first two to bread")).answer
    assert (await chat.say("make the first two high priority")).answer == (
        '"milk" now has high priority.\n"eggs" now has high priority.'
    )


async def test_a_task_deleted_elsewhere_is_reported(chat: Chat) -> None:
    await chat.say("add milk")
    (task,) = await chat.tasks()
    await chat.client.delete(f"/api/tasks/{task['id']}")
    assert (await chat.say("mark it done")).answer == "Your list is empty."


async def test_it_refuses_politely_what_it_cannot_do(chat: Chat) -> None:
    answer = (await chat.say("what's the weather like?")).answer
    assert answer.startswith("Sorry, I didn't understand that")
    assert "add buy bread" in answer
    assert (await chat.say("hello")).answer.startswith("Hello!")
    assert (await chat.say("thanks")).answer == "You're welcome!"
    assert (await chat.say("add")).answer == "What should I add? For example: buy bread."


async def test_too_many_commands_are_mentioned(chat: Chat) -> None:
    message = "\n".join(f"add errand {number}" for number in range(22))
    assert "I stopped after 20 commands" in (await chat.say(message)).answer
    assert len(await chat.tasks()) == 20


async def test_a_list_of_more_than_a_hundred_tasks(chat: Chat) -> None:
    for number in range(101):
        response = await chat.client.post("/api/tasks", json={"title": f"errand {number:03}"})
        assert response.status_code == 201
    assert (await chat.say("how many tasks do i have")).answer == "You have 101 tasks, 0 of them done."
    assert (await chat.say("complete errand 100")).answer == 'Marked "errand 100" as done.'


def step(*items: dict[str, Any], today: str = "2030-01-30") -> ToolCall | Answer:
    conversation: Any = list(items)
    return next_step(f"Today is Wednesday, {today}, in the user's time zone (Europe/Berlin).", conversation)


def said(answer: ToolCall | Answer) -> str:
    assert isinstance(answer, Answer)
    return answer.text


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def called(name: str, output: Any, call_id: str = "call_1") -> list[dict[str, Any]]:
    text = output if isinstance(output, str) else json.dumps(output)
    return [
        {"type": "function_call", "call_id": call_id, "name": name, "arguments": "{}"},
        {"type": "function_call_output", "call_id": call_id, "output": text},
    ]


def task(title: str, task_id: str = "1") -> dict[str, Any]:
    return {"id": task_id, "title": title, "completed": False, "due_date": None, "priority": "medium"}


def test_the_same_conversation_gets_the_same_step() -> None:
    conversation = [user("add buy milk tomorrow")]
    assert (
        step(*conversation)
        == step(*conversation)
        == ToolCall("add_task", {"title": "buy milk", "due_date": "2030-01-31"})
    )


def test_an_interrupted_turn_goes_on_where_it_stopped() -> None:
    conversation = [user("add milk and add eggs"), *called("add_task", {"task": task("milk")})]
    assert step(*conversation) == ToolCall("add_task", {"title": "eggs"})


def test_a_conversation_begun_with_another_model_is_understood() -> None:
    conversation = [user("add milk"), *called("list_tasks", {"tasks": []}), user("add eggs")]
    assert step(*conversation) == ToolCall("add_task", {"title": "eggs"})


def test_a_tool_error_is_told() -> None:
    answer = step(user("add milk"), *called("add_task", "Error: Error executing tool add_task: The list is full."))
    assert said(answer) == "That didn't work: The list is full."
    answer = step(user("add milk"), *called("add_task", "[1]"))
    assert said(answer) == "That didn't work: [1]."


def test_odd_inputs_get_an_answer() -> None:
    assert said(step()).startswith("Sorry")
    assert said(next_step(None, "hello")).startswith("Hello!")
    parts = {"role": "user", "content": [{"type": "input_text", "text": "add milk"}, 5]}
    assert step(parts) == ToolCall("add_task", {"title": "milk"})


async def test_the_model_answers_without_streaming_too() -> None:
    from agents import ModelSettings
    from agents.models.interface import ModelTracing

    response = await OfflineModel().get_response(None, "hello", ModelSettings(), [], None, [], ModelTracing.DISABLED)
    assert [item.type for item in response.output] == ["reasoning", "message"]


def test_an_empty_output_is_an_error() -> None:
    assert ToolOutput.parse("  ").error == "the tool gave no answer"
