"""What is said beside commands: greetings, thanks, yes and no, other languages."""

from __future__ import annotations

import unicodedata
from typing import Final

from app.agent.offline.commands import Command, Reply, Say
from app.agent.offline.lexicon import known_share, words
from app.agent.offline.text import Kind, Phrase, words_of

EXAMPLES: Final = 'Try: "add buy bread tomorrow", "what\'s on my list?", "mark the second one done", "undo".'
WHAT_I_DO: Final = f"I can help with your to-do list: add tasks, show, change, complete and delete them. {EXAMPLES}"
ENGLISH: Final = "I speak English only."

_FILLERS: Final = words(
    "well hmm hm um uh oh ah er so like just really actually pretty very much then there again everyone all bot buddy dear my friend"
)
_GREETINGS: Final = words("hi hello hey hiya howdy yo heya greetings morning evening afternoon gday")
_THANKS: Final = words("thanks thank thx ty cheers thankyou tysm")
_PRAISE: Final = words(
    "great perfect awesome nice cool good excellent wonderful brilliant amazing lovely super fantastic sweet neat fine"
)
_KIND: Final = words(
    "best star hero legend lifesaver kind helpful clever smart funny cute right genius fun angel champ gem"
)
_OKAY: Final = words("ok okay k kk alright right understood noted gotcha fine")
_LAUGHS: Final = words("lol haha hahaha rofl lmao hehe wow yay hooray hurray")
_NIGHT: Final = words("bye goodbye goodnight cya later farewell night ciao")
_THUMBS: Final = ("👍", "👌", "🙏", "😀", "😊", "🙂", "❤", "🎉", "🆗")

YES: Final = frozenset(
    tuple(text.split())
    for text in [
        "yes",
        "y",
        "yep",
        "yeah",
        "yup",
        "yea",
        "ya",
        "sure",
        "ok",
        "okay",
        "k",
        "do it",
        "do that",
        "go ahead",
        "go for it",
        "confirm",
        "confirmed",
        "please do",
        "i am sure",
        "absolutely",
        "of course",
        "definitely",
        "certainly",
        "correct",
        "right",
        "exactly",
        "that is right",
        "that is correct",
        "yes please",
        "please",
        "yes do it",
        "yes do that",
        "yes go ahead",
        "yes i am sure",
        "yes i am",
        "i do",
        "yes sure",
        "yes absolutely",
        "yes of course",
        "yes ok",
        "ok do it",
        "ok yes",
        "okay yes",
        "ok go ahead",
        "sure go ahead",
        "sure do it",
        "yes definitely",
        "yes confirm",
        "i confirm",
        "yes that one",
        "that one",
        "yes it is",
        "yes that is right",
        "yes that is it",
        "yes correct",
        "affirmative",
        "sounds good",
        "sure thing",
        "all right",
        "alright",
        "yes thanks",
        "yes thank you",
        "sure thanks",
        "yes yes",
        "👍",
        "👌",
        "✅",
        "yes exactly",
        "yes right",
        "make it so",
        "yes for sure",
        "for sure",
    ]
)
"""Whole answers that are a yes; anything beside them is none."""
_YES_VERBS: Final = words("delete remove complete finish reopen clear add mark close erase tick")
_YES_OBJECTS: Final = words("it them that this those these all everything both done as of please off one")
_NO: Final = words(
    "no nope nah not don't never stop cancel wait n nooo noo abort halt leave keep neither none nevermind nein non nee nej não nothing"
)


def is_yes(phrase: Phrase) -> bool:
    """Whether the whole message is a plain yes."""
    keys = tuple(key for key in phrase.keys if key not in (",", ".", "!", "-", "…"))
    if "?" in keys:
        return False
    while len(keys) > 2 and (keys[-2:] == ("thank", "you") or keys[-1] in ("thanks", "thx", "cheers")):
        keys = keys[: -2 if keys[-1] == "you" else -1]
    if keys in YES or (len(keys) > 1 and keys[-1] in ("please", "thanks") and keys[:-1] in YES):
        return True
    if len(keys) > 1 and keys[0] in words("yes yep yeah sure ok okay please"):
        # "Yes, delete them all" repeats what is agreed to.
        keys = keys[1:]
        keys = keys[1:] if keys[:1] == ("please",) else keys
        return len(keys) > 1 and keys[0] in _YES_VERBS and all(key in _YES_OBJECTS for key in keys[1:])
    return False


def is_no(phrase: Phrase) -> bool:
    """Whether a message takes a question back: it says no somewhere, and nothing that is to be done instead."""
    keys = words_of(phrase)
    if phrase.keys and set(phrase.keys) <= {"👎", "❌", "🚫"}:
        return True
    if keys == ("i", "changed", "my", "mind"):
        return True
    if not keys or not (set(keys) & _NO or keys[:2] == ("forget", "it") or keys[:2] == ("forget", "that")):
        return False
    harmless = (
        _NO
        | _FILLERS
        | _OKAY
        | _THANKS
        | words(
            "yes yeah yep sure do it that this yes thank you mind of course absolutely definitely please moment second a let me think about the i am "
            "want to please everything them all anything forget way delete remove is was for now tasks be did mean any sorry changed my"
        )
    )
    return all(key in harmless for key in keys)


def small_talk(phrase: Phrase) -> Command | None:
    """An answer to what is no command, if the phrase is one of these."""
    keys = words_of(phrase)
    said = set(keys)
    if not keys:
        marks = phrase.raw()
        return Reply("okay") if marks and any(marks.startswith(thumb) for thumb in _THUMBS) else None
    plain = said - _FILLERS
    if keys[0] in _GREETINGS or (
        keys[:1] == ("good",) and len(keys) > 1 and keys[1] in ("morning", "afternoon", "evening", "day")
    ):
        rest = said - _GREETINGS - _FILLERS - words("good day how are you today is it going what up doing nice to meet")
        if not rest:
            return Reply("greeting")
    if keys[:2] == ("how", "are") or keys[:3] in (("how", "is", "it"), ("what", "is", "up")):
        return Reply("greeting") if len(keys) < 6 else None
    if (keys[0] == "see" and keys[1:2] in (("you",), ("ya",))) or (
        (keys[0] in _NIGHT or keys == ("good", "night")) and len(keys) <= 5
    ):
        return Reply("goodbye")
    if (
        len(keys) <= 6
        and said & _NIGHT
        and said & words("good bye")
        and not said - _NIGHT - words("good bye for now you thanks thank and then ok")
    ):
        return Reply("goodbye")
    if said & _THANKS and not said - _THANKS - _FILLERS - _PRAISE - _OKAY - words(
        "you a lot so much for the help your that is this it job work done well many lots helping being everything very appreciated"
    ):
        return Reply("thanks")
    if (
        keys[:3] in (("that", "is", "all"), ("nothing", "else"), ("i", "am", "done"), ("that", "will", "do"))
        and len(keys) <= 4
        and keys[0] != "i"
    ):
        return Reply("goodbye")
    if (
        plain
        and not plain
        - _PRAISE
        - _OKAY
        - words("job work one done well that is you are the best it got i see it's stuff")
        and (keys[0] in _OKAY or said & _PRAISE or keys[:2] in (("got", "it"), ("i", "see")))
    ):
        return Reply("okay")
    if said <= words("sorry apologies oops whoops my bad apologise") | _FILLERS and said & words("sorry apologies bad"):
        return Reply("okay")
    if keys in (("well", "done"), ("good", "job"), ("nice", "one")):
        return Reply("okay")
    if said <= _LAUGHS | _FILLERS and said & _LAUGHS:
        return Reply("laugh")
    if is_help(phrase):
        return Say(WHAT_I_DO)
    if keys[:3] == ("are", "you", "a") or keys[:2] == ("are", "you"):
        return Say(f"I'm a program that looks after your to-do list. {EXAMPLES}")
    if keys[0] == "you" and keys[1:2] in (("are",), ("suck",)):
        kind = said & (_PRAISE | _KIND) and not said & words("not never no least")
        return Say("Thank you!" if kind else f"I'm sorry that I wasn't of more use. {EXAMPLES}")
    if keys[:3] == ("i", "love", "you") or keys[:3] == ("i", "like", "you"):
        return Say("That's kind of you! What shall I do with your list?")
    return None


def is_help(phrase: Phrase) -> bool:
    """Whether somebody asks what can be done here."""
    keys = words_of(phrase)
    said = set(keys)
    if not keys:
        return phrase.keys[:1] == ("?",)
    if (
        keys[0] in ("help", "commands", "menu", "instructions", "manual", "usage")
        and len(keys) <= 3
        and keys[1:2] not in (("mum",), ("dad",))
    ):
        return said <= words("help me please out with this commands menu instructions manual usage the")
    if "help" in said and said <= words(
        "i need some help please can you help me could get a little your want to know with this"
    ):
        return True
    if keys[:2] in (("who", "are"), ("what", "are")) and keys[2:3] == ("you",):
        return True
    if "you" in said and said & words("do help know say understand offer able") and keys[0] in ("what", "how", "which"):
        return bool(
            said
            <= words(
                "what how which can could you do for me help know say to understand offer are able commands things else is it with my list tasks i does would use like"
            )
        )
    if keys[0] == "what" and said <= words("what can i do say here ask type tell you write with this app"):
        return "can" in said
    return keys[0] == "how" and (
        len(keys) > 1
        and keys[1] in ("do", "does", "can", "to", "should", "would")
        and len(keys) > 2
        and keys[1:3] != ("do", "you")
        and bool(said & words("i this it to you work use delete add remove mark complete change undo rename create"))
    )


_MARKERS: Final = words(
    # German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Turkish: little words and what lists are full of.
    "danke ich muss bitte und der die das den dem ein eine einen nicht ist sind mein meine meiner meinen zeig zeige mir auf fuer für mit "
    "von zur zum morgen heute füge hinzu lösche erledigt kaufen anrufen machen einkaufen bezahlen putzen liste aufgabe aufgaben "
    "alle alles erinnere mich daran holen bringen schreiben milch brot "
    "je tu le la les une des du de et est sont mon ma mes pas pour avec sur dans ajoute ajouter acheter appeler supprime supprimer "
    "montre moi liste tâche tâches demain aujourd'hui faire tout rappelle rappelez lait pain s'il vous plaît merci bonjour salut "
    "el los las un una unos y es son mi mis no por para con en añade añadir agrega agregar comprar llamar borra borrar eliminar "
    "muestra muéstrame lista tarea tareas mañana hoy hacer todo leche hola gracias recuérdame que tengo "
    "il lo gli uno e sono mio mia miei per nel nella aggiungi comprare chiamare cancella mostra mostrami domani oggi fare "
    "tutto latte pane ciao grazie ricordami devo "
    "o os as um uma meu minha eu não adicionar adiciona ligar apagar mostrar amanhã hoje fazer tudo leite pão olá obrigado preciso lembre "
    "ik het een en niet mijn voor met op voeg toe kopen bellen verwijder toon morgen vandaag doen alles melk brood hallo dank moet boodschappen "
    "ja nie jest moja moje dodaj kupić zadzwonić usuń pokaż jutro dziś mleko chleb cześć dziękuję muszę listę "
    "jag och är min mitt inte för med på lägg till köpa köp ringa ta bort visa imorgon idag mjölk bröd hej tack måste "
    "ve bir benim ekle al ara sil göster yarın bugün süt ekmek merhaba teşekkürler listemi almak"
) - words("no a me on as or do all is an van die o y e ma son pain del bring alles en la de el met op bellen ara sil al ja")  # fmt: skip


_LETTERS_OF_A_WORD: Final = 20
"""As many tell its alphabet."""


def is_foreign(phrase: Phrase) -> bool:
    """Whether the words are of another language."""
    letters = [char for token in phrase.tokens for char in token.key[:_LETTERS_OF_A_WORD] if char.isalpha()]
    if not letters:
        return False
    other = sum(not unicodedata.name(char, "").startswith(("LATIN", "FULLWIDTH LATIN")) for char in letters)
    if other * 2 > len(letters):
        return True
    keys = [token.key for token in phrase.tokens[:60] if token.kind is Kind.WORD]
    marked = sum(key in _MARKERS for key in keys)
    return bool(marked) and known_share(keys) < 0.6
