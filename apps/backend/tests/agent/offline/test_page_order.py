"""Titles in the order in which a browser has them."""

from __future__ import annotations

import random

from app.agent.offline.page_order import title_key

AS_BROWSERS_SORT = [
    " z",
    "_x",
    "“x”",
    "(x)",
    "#1",
    "$5",
    "2nd",
    "007",
    "7",
    "8",
    "9 eggs",
    "10 eggs",
    "a b",
    "a-b",
    "a, b",
    "ab",
    "apfel",
    "Apfel",
    "Äpfel",
    "Call dad",
    "call mum",
    "eclair",
    "éclair",
    "Éclair",
    "flour",
    "milk",
    "Milk",
    "MILK",
    "milk 2",
    "milk 10",
    "milk-2",
    "öl",
    "ß",
    "strasse",
    "straße",
    "uber",
    "über",
    "Uzi",
    "x",
    "Zebra",
]
"""By `localeCompare` with `numeric`."""


def test_titles_are_ordered_as_browsers_order_them() -> None:
    shuffled = random.Random(1).sample(AS_BROWSERS_SORT, len(AS_BROWSERS_SORT))
    assert sorted(shuffled, key=title_key) == AS_BROWSERS_SORT
