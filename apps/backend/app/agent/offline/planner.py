"""Carries commands out by asking for tool calls, and words the answer.

A plan is a generator: it yields one tool call at a time, is sent that call's output, and returns the answer.

The rule that keeps people's tasks safe stands in `_act` and nowhere else. At once is done only what is certain: tasks
named by their whole title, by their number in the list, or as what was shown or spoken of just before. One task that
only comes close, and more than one that wasn't shown or named, are asked about first, with their titles. Only a plain
yes is a yes. Whatever was done can be taken back by saying "undo".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any, Final

from app.agent.offline.commands import (
    Add,
    Again,
    Ask,
    Change,
    Command,
    Deed,
    Do,
    Next,
    Pick,
    Reply,
    Say,
    Show,
    Undo,
    Unknown,
)
from app.agent.offline.dates import Calendar
from app.agent.offline.finding import Finder, Found
from app.agent.offline.grammar import MAX_COMMANDS, needs_list, understand
from app.agent.offline.lexicon import title_verb, words
from app.agent.offline.matching import TaskView, Titles, content, find
from app.agent.offline.phrasing import (
    FOREIGN,
    REPLIES,
    UNKNOWN,
    VERBS,
    day_name,
    details,
    numbered,
    quoted,
    tasks_word,
    which,
)
from app.agent.offline.reading import Reader
from app.agent.offline.references import (
    Bare,
    Filter,
    Named,
    Other,
    Places,
    Recent,
    Reference,
    Several,
    Shown,
    parse_reference,
)
from app.agent.offline.slots import Slots, clean_title, take_slots
from app.agent.offline.state import MAX_SHOWN, Action, Question, State
from app.agent.offline.talk import ENGLISH, is_no, is_yes
from app.agent.offline.text import Kind, Phrase, strip_marks
from app.agent.offline.undoing import Undoer
from app.agent.offline.world import Plan, ToolCall, ToolFailure, ToolOutput, World
from app.models.task import MAX_TITLE, Priority

_MaybePlan = Generator[ToolCall, ToolOutput, "str | None"]
_LEVELS: Final = (Priority.LOW, Priority.MEDIUM, Priority.HIGH)
_DEEDS: Final = {"add", *(deed.value for deed in Deed)}
"""What can have been done last."""
_ONE_BY_ONE: Final = "Please answer that first, and then send me the rest again."
_NOT_NOW: Final = "All right, I leave everything as it is."


def plan(message: str, days: Calendar, state: State) -> Plan:
    """The plan for one message. Updates `state` as it goes."""
    world = World()
    planner = _Planner(days, state, world)
    try:
        return (yield from planner.answer(message))
    finally:
        state.remember(world.steps)


class _Planner:
    def __init__(self, days: Calendar, state: State, world: World) -> None:
        self._days = days
        self._today = days.today
        self._state = state
        self._world = world
        self._finder = Finder(days.today, state, world)
        self._reader = Reader(days.today, state, world, self._finder)
        self._undoer = Undoer(state, world)
        self._fresh: list[str] = []

    def answer(self, message: str) -> Plan:
        """Answer the open question, if this does, and else do what is asked for."""
        question, self._state.question = self._state.question, None
        understood = understand(message, self._days)
        if question is not None:
            try:
                answered = yield from self._answered(question, message, understood.phrase)
            except ToolFailure as failure:
                return f"That didn't work: {failure}"
            if answered is not None:
                return answered
        if any(needs_list(command) for command in understood.commands):
            try:
                tasks = yield from self._world.load()
            except ToolFailure as failure:
                return f"That didn't work: {failure}"
            understood = understand(message, self._days, Titles.of(task.title for task in tasks))
        thanked = {"thanks", "thank"} & set(understood.phrase.keys)
        if understood.commands == (Reply("no"),) and not thanked and self._state.last in _DEEDS and self._state.undo:
            # "Actually no", just after something was done: that it stays isn't what is meant.
            return self._undoer.offer()
        return (yield from self._all(understood.commands, truncated=understood.truncated))

    def _all(self, commands: Sequence[Command], *, truncated: bool) -> Plan:
        answers: list[str] = []
        offers = [command for command in commands if isinstance(command, Add) and command.offer]
        if len(offers) > 1 and len(offers) == len(commands):
            return self._offer(offers)
        before = self._state.last
        for command, following in zip(commands, (*commands, None)[1:], strict=True):
            asked = self._state.question
            if isinstance(command, Undo) and isinstance(following, Add) and not following.offer and before in _DEEDS:
                # "Scratch that, add cheese": what takes its place is said.
                command = replace(command, sure=True)
            try:
                answers.append((yield from self._carry_out(command)))
            except ToolFailure as failure:
                answers.append(f"That didn't work: {failure}")
            if asked is not None and self._state.question is not asked:
                # A "yes" can answer one question only: the first one.
                self._state.question = asked
                answers[-1] = _ONE_BY_ONE
            if following is not None and self._state.question is not None and self._state.question.kind == "undo":
                # What is done now would be the last thing that can be undone.
                answers.append(_ONE_BY_ONE)
                break
        if truncated:
            answers.append(f"I stopped after {MAX_COMMANDS} commands; please send the rest again.")
        separator = "\n\n" if any("\n" in answer for answer in answers) else "\n"
        return separator.join(dict.fromkeys(answers)) or UNKNOWN

    def _carry_out(self, command: Command) -> Plan:
        match command:
            case Add():
                return (yield from self._add(command))
            case Do():
                return (yield from self._do(command))
            case Change():
                return (yield from self._change(command))
            case Show():
                return (yield from self._reader.show(command))
            case Next():
                return (yield from self._reader.next())
            case Ask():
                return (yield from self._reader.ask(command))
            case Again():
                return (yield from self._again(command))
            case Pick(target):
                return (yield from self._pick(target))
            case Undo(sure, back):
                sure = sure and not (back and self._undoer.only_added())
                return (yield from self._undoer.undo()) if sure else self._undoer.offer()
            case Reply(kind):
                return REPLIES[kind]
            case Say(text):
                return text
            case Unknown(_, foreign):
                return FOREIGN if foreign else UNKNOWN

    # -- Answers to questions

    def _answered(self, question: Question, message: str, phrase: Phrase) -> _MaybePlan:
        if is_no(phrase) or (
            # "Oops, put it back": what was asked about hasn't been done.
            question.action is not None
            and all(isinstance(command, Undo) for command in understand(message, self._days).commands)
        ):
            return "All right, nothing was deleted." if _deletes(question) else _NOT_NOW
        match question.kind:
            case "confirm" | "undo" | "add":
                return (yield from self._confirmed(question, message, phrase))
            case "which" | "what":
                return (yield from self._chosen(question, message, phrase))
            case "title":
                return (yield from self._titled(question, message, phrase))
            case _:
                return (yield from self._detailed(question, message, phrase))

    def _confirmed(self, question: Question, message: str, phrase: Phrase) -> _MaybePlan:
        if is_yes(phrase):
            if question.kind == "undo":
                return (yield from self._undoer.undo())
            if question.kind == "add":
                answers = []
                for title, slots in question.adds:
                    answers.append((yield from self._add(Add(title, slots))))
                return "\n".join(answers)
            yield from self._world.load()
            tasks = self._world.pick(question.ids)
            if not tasks or question.action is None:
                return "That task is not on your list any more."
            return (yield from self._perform(question.action, tasks))
        if (smaller := (yield from self._repeated(question, message, phrase))) is not None:
            return smaller
        body = strip_marks(_after_yes(phrase))
        hesitant = (
            phrase.key(0)
            in words("yes yeah yep ok okay sure maybe perhaps hmm uh um wait but ja oui si sí da tak evet hai")
            or phrase.key(-1) == "?"
            # "Yess", "ye"
            or (len(phrase) == 1 and phrase.key(0).startswith("ye") and len(phrase.key(0)) < 8)
        )
        if question.kind == "confirm" and question.action is not None:
            narrowed = yield from self._narrowed(question, phrase)
            if narrowed is not None:
                return narrowed
        meant = understand(message, self._days).commands
        if all(
            isinstance(command, Unknown | Reply | Pick) or (isinstance(command, Add) and command.offer)
            for command in meant
        ) and (hesitant or not meant or not isinstance(meant[0], Add)):
            if any(isinstance(command, Pick) for command in meant):
                chosen = yield from self._chosen(question, message, phrase)
                if chosen is not None:
                    return chosen
            if meant and isinstance(meant[0], Reply) and meant[0].kind not in ("okay", "yes", "no"):
                self._state.question = question
                return REPLIES[meant[0].kind]
            self._state.question = question
            return "I do nothing without a plain yes. Shall I? Please answer yes or no."
        if (
            body.tokens != phrase.tokens
            and hesitant
            and _destructive(meant)
            and phrase.key(0) in ("yes", "yeah", "yep", "ok", "okay", "sure")
        ):
            # "Yes, delete it all except …" in other words than those that are known.
            self._state.question = question
            return "I do nothing without a plain yes. Shall I? Please answer yes or no."
        return None

    def _repeated(self, question: Question, message: str, phrase: Phrase) -> _MaybePlan:
        """Yes, delete the milk: the same, for fewer of the tasks."""
        if question.action is None or phrase.key(0) not in words("yes yeah yep ok okay sure"):
            return None
        tasks = yield from self._world.load()
        meant = understand(message, self._days, Titles.of(task.title for task in tasks)).commands
        if len(meant) != 1 or not isinstance(meant[0], Do) or meant[0].deed is not question.action.deed:
            return None
        if not isinstance(meant[0].target, Named | Places | Several):
            return None
        found = self._finder.within(meant[0].target, self._world.pick(question.ids))
        return self._confirm(question.action, found) if found else None

    def _narrowed(self, question: Question, phrase: Phrase) -> _MaybePlan:
        """Yes but keep pay rent; all except 2; only the first one."""
        at = next(
            (
                i
                for i in range(len(phrase))
                if phrase.key(i) in words("except but keep only without excluding besides not")
                or (phrase.key(i) == "just" and phrase.key(i + 1) == "the")
            ),
            -1,
        )
        if at < 0 or len(phrase) > 30:
            return None
        end = at
        while (
            phrase.key(end)
            in words("except but keep only without excluding besides not for please do delete remove leave just the")
            and end < len(phrase) - 1
        ):
            if phrase.key(end) == "the" and phrase.key(end + 1) not in ("task",):
                break
            end += 1
        tasks = yield from self._world.load()
        those = self._world.pick(question.ids)
        found = self._finder.within(
            parse_reference(Titles.of(t.title for t in tasks).mark(phrase)[end:], self._days), those
        )
        if not found or question.action is None:
            return None
        only = "only" in phrase.keys or "just" in phrase.keys
        rest = found if only else [task for task in those if task not in found]
        if not rest:
            return _NOT_NOW
        return self._confirm(question.action, rest)

    def _chosen(self, question: Question, message: str, phrase: Phrase) -> _MaybePlan:
        """The second one; 2; call dad; both."""
        tasks = yield from self._world.load()
        those = self._world.pick(question.ids)
        meant = understand(message, self._days, Titles.of(task.title for task in those)).commands
        if not all(
            isinstance(c, Pick | Unknown | Reply) or (isinstance(c, Add) and c.offer) or _errand(c) for c in meant
        ):
            # A command of its own: the numbers in it are those of the tasks that were offered.
            self._state.shown = question.ids
            return None
        marked = Titles.of(task.title for task in tasks).mark(phrase)
        body = strip_marks(_after_yes(marked))
        while body.key(0) in words("i mean meant just only it is with") and len(body) > 1:
            body = body[1:]
        target = parse_reference(body, self._days) if body.tokens else Bare()
        if body.keys in (
            ("all",),
            ("all", "of", "them"),
            ("everything",),
            ("every", "one"),
            ("them", "all"),
            ("each",),
        ):
            target = Shown()
        found = self._finder.within(target, those)
        if found and question.kind == "what":
            self._state.recent = tuple(task.id for task in found)
            return None
        if found and question.action is not None:
            if isinstance(target, Shown | Filter) and len(found) > 2 and question.action.deed is Deed.DELETE:
                return self._confirm(question.action, found)
            return (yield from self._perform(question.action, found))
        if found and question.kind == "confirm":
            return None
        if isinstance(target, Places) and those:
            self._state.question = question
            return f"There {'is only 1' if len(those) == 1 else f'are only {len(those)}'} to choose from. Which one do you mean?"
        if is_yes(phrase):
            self._state.question = question
            return "Which one do you mean? Please say its number."
        self._state.shown = question.ids if question.kind == "which" else self._state.shown
        return None

    def _titled(self, question: Question, message: str, phrase: Phrase) -> _MaybePlan:
        """What should I add? Buy stamps."""
        understood = understand(message, self._days).commands
        if not all(isinstance(c, Pick | Unknown) or (isinstance(c, Add) and c.offer) or _errand(c) for c in understood):
            return None
        if is_yes(phrase) or phrase.key(-1) == "?":
            return None
        slots = question.adds[0][1] if question.adds else Slots()
        taken = take_slots(phrase, self._days)
        title = taken.title() or clean_title(phrase)
        if all(isinstance(command, Add) for command in understood) and len(understood) > 1:
            titles = [(c.title, c.slots) for c in understood if isinstance(c, Add)]
        else:
            titles = [(title, taken.slots)]
        answers = []
        for name, own in titles:
            merged = replace(own, due=own.due or slots.due, priority=own.priority or slots.priority)
            answers.append((yield from self._add(Add(name, merged))))
        return "\n".join(answers)

    def _detailed(self, question: Question, message: str, phrase: Phrase) -> _MaybePlan:
        """What should it be called? Oat milk. What shall I change? Make it due Friday."""
        yield from self._world.load()
        tasks = self._world.pick(question.ids)
        if not tasks:
            return "That task is not on your list any more."
        self._state.recent = tuple(task.id for task in tasks)
        understood = understand(message, self._days, Titles.of(task.title for task in self._world.tasks or ())).commands
        first = understood[0]
        if len(understood) == 1 and isinstance(first, Change) and isinstance(first.target, Recent):
            return (yield from self._carry_out(replace(first, sure=True)))
        named = isinstance(first, Pick) or (isinstance(first, Add) and first.offer) or _errand(first)
        if len(understood) == 1 and named and phrase.key(-1) != "?":
            body = phrase[2:] if phrase.starts("call", "it") and len(phrase) > 2 else phrase
            while body.key(0) in ("to", "it", "rename", "should", "be") and len(body) > 1:
                body = body[1:]
            if question.kind == "details":
                # "Postpone the gym" — "To Friday", "By two days": no titles.
                meant = understand(f"move it {phrase.raw()}", self._days).commands
                if len(meant) == 1 and isinstance(meant[0], Change) and meant[0].slots:
                    return (yield from self._perform(Action(Deed.CHANGE, meant[0].slots), tasks))
            return (yield from self._perform(Action(Deed.CHANGE, title=clean_title(body)), tasks))
        return None

    # -- Adding

    def _add(self, command: Add) -> Plan:
        if command.offer and not (command.more and self._state.last == "add"):
            return (yield from self._offered(command))
        if command.implied and command.title:
            tasks = yield from self._world.load()
            if find(understand(command.title, self._days).phrase, tasks).equal:
                return (yield from self._offered(command))
            meant = understand(command.title, self._days, Titles.of(task.title for task in tasks)).commands
            if len(meant) == 1 and isinstance(meant[0], Do) and isinstance(meant[0].target, Named):
                # "I think I should delete buy milk" speaks of a task that is there.
                found = yield from self._finder.resolve(meant[0].target, deed=meant[0].deed)
                if found.certain:
                    return (yield from self._act(Action(meant[0].deed), found, sure=False))
        if not command.title:
            self._state.question = Question("title", adds=(("", command.slots),))
            when = f" for {day_name(command.slots.due, self._today)}" if command.slots.due else ""
            return f"What should I add{when}? For example: buy bread."
        if len(command.title) > MAX_TITLE:
            return f"That title is too long: it has {len(command.title)} characters, and {MAX_TITLE} is the most. Please make it shorter."
        slots = command.slots
        task = yield from self._world.add(
            title=command.title,
            description=slots.note or None,
            due_date=slots.due.isoformat() if slots.due else None,
            priority=slots.priority.value if slots.priority else None,
        )
        again = self._state.last == "add"
        self._state.added = ((*self._state.added, task.id) if again else (task.id,))[-20:]
        self._fresh.append(task.id)
        self._state.recent = tuple(self._fresh)
        self._state.last = "add"
        self._state.action = None
        text = f'Added "{task.title}" to your list{details(task, self._today)}.'
        if slots.repeat:
            text += f' I can\'t repeat tasks, so "{slots.repeat}" stays in its title.'
        return text

    def _offered(self, command: Add) -> Plan:
        """A bare name: of a task that is there, or of one that could be added."""
        tasks = yield from self._world.load()
        match = find(strip_marks(understand(command.title, self._days).phrase), tasks)
        action, close = self._state.action, match.equal or match.near
        again = action is not None and action.title is None and self._state.last == action.deed.value
        if action is not None and again and command.more and not command.slots and len(close) == 1:
            # "Mark it done" — "And the dentist": the same for a task that comes close.
            return self._confirm(action, close)
        if match.equal:
            task = match.equal[0]
            if command.slots:
                return self._confirm(Action(Deed.CHANGE, command.slots), [task])
            self._state.recent, self._state.last = (task.id,), "pick"
            self._state.question = Question("what", (task.id,))
            return f'"{task.title}" is on your list{details(task, self._today)}. What shall I do with it?'
        return self._offer([command])

    def _offer(self, offers: Sequence[Add]) -> str:
        self._state.question = Question("add", adds=tuple((offer.title, offer.slots) for offer in offers))
        foreign = f"{ENGLISH} " if any(offer.foreign for offer in offers) else ""
        due = offers[0].slots.due
        when = f", due {day_name(due, self._today)}," if due else ""
        return f"{foreign}Shall I add {quoted([offer.title for offer in offers])}{when} to your list?"

    # -- Doing

    def _do(self, command: Do) -> Plan:
        found = yield from self._finder.resolve(command.target, deed=command.deed)
        if not found.tasks:
            return (yield from self._not_found(command, found))
        if isinstance(command.target, Filter) and command.deed in (Deed.COMPLETE, Deed.REOPEN):
            fitting = tuple(task for task in found.tasks if task.completed != (command.deed is Deed.COMPLETE))
            if not fitting:
                return "Everything is done already." if command.deed is Deed.COMPLETE else "No task is done yet."
            found = replace(found, tasks=fitting)
        clear = found.certain or len(found.tasks) == 1
        if command.told and clear and command.deed is Deed.REOPEN and not any(task.completed for task in found.tasks):
            return f"{quoted([task.title for task in found.tasks])} is still open; it's not marked as done."
        if command.told and command.deed is Deed.COMPLETE and not found.certain:
            close = tuple(task for task in found.tasks if not task.completed)
            found = replace(found, tasks=close or found.tasks)
        return (yield from self._act(Action(command.deed), found, sure=command.sure))

    def _not_found(self, command: Do, found: Found) -> Plan:
        if found.missing:
            return found.missing
        tasks = yield from self._world.load()
        target = command.target
        if isinstance(target, Filter):
            if not tasks:
                return "Your list is empty."
            return "There are no such tasks."
        if not tasks:
            return "Your list is empty."
        if not isinstance(target, Named):
            return self._which_of_all(Action(command.deed), tasks)
        # A name whose words were turned round has no text of its own.
        name = strip_marks(target.phrase).raw().strip('"“”') or command.title
        if not name:
            return UNKNOWN
        if command.deed is Deed.REOPEN and command.title == "undo" and self._state.undo:
            gone = [step for group in self._state.undo for step in group if step.kind == "delete"]
            if any(
                content(target.phrase) == content(understand(str(step.before.get("title", "")), self._days).phrase)
                for step in gone
            ):
                return self._undoer.offer()
        if (
            command.title
            and command.deed in (Deed.COMPLETE, Deed.DELETE)
            and not command.told
            and command.title != "undo"
        ):
            taken = take_slots(understand(command.title, self._days).phrase, self._days)
            self._state.question = Question("add", adds=((taken.title(), taken.slots),))
            return f'I can\'t find a task called "{name}". Shall I add "{taken.title()}" to your list?'
        if command.told:
            return f'I don\'t see "{name}" on your list, so there is nothing to change. Which task do you mean?'
        return (
            f'I can\'t find a task called "{name}". Which one do you mean? Ask "what\'s on my list?" to see them all.'
        )

    def _which_of_all(self, action: Action, tasks: list[TaskView]) -> str:
        if action.deed in (Deed.COMPLETE, Deed.REOPEN):
            tasks = [task for task in tasks if task.completed != (action.deed is Deed.COMPLETE)] or tasks
        ids = tuple(task.id for task in tasks[:MAX_SHOWN])
        self._state.shown = ids
        self._state.question = Question("which", ids, action)
        verb = VERBS[action.deed].replace("mark as done", "complete")
        return f"Which task do you want to {verb}?\n\n{numbered(tasks, self._today)}"

    def _act(self, action: Action, found: Found, *, sure: bool) -> Plan:
        """Do it, or ask first. This is the one place where that is decided."""
        tasks = list(found.tasks)
        if len(tasks) > 1 and not found.many:
            ids = tuple(task.id for task in tasks)
            self._state.shown = ids
            self._state.question = Question("which", ids, action)
            return which(action.deed, tasks, self._today)
        certain = found.certain and sure
        if not certain and sure and len(tasks) == 1 and not found.missing and action.deed is Deed.CHANGE:
            # A day or a priority is neither lost work nor hard to put right.
            certain = action.title is None and found.whole
        if certain and len(tasks) > 1 and not found.counted and action.deed is Deed.DELETE:
            certain = False
        if certain:
            return (yield from self._perform(action, tasks))
        asked = self._confirm(action, tasks)
        return f"{found.missing} {asked}" if found.missing else asked

    def _confirm(self, action: Action, tasks: Sequence[TaskView]) -> str:
        self._state.question = Question("confirm", tuple(task.id for task in tasks), action)
        titles = quoted([task.title for task in tasks])
        many = f" {tasks_word(len(tasks))}:" if len(tasks) > 1 else ""
        match action.deed:
            case Deed.DELETE:
                text = f"This deletes{many} {titles}. Are you sure?" if many else f"Do you want to delete {titles}?"
            case Deed.COMPLETE:
                text = f"Shall I mark{many} {titles} as done?"
            case Deed.REOPEN:
                text = f"Shall I open{many} {titles} again?"
            case Deed.CHANGE:
                text = f"Do you mean{many} {titles}? {self._plan_of(action)}"
        return f"{text} Please answer yes or no."

    def _plan_of(self, action: Action) -> str:
        slots = action.slots
        if action.title:
            return f'The new title would be "{action.title}".'
        if slots.due:
            return f"The due date would be {day_name(slots.due, self._today)}."
        if slots.priority:
            return f"The priority would be {slots.priority.value}."
        if slots.shift:
            number, unit = slots.shift
            many = f"{abs(number)} {unit}{'s' if abs(number) != 1 else ''}"
            return f"The due date would be {many} {'later' if number > 0 else 'earlier'}."
        if slots.clear_due:
            return "There would be no due date."
        return ""

    def _perform(self, action: Action, tasks: Sequence[TaskView]) -> Plan:
        self._state.action, self._state.last = action, action.deed.value
        if action.deed is Deed.CHANGE:
            return (yield from self._perform_change(action, tasks))
        if action.deed is Deed.DELETE:
            gone = yield from self._world.delete(tasks)
            lost = {task.id for task in gone}
            self._state.recent = tuple(task_id for task_id in self._state.recent if task_id not in lost)
            self._state.added = tuple(task_id for task_id in self._state.added if task_id not in lost)
            if not gone:
                return "That task is not on your list any more."
            return f"Deleted {quoted([task.title for task in gone])}."
        completed = action.deed is Deed.COMPLETE
        before = {task.id: task.completed for task in tasks}
        open_ones = [task for task in tasks if task.completed != completed]
        if not open_ones:
            self._state.recent = tuple(task.id for task in tasks)
            state = "done already" if completed else "open, it isn't done"
            return f"{quoted([task.title for task in tasks])} {'is' if len(tasks) == 1 else 'are'} {state}."
        changed = yield from self._world.set_completed(open_ones, completed=completed)
        self._state.recent = tuple(task.id for task in changed)
        if not changed or not before:
            return "That task is not on your list any more."
        return f"Marked {quoted([task.title for task in changed])} as {'done' if completed else 'not done'}."

    # -- Changing

    def _change(self, command: Change) -> Plan:
        if command.bare and self._state.last == "show":
            # "What's due today?" — "And tomorrow": nothing is to be moved.
            slots = command.slots
            when = day_name(slots.due, self._today) if slots.due else ""
            where = Filter(due_from=slots.due, due_to=slots.due, priority=slots.priority, label=when)
            return (yield from self._again(Again(where=where)))
        found = yield from self._finder.resolve(command.target)
        action = Action(Deed.CHANGE, command.slots, command.title, command.instead)
        if not found.tasks:
            if found.missing:
                return found.missing
            tasks = self._world.tasks or []
            if not tasks:
                return "Your list is empty."
            if isinstance(command.target, Named):
                return f'I can\'t find a task called "{command.target.phrase.raw()}". Which one do you mean? Ask "what\'s on my list?" to see them all.'
            if isinstance(command.target, Filter):
                return "There are no such tasks."
            return self._which_of_all(action, tasks)
        if command.title == "" or (command.title is None and not command.slots):
            return self._ask_details(found, renaming=command.title == "")
        if command.title is not None and len(found.tasks) > 1:
            if not found.many:
                return (yield from self._act(action, found, sure=command.sure))
            return f"I can give a new title to one task only. Which one of {quoted([t.title for t in found.tasks])}?"
        if command.instead and len(found.tasks) == 1 and command.title:
            action = replace(action, title=_reworded(command, found.tasks[0]), instead=False)
        sure = command.sure and not (command.loose and not _is_title(action.title or "", found.tasks[0]))
        return (yield from self._act(action, found, sure=sure))

    def _ask_details(self, found: Found, *, renaming: bool) -> str:
        tasks = found.tasks
        if len(tasks) > 1:
            ids = tuple(task.id for task in tasks)
            self._state.shown = ids
            self._state.question = Question("what", ids)
            return which(Deed.CHANGE, tasks, self._today)
        self._state.recent = (tasks[0].id,)
        self._state.question = Question("rename" if renaming else "details", (tasks[0].id,))
        if renaming:
            return f'What should "{tasks[0].title}" be called instead?'
        return f'What shall I change about "{tasks[0].title}": its title, due date, priority or note?'

    def _perform_change(self, action: Action, tasks: Sequence[TaskView]) -> Plan:
        if action.title == "" or (action.title is None and not action.slots):
            return self._ask_details(Found(tuple(tasks), certain=True), renaming=action.title == "")
        if action.title is not None and len(action.title) > MAX_TITLE:
            return f"That title is too long: {MAX_TITLE} characters are the most. Please make it shorter."
        if action.slots.note is not None:
            if 2 * len(tasks) > self._world.changes_left():
                return "I can't change the notes of so many tasks at once, so I did nothing. Please ask for fewer at a time."
            # Lists come without notes, and one is added to what is there.
            tasks = yield from self._world.with_notes(tasks)
        answers = []
        groups: dict[str, tuple[dict[str, Any], list[TaskView]]] = {}
        for task in tasks:
            values, text = self._values(action, task)
            answers.append(text)
            if values:
                groups.setdefault(repr(values), (values, []))[1].append(task)
        if len(groups) > self._world.changes_left():
            return "These tasks are due on too many days to be moved at once, so I did nothing. Please ask for fewer at a time."
        for values, alike in groups.values():
            # Only days and priorities can be given to several at once.
            single = set(values) & {"title", "description", "clear_description"}
            for some in ([task] for task in alike) if single else (alike,):
                yield from self._world.update(some, **values)
        self._state.recent = tuple(task.id for task in tasks)
        return "\n".join(answers)

    def _values(self, action: Action, task: TaskView) -> tuple[dict[str, Any], str]:
        """What to change of a task, and the words that tell it."""
        slots = action.slots
        values: dict[str, Any] = {}
        texts: list[str] = []
        title = action.title or task.title
        if action.title and action.title != task.title:
            values["title"] = action.title
            texts.append(f'Renamed "{task.title}" to "{action.title}".')
        elif action.title:
            texts.append(f'"{task.title}" is called that already.')
        due = slots.due
        if slots.shift is not None:
            base = dt.date.fromisoformat(task.due_date) if task.due_date else self._today
            try:
                due = self._days.shifted(base, *slots.shift)
            except (ValueError, OverflowError):
                return {}, "I don't know a day that far away."
        if due is not None:
            values["due_date"] = due.isoformat()
            texts.append(f'"{title}" is now due {day_name(due, self._today)}.')
            if slots.time:
                texts.append("Tasks have a day but no time; say it in the title if you want to keep it.")
        elif slots.clear_due:
            values["clear_due_date"] = True
            texts.append(f'"{title}" has no due date any more.' if task.due_date else f'"{title}" has no due date.')
            if not task.due_date:
                values.pop("clear_due_date")
        level = slots.priority
        if slots.step:
            at = _LEVELS.index(Priority(task.priority)) + slots.step
            level = _LEVELS[max(0, min(2, at))]
        if level is not None:
            values["priority"] = level.value
            texts.append(f'"{title}" now has {level.value} priority.')
        if slots.note:
            # A note is added to what is there; it never takes its place.
            values["description"] = f"{task.description}\n{slots.note}" if task.description else slots.note
            texts.append(f'Added a note to "{title}".')
        elif slots.note == "" and task.description:
            values["clear_description"] = True
            texts.append(f'Removed the note of "{title}".')
        elif slots.note == "":
            texts.append(f'"{title}" has no note.')
        return values, " ".join(texts)

    # -- Picking
    def _pick(self, target: Reference) -> Plan:
        found = yield from self._finder.resolve(target)
        if isinstance(target, Bare) or not found.tasks:
            if found.missing:
                return found.missing
            return "Which task do you mean, and what shall I do with it?"
        tasks = found.tasks
        self._state.recent, self._state.last = tuple(task.id for task in tasks), "pick"
        if len(tasks) == 1:
            action = self._state.action
            if (
                isinstance(target, Other)
                and action is not None
                and action.deed in (Deed.COMPLETE, Deed.REOPEN, Deed.DELETE)
            ):
                return self._confirm(action, tasks)
            self._state.question = Question("what", (tasks[0].id,))
            return f'"{tasks[0].title}" is on your list{details(tasks[0], self._today)}. What shall I do with it?'
        self._state.shown = tuple(task.id for task in tasks)
        return f"What shall I do with {quoted([task.title for task in tasks])}?"

    # -- Again, and back

    def _again(self, command: Again) -> Plan:
        if command.where is not None:
            status = self._state.scope if self._state.scope != "all" else "open"
            where = command.where if command.where.status != "all" else replace(command.where, status=status)
            return (yield from self._reader.show(Show(where)))
        action = self._state.action
        target = command.target or Bare()
        if command.following and (action is None or self._state.last != action.deed.value):
            return (yield from self._pick(target))
        if action is None or (action.title is not None and action.deed is Deed.CHANGE):
            return "What shall I do the same way? Please say it in one sentence, with the task."
        found = yield from self._finder.resolve(target, deed=action.deed)
        if not found.tasks:
            return found.missing or "Which task do you mean? I can't find that one."
        return (yield from self._act(action, found, sure=True))


def _reworded(command: Change, task: TaskView) -> str:
    """The new title, where only what the task was called by is replaced: "change milk to oat milk" keeps the "buy"."""
    title = command.title or ""
    name = content(command.target.phrase) if isinstance(command.target, Named) else ()
    have = content(understand(task.title, Calendar(dt.date(2000, 1, 1))).phrase)
    first = title.split(" ", 1)[0].casefold()
    without_verb = len(have) > 1 and title_verb(have[0]) and not title_verb(first) and name in ((), have[1:])
    if without_verb and (name or set(have[1:]) & set(title.casefold().split())):
        return f"{task.title.split(' ', 1)[0]} {title}"
    return title


def _is_title(text: str, task: TaskView) -> bool:
    """Whether a text can be nothing but a task's new title: it begins like one, or keeps some of the words."""
    days = Calendar(dt.date(2000, 1, 1))
    new, old = (content(understand(title, days).phrase) for title in (text, task.title))
    first = text.split(" ", 1)[0].casefold()
    begins = " " in text and title_verb(first) and first not in words("go stop start use work look fit do")
    return begins or bool(set(new) & set(old))


def _errand(command: Command) -> bool:
    """A command whose words may as well be a title: "finish the deck"."""
    if isinstance(command, Do):
        return isinstance(command.target, Named) and bool(command.title)
    return False


def _destructive(commands: Sequence[Command]) -> bool:
    return any(isinstance(command, Do) for command in commands)


def _deletes(question: Question) -> bool:
    return question.action is not None and question.action.deed is Deed.DELETE


def _after_yes(phrase: Phrase) -> Phrase:
    """Without "yes," and the like at the beginning."""
    while len(phrase) > 1 and (
        phrase.key(0) in words("yes yeah yep ok okay sure please oh sorry no actually hmm")
        or (phrase.tokens[0].kind is Kind.MARK and phrase.key(0) in ",.!-")
    ):
        phrase = phrase[1:]
    return phrase
