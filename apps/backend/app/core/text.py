"""String types that PostgreSQL can store."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator


def _storable(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain NUL characters")
    return value


Text = Annotated[str, AfterValidator(_storable)]
"""A string without NUL characters, which PostgreSQL's text can't hold."""


def _not_blank(value: str) -> str:
    stripped = value.strip()
    if not stripped:
        raise ValueError("must not be blank")
    return stripped


Title = Annotated[Text, AfterValidator(_not_blank)]
"""A string with something to read in it; surrounding white space is removed."""
