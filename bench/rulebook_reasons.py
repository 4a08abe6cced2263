"""Whole rulebook with reasons and open questions, against the values alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from app.triage import Triage
from app.triage.facts import registry
from app.triage.known import Known, learn
from app.triage.note.asking import Asking, AskPlan
from app.triage.note.pattern import pattern_of
from app.triage.note.reasons import Quotes
from bench.bodies import check, pool
from bench.rounds import Goal, Line, Sizes, alternate, micro, ratios
from bench.rulebook_values import seconds_each

_GOAL = Goal("at most", 3)


def measure_reasons(triage: Triage, sizes: Sizes) -> Iterator[Line]:
    """Three pieces, each containing the one before. What notes keep from one pattern to the next is not kept here."""
    judge = triage.judge
    ask_plan = AskPlan(judge)
    input_names = frozenset(name for fact in registry()[None].values() for name in fact.inputs)
    consultations = [check(body) for body in pool(sizes.bodies)]

    def trace(known: Known) -> None:
        judgement = judge.judge(known)
        for index in judgement.true:
            judge.because(index, judgement)

    def explain(known: Known) -> None:
        judgement = judge.judge(known)
        quotes = Quotes(judge, judgement)
        for index in judgement.true:
            quotes.facts_for(index)
        asking = Asking(ask_plan, pattern_of(judge, judgement, (), input_names))
        for _, bits in judgement.undecided:
            asking.about(bits)

    def learned() -> list[Known]:
        return [learn(consultation) for consultation in consultations]

    pieces = {
        "what open rules depend on": judge.judge,
        "and what speaks for true ones": trace,
        "both in a note's words": explain,
    }
    works: dict[str, Callable[[Known], object]] = {"values": judge.values, **pieces}
    found = alternate(
        sizes.rounds, {name: partial(seconds_each, work, learned, sizes.passes) for name, work in works.items()}
    )
    for name in pieces:
        aside = f"{micro(found[name])}; values alone {micro(found['values'])}"
        yield Line(f"whole rulebook, {name}: times values", _GOAL, ratios(found[name], found["values"]), aside)
