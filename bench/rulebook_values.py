"""Whole rulebook, values: our generated function against the Rust CEL binding on the same rules and facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TypeVar

from app.triage import Triage
from app.triage.known import Known, learn
from bench.bodies import check, pool
from bench.cel_peer import CelPeer, as_values
from bench.rounds import Goal, Line, Sizes, alternate, micro, ratios

T = TypeVar("T")


def measure_values(triage: Triage, sizes: Sizes) -> Iterator[Line]:
    """Reading the body is timed on neither side: we begin with learned facts, the peer with converted variables."""
    judge = triage.judge
    consultations = [check(body) for body in pool(sizes.bodies)]
    peer = CelPeer(judge)
    contexts = [peer.context(learn(consultation)) for consultation in consultations]
    count = len(judge.rulebook.rules)
    for consultation, context in zip(consultations, contexts, strict=True):
        assert as_values(count, *judge.values(learn(consultation))) == peer.values(context)

    def learned() -> list[Known]:
        return [learn(consultation) for consultation in consultations]

    found = alternate(
        sizes.rounds,
        {
            "ours": lambda: seconds_each(judge.values, learned, sizes.passes),
            "peer": lambda: seconds_each(peer.values, lambda: contexts, sizes.passes),
        },
    )
    aside = f"{micro(found['ours'])} for {count} rules with scores; CEL {micro(found['peer'])} without"
    yield Line(
        "whole rulebook, values: times Rust CEL", Goal("at least", 3), ratios(found["peer"], found["ours"]), aside
    )


def seconds_each(work: Callable[[T], object], prepare: Callable[[], Sequence[T]], passes: int) -> float:
    """Seconds for one item. Items are prepared anew, untimed, for each pass, because judging adds scores to them."""
    spent = 0.0
    done = 0
    for _ in range(passes):
        items = prepare()
        begun = perf_counter()
        for item in items:
            work(item)
        spent += perf_counter() - begun
        done += len(items)
    return spent / done
