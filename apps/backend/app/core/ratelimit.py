"""Token buckets, one per user, held in this process."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_MAX_BUCKETS: Final = 10_000


class RateLimiter:
    """Allows bursts, and a steady rate after them.

    Each replica counts for itself, so the limit of a deployment is this one times its replicas.
    It protects against runaway clients; it is no accounting.

    Args:
        per_minute: Steady rate; 0 allows everything.
        burst: Calls that may come at once.
        clock: Seconds from any fixed point.
    """

    def __init__(self, *, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> int:
        """Use up one call.

        Returns:
            0 when the call may go ahead, otherwise the seconds after which one may.
        """
        if self._rate == 0:
            return 0
        now = self._clock()
        tokens, updated = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - updated) * self._rate)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > _MAX_BUCKETS:
            # The longest unused bucket is the fullest: forgetting it gives least away.
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - tokens) / self._rate))
