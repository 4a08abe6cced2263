from __future__ import annotations

import pytest

from app.errors import TooManyRequests
from app.routers.edge import FailureLimiter, RateLimiter, minute


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(minute, "monotonic", clock)
    return clock


def test_a_caller_has_its_requests_a_minute_and_no_more(clock: Clock) -> None:
    limiter = RateLimiter(5)
    for _ in range(5):
        limiter.check("st-anna/a")
    with pytest.raises(TooManyRequests, match="at most 5 requests a minute") as refused:
        limiter.check("st-anna/a")
    assert 1 <= refused.value.retry_after <= 61
    limiter.check("st-anna/b")


@pytest.mark.parametrize("into", [0.0, 13.7, 59.9])
@pytest.mark.parametrize("per_minute", [1, 7, 600])
def test_who_waits_as_long_as_told_is_let_in(into: float, per_minute: int, clock: Clock) -> None:
    clock.now += into
    limiter = RateLimiter(per_minute)
    for _ in range(3):
        clock.now += _ask_until_refused(limiter)
        limiter.check("a")


def test_whoever_has_more_addresses_than_are_remembered_is_counted_anew(clock: Clock) -> None:
    limiter = FailureLimiter(1)
    limiter.note_failure("192.0.2.1")
    assert not limiter.has_room("192.0.2.1")
    for number in range(20_000):
        limiter.note_failure(f"10.{number // 65_536}.{number // 256 % 256}.{number % 256}")
    assert limiter.has_room("192.0.2.1")


def test_without_a_limit_everybody_may_ask() -> None:
    limiter = RateLimiter(None)
    for _ in range(10_000):
        limiter.check("a")


def test_an_address_that_failed_too_often_is_not_listened_to_for_a_while(clock: Clock) -> None:
    limiter = FailureLimiter(3)
    for _ in range(3):
        limiter.check_failures("192.0.2.1")
        limiter.note_failure("192.0.2.1")
    with pytest.raises(TooManyRequests, match="without valid credentials") as refused:
        limiter.check_failures("192.0.2.1")
    limiter.check_failures("192.0.2.2")
    clock.now += refused.value.retry_after
    limiter.check_failures("192.0.2.1")


def test_looking_is_free() -> None:
    limiter = FailureLimiter(1)
    for _ in range(100):
        limiter.check_failures("192.0.2.1")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        (None, "not an address", True),
    ],
)
def test_addresses_count_as_one_where_one_customer_has_them_all(one: str | None, other: str, same: bool) -> None:
    limiter = FailureLimiter(1)
    limiter.note_failure(one)
    if same:
        with pytest.raises(TooManyRequests):
            limiter.check_failures(other)
    else:
        limiter.check_failures(other)


def test_a_flood_of_addresses_does_not_grow_what_is_kept_without_bound() -> None:
    limiter = FailureLimiter(1)
    for number in range(25_000):
        limiter.note_failure(f"2001:db8:{number:x}::1")
    kept = sum(_is_kept(limiter, f"2001:db8:{number:x}::1") for number in range(25_000))
    assert kept <= 10_001


def _ask_until_refused(limiter: RateLimiter) -> int:
    try:
        while True:
            limiter.check("a")
    except TooManyRequests as refused:
        return refused.retry_after


def _is_kept(limiter: FailureLimiter, address: str) -> bool:
    try:
        limiter.check_failures(address)
    except TooManyRequests:
        return True
    return False
