"""String types that PostgreSQL can store."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator

_DIRECTIONAL: Final = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
"""Embeddings, overrides and isolates are left out: they would turn round what a page shows after the text."""


def storable(value: str) -> bool:
    """Whether PostgreSQL's text can hold a string: no NUL, and nothing that UTF-8 can't say."""
    if "\x00" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _storable(value: str) -> str:
    if not storable(value):
        raise ValueError("must not contain NUL characters or halves of surrogate pairs")
    return value


Text = Annotated[str, AfterValidator(_storable)]
"""A string that PostgreSQL's text can hold."""


def _not_blank(value: str) -> str:
    if not any(unicodedata.category(character)[0] not in "CZ" for character in value):
        raise ValueError("must not be blank")
    return value


def _one_line(value: str) -> str:
    # Whatever a client's text field let through.
    return " ".join(value.translate(_DIRECTIONAL).split())


Line = Annotated[Text, AfterValidator(_not_blank)]
"""A text with something to read in it, as it is."""

Title = Annotated[Line, AfterValidator(_one_line)]
"""A line with something to read in it; white space is removed around it, and is one blank within."""
