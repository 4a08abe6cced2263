"""POST /v1/triage: the real service against an endpoint that parses the same body and returns the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count

from app.triage import Triage, encode
from bench.bodies import Body, check, pool, readme_body, written
from bench.client import answers, post_request, rate_of
from bench.floors import save_answers
from bench.rounds import Goal, Line, Sizes, alternate, rate, ratios
from bench.served import floor, scratch, service

CONNECTIONS = 8

_PATH = "/v1/triage"
_GOAL = Goal("at least", 0.65)
_Turn = Callable[[], Sequence[bytes]]


def measure_triage(triage: Triage, sizes: Sizes) -> Iterator[Line]:
    """A pool that comes round again and again, bodies that nobody sent before, and the README's alone.

    The service keeps what follows from a pattern of answers, so that only the bodies sent once show its whole work.
    """
    known = [*pool(sizes.bodies), readme_body()]
    turn_size = max(1, sizes.requests // 4)
    unseen = pool(turn_size * sizes.rounds, seed=2)
    bodies = [*known, *unseen]
    today = datetime.now(UTC).date()
    notes = [encode(triage.note(check(body), today)) for body in bodies]
    with scratch() as folder:
        save_answers(folder / "answers.json", bodies, notes)
        with service(folder) as served, floor("triage", folder / "answers.json") as parsing:
            real = served.addresses[0]
            # The floor pays no heed to who is calling; it is sent the same bytes.
            asked, once = (ready(each, _PATH, served.authorization) for each in (known, unseen))

            def line(work: str, turn_for: Callable[[str], _Turn]) -> Line:
                ours, least = turn_for("ours"), turn_for("floor")
                found = alternate(
                    sizes.rounds,
                    {
                        "ours": lambda: rate_of(real, ours(), CONNECTIONS, 200),
                        "floor": lambda: rate_of(parsing, least(), CONNECTIONS, 200),
                    },
                )
                aside = f"{rate(found['ours'])}; floor {rate(found['floor'])}; {CONNECTIONS} connections"
                return Line(
                    f"POST {_PATH}, {work}: share of parsing alone", _GOAL, ratios(found["ours"], found["floor"]), aside
                )

            assert answers(real, asked, 200) == answers(parsing, asked, 200)
            yield line(f"{sizes.bodies} bodies again and again", lambda _: lambda: repeated(asked[:-1], sizes.requests))
            yield line("each body once", lambda _: _slices(once, turn_size))
            yield line("the README's body", lambda _: lambda: repeated(asked[-1:], sizes.requests))
            assert answers(real, once, 200) == answers(parsing, once, 200)


def _slices(asked: Sequence[bytes], size: int) -> _Turn:
    """The next `size` requests at each call."""
    turns = count()

    def turn() -> Sequence[bytes]:
        begin = next(turns) * size
        return asked[begin : begin + size]

    return turn


def repeated(asked: Sequence[bytes], count: int) -> list[bytes]:
    """`count` requests that go through `asked` again and again."""
    return [asked[number % len(asked)] for number in range(count)]


def ready(bodies: Sequence[Body], path: str, authorization: str) -> list[bytes]:
    """Requests that post the bodies."""
    return [post_request(path, written(body), Authorization=authorization) for body in bodies]
