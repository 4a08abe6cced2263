"""Consultations that come out differently with two rulebooks, found by the solver, or the proof that there are none.

Needs z3 (the optional extra `prove`); import this only where `app.governance.has_solver()`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.governance.diff.beside import put_beside
from app.governance.diff.effect import Effect, compare_notes
from app.governance.diff.words import How
from app.governance.solver import Demand, Finder, Want
from app.governance.urgent import urgent
from app.triage import Consultation, Triage
from app.triage.conditions import Condition
from app.triage.rulebook import Conclusions, Rule


@dataclass(frozen=True, slots=True)
class Witness:
    """A consultation in the service's JSON, what it shows, and how the two notes about it differ."""

    shows: str
    body: dict[str, Any]
    effect: Effect


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one rule: what is proven of it, consultations that show the rest, and what was not settled."""

    rule: str
    how: How
    proven: tuple[str, ...]
    witnesses: tuple[Witness, ...]
    unsettled: tuple[str, ...]

    @property
    def lowered(self) -> bool:
        """Whether some consultation shows a lower urgency."""
        return any(witness.effect.lowered for witness in self.witnesses)


class Differences:
    """The rules that differ between two rulebooks, each to be put to the solver."""

    def __init__(self, old: Triage, new: Triage, today: date) -> None:
        self._triages, self._today = (old, new), today
        self._rules = tuple({rule.id: rule for rule in triage.rulebook.rules} for triage in (old, new))
        beside = put_beside(old.rulebook, new.rulebook)
        self._whens: tuple[Mapping[str, Condition], ...] = (beside.old, beside.new)
        self._finder = Finder(beside.rulebook, [*beside.old.values(), *beside.new.values()])

    @property
    def rules(self) -> list[str]:
        """Ids of the rules to look at: gone, come, of another condition or of other conclusions."""
        old, new = self._rules
        return [name for name in dict.fromkeys([*old, *new]) if self._differ(name)]

    def look(self, rule: str) -> Difference:
        """What became of one of `rules`."""
        old, new = (rules.get(rule) for rules in self._rules)
        how: How = "removed" if new is None else "added" if old is None else "changed"
        found = _Found([], [], [])
        for side, other in ((0, 1), (1, 0)):
            self._more_urgent(
                rule, side, f"wherever the {_NAMES[side]} one is true, the {_NAMES[other]} rulebook", found
            )
        self._conditions(rule, found)
        return Difference(rule, how, tuple(found.proven), tuple(found.witnesses), tuple(found.unsettled))

    def _differ(self, rule: str) -> bool:
        old, new = (rules.get(rule) for rules in self._rules)
        if old is None or new is None:
            return True
        return self._whens[0][rule] != self._whens[1][rule] or _decided(old) != _decided(new)

    def _more_urgent(self, rule: str, side: int, otherwise: str, found: _Found) -> None:
        """A consultation that one rulebook makes more urgent because of this rule, or the proof that there is none.

        `side` is 0 for the old rulebook, 1 for the new one.
        """
        mine = self._rules[side].get(rule)
        if mine is None or mine.concludes.urgency is None:
            return
        others = self._rules[1 - side].values()
        rivals = [each.id for each in others if urgent(each.concludes) >= urgent(mine.concludes)]
        demands: list[Demand] = [(self._whens[1 - side][name], "not true") for name in rivals]
        demands.insert(0, (self._whens[side][rule], "true"))
        self._ask(
            demands, f"only the {_NAMES[side]} rulebook is this urgent", f"{otherwise} is at least as urgent", found
        )

    def _conditions(self, rule: str, found: _Found) -> None:
        """Consultations that only one of two conditions holds for; if there is but one, one that it holds for."""
        old, new = (whens.get(rule) for whens in self._whens)
        if old is None or new is None or old == new:
            one = old if new is None else new
            if one is not None and not found.witnesses:
                self._ask([(one, "true")], "the rule is true", "the rule is never true", found)
            return
        apart = _Found([], [], [])
        for held, otherwise in _HELD:
            for one, other, name in ((old, new, "old"), (new, old, "new")):
                shows, proof = f"only the {name} condition is {held}", f"the {name} one is {held} nowhere else"
                self._ask([(one, held), (other, otherwise)], shows, proof, apart)
            if apart.witnesses:
                break
        if len(apart.proven) == _QUESTIONS:
            apart.proven[:] = ["the two conditions are equal"]
        elif apart.witnesses:
            apart.proven.clear()
        found.proven.extend(apart.proven)
        found.witnesses.extend(apart.witnesses)
        found.unsettled.extend(apart.unsettled)

    def _ask(self, demands: list[Demand], shows: str, otherwise: str, found: _Found) -> None:
        """Put one question to the solver and keep what came of it."""
        answer = self._finder.find(*demands)
        if answer.none:
            found.proven.append(otherwise)
        elif answer.body is None:
            found.unsettled.append(shows)
        else:
            consultation = Consultation.model_validate(answer.body)
            old, new = (triage.note(consultation, self._today) for triage in self._triages)
            found.witnesses.append(Witness(shows, answer.body, compare_notes(old, new)))


_NAMES = ("old", "new")
_HELD: tuple[tuple[Want, Want], ...] = (("true", "not true"), ("possible", "false"))
"""What one condition may be where the other is not so."""
_QUESTIONS = 2 * len(_HELD)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the questions about one rule have found so far."""

    proven: list[str]
    witnesses: list[Witness]
    unsettled: list[str]


def _decided(rule: Rule) -> Conclusions:
    """What a rule decides, its wording left aside."""
    concludes = rule.concludes
    within = concludes.within and replace(concludes.within, text="")
    return replace(concludes, action=None, within=within, imaging="" if concludes.imaging else None)
