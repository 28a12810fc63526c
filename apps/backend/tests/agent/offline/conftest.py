"""A list that most tests speak about."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.agent.offline.listing import TaskList

TODAY = dt.date(2030, 1, 30)  # a Wednesday
_DAY = dt.timedelta(days=1)


@pytest.fixture
def user() -> TaskList:
    """Somebody with six tasks: one done, one overdue, one due today, one tomorrow."""
    user = TaskList(TODAY)
    user.put("buy milk")
    user.put("call mum")
    user.put("pay rent", due=TODAY + _DAY, priority="high", description="to the landlord")
    user.put("finish the report", due=TODAY)
    user.put("water the plants", completed=True)
    user.put("book dentist appointment", due=TODAY - 2 * _DAY)
    return user
