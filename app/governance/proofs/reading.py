"""How a note reads the rules' truth, as formulas: a small copy of `app.triage.note` that the tests hold to it.

Over truths that are free variables (`any_truths`) a proof holds whatever the rules say: it speaks of the note alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import z3

from app.governance.solver.conditions import Pair
from app.governance.solver.logic import Truth, conj, disj, neg
from app.triage.note.plan import EMERGENCY, CategoryPlan, NotePlan, Role


def any_truths(rules: int) -> list[Pair]:
    """A free truth for each rule; of those, only the ones in which what is certain is possible mean something."""
    pairs = [(z3.Bool(f"true {number}"), z3.Bool(f"maybe {number}")) for number in range(rules)]
    return [(true, z3.Or(true, maybe)) for true, maybe in pairs]


class NoteReading:
    """What a note says of the truths of a rulebook's rules."""

    def __init__(self, plan: NotePlan, pairs: Sequence[Pair]) -> None:
        self._plan, self._pairs = plan, pairs
        self._suppressing: dict[str, list[int]] = {}
        for index, planned in enumerate(plan.rules):
            for category in planned.rule.concludes.suppresses:
                self._suppressing.setdefault(category, []).append(index)

    def at_least(self, tier: int) -> Truth:
        """`urgency.at_least` is this tier or above (`app.triage.note.reading.Reader`)."""
        return tier == 0 or disj(self._pairs[index][0] for index, own in enumerate(self._plan.tiers) if own >= tier)

    def at_most(self, tier: int) -> Truth:
        """`urgency.at_most` is this tier or above; a screen that contradicts itself (`held_open`) is left aside."""
        return tier == 0 or disj(self._pairs[index][1] for index, own in enumerate(self._plan.tiers) if own >= tier)

    def held(self, category: CategoryPlan, role: Role) -> Truth:
        """A true rule has this role."""
        return disj(self._pairs[index][0] for index in category.rules[role])

    def possible(self, category: CategoryPlan, role: Role) -> Truth:
        """A rule that is true or undecided has this role."""
        return disj(self._pairs[index][1] for index in category.rules[role])

    def suppressed(self, category: CategoryPlan) -> Truth:
        """A true rule suppresses it, or it waits while an emergency stands (`app.triage.note.categories.verdicts`)."""
        by_rule = disj(self._pairs[index][0] for index in self._suppressing.get(str(category.entry["category"]), ()))
        return disj((by_rule, self.at_least(EMERGENCY))) if category.waits else by_rule

    def discussable(self, category: CategoryPlan) -> Truth:
        """Its status is `discussable` or `discussable_with_uncertainty` (`app.triage.note.categories._status`)."""
        return conj(
            (
                self.held(category, "supports"),
                neg(self.suppressed(category)),
                neg(self.possible(category, "rules_out")),
                neg(self.possible(category, "defers")),
            )
        )
