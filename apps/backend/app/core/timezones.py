"""The caller's time zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from app.core.problems import Unprocessable


def time_zone(name: str | None, field: str) -> ZoneInfo:
    """The zone of that IANA name; UTC without one.

    Args:
        name: Such as "Europe/Berlin".
        field: Where the caller said it, for the error.

    Raises:
        Unprocessable: There is no such zone.
    """
    if not name:
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Unprocessable(f"{field} must be an IANA time zone name.") from None
