"""The words that the grammar knows, by what they do in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from app.models.task import Priority


@cache
def words(text: str) -> frozenset[str]:
    """A set of words, written with blanks between them. Only for texts of the grammar, which are kept."""
    return frozenset(text.split())


def by_first_word(phrases: Iterable[tuple[str, ...]]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Phrases by their first words, in the same order: most words of a message begin none of them."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for phrase in phrases:
        found[phrase[0]] = (*found.get(phrase[0], ()), phrase)
    return found


ARTICLES: Final = words("the a an my our your some this that these those his her their")
POLITE: Final = words("please kindly thanks thank thx ta cheers")
TASK_NOUNS: Final = words(
    "task tasks todo todos to-do to-dos item items reminder reminders entry entries one ones thing things stuff job jobs chore chores"
)
LIST_NOUNS: Final = words("list lists agenda backlog todo todos to-do to-dos tasks plate schedule")
ORDINALS: Final = {
    **{
        word: index + 1
        for index, word in enumerate(
            [
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
            ]
        )
    },
    **{
        f"{n}{'th' if n % 100 in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}": n
        for n in range(1, 200)
    },
}
CARDINALS: Final = {
    **{
        word: index + 1
        for index, word in enumerate(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
        )
    },
    "couple": 2,
    "few": 3,
}
PRIORITIES: Final = {
    **dict.fromkeys(
        ["high", "highest", "top", "urgent", "important", "critical", "crucial", "vital", "max", "maximum"],
        Priority.HIGH,
    ),
    **dict.fromkeys(
        ["medium", "normal", "regular", "middle", "mid", "moderate", "default", "standard"], Priority.MEDIUM
    ),
    **dict.fromkeys(["low", "lowest", "lower", "minor", "unimportant", "minimal"], Priority.LOW),
    **dict.fromkeys(["high-priority", "high-prio", "top-priority"], Priority.HIGH),
    **dict.fromkeys(["medium-priority", "normal-priority"], Priority.MEDIUM),
    **dict.fromkeys(["low-priority", "low-prio"], Priority.LOW),
}
PRIORITY_NOUNS: Final = words("priority prio importance pri priorities urgency prority priorty")

ADD: Final = words("add create insert enter jot record note log append include schedule pencil")
DELETE: Final = words("delete remove erase trash discard scrap dump purge rm del rmv")
COMPLETE: Final = words("complete finish tick cross")
REOPEN: Final = words("reopen re-open uncheck untick unmark uncomplete unfinish restart reactivate")
SHOW: Final = words(
    "show list display view see print find search read give tell get pull open look review remind check"
)
CHANGE: Final = words(
    "rename retitle reword change edit update modify correct make set mark move postpone push delay shift defer reschedule "
    "bring swap replace turn prioritise prioritize deprioritise deprioritize bump raise lower flag label give put increase "
    "decrease reduce describe attach snooze extend fix capitalise capitalize star"
)
LOOSE_DELETE: Final = words(
    "cancel drop clear empty wipe forget scratch kill bin take get strike lose clean ditch chuck"
)
"""Verbs that delete, and also begin the titles of tasks."""
COMMANDS: Final = (
    ADD | DELETE | COMPLETE | REOPEN | CHANGE | LOOSE_DELETE | SHOW | words("undo close check revert restore")
)

TITLE_VERBS: Final = words(
    "buy call email mail pay walk clean book send write read fix pick get wash cook make plan prepare order visit meet "
    "water feed study practice practise review submit schedule organize organise return renew cancel text ask check finish "
    "start do take bring print sign file update replace sell move mow iron vacuum bake learn go see watch register apply "
    "collect repair paint phone ring contact message reply answer talk speak tell invite help pack unpack drop deliver grab "
    "fetch purchase shop sort tidy empty sweep dust mop scrub rake dig plant trim cut prune build assemble install set "
    "configure download upload backup back charge refill fill top change swap exchange donate give lend borrow find look "
    "search research compare choose decide draft edit proofread finalise finalize present rehearse prep attend join leave "
    "drive ride run swim exercise stretch train work create design draw sketch sew knit test debug deploy merge release "
    "publish post share scan copy shred burn recycle throw put hang mount measure remove delete open close turn switch "
    "unplug lock wrap gift celebrate confirm verify discuss arrange reserve rent hire interview follow chase remind "
    "transfer deposit withdraw invest budget declare claim cash reimburse bill invoice quote freeze defrost marinate "
    "eat drink taste try hoover polish wax oil inflate tune service groom brush bathe worm vaccinate complete use listen "
    "play record rehearse memorise memorize translate type enrol enroll subscribe unsubscribe upgrade downgrade hand stop "
    "resolve solve finalize pickup collect drop-off dry fold sharpen weed harvest keep add archive clear connect hug kiss"
)
IRREGULAR: Final = {
    form: verb
    for verb, forms in {
        "buy": "bought",
        "pay": "paid",
        "get": "got gotten",
        "do": "did done does",
        "make": "made",
        "send": "sent",
        "write": "wrote written",
        "read": "read",
        "take": "took taken",
        "go": "went gone",
        "bring": "brought",
        "meet": "met",
        "see": "saw seen",
        "feed": "fed",
        "sell": "sold",
        "find": "found",
        "give": "gave given",
        "ring": "rang rung",
        "run": "ran",
        "swim": "swam swum",
        "drive": "drove driven",
        "ride": "rode ridden",
        "eat": "ate eaten",
        "drink": "drank drunk",
        "build": "built",
        "hang": "hung",
        "dig": "dug",
        "cut": "cut",
        "put": "put",
        "set": "set",
        "throw": "threw thrown",
        "speak": "spoke spoken",
        "tell": "told",
        "think": "thought",
        "lend": "lent",
        "leave": "left",
        "keep": "kept",
        "sweep": "swept",
        "choose": "chose chosen",
        "freeze": "froze frozen",
        "draw": "drew drawn",
        "say": "said",
        "teach": "taught",
        "catch": "caught",
        "wear": "wore worn",
        "win": "won",
        "lose": "lost",
        "let": "let",
        "sew": "sewn",
        "mow": "mown",
        "begin": "began begun",
        "hold": "held",
        "have": "had has",
        "be": "was were been is are am",
        "withdraw": "withdrew withdrawn",
        "burn": "burnt",
        "learn": "learnt",
        "fit": "fit",
        "hit": "hit",
        "sing": "sang sung",
        "become": "became",
        "understand": "understood",
    }.items()
    for form in forms.split()
}
SAME_SPELLING: Final = {
    "mom": "mum",
    "mommy": "mum",
    "mummy": "mum",
    "color": "colour",
    "favorite": "favourite",
    "center": "centre",
    "theater": "theatre",
    "check": "cheque",
    "grey": "gray",
    "program": "programme",
    "tire": "tyre",
    "organize": "organise",
    "practise": "practice",
    "pajamas": "pyjamas",
    "jewelry": "jewellery",
    "doc": "doctor",
    "appt": "appointment",
    "b'day": "birthday",
    "bday": "birthday",
    "telephone": "phone",
    "&": "and",
}

COMMON: Final = (
    ARTICLES
    | POLITE
    | TASK_NOUNS
    | LIST_NOUNS
    | frozenset(ORDINALS)
    | frozenset(CARDINALS)
    | frozenset(PRIORITIES)
    | COMMANDS
    | TITLE_VERBS
    | frozenset(IRREGULAR)
    | words(
        "i you he she it we they me him us them who what which when where why how and or but if then than so because as of "
        "at by for from in into on onto to up down off out over under with without about after before until till since "
        "is are am was were be been being do does did have has had having can could will would shall should may might must "
        "not no yes ok okay all any every everything anything nothing something each both either neither other another "
        "more most less least much many few little lot very too also just only even still already yet again ever never "
        "now today tomorrow tonight yesterday day days week weeks month months year years morning afternoon evening night "
        "weekend monday tuesday wednesday thursday friday saturday sunday time hour hours minute minutes date due late "
        "milk bread eggs egg butter cheese water coffee tea food lunch dinner breakfast groceries shopping gym doctor "
        "dentist meeting appointment report email letter bill bills rent tax taxes car bike bus train flight ticket tickets "
        "hotel house home kitchen garden room bathroom bedroom office work school kids kid baby mum mom dad mother father "
        "sister brother wife husband friend friends boss team client party birthday present gift book books homework "
        "laundry dishes trash garbage rubbish bins bin dog cat plants plant flowers grass lawn phone computer laptop "
        "passport visa insurance bank money card keys key project presentation slides essay paper exam test form forms "
        "good new old big small great nice long short best better bad next last same different free full hard easy early "
        "later soon ready sure right wrong left open done undone finished completed pending overdue people man woman "
        "name number way place thing world life love need want like know think feel hope wish mean say said let going "
        "stuff dinner suit shirt shoes clothes bed sink door window light batteries battery oil gas petrol haircut "
        "here there really always sometimes maybe perhaps instead else back away together around through between "
        "hello hi hey bye thanks help joke song weather music film movie games game human robot useless stupid stressed tired"
    )
)

_LONGEST_KNOWN: Final = 14


@lru_cache(maxsize=4_096)
def closest(word: str, known: frozenset[str]) -> str | None:
    """The known word that this one is a slip of, if it is no word of its own.

    One slip (a letter missing, doubled, wrong, or two swapped) for words of four letters or more, two for eight or more.
    """
    if word in known:
        return word
    if len(word) < 4 or len(word) > _LONGEST_KNOWN or word in COMMON or not word.isalpha():
        return None
    most = 2 if len(word) >= 7 else 1
    near = [
        (distance, other)
        for other in known
        if len(other) >= 3 and (distance := OSA.distance(word, other, score_cutoff=most)) <= most
    ]
    best = min(near, default=None)
    return best[1] if best is not None and (best[1][0] == word[0] or best[0] == 1) else None


def is_past(word: str) -> bool:
    """Whether the word looks like a verb that says what has been done."""
    return word in IRREGULAR or (len(word) > 4 and word.endswith("ed"))


@lru_cache(maxsize=4_096)
def lemmas(word: str) -> frozenset[str]:
    """The verbs that a word may be a form of, itself among them."""
    found = {word, IRREGULAR.get(word, word)}
    if word.endswith("ied") and len(word) > 4:
        found.add(word[:-3] + "y")
    for ending in ("ed", "ing"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word[: -len(ending)]
            found |= {stem, stem + "e"}
            if len(stem) > 2 and stem[-1] == stem[-2]:
                found.add(stem[:-1])
    return frozenset(found)


def title_verb(word: str) -> bool:
    """Whether tasks begin with this word."""
    return word in TITLE_VERBS


def known_share(keys: Iterable[str]) -> float:
    """How many of the words are common English ones, from 0 to 1; 1 when there are none."""
    all_words = [key for key in keys if key.isalpha()]
    if not all_words:
        return 1.0
    return sum(_known(key) for key in all_words) / len(all_words)


def _known(key: str) -> bool:
    return key in COMMON or bool(lemmas(key) & COMMON) or (key.endswith("s") and key[:-1] in COMMON)
