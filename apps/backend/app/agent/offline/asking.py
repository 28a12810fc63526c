"""Questions about the list, and commands to show it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.agent.offline.commands import Again, Ask, Command, Fact, Next, Say, Show, Sort, Unknown
from app.agent.offline.dates import Calendar
from app.agent.offline.lexicon import (
    ARTICLES,
    CARDINALS,
    COMMANDS,
    LIST_NOUNS,
    TASK_NOUNS,
    is_past,
    lemmas,
    title_verb,
    words,
)
from app.agent.offline.references import (
    Filter,
    LastAdded,
    Named,
    Places,
    Recent,
    Reference,
    parse_reference,
    read_filter,
)
from app.agent.offline.slots import priority_of
from app.agent.offline.talk import WHAT_I_DO, is_help
from app.agent.offline.text import Kind, Phrase, strip_marks

_ASIDE: Final = words(
    "what which who do does did i we you me us show list display view see read tell give find search need needs should must can could have has got "
    "any anything something everything all going happening planned up coming there else next still happen am tell remind about out look looking "
    "like get pull open print check review at how let know please want would's much many whats every each more than to for on in of and or "
    "done? stuff total count number overview summary status summarise summarize recap rundown again only just complete finish full remain remains "
    "important please now so far currently day's week's was were"
) - words("important complete")
_SEARCH: Final = words("find search look locate")
_MOODS: Final = words(
    "is are was were did do does have has had am can could will would should shall may might must any anything"
)
_STARTS: Final = words("what which when where who whom whose why how")
_DONE_WORDS: Final = words("done complete completed finished ticked checked closed ready")
_SORTS: Final = {
    **dict.fromkeys(("date", "due", "deadline", "dates", "deadlines", "day", "urgency"), Sort.DUE),
    **dict.fromkeys(("priority", "importance", "prio", "priorities"), Sort.PRIORITY),
    **dict.fromkeys(
        ("title", "name", "alphabet", "alphabetically", "alphabetical", "a-z", "titles", "names"), Sort.TITLE
    ),
    **dict.fromkeys(("newest", "latest", "recent"), Sort.NEWEST),
}
_FIRST: Final = {
    **dict.fromkeys(("newest", "latest"), Sort.NEWEST),
    **dict.fromkeys(("soonest", "earliest", "nearest"), Sort.DUE),
    **dict.fromkeys(("highest",), Sort.PRIORITY),
    **dict.fromkeys(("oldest",), Sort.PLACE),
}


def asking(clause: Phrase, days: Calendar) -> Command | None:
    """The question of a clause, or None when it is none about the list."""
    asked = clause.key(-1) == "?"
    clause = strip_marks(clause)
    if not clause.tokens:
        return None
    first = clause.key(0)
    if first in _STARTS:
        return _wh(clause, days) or Unknown(clause.raw())
    if first in _MOODS:
        found = _yes_no(clause, days)
        if found is not None or first not in ("do", "have", "must", "any", "anything"):
            told = first == "did" and clause.key(1) in ARTICLES | words("it that this these those both all everything")
            return found or (
                Unknown(clause.raw()) if asked or (first in ("is", "are", "am", "did") and not told) else None
            )
    if clause.starts("what's") or (first in ("by", "until", "till") and clause.key(1) == "when"):
        return _wh(clause[1:], days)
    return _showing(clause, days, asked=asked)


# -- The calendar

_DATE_LEADS: Final = (
    ("tell", "me"),
    ("do", "you", "know"),
    ("can", "you", "tell", "me"),
    ("could", "you", "tell", "me"),
)
_DATE_NOUNS: Final = words("date day month year")
_DATE_WORDS: Final = _DATE_NOUNS | words("what which is it it's today the now current 's please exactly right a")


def date_asked(phrase: Phrase, days: Calendar) -> Say | None:
    """What's the date? Which day is next Friday? Tell me today's date."""
    if any(token.kind in (Kind.TITLE, Kind.QUOTED) for token in phrase.tokens):
        return None
    asked = "?" in phrase.keys
    rest = phrase
    for lead in _DATE_LEADS:
        if rest.starts(*lead):
            rest, asked = rest[len(lead) :], True
    rest = strip_marks(rest, "?!.,")
    asked = asked or bool({"what", "which", "today"} & set(rest.keys))
    day, name = days.today, "Today"
    for at in range(1, len(rest)):
        span = days.when(rest, at)
        if span is not None and span.end == len(rest) and set(rest.keys[:at]) <= _DATE_WORDS:
            name = rest[at:].raw()
            day, rest = span.day, rest[:at]
            break
    said = set(rest.keys)
    if rest.find("of") > 0 and rest.keys[rest.find("of") :][:3] in (("of", "the", "week"), ("of", "the", "month")):
        said -= {"of", "week"}
    # "The day" alone may be any day; a date is one.
    if not asked or not said <= _DATE_WORDS or not said & _DATE_NOUNS or not said & {"date", "what", "which"}:
        return None
    return Say(f"{name[:1].upper()}{name[1:]} is {day:%A}, {day.day} {day:%B} {day.year}.")


# -- Questions with a question word


def _wh(clause: Phrase, days: Calendar) -> Command | None:
    keys = clause.keys
    first, second = keys[0], clause.key(1)
    if is_help(clause):
        return Say(_how_to(clause))
    if first == "when" or (first == "what" and second in ("day", "date", "time")):
        return _when(clause, days)
    if first == "how":
        return _how(clause, days)
    if first == "where":
        return (
            Ask(Fact.EXISTS, parse_reference(clause[2:], days)) if second in ("is", "are") and len(clause) > 2 else None
        )
    if first in ("who", "why", "whom", "whose"):
        return None
    if first in ("what", "which") and second in ("about", "of") and len(clause) > 2:
        return _about(clause[2:], days)
    said = set(keys)
    if said & words("add added create created") and said <= words(
        "what did have i just add added create created was were is the last thing task one that you newest we lately recently"
    ):
        return Ask(Fact.ALL, LastAdded())
    if said & words("newest latest last") and said <= words(
        "what which is was the my newest latest last task one item thing added i"
    ):
        return Ask(
            Fact.ALL, LastAdded() if "last" not in said or "added" in said else parse_reference(clause[2:], days)
        )
    for noun, fact in (
        ("priority", Fact.PRIORITY),
        ("deadline", Fact.DUE),
        ("date", Fact.DUE),
        ("note", Fact.ALL),
        ("notes", Fact.ALL),
        ("description", Fact.ALL),
        ("details", Fact.ALL),
        ("status", Fact.DONE),
    ):
        at = clause.find(noun)
        if at > 0 and clause.key(at + 1) in ("of", "for", "on", "about") and len(clause) > at + 2:
            return Ask(fact, parse_reference(clause[at + 2 :], days))
        if at > 2 and clause.key(at - 1) == "'s":
            return Ask(fact, parse_reference(clause[2 : at - 1], days))
        if noun == "priority" and at == 1 and clause.key(2) in ("is", "has", "does"):
            return Ask(fact, parse_reference(clause[3:], days))
    if keys[1:2] == ("is",) and keys[2:4] == ("the", "first") and clause.key(4) in TASK_NOUNS:
        # It has a place in the list; "what's first?" asks what to begin with.
        return Ask(Fact.ALL, parse_reference(clause[2:], days))
    if (found := _next(clause, days)) is not None:
        return found
    body = clause[1:]
    if body.key(0) in ("is", "are", "was", "were"):
        body = body[1:]
        target = parse_reference(body, days) if body.tokens else None
        if isinstance(target, Places | Recent | LastAdded):
            return Ask(Fact.ALL, target)
    if clause.starts("what", "does") and (end := clause.find("say", "mean", "involve")) > 2:
        return Ask(Fact.ALL, parse_reference(clause[2:end], days))
    return _list(clause, days) or _named(body, days)


def _when(clause: Phrase, days: Calendar) -> Command | None:
    keys = clause.keys
    if keys[0] == "what" and clause.key(1) == "time":
        return (
            Say(f"I don't know the time, only the day: today is {days.today:%A}, {days.today.day} {days.today:%B}.")
            if len(keys) <= 4
            else None
        )
    at = 1
    while (
        clause.key(at)
        in words("is are was do does did should must i we have need to will the due date day deadline a that my can")
        and at < len(clause) - 1
    ):
        at += 1
    rest = clause[at:]
    while rest.key(-1) in words("due by on for again scheduled planned supposed be to") and len(rest) > 1:
        rest = rest[:-1]
    if not rest.tokens or rest.key(0) in ("due", "to", "is"):
        return Show(Filter(status="open", dated=True), Sort.DUE)
    return Ask(Fact.DUE, parse_reference(rest, days))


def _how(clause: Phrase, days: Calendar) -> Command | None:
    second = clause.key(1)
    if second in ("many", "much"):
        reading = read_filter(clause[2:], days, _ASIDE)
        if reading.rest or not (
            reading.nouns or reading.filter.narrow or second == "much" or set(clause.keys[2:]) & words("left more")
        ):
            return None
        found = reading.filter
        if found.status == "all" and (
            set(clause.keys) & words("left remaining remain more todo")
            or clause.keys[-2:] == ("to", "do")
            or found.dated
            or found.due_to
        ):
            found = replace(found, status="open")
        return Show(found, count=True)
    if second in ("important", "urgent") and clause.key(2) == "is" and len(clause) > 3:
        return Ask(Fact.PRIORITY, parse_reference(clause[3:], days))
    said = set(clause.keys)
    if said & words("day week today tomorrow weekend list month schedule") and said & words(
        "look looking looks going is are"
    ):
        reading = read_filter(clause[1:], days, _ASIDE | words("day week month"))
        if not reading.rest:
            found = reading.filter
            if "week" in said and found.due_to is None:
                found = replace(
                    found,
                    due_from=days.today,
                    due_to=days.shifted(days.today, 6 - days.today.weekday(), "day"),
                    label="this week",
                )
            elif found.due_to is None and "list" not in said:
                found = replace(found, due_from=days.today, due_to=days.today, label="today")
            return Show(replace(found, status="open"), day=True)
    if said <= words("how am i doing are things going is it progress my on the with so far list tasks"):
        return Show(count=True)
    return None


def _about(rest: Phrase, days: Calendar) -> Command:
    reading = read_filter(rest, days, words("and the for on"))
    if not reading.rest and reading.filter.narrow:
        return Again(where=reading.filter)
    return Ask(Fact.ALL, parse_reference(rest, days))


def _next(clause: Phrase, days: Calendar) -> Command | None:
    said = set(clause.keys)
    small = words(
        "what which is are should shall must do can could i we my the a task tasks one thing things to on start with work begin now have need right of all it most be at focus tackle me in"
    )
    asked = said & words(
        "first next important urgent start begin focus tackle priority priorities pressing"
    ) or clause.keys == ("what", "now")
    if asked and said <= small | words(
        "first next important urgent start begin most top highest priority priorities pressing now biggest number"
    ):
        if (
            said & words("are tasks")
            and said & words("important urgent priority")
            and not said & words("most first start")
        ):
            return None
        return Next()
    return None


# -- Yes or no


def _yes_no(clause: Phrase, days: Calendar) -> Command | None:
    keys = clause.keys
    first, second = keys[0], clause.key(1)
    if first == "should" and second in ("i", "we"):
        if clause.key(2) in ("do", "start", "begin"):
            return _next(clause, days)
        return Say("That's for you to decide. Tell me what to do with it when you have made up your mind.")
    if first in ("can", "could", "will", "would", "may", "might"):
        return _ability(clause, days)
    if first in ("any", "anything"):
        return _list(clause, days)
    if first == "am" and second == "i":
        said = set(keys)
        if said & words("late behind overdue"):
            return Show(Filter(status="open", overdue=True))
        if "done" in said and (at := clause.find("with", "doing")) > 0 and at + 1 < len(clause):
            rest = clause[at + 1 :]
            return _list(rest, days) if rest.keys == ("everything",) else Ask(Fact.DONE, parse_reference(rest, days))
        if said & words("free busy") or said & words("done finished"):
            reading = read_filter(clause[2:], days, _ASIDE | words("free busy with on"))
            return None if reading.rest else Show(replace(reading.filter, status="open"), day=True)
        return None
    if first in ("is", "are") and second == "there":
        return _list(clause, days)
    if first in ("is", "are", "was", "were", "has", "have") and second not in (
        "i",
        "we",
        "you",
        "they",
    ):
        return _state(clause[1:], days)
    if first in ("did", "have", "has", "had", "do", "does") and second in ("i", "we", "you"):
        return _did(clause, days)
    return None


def _state(rest: Phrase, days: Calendar) -> Command | None:
    """Is buy milk done? Is the report urgent? Is it due today? Has rent been paid? Is milk on my list?"""
    keys = rest.keys
    if not keys:
        return None
    if {"on", "in"} & set(keys) and rest.key(-1) in LIST_NOUNS and len(rest) > 2:
        at = max(i for i, key in enumerate(keys) if key in ("on", "in"))
        return Ask(Fact.EXISTS, parse_reference(rest[:at], days)) if at > 0 else None
    if keys[0] in ("everything", "all", "anything") or (
        keys[0] in ("any", "my", "the") and rest.key(1) in TASK_NOUNS and rest.key(1).endswith("s")
    ):
        reading = read_filter(rest, days, _ASIDE | words("not"))
        if reading.rest:
            return None
        found = reading.filter
        return Show(replace(found, status="open") if keys[0] in ("everything", "all") else found)
    due = rest.find("due")
    if due > 0:
        return Ask(Fact.DUE, parse_reference(rest[:due], days))
    for size in (1, 2, 3, 4):
        if len(rest) <= size:
            break
        head, tail = rest[:-size], rest[-size:]
        if tail.key(0) in words("not still already been all now yet a really very marked that any"):
            continue
        done = size == 1 and tail.key(0) in _DONE_WORDS | words("open pending overdue late undone unfinished")
        while len(head) > 1 and head.key(-1) in words(
            "not still already been now yet as marked all really very that a"
        ):
            head = head[:-1]
        if done:
            fact = Fact.ALL  # "is it open?" isn't answered with the yes or no of "is it done?"
            if tail.key(0) in ("overdue", "late"):
                fact = Fact.DUE
            elif tail.key(0) in _DONE_WORDS:
                fact = Fact.DONE
            return Ask(fact, parse_reference(head, days))
        if priority_of(tail) is not None and tail.key(0) not in ("on", "of", "to", "it"):
            return Ask(Fact.PRIORITY, parse_reference(head, days))
        if size == 1 and is_past(tail.key(0)) and tail.key(0) not in ("been", "is"):
            return Ask(Fact.DONE, _verbed(tail, head))
    return None


def _verbed(verb: Phrase, objects: Phrase) -> Reference:
    """The name "paid rent" of "rent … paid"."""
    return Named(Phrase(verb.text, (*verb.tokens, *objects.tokens)))


def _did(clause: Phrase, days: Calendar) -> Command | None:
    """Did I finish the report? Have I paid rent? Do I have anything on Friday? Do I still need to call mum?"""
    rest = clause[2:]
    while rest.key(0) in words("already ever still also even just actually"):
        rest = rest[1:]
    if (
        rest.key(-1) in ("yet", "already", "today")
        and len(rest) > 1
        and not (clause.key(0) == "do" or rest.key(0) == "got")
    ):
        rest = rest[:-1]
    if rest.tokens and rest.tokens[0].kind is Kind.TITLE:
        return Ask(Fact.DONE, Named(rest))
    verb = rest.key(0)
    if clause.key(0) in ("do", "does", "have") and verb in words("have need got see know any anything"):
        body = rest[1:] if verb in ("have", "need", "got", "see", "know") else rest
        if body.key(0) == "to" and len(body) > 1:
            return _list(clause, days) or Ask(Fact.EXISTS, Named(body[1:]))
        found = _list(body, days)
        if found is not None:
            return found
        return Ask(Fact.EXISTS, parse_reference(body, days)) if body.tokens and verb != "know" else None
    if not verb:
        return None
    base = lemmas(verb)
    if base & words("add create put write enter"):
        return Ask(Fact.EXISTS, parse_reference(rest[1:], days)) if len(rest) > 1 else None
    if base & words("finish complete do tick check mark") and len(rest) > 1:
        listed = _list(rest[1:], days)
        if listed is not None and rest.key(1) in ("everything", "all", "anything", "any"):
            return Show(Filter(status="done")) if rest.key(1) in ("anything", "any") else listed
        return Ask(Fact.DONE, parse_reference(rest[1:], days))
    if base & words("forget miss"):
        return (
            Show(Filter(status="open", overdue=True))
            if set(rest.keys[1:]) <= words("anything something any task tasks a")
            else None
        )
    if title_verb(verb) or is_past(verb) or any(title_verb(form) for form in base):
        return Ask(Fact.DONE, Named(rest)) if len(rest) > 1 else None
    return None


def _ability(clause: Phrase, days: Calendar) -> Command | None:
    """Can you delete tasks? What it can do is told; nothing is done."""
    verb_at = 2 if clause.key(1) in ("you", "i", "we") else 0
    if not verb_at or len(clause) < 3:
        return None
    if is_help(clause):
        return Say(WHAT_I_DO)
    rest = clause[verb_at + 1 :]
    plain = set(rest.keys) <= TASK_NOUNS | LIST_NOUNS | words(
        "a an for me more than one several multiple too also dates due priorities priority and or"
    )
    if (
        clause.key(verb_at) in COMMANDS | words("add sort filter repeat")
        and plain
        and rest.tokens
        and rest.keys not in (("it",), ("that",))
    ):
        owned = set(rest.keys) & words("my the all every") or (
            clause.key(verb_at) in words("show list read tell give print display") and True
        )
        if not owned and "this" not in rest.keys:
            return Say(f"Yes, I can. {_how_to(clause)}")
    if clause.key(1) == "i":
        said = clause.key(verb_at)
        return Say(f"Tell me what to do. {_how_to(clause)}") if said in COMMANDS | words("add do say ask") else None
    return None


def _how_to(clause: Phrase) -> str:
    said = set(clause.keys)
    for verbs, example in (
        ("delete remove erase", "delete the second one"),
        ("complete finish tick check done mark", "mark the second one done"),
        ("rename change edit update move reschedule", 'rename the first one to buy oat milk", "move it to Friday'),
        ("add create new", "add buy bread tomorrow"),
        ("undo restore back", "undo"),
        ("sort filter", "show my list sorted by due date"),
    ):
        if said & words(verbs):
            return f'Try: "{example}".'
    return WHAT_I_DO


# -- Lists


def _sort(clause: Phrase) -> tuple[Phrase, Sort]:
    """The clause without "sorted by due date", and the order."""
    keys = clause.keys
    for at in range(len(keys) - 1):
        if keys[at] in _FIRST and keys[at + 1] == "first":
            left, sort = _sort(strip_marks(clause.without(at, at + 2)))
            return left, _FIRST[keys[at]] if sort is Sort.PLACE else sort
    for at, key in enumerate(keys):
        if key in words("sorted ordered sort order arranged by arrange grouped group") or (
            key == "in" and clause.key(at + 1) in ("order", "alphabetical")
        ):
            end = at + 1
            while (
                clause.key(end) in words("by in the order of their my tasks list to it them all according due")
                and clause.key(end) not in _SORTS
            ):
                end += 1
            order = _SORTS.get(clause.key(end))
            if order is not None and (key != "by" or clause.key(end) not in ("day",)):
                end += 1
                while clause.key(end) in ("date", "dates", "order", "first", "level"):
                    end += 1
                return clause.without(at, end), order
        if key == "alphabetically":
            return clause.without(at, at + 1), Sort.TITLE
    return clause, Sort.PLACE


def _list(clause: Phrase, days: Calendar) -> Command | None:
    """A list, when every word of the clause belongs to the description of one."""
    clause, sort = _sort(clause)
    if not clause.tokens:
        return Show(sort=sort) if sort is not Sort.PLACE else None
    said = set(clause.keys)
    if said & words("search") and said & words("for"):
        return None
    counted = next((i for i, key in enumerate(clause.keys) if key.isdecimal() or key in CARDINALS), -1)
    if counted >= 0 and clause.key(counted + 1) in words("tasks todos to-dos items things"):
        # "Show 5 tasks": no task is called so.
        clause = clause.without(counted, counted + 1)
    subject = said & words("i we") and (
        said & words("did finished completed done complete finish ticked")
        or (said & words("have") and said & words("done finished completed"))
    )
    reading = read_filter(clause, days, _ASIDE)
    if reading.rest:
        return None
    found = reading.filter
    if not (
        subject
        or reading.nouns
        or found.narrow
        or reading.every
        or sort is not Sort.PLACE
        or said
        & words(
            "do have doing planned left remaining up happening going need needs summary overview status summarise summarize recap rundown coming anything something"
        )
    ):
        return None
    if subject and said & words("did") and found.status == "all" and not (said & words("have need")):
        found = replace(found, status="done")
    elif (
        found.status == "all"
        and (
            found.due_to
            or found.due_from
            or found.dated is True
            or found.overdue
            or said & words("should must need needs left remains remain")
        )
        and not reading.every
    ) or found.overdue:
        found = replace(found, status="open")
    if said & words("count number total") and not said & words("list show me"):
        return Show(found, sort, count=True)
    return Show(found, sort)


def _named(body: Phrase, days: Calendar) -> Command | None:
    """What is the milk task? Only where a title of the list is named."""
    if len(body) and any(token.kind is Kind.TITLE for token in body.tokens):
        return Ask(
            Fact.ALL,
            parse_reference(Phrase(body.text, tuple(t for t in body.tokens if t.kind is Kind.TITLE)[:1]), days),
        )
    if body.key(-1) in ("task", "one", "todo", "item") and len(body) > 1:
        return Ask(Fact.ALL, parse_reference(body, days))
    return None


# -- Show


def _showing(clause: Phrase, days: Calendar, *, asked: bool) -> Command | None:
    first = clause.key(0)
    verb = _show_verb(clause)
    if not verb:
        return _noun_phrase(clause, days, asked=asked)
    rest = clause[verb:]
    if rest.key(-1) == "first" and rest.key(-2) in LIST_NOUNS:
        # "Show my list first" puts off what was asked.
        rest = rest[:-1]
    while rest.key(0) in words("me us up out again at through over to") and len(rest) > 0:
        rest = rest[1:]
    if not rest.tokens:
        return Show() if first in ("show", "list", "display") else None
    if first in ("tell", "give", "show", "let", "read") and rest.key(0) in _STARTS:
        return _wh(rest, days)
    if first == "tell" and rest.key(0) == "about":
        rest = rest[1:]
        target = parse_reference(rest, days)
        if isinstance(target, Filter) and target.narrow:
            return Show(target)
        known = isinstance(target, Places | Recent | LastAdded) or any(
            token.kind is Kind.TITLE for token in rest.tokens
        )
        return Ask(Fact.ALL, target) if known or rest.key(-1) in TASK_NOUNS else None
    if first in ("count",):
        found = _list(rest, days)
        return replace(found, count=True) if isinstance(found, Show) else None
    listed = _list(rest, days)
    if isinstance(listed, Show):
        return listed
    if first in ("sort", "order", "arrange", "group", "filter"):
        return _list(clause, days)
    target = parse_reference(rest, days)
    if isinstance(target, Places | Recent | LastAdded):
        return (
            Ask(Fact.ALL, target) if first in words("show display view read give see open describe list tell") else None
        )
    if first in _SEARCH | words("show list display view"):
        if rest.key(0) in ("for", "up") and len(rest) > 1:
            rest = rest[1:]
        if first == "look" and clause.key(1) not in ("for", "up"):
            return None
        text = _searched(rest)
        return Show(Filter(text=text)) if text.tokens else None
    return None


def _show_verb(clause: Phrase) -> int:
    """How many words the verb of showing has; 0 for none."""
    for lead in (
        ("have", "a", "look", "at"),
        ("take", "a", "look", "at"),
        ("let", "me", "see"),
        ("let", "us", "see"),
        ("look", "at"),
        ("look", "for"),
        ("look", "up"),
        ("i", "want", "to", "see"),
        ("go", "through"),
        ("go", "over"),
        ("bring", "up"),
        ("pull", "up"),
        ("run", "through"),
    ):
        if clause.starts(*lead):
            return len(lead)
    return (
        1
        if clause.key(0)
        in words(
            "show list display view see print find search give read tell get open review check count sort order arrange group filter locate summarise summarize recap look"
        )
        else 0
    )


def _searched(rest: Phrase) -> Phrase:
    at = 0
    while (
        at < len(rest)
        and rest.key(at)
        in TASK_NOUNS
        | words("the my all any every everything a with about containing for me named called that have has")
        and rest.tokens[at].kind is Kind.WORD
    ):
        at += 1
    return strip_marks(rest[at:])


def _noun_phrase(clause: Phrase, days: Calendar, *, asked: bool) -> Command | None:
    """My tasks; todo list; overdue tasks; tomorrow's agenda; and next week?"""
    if clause.key(0) in ("complete", "clear", "close"):
        return None
    sortless, sort = _sort(clause)
    if not sortless.tokens:
        return Show(sort=sort)
    reading = read_filter(sortless, days, words("and so the please only"))
    if reading.rest or len(clause) > 12:
        return None
    found = reading.filter
    if clause.key(0) == "and" and asked and found.narrow:
        return Again(where=found)
    listed = (
        bool(set(clause.keys) & (LIST_NOUNS | words("items ones stuff things everything"))) or sort is not Sort.PLACE
    )
    single = set(clause.keys) <= words("task todo one item thing it that this stuff things")
    if not listed or single or found.exceptions:
        if asked and found.narrow and found.text is None:
            return Again(where=found) if not found.overdue and found.status == "all" else Show(found)
        if found.overdue or (
            found.status == "open"
            and len(clause) == 1
            and clause.key(0) in ("pending", "overdue", "outstanding", "remaining")
        ):
            return Show(replace(found, status="open")) if found.text is None else None
        return None
    if found.due_to or found.due_from or found.overdue or found.dated:
        found = replace(found, status="open" if found.status == "all" else found.status)
    return Show(found, sort)
