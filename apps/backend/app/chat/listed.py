"""Threads of a list, with the time that it is ordered by."""

from __future__ import annotations

import datetime as dt

from chatkit import types
from chatkit.types import Thread, ThreadMetadata


class ListedThread(ThreadMetadata):
    """As the store has it."""

    updated_at: dt.datetime


class ListedResponse(Thread):
    """As clients get it, who group by that time."""

    updated_at: dt.datetime


for model in (ListedThread, ListedResponse):
    # ChatKit names types in these that it defines after them.
    model.model_rebuild(_types_namespace=vars(types))
