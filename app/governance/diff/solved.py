"""Consultations that come out differently with two rulebooks, found by the solver, or the proof that there are none.

Needs z3 (the optional extra `prove`); import this only where `app.governance.has_solver()`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.governance.diff.beside import put_beside
from app.governance.diff.effect import Effect, compare_notes
from app.governance.diff.words import How
from app.governance.solver import Demand, Finder
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
    """What became of one rule: what is proven of it, and consultations that show the rest."""

    rule: str
    how: How
    proven: tuple[str, ...]
    witnesses: tuple[Witness, ...]

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
        proven, witnesses = list[str](), list[Witness]()
        for side, name in ((0, "old"), (1, "new")):
            found = self._more_urgent(rule, side)
            if isinstance(found, Witness):
                witnesses.append(found)
            elif found:
                other = "new" if name == "old" else "old"
                proven.append(f"wherever the {name} one is true, the {other} rulebook is at least as urgent")
        proven_too, more = self._conditions(rule, {witness.shows for witness in witnesses})
        return Difference(rule, how, (*proven, *proven_too), (*witnesses, *more))

    def _differ(self, rule: str) -> bool:
        old, new = (rules.get(rule) for rules in self._rules)
        if old is None or new is None:
            return True
        return self._whens[0][rule] != self._whens[1][rule] or _decided(old) != _decided(new)

    def _more_urgent(self, rule: str, side: int) -> Witness | bool:
        """A consultation that one rulebook makes more urgent because of this rule; whether there is proven to be none.

        `side` is 0 for the old rulebook, 1 for the new one.
        """
        mine = self._rules[side].get(rule)
        if mine is None or mine.concludes.urgency is None:
            return False
        others = self._rules[1 - side].values()
        rivals = [each.id for each in others if urgent(each.concludes) >= urgent(mine.concludes)]
        demands: list[Demand] = [(self._whens[1 - side][name], "not true") for name in rivals]
        found = self._finder.find((self._whens[side][rule], "true"), *demands)
        shows = f"only the {_NAMES[side]} rulebook is this urgent"
        return found.none if found.body is None else self._witness(shows, found.body)

    def _conditions(self, rule: str, shown: set[str]) -> tuple[list[str], list[Witness]]:
        old, new = (whens.get(rule) for whens in self._whens)
        if old is None or new is None or old == new:
            if shown:
                return [], []
            one = new if new is not None else old
            found = None if one is None else self._finder.find((one, "true")).body
            return [], [] if found is None else [self._witness("the rule is true", found)]
        witnesses = list(self._differing(((old, "true"), (new, "not true")), ((new, "true"), (old, "not true"))))
        if any(isinstance(witness, Witness) for witness in witnesses):
            return [], [witness for witness in witnesses if isinstance(witness, Witness)]
        witnesses += self._differing(((old, "possible"), (new, "false")), ((new, "possible"), (old, "false")))
        proofs = ["the two conditions are equal"] if all(witness is True for witness in witnesses) else []
        return proofs, [witness for witness in witnesses if isinstance(witness, Witness)]

    def _differing(self, *pairs: tuple[Demand, Demand]) -> Iterator[Witness | bool]:
        """For the old condition beside the new, and the other way round: a consultation, or whether there is none."""
        for side, demands in enumerate(pairs):
            found = self._finder.find(*demands)
            held = "is true" if demands[0][1] == "true" else "is possible"
            shows = f"only the {_NAMES[side]} condition {held}"
            yield found.none if found.body is None else self._witness(shows, found.body)

    def _witness(self, shows: str, body: dict[str, Any]) -> Witness:
        consultation = Consultation.model_validate(body)
        old, new = (triage.note(consultation, self._today) for triage in self._triages)
        return Witness(shows, body, compare_notes(old, new))


_NAMES = ("old", "new")


def _decided(rule: Rule) -> Conclusions:
    """What a rule decides, its wording left aside."""
    concludes = rule.concludes
    within = concludes.within and replace(concludes.within, text="")
    return replace(concludes, action=None, within=within, imaging="" if concludes.imaging else None)
