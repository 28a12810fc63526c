from __future__ import annotations

from app.core.ratelimit import RateLimiter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_followed_by_a_steady_rate() -> None:
    clock = Clock()
    limiter = RateLimiter(per_minute=60, burst=3, clock=clock)
    assert [limiter.take("anna") for _ in range(5)] == [0, 0, 0, 1, 1]
    assert limiter.take("ben") == 0
    clock.now = 1.0
    assert [limiter.take("anna") for _ in range(2)] == [0, 1]
    clock.now = 1_000.0
    assert [limiter.take("anna") for _ in range(4)] == [0, 0, 0, 1]


def test_the_wait_is_long_enough() -> None:
    clock = Clock()
    limiter = RateLimiter(per_minute=6, burst=1, clock=clock)
    limiter.take("anna")
    wait = limiter.take("anna")
    assert wait == 10
    clock.now = float(wait)
    assert limiter.take("anna") == 0


def test_zero_means_no_limit() -> None:
    limiter = RateLimiter(per_minute=0, burst=1)
    assert not any(limiter.take("anna") for _ in range(1_000))


def test_memory_is_bounded() -> None:
    limiter = RateLimiter(per_minute=60, burst=1, clock=Clock())
    for number in range(20_000):
        limiter.take(str(number))
    assert len(limiter._buckets) == 10_000
