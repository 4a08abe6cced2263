"""Which undecided rules a note shows beside the categories that they speak for."""

from __future__ import annotations

from functools import cache

from app.triage.conditions import Same
from app.triage.judge import Judge, Judgement
from app.triage.note.plan import CONTEXT, NotePlan
from app.triage.note.reasons import Quotes

_KINDS = {"level": "imaging.levels.", "imaging": "imaging."}


class Anchors:
    """Of each supporting rule, the facts of which one has to speak for it before it is shown undecided.

    They are those that it names in `shown_from`; if it names none, all but the place, the age and the sex.
    """

    def __init__(self, judge: Judge, plan: NotePlan) -> None:
        self._judge = judge
        self._shown_from = {index: frozenset(plan.rules[index].rule.shown_from) for index in plan.open_supports}
        self._sames = frozenset(judge.program.same_numbers)
        plain = [(number, atom) for number, atom in enumerate(judge.program.atoms) if not isinstance(atom, Same)]
        self._telling = {
            shown_from: frozenset(number for number, atom in plain if _tells(atom.fact.full_name, shown_from))
            for shown_from in set(self._shown_from.values())
        }

    def anchored(self, judgement: Judgement, quotes: Quotes) -> tuple[int, ...]:
        """The undecided supporting rules that are shown."""
        return tuple(
            [
                index
                for index, _ in judgement.undecided
                if index in self._shown_from and self._is_anchored(index, judgement, quotes)
            ]
        )

    def _is_anchored(self, index: int, judgement: Judgement, quotes: Quotes) -> bool:
        shown_from, spoken = self._shown_from[index], self._judge.because(index, judgement)
        if not self._telling[shown_from].isdisjoint(spoken):
            return True
        rows = [number for number in spoken if number in self._sames]
        return any(_tells(name, shown_from) for number in rows for name in quotes.names_of(number))


@cache
def _tells(name: str, shown_from: frozenset[str]) -> bool:
    if not shown_from:
        return name not in CONTEXT
    return name in shown_from or any(
        kind in shown_from and name.startswith(beginning) for kind, beginning in _KINDS.items()
    )
