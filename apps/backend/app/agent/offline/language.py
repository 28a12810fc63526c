"""Understands what a message asks for: text in, commands out, nothing else touched."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from app.agent.offline.dates import parse_day, take_day
from app.models.task import MAX_DESCRIPTION, MAX_TITLE, Priority

MAX_COMMANDS: Final = 10
"""Commands taken from one message; what comes after is mentioned in the answer."""

Scope = Literal["all", "open", "done"]


@dataclass(frozen=True, slots=True)
class Positions:
    """Tasks by their place in the list shown last; negative places count from its end."""

    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Recent:
    """The task spoken of last."""


@dataclass(frozen=True, slots=True)
class Every:
    """All tasks of a kind."""

    scope: Scope = "all"


@dataclass(frozen=True, slots=True)
class Named:
    """Tasks whose title is, or is like, a text."""

    text: str


Reference = Positions | Recent | Every | Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Add a task."""

    title: str
    due: dt.date | None = None
    priority: Priority | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """List tasks, or count them."""

    scope: Scope = "all"
    priority: Priority | None = None
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    search: str | None = None
    period: str = ""
    count_only: bool = False


@dataclass(frozen=True, slots=True)
class Complete:
    """Tick tasks off."""

    target: Reference


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open done tasks again."""

    target: Reference


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove tasks."""

    target: Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Change what a task says."""

    target: Reference
    title: str | None = None
    due: dt.date | None = None
    clear_due: bool = False
    priority: Priority | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Something to answer without touching a task."""

    kind: Literal["greeting", "thanks", "help", "goodbye"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no to the question asked last."""

    yes: bool


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A command that lacks something; `question` asks for it."""

    question: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing this model can do."""

    text: str


Command = Add | Show | Complete | Reopen | Delete | Change | SmallTalk | Answer | Incomplete | Unknown

_FLAGS: Final = re.IGNORECASE | re.DOTALL


def _rx(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, _FLAGS)


_QUOTED: Final = _rx(r'"([^"]+)"')
_POLITE_START: Final = _rx(
    r"^(?:(?:please|pls|hey|hi|hello|ok|okay|alright|so|well|now|just|also|then|and|next|first|finally|"
    r"oh|yes|sure|thanks|great|actually|can you|could you|would you|will you|can i|could i|may i|"
    r"i want you to|i'd like you to|i would like you to|i want to|i'd like to|i would like to|"
    r"let's|let us|go ahead and|help me)\b[,!.]?\s+)+(?=\S)"
)
_POLITE_END: Final = _rx(r"(?:[\s,]+(?:please|pls|thanks|thank you|thx|for me|too|as well))+\s*$")
_ORDINALS: Final = {
    word: index + 1
    for index, word in enumerate(
        (
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        )
    )
}
_CARDINALS: Final = {
    word: index + 1
    for index, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"))
}
_PRIORITY_WORDS: Final = {
    "high": Priority.HIGH,
    "highest": Priority.HIGH,
    "top": Priority.HIGH,
    "urgent": Priority.HIGH,
    "important": Priority.HIGH,
    "critical": Priority.HIGH,
    "asap": Priority.HIGH,
    "medium": Priority.MEDIUM,
    "normal": Priority.MEDIUM,
    "regular": Priority.MEDIUM,
    "low": Priority.LOW,
    "lowest": Priority.LOW,
    "unimportant": Priority.LOW,
}
_PRIORITY: Final = "|".join(_PRIORITY_WORDS)

# Verbs that start a command of their own after "and"; those that titles often contain are only
# taken as such when a reference follows.
_COMMAND_START: Final = (
    r"(?:please\s+|also\s+|then\s+|can you\s+|could you\s+)*"
    r"(?:add|create|remind me|delete|remove|rename|reopen|uncheck|untick|unmark|reschedule|postpone|"
    r"mark|complete|tick off|check off|cross off|show(?: me)?|list (?:my|all|the|open|done)|"
    r"what(?:'s| is| are| do)|how many|"
    r"(?:finish|close|clear|move|make|set|change|update|edit|tick|check|drop|put)\s+"
    r"(?:it|that|this|them|all|both|everything|task|the\s+(?:\w+\s+)?(?:one|task|item|first|second|third|last|due|priority|title)|"
    r"#?\d+)\b)"
)
_SPLIT: Final = _rx(
    rf"(?:\s*[,.!?]?\s+(?:and\s+then|and\s+also|and|then|also|plus|after that)\s+|\s*,\s*)(?={_COMMAND_START}\b)"
    rf"|[.!?]\s+|\s*;\s*|\s*\n+\s*"
)
_TITLE_VERBS: Final = (
    "buy|call|email|mail|pay|walk|clean|book|send|write|read|fix|pick|get|wash|cook|make|plan|"
    "prepare|order|visit|meet|water|feed|study|practice|review|submit|schedule|organize|organise|"
    "return|renew|cancel|text|ask|check|finish|start|do|take|bring|print|sign|file|update|"
    "replace|sell|move|mow|iron|vacuum|bake|learn|go|see|watch|register|apply|collect|repair|paint"
)
_BULLET: Final = _rx(r"^\s*(?:[-*•]|\d+[.)]|\[ ?\])\s+")

_LIST_TAIL: Final = (
    r"(?:\s+(?:to|on|onto|in|into)\s+(?:my|the|our)?\s*(?:to-?\s?do|todo|task|tasks|shopping)?\s*"
    r"(?:list|lists|tasks|todos|to-?dos))"
)
_ADD_HEADER: Final = (
    r"(?:(?:a|an|the|another|one more|some|new|following|these|two|three|four|five|my|\s)*"
    rf"(?:(?P<hprio>{_PRIORITY})[- ](?:priority\s+)?)?"
    r"(?P<noun>tasks?|to-?\s?dos?|todos?|items?|reminders?|things?)\b"
    r"(?:\s+(?:to|onto|on|in)\s+(?:my|the)\s+(?:to-?\s?do\s+|task\s+)?list)?"
    r"\s*(?P<colon>:|-(?=\s))?\s*(?:(?:to|for|called|named|titled|saying|that says|about)\s+(?=\S))?)"
)
_ADD: Final = (
    _rx(
        rf"^(?:add|create|make|new|insert|enter|set up|set|log|note down|jot down|write down|record)\s+"
        rf"{_ADD_HEADER}(?P<title>.*)$"
    ),
    _rx(rf"^(?:add|put|insert|enter|write|stick|jot down|note down|write down)\s+(?P<title>.+?){_LIST_TAIL}$"),
    _rx(r"^add\s*(?P<colon>:)?\s*(?P<title>.*)$"),
    _rx(r"^(?:create|note down|jot down|write down)\s*:?\s+(?P<title>.+)$"),
    _rx(r"^(?:set\s+(?:a\s+)?reminder|remind\s+me)\s*(?:(?P<when>.{3,30}?)\s+)??(?:to|that|about|of)\s+(?P<title>.+)$"),
    _rx(
        r"^(?:don't let me forget(?: to| about)?|do not let me forget(?: to| about)?|don't forget(?: to| about)?|"
        r"do not forget(?: to| about)?|remember(?: to)?|i (?:still )?(?:need|have|ought|must remember|got) to|"
        r"i(?:'ve| have) got to|i gotta|i must|i should|we need to|we have to|i need|note to self:?|"
        r"(?:todo|to-do|task|new task|reminder)\s*:)\s+(?P<title>.+)$"
    ),
)
_NOTE: Final = (
    _rx(
        r"^(?:add|put|attach|write)\s+(?:an?\s+|the\s+)?(?:note|description|details?|comment)\s+(?:to|on|for)\s+"
        r"(?P<ref>[^:]+?)\s*(?::|\bsaying\b|\bthat says\b)\s*(?P<text>.+)$"
    ),
    _rx(
        r"^(?:add|put|attach|write)\s+(?:an?\s+|the\s+)?(?:note|description|details?|comment)\s*:?\s+(?P<text>\".+?\"|.+?)\s+"
        r"(?:to|on|for)\s+(?P<ref>.+)$"
    ),
    _rx(r"^describe\s+(?P<ref>.+?)\s+(?:as|with)\s*:?\s+(?P<text>.+)$"),
    _rx(
        r"^(?:set|change|update|edit)\s+(?:the\s+)?(?:description|note|details?)\s+(?:of|for|on)\s+(?P<ref>.+?)\s+"
        r"to\s*:?\s+(?P<text>.+)$"
    ),
)
_CLEAR_DUE: Final = (
    _rx(
        r"^(?:remove|clear|delete|drop|unset)\s+(?:the\s+)?(?:due date|deadline|date|due)\s+(?:of|from|for|on)\s+(?P<ref>.+)$"
    ),
    _rx(r"^(?P<ref>.+?)\s+(?:has|needs)\s+no\s+(?:due date|deadline)$"),
)
_SET_DUE: Final = (
    _rx(
        r"^(?:set|change|move|update|make)\s+(?:the\s+)?(?:due date|deadline|date)\s+(?:of|for|on)\s+(?P<ref>.+?)\s+(?:to|as|for)\s+(?P<day>.+)$"
    ),
    _rx(
        r"^(?:move|reschedule|postpone|push|delay|shift|defer|bring forward|change|set|make|update)\s+(?P<ref>.+?)\s+"
        r"(?:(?:back|out|forward)\s+)?(?:to|until|till|for|by|as due|due|due on|due by|on)\s+(?P<day>.+)$"
    ),
    _rx(r"^(?P<ref>.+?)\s+(?:is|are|should be|must be)\s+due\s+(?P<day>.+)$"),
    _rx(
        r"^(?:postpone|reschedule|make|move|push)\s+(?P<ref>.+?)\s+(?:due\s+)?(?P<day>(?:tomorrow|today|next\s+\w+|in\s+.+))$"
    ),
)
_SET_PRIORITY: Final = (
    _rx(
        rf"^(?:set|change|make|update)\s+(?:the\s+)?priority\s+(?:of|for|on)\s+(?P<ref>.+?)\s+(?:to|as)?\s*(?P<prio>{_PRIORITY})$"
    ),
    _rx(
        rf"^(?:make|set|mark|flag|change|update|give|label)\s+(?P<ref>.+?)\s+(?:(?:as|to|a|an|is|be|have)\s+)*"
        rf"(?:priority\s+)?(?P<prio>{_PRIORITY})(?:[- ]priority)?$"
    ),
    _rx(rf"^(?P<ref>.+?)\s+(?:is|should be)\s+(?:a\s+)?(?P<prio>{_PRIORITY})(?:[- ]priority)?$"),
    _rx(r"^(?:prioriti[sz]e|bump(?:\s+up)?)\s+(?P<ref>.+)$"),
)
_RENAME: Final = (
    _rx(
        r"^(?:rename|retitle|change|update|edit)\s+(?:the\s+)?(?:title|name|text)\s+(?:of|for|on)\s+(?P<ref>.+?)\s+(?:to|into|as)\s+(?P<title>.+)$"
    ),
    _rx(r"^(?:rename|retitle|reword)\s+(?P<ref>.+?)\s+(?:to|into|as)\s+(?P<title>.+)$"),
    _rx(r"^(?:change|update|edit|modify|turn|correct)\s+(?P<ref>.+?)\s+(?:to say|to read|to|into)\s+(?P<title>.+)$"),
    _rx(r"^(?:replace|swap)\s+(?P<ref>.+?)\s+(?:with|for|by)\s+(?P<title>.+)$"),
    _rx(r"^call\s+(?P<ref>(?:it|that|this|the\s+\w+\s+one)(?:\s+task)?)\s+(?P<title>.+?)(?:\s+instead)?$"),
    _rx(r"^(?P<ref>.+?)\s+should\s+(?:be|say|read)\s+(?P<title>.+?)(?:\s+instead)?$"),
)
_NOT_DONE: Final = r"(?:not\s+(?:done|complete|completed|finished)|undone|incomplete|uncompleted|unfinished|open|pending|active|to-?do|todo)"
_REOPEN: Final = (
    _rx(rf"^(?:mark|set|make|put|move)\s+(?P<ref>.+?)\s+(?:back\s+)?(?:as\s+|to\s+)?{_NOT_DONE}(?:\s+again)?$"),
    _rx(r"^(?:reopen|re-open|uncheck|untick|unmark|uncomplete|restore|undo)\s+(?P<ref>.+?)(?:\s+again)?$"),
    _rx(rf"^(?P<ref>.+?)\s+(?:is|isn't|is not|wasn't)\s+(?:actually\s+)?{_NOT_DONE}(?:\s+yet)?$"),
    _rx(r"^(?P<ref>.+?)\s+(?:isn't|is not|wasn't|was not)\s+(?:actually\s+)?(?:done|finished|complete)(?:\s+yet)?$"),
    _rx(
        r"^i\s+(?:haven't|have not|didn't|did not)\s+(?:finish(?:ed)?|complete[d]?|do|done)\s+(?P<ref>.+?)(?:\s+yet)?$"
    ),
)
_DONE: Final = r"(?:done|complete|completed|finished|checked|ticked|off)"
_COMPLETE: Final = (
    _rx(
        rf"^(?:mark|set|check|tick|cross|make|flag)\s+(?P<ref>.+?)\s+(?:off\s+)?(?:as\s+|to\s+)?{_DONE}(?:\s+(?:my|the)\s+list)?$"
    ),
    _rx(
        r"^(?:complete|finish|tick off|check off|cross off|close|check|tick|cross out|done with|finished with|done:|finished:?|completed:?)\s+"
        r"(?P<ref>.+?)(?:\s+(?:off|from|on)\s+(?:my|the)\s+list)?$"
    ),
    _rx(
        r"^(?:i|we)(?:'ve|'m| have| am|'re| are)?\s+(?:just\s+|already\s+|now\s+)?"
        r"(?:finished|completed|done with|done|did|ticked off|finished with)\s+(?P<ref>.+?)(?:\s+(?:already|now|today))?$"
    ),
    _rx(
        r"^(?P<ref>.+?)(?:'s|\s+(?:is|are|was|has been))\s+(?:now\s+|all\s+|already\s+)?(?:done|complete|completed|finished)(?:\s+now)?$"
    ),
    _rx(r"^mark\s+off\s+(?P<ref>.+)$"),
)
_DELETE: Final = (
    _rx(
        r"^(?:delete|remove|erase|drop|cancel|get rid of|trash|forget about|forget|scratch|discard|clear out|clear|empty|wipe|take)\s+"
        r"(?P<ref>.+?)(?:\s+(?:from|off|on)(?:\s+of)?\s+(?:my|the)\s+(?:to-?do\s+|todo\s+|task\s+)?(?:list|tasks|todos))?$"
    ),
)

_SHOW: Final = (
    _rx(r"^(?:what|which)(?:'s|\s+is|\s+are|\s+do|\s+did|\s+have|\s+tasks?|\s+to-?dos?|\s+todos?|\s+else)\b"),
    _rx(
        r"^(?:show|list|display|view|see|print|get|give me|read(?: me)?(?: out)?|tell me|pull up|open|check|review|look at)\s+"
        r"(?:me\s+|us\s+)?(?:what|all|every|everything|my|the|your|our|open|pending|done|completed|finished|"
        r"remaining|overdue|today|tomorrow|high|low|medium|urgent|important|unfinished|incomplete|outstanding|active|tasks?|to-?dos?|todos?|list)\b"
    ),
    _rx(r"^(?:list|show)$"),
    _rx(
        r"^(?:my|the|all|all my|open|pending|done|completed|overdue|today's)\s*(?:my\s+)?(?:\w+\s+)?(?:tasks?|to-?dos?|todos?|list|agenda)$"
    ),
    _rx(r"^(?:tasks?|to-?do list|todo list|todos|to-?dos|list|agenda)$"),
    _rx(r"^(?:do|have)\s+i\s+(?:have|got)\s+(?:any|anything|some|tasks?|to-?dos?|something)\b"),
    _rx(r"^(?:is|are)\s+there\s+(?:any|anything|something)\b"),
    _rx(r"^(?:any|anything)\b.*\b(?:tasks?|to-?dos?|todos?|list|due|left|do|today|tomorrow|overdue)\b"),
    _rx(r"^how\s+(?:many|much|does my list|is my list)\b"),
    _rx(r"^count\b"),
    _rx(r"^what\s+(?:should|must|can|shall)\s+i\s+do\b"),
)
_SEARCH: Final = (
    _rx(
        r"^(?:find|search(?:\s+for)?|look\s+for|look\s+up|where\s+is)\s+(?:me\s+)?(?:all\s+|any\s+|my\s+|the\s+)?(?:tasks?\s+|to-?dos?\s+)?(?:about\s+|with\s+|containing\s+|for\s+|that\s+mention\s+)?(?P<q>.+)$"
    ),
    _rx(
        r"\b(?:tasks?|to-?dos?|todos?|anything|something|everything|items?)\s+(?:that\s+)?(?:about|containing|contain|mentioning|mention|with the word|named|called|like|related to)\s+(?P<q>.+)$"
    ),
)
_GREETING: Final = _rx(
    r"^(?:hi|hello|hey|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|greetings)(?:\s+(?:there|all|everyone|bot|assistant|again))?[\s!.,]*(?:how are you\??)?$"
)
_THANKS: Final = _rx(
    r"^(?:many\s+)?(?:thanks|thank you|thx|ty|cheers|great|perfect|awesome|nice|cool|good job|well done|ok|okay|got it)"
    r"(?:\s+(?:a lot|so much|very much|again|you|job|work|for.*))?[\s!.,]*$"
)
_GOODBYE: Final = _rx(
    r"^(?:bye|goodbye|good bye|good night|see you|see ya|later|that's all|that is all|nothing else)(?:\s+\w+)?[\s!.]*$"
)
_HELP: Final = _rx(
    r"^(?:help|help me|\?|what can (?:you|i) (?:do|say|ask).*|how (?:do|does|can) (?:this|it|you|i) (?:work|use).*|how does this work.*|"
    r"what (?:are your|do you know|commands|else can you do).*|who are you.*|what are you.*|commands|menu)[\s?!.]*$"
)
_YES: Final = _rx(
    r"^(?:yes|yep|yeah|yup|sure|ok(?:ay)?|do it|go ahead|confirm(?:ed)?|please do|i'm sure|i am sure|absolutely|of course|y)\b.{0,30}$"
)
_NO: Final = _rx(r"^(?:no|nope|nah|don't|do not|stop|never\s?mind|cancel(?: that)?|n|wait)\b.{0,25}$")

_RECENT: Final = _rx(
    r"^(?:it|that|this|(?:that|this|the|the same|same)\s+(?:one|task|item|to-?do|todo)|"
    r"(?:the\s+)?(?:task|one|item)?\s*(?:that\s+)?(?:i|you|we)\s+(?:have\s+|'ve\s+)?just\s+\w+|"
    r"the\s+(?:one|task|item)\s+(?:that\s+)?(?:i|you|we)\s+(?:just\s+)?(?:added|created|made|changed|mentioned|renamed)|"
    r"(?:the\s+)?(?:newest|latest|new|most recent)\s+(?:one|task|item)|the\s+one\s+(?:above|before)|the\s+last\s+(?:one|task)\s+(?:i|you)\s+(?:just\s+)?added)$"
)
_EVERY: Final = _rx(
    r"^(?:(?:all|every|everything|each|both)(?:\s+of)?(?:\s+(?:it|them|these|those|my|the|this|that))?|them|these|those|(?:my|the)(?:\s+(?:whole|entire))?)?"
    r"\s*(?P<kind>completed|complete|done|finished|checked|ticked|old|open|pending|active|remaining|unfinished|incomplete|undone)?"
    r"\s*(?:ones?|tasks?|items?|to-?dos?|todos?|list|things?|to-?do list|task list)?(?:\s+(?:on|in|from)\s+(?:my|the)\s+list)?$"
)
_PLACE: Final = (
    r"(?:(?:the\s+)?(?:{ords}|\d+(?:st|nd|rd|th))(?:\s+(?:to\s+last|last))?|(?:the\s+)?last|#\s?\d+|no\.?\s?\d+|number\s+(?:\d+|{cards})|\d+)"
).format(ords="|".join(_ORDINALS), cards="|".join(_CARDINALS))
_PLACES: Final = _rx(
    rf"^(?:(?:the\s+)?(?:tasks?|items?|numbers?|to-?dos?|todos?)\s+)?(?P<list>{_PLACE}(?:(?:\s+(?:one|task|item))?(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*)(?:(?:task|number|item)\s+)?{_PLACE})*)"
    r"(?:\s+(?:ones?|tasks?|items?|to-?dos?|todos?|entry|entries))?(?:\s+(?:on|in|from|of)\s+(?:my|the)\s+list)?$"
)
_RANGE: Final = _rx(
    r"^(?:(?:the\s+)?(?:tasks?|items?|numbers?)\s+)?#?(?P<from>\d{1,3})\s*(?:-|–|to|through)\s*#?(?P<to>\d{1,3})$"
)
_GROUP: Final = _rx(
    rf"^the\s+(?P<end>first|last)\s+(?P<count>\d{{1,2}}|{'|'.join(_CARDINALS)})(?:\s+(?:ones?|tasks?|items?|to-?dos?|todos?))?$"
)
_TASK_NOUN_EDGES: Final = (
    _rx(r"^(?:(?:the|my|a|an)\s+)?(?:task|to-?do|todo|item|reminder)\s+(?:(?:called|named|titled|to|about)\s+)?(?=\S)"),
    _rx(r"^(?:the|my)\s+(?P<keep>.+?)\s+(?:task|to-?do|todo|item|reminder|one)$"),
    _rx(r"^(?P<keep>.+?)\s+(?:task|to-?do|todo|item)$"),
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a message asks for, in order, and whether it asked for more than is taken."""

    commands: tuple[Command, ...]
    truncated: bool = False


@lru_cache(maxsize=2048)
def parse(message: str, today: dt.date) -> Parsed:
    """Understand a message.

    Cached, as every step of a turn reads the conversation from its beginning.

    Args:
        message: What the user wrote.
        today: The user's current day, for "tomorrow" and the like.
    """
    text = _normalise(message)
    commands: list[Command] = []
    for segment in _segments(text):
        commands.extend(_understand(segment, today))
    meaningful = [c for c in commands if not isinstance(c, SmallTalk)]
    if meaningful and len(commands) > 1:
        # "Hi! Add milk. Thanks!" asks for one thing.
        commands = list(meaningful)
    if len(commands) > 1 and isinstance(commands[0], Answer) and isinstance(commands[1], Delete):
        # "Yes, delete them" repeats what is agreed to.
        commands.pop(1)
    if not commands:
        commands = [Unknown(text)]
    return Parsed(tuple(commands[:MAX_COMMANDS]), truncated=len(commands) > MAX_COMMANDS)


def _normalise(message: str) -> str:
    table = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'"})
    text = message.translate(table).replace("\x00", " ")
    return re.sub(r"[ \t\r\f\v]+", " ", text).strip()


def _segments(text: str) -> list[str]:
    lines = text.split("\n")
    if len(lines) > 1 and _BULLET.match(lines[1]):
        return _bulleted(lines)
    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:
        hidden.append(match.group(0))
        return f"\x01{len(hidden) - 1}\x01"

    def reveal(segment: str) -> str:
        return re.sub(r"\x01(\d+)\x01", lambda m: hidden[int(m.group(1))], segment)

    masked = _QUOTED.sub(hide, text)
    return [reveal(part).strip() for part in _SPLIT.split(masked) if part and part.strip(" .!?,")]


def _bulleted(lines: list[str]) -> list[str]:
    """A header such as "add these:" and one bullet for each task."""
    header = lines[0].rstrip(": ")
    segments: list[str] = []
    is_add = re.match(r"^(?:please\s+|can you\s+)?(?:add|create|new|put|remind|todo|to-do)", header, _FLAGS)
    if not is_add:
        segments.extend(_segments(lines[0]))
    for line in lines[1:]:
        if _BULLET.match(line):
            item = _BULLET.sub("", line).strip()
            segments.append(f"add {item}" if is_add else item)
        elif line.strip():
            segments.extend(_segments(line.strip()))
    return segments


def _understand(segment: str, today: dt.date) -> list[Command]:
    stripped = segment.strip()
    bare = stripped.rstrip(" .!?,")
    small = _small_talk(stripped, bare)
    if small is not None:
        return [small]
    text = _POLITE_END.sub("", _POLITE_START.sub("", bare)).strip(" ,")
    for understand in _UNDERSTANDERS:
        commands = understand(text, today)
        if commands:
            return commands
    return [Unknown(stripped)]


def _small_talk(stripped: str, bare: str) -> Command | None:
    if _HELP.match(stripped):
        return SmallTalk("help")
    if _GREETING.match(bare):
        return SmallTalk("greeting")
    if _YES.match(bare) and not re.search(_COMMAND_START, bare[3:], _FLAGS):
        return Answer(yes=True)
    if _THANKS.match(bare):
        return SmallTalk("thanks")
    if _GOODBYE.match(bare):
        return SmallTalk("goodbye")
    if _NO.match(bare) and not re.match(r"^(?:don't|do not)\s+(?:forget|let)", bare, _FLAGS):
        recent = re.match(r"^cancel\s+(?!that\b)", bare, _FLAGS)
        return None if recent else Answer(yes=False)
    return None


def _notes(text: str, today: dt.date) -> list[Command]:
    for pattern in _NOTE:
        if match := pattern.match(text):
            note = _unquote(match["text"])[:MAX_DESCRIPTION]
            return [Change(target=_reference(match["ref"]), description=note)]
    return []


def _due_dates(text: str, today: dt.date) -> list[Command]:
    for pattern in _CLEAR_DUE:
        if match := pattern.match(text):
            return [Change(target=_reference(match["ref"]), clear_due=True)]
    for pattern in _SET_DUE:
        if (match := pattern.match(text)) and (day := parse_day(match["day"], today)):
            return [Change(target=_reference(match["ref"]), due=day)]
    return []


def _priorities(text: str, today: dt.date) -> list[Command]:
    if re.match(r"^(?:add|create|remind|new|put)\b", text, _FLAGS):
        return []
    for pattern in _SET_PRIORITY:
        if match := pattern.match(text):
            word = match.groupdict().get("prio") or "high"
            priority = _PRIORITY_WORDS[word.lower()]
            return [Change(target=_reference(match["ref"]), priority=priority)]
    return []


def _reopenings(text: str, today: dt.date) -> list[Command]:
    return [Reopen(ref) for ref in _targets(_REOPEN, text)]


def _completions(text: str, today: dt.date) -> list[Command]:
    return [Complete(ref) for ref in _targets(_COMPLETE, text)]


def _deletions(text: str, today: dt.date) -> list[Command]:
    return [Delete(ref) for ref in _targets(_DELETE, text)]


def _targets(patterns: tuple[re.Pattern[str], ...], text: str) -> list[Reference]:
    for pattern in patterns:
        if match := pattern.match(text):
            return _references(match["ref"])
    return []


def _renames(text: str, today: dt.date) -> list[Command]:
    for pattern in _RENAME:
        if match := pattern.match(text):
            target = _reference(match["ref"])
            title = _clean_title(match["title"])
            if title:
                return [Change(target=target, title=title)]
            return [Incomplete("What should the new title be?")]
    return []


def _additions(text: str, today: dt.date) -> list[Command]:
    for index, pattern in enumerate(_ADD):
        match = pattern.match(text)
        if match is None:
            continue
        groups = match.groupdict()
        title = groups["title"].strip(" ,:")
        plural = bool(groups.get("colon")) or (groups.get("noun") or "").lower().endswith("s")
        if not title:
            return [Incomplete("What should I add? For example: add buy milk.")]
        if index == 0 and not plural and parse_day(title, today):
            return [Incomplete("What should I add? For example: add buy milk.")]
        extra = _PRIORITY_WORDS.get((groups.get("hprio") or "").lower())
        when = groups.get("when")
        day = parse_day(when, today) if when else None
        if when and day is None:
            continue
        return [_addition(part, today, priority=extra, due=day) for part in _titles(title, plural=plural)]
    return _additions_after_day(text, today)


def _additions_after_day(text: str, today: dt.date) -> list[Command]:
    """Additions that begin with a day, as in "tomorrow remind me to …"."""
    dated = take_day(text, today)
    if dated.day is None or not text.endswith(dated.text):
        return []
    additions = _additions(dated.text, today)
    return [replace(item, due=item.due or dated.day) for item in additions if isinstance(item, Add)]


def _titles(text: str, *, plural: bool) -> list[str]:
    """Split what is to be added where it is clearly more than one task."""
    quoted = _QUOTED.findall(text)
    if len(quoted) > 1 and not re.sub(r'"[^"]+"|,|\band\b|\s', "", text, flags=_FLAGS):
        return [f'"{part}"' for part in quoted]
    if '"' in text:
        return [text]
    parts = [part.strip() for part in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", text, flags=_FLAGS)]
    parts = [part for part in parts if part]
    verbs = [re.match(rf"^(?:to\s+)?(?:{_TITLE_VERBS})\s+\S", part, _FLAGS) for part in parts]
    if len(parts) > 1 and (plural or all(verbs)):
        return parts
    return [text]


def _addition(text: str, today: dt.date, *, priority: Priority | None, due: dt.date | None) -> Command:
    description = None
    note = _INLINE_NOTE.search(text)
    if note is not None and text[: note.start()].strip():
        description = _unquote(note["text"])[:MAX_DESCRIPTION]
        text = text[: note.start()]
    found = None
    # Day and priority come in either order.
    for _ in range(2):
        text, found = _take_priority(text, found)
        dated = take_day(text, today) if due is None else None
        if dated is not None and dated.day is not None:
            text, due = dated.text, dated.day
    title = _clean_title(text)
    if not title:
        return Incomplete("What should I add? For example: add buy milk.")
    return Add(title=title, due=due, priority=found or priority, description=description)


def _take_priority(text: str, found: Priority | None) -> tuple[str, Priority | None]:
    if found is not None:
        return text, found
    for pattern in _INLINE_PRIORITY:
        if match := pattern.search(text):
            rest = (text[: match.start()] + " " + text[match.end() :]).strip(" ,")
            if rest:
                return rest, _PRIORITY_WORDS[match["prio"].lower()]
    return text, None


_INLINE_NOTE: Final = _rx(
    r"\s*[,(]?\s*\b(?:with (?:the )?(?:note|description|details?)|note|description)\s*:?\s+(?P<text>.+?)\)?$"
)
_INLINE_PRIORITY: Final = (
    _rx(rf"[\s,(]*\b(?:with|as|at)?\s*(?:a\s+)?\b(?P<prio>{_PRIORITY})[- ]priority\b\)?"),
    _rx(rf"[\s,(]*\b(?:with\s+)?priority\s*:?\s*(?P<prio>{_PRIORITY})\b\)?"),
    _rx(r"(?:[,(]\s*|\s+(?:it's|its|it is|that's)\s+)(?:very\s+)?(?P<prio>urgent|important|critical|asap)\)?\s*$"),
    _rx(r"\s+(?P<prio>asap)\s*$"),
    _rx(r"^(?P<prio>urgent|important|critical|asap)\s*[:!]\s*"),
)


def _showings(text: str, today: dt.date) -> list[Command]:
    for pattern in _SEARCH:
        if match := pattern.search(text):
            query = _unquote(re.sub(r"^(?:a|an|the|my)\s+", "", match["q"], flags=_FLAGS))
            scope = _scope(text[: match.start("q")])
            return [Show(scope=scope, search=query[:MAX_TITLE])]
    if not any(pattern.match(text) for pattern in _SHOW):
        return []
    if re.match(r"^(?:what|how|which|is|are)\b", text, _FLAGS) and not re.search(
        r"\b(?:tasks?|to-?\s?dos?|todos?|lists?|do|due|left|remaining|overdue|agenda|plate|items?|pending|open|done|"
        r"today|tomorrow|next|else|finished|completed|priority|urgent|important|plans?|schedule[d]?)\b",
        text,
        _FLAGS,
    ):
        return []
    if re.search(r"\b(?:weather|news|joke|time|date|capital|meaning|president)\b", text, _FLAGS):
        return []
    due_from, due_to, period = _period(text, today)
    scope = _scope(text)
    if period and scope == "all":
        scope = "open"
    priority = re.search(rf"\b(?P<prio>{_PRIORITY})(?:[- ]priority)?\b", text, _FLAGS)
    return [
        Show(
            scope=scope,
            priority=_PRIORITY_WORDS[priority["prio"].lower()] if priority else None,
            due_from=due_from,
            due_to=due_to,
            period=period,
            count_only=bool(re.match(r"^(?:how (?:many|much)|count)\b", text, _FLAGS)),
        )
    ]


def _scope(text: str) -> Scope:
    if re.search(
        r"\b(?:open|pending|remaining|left|outstanding|undone|incomplete|unfinished|active|not done|"
        r"not finished|not completed|still|to do next|should i do|must i do)\b",
        text,
        _FLAGS,
    ):
        return "open"
    if re.search(r"\b(?:done|completed|complete|finished|ticked off|checked off)\b", text, _FLAGS):
        return "done"
    return "all"


def _period(text: str, today: dt.date) -> tuple[dt.date | None, dt.date | None, str]:
    if re.search(r"\b(?:overdue|late|past due)\b", text, _FLAGS):
        return None, today - dt.timedelta(days=1), "overdue"
    if re.search(r"\bthis week\b", text, _FLAGS):
        return today, today + dt.timedelta(days=6 - today.weekday()), "due this week"
    if re.search(r"\bnext week\b", text, _FLAGS):
        monday = today + dt.timedelta(days=7 - today.weekday())
        return monday, monday + dt.timedelta(days=6), "due next week"
    if re.search(r"\btoday('s)?\b", text, _FLAGS):
        return today, today, "due today"
    day = take_day(text, today).day
    return (day, day, f"due {day:%a %d %b}") if day else (None, None, "")


_UNDERSTANDERS: Final[tuple[Callable[[str, dt.date], list[Command]], ...]] = (
    _notes,
    _due_dates,
    _reopenings,
    _additions,
    _priorities,
    _completions,
    _showings,
    _renames,
    _deletions,
)


def _reference(text: str) -> Reference:
    return _references(text)[0]


def _references(text: str) -> list[Reference]:
    """What a phrase refers to; several quoted titles are several references."""
    text = text.strip(" .,:")
    quoted = _QUOTED.findall(text)
    if len(quoted) > 1:
        return [Named(part.strip()) for part in quoted]
    if quoted:
        return [Named(quoted[0].strip())]
    if match := _RANGE.match(text):
        low, high = sorted((int(match["from"]), int(match["to"])))
        return [Positions(tuple(range(low, min(high, low + 99) + 1)))]
    if match := _GROUP.match(text):
        count = _number(match["count"])
        first = match["end"].lower() == "first"
        return [Positions(tuple(range(1, count + 1) if first else range(-count, 0)))]
    if match := _PLACES.match(text):
        places = tuple(_place(word) for word in re.findall(_PLACE, match["list"], _FLAGS))
        return [Positions(places)]
    if _RECENT.match(text):
        return [Recent()]
    if text and (match := _EVERY.match(text)):
        kind = (match["kind"] or "").lower()
        if kind in {"completed", "complete", "done", "finished", "checked", "ticked", "old"}:
            return [Every("done")]
        return [Every("open" if kind else "all")]
    for pattern in _TASK_NOUN_EDGES:
        if match := pattern.match(text):
            kept = match.groupdict().get("keep") or text[match.end() :]
            if _PLACES.match(kept) or _RECENT.match(kept):
                return _references(kept)
            return [Named(kept.strip())]
    return [Named(text)]


def _number(word: str) -> int:
    return _CARDINALS.get(word.lower()) or int(word)


def _place(words: str) -> int:
    lowered = words.lower().removeprefix("the ").strip()
    from_end = lowered.endswith("last")
    if lowered == "last":
        return -1
    if digits := re.search(r"\d+", lowered):
        place = int(digits.group(0))
    else:
        place = next(
            ({**_CARDINALS, **_ORDINALS}[word] for word in lowered.split() if word in _ORDINALS or word in _CARDINALS),
            1,
        )
    return -place if from_end else place


def _unquote(text: str) -> str:
    return text.strip().strip('"').strip()


def _clean_title(text: str) -> str:
    text = text.strip(" ,:;")
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        return quoted.group(1).strip()[:MAX_TITLE]
    text = re.sub(r"^(?:to|that i (?:need|have) to|called|named|titled)\s+(?=\S)", "", text, flags=_FLAGS)
    text = re.sub(rf"{_LIST_TAIL}$", "", text, flags=_FLAGS)
    return _unquote(text).rstrip(" .!,;")[:MAX_TITLE].strip()
