"""More than one task is deleted only after the user was shown which, and said yes.

For models that read what others wrote: a pasted text may tell them to delete everything.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from chatkit.types import HiddenContextItem, ThreadItem, UserMessageItem

from app.chat.context import ApprovalAnswer
from app.chat.steps import Approval

if TYPE_CHECKING:
    from app.agent.tools import TaskTools

_DELETING: Final = frozenset({"delete_task", "delete_tasks"})
_SHOWN_TITLES: Final = 20
# Whole answers only: "yes, delete all but the milk" agrees to something else.
_YES: Final = re.compile(
    r"(?:yes|yes please|yep|yeah|y|ok|okay|sure|confirm|confirmed|go ahead|do it"
    r"|yes,? (?:please )?(?:do it|go ahead|delete(?: it| them| these| those| both| all| everything| them all| all of them))"
    r"(?:,? please)?|ja|ja bitte|oui|sí|si|sim|da|はい|是|是的)[.!]?",
    re.IGNORECASE,
)

_WAITS: Final = (
    "Not done yet: deleting more than one task needs the user's approval. The chat shows them the question with the "
    "titles. Ask them to confirm in one sentence; when they have said yes, call delete_tasks with the same ids."
)


class DeletionGuard:
    """Allows one deletion a turn, and those that the user approved.

    Args:
        approved: Ids of the tasks that the user agreed to delete.
    """

    def __init__(self, approved: Sequence[str] = ()) -> None:
        self._approved = frozenset(approved)
        self._deleted: set[str] = set()
        self._wanted: set[str] = set()
        self.asked: Approval | None = None

    async def refusal(self, user_id: str, tool: str, arguments: dict[str, Any], tools: TaskTools) -> str | None:
        """Why a call may not be carried out now; what the user is to be asked is in `asked` then."""
        if tool not in _DELETING:
            return None
        wanted = arguments.get("ids") if tool == "delete_tasks" else [arguments.get("task_id")]
        ids = {task_id for task_id in wanted if _is_id(task_id)} if isinstance(wanted, list) else set()
        unapproved = (ids | self._deleted) - self._approved
        if len(unapproved) <= 1 and len(ids - self._approved) <= 1:
            self._deleted |= ids - self._approved
            return None
        # Before anything is waited for: calls that come at once are asked about together.
        self._wanted |= ids
        listed = await tools.call(user_id, "list_tasks", {"limit": 1_000, "brief": True}, None)
        titles = _titles(listed)
        shown = [titles[task_id] for task_id in titles if task_id in self._wanted][:_SHOWN_TITLES]
        self.asked = Approval(id=f"apr_{uuid.uuid4().hex}", task_ids=sorted(self._wanted), titles=shown)
        return _WAITS


def approved_ids(history: Sequence[ThreadItem], message: UserMessageItem, answer: ApprovalAnswer | None) -> list[str]:
    """What the user agreed to delete: an answer to the question of the turn before, and to no other.

    Args:
        history: The latest items of the conversation, the message among them.
        message: The user's message.
        answer: Its `metadata.approval`, from a button.
    """
    asked: dict[str, Any] | None = None
    for item in history:
        if item.id == message.id:
            break
        if isinstance(item, UserMessageItem):
            asked = None
        elif isinstance(item, HiddenContextItem) and isinstance(item.content, dict) and item.content.get("approval"):
            asked = item.content["approval"]
    if asked is None:
        return []
    if answer is not None:
        agreed = answer.approved and answer.id == asked["id"]
    else:
        text = " ".join(part.text for part in message.content).strip()
        agreed = not message.quoted_text and len(text) <= 80 and _YES.fullmatch(text) is not None
    return [str(task_id) for task_id in asked["task_ids"]] if agreed else []


def _is_id(value: object) -> bool:
    # Anything else is refused by the tool itself, which says why.
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False


def _titles(listed: str) -> dict[str, str]:
    try:
        tasks = json.loads(listed)["tasks"]
    except (ValueError, KeyError, TypeError):
        return {}
    return {str(task["id"]): str(task["title"]) for task in tasks}
