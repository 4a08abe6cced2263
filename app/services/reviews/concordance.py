"""How often clinicians agreed with notes: on the whole, with each rule, and with each category.

What is counted is a reviewed note: the latest review that a reviewer made of the note of a revision. Two reviewers of
one note count twice, and so do reviews of two revisions.

On the whole a review agrees if its verdict is `agreed`. With a rule that spoke in the note it

* disagrees if it names the rule,
* agrees if its verdict is `agreed`, or `partly` and it names other rules,
* else does not say: `overrode` says nothing of the rules that it does not name, nor does a `partly` that names none.

With a category that has a status in the note it

* agrees if its verdict is `agreed`,
* else, if it decided about the category, agrees if that is in line with the status, and disagrees if it is not: what
  could be discussed (`discussable`, `discussable_with_uncertainty`) is not `set_aside`, and what waits or does not come
  into question (`needs_information`, `deferred`, `suppressed`, `not_supported`) is not `pursued`,
* else agrees if its verdict is `partly` and it decided out of line about another category,
* else does not say.

What is not said is counted, but as neither: it would make agreement look rarer or more frequent than anybody stated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson

from app.access import COMMAND_LINE, Action, operator
from app.services.call import Call
from app.services.reviews.document import AGREED
from app.services.reviews.wilson import wilson_interval
from app.store import Database, Period, Unit, add_event, count_latest_reviews, every_latest_review
from app.triage.note.statements import statements_of

Said = Literal["agreed", "disagreed", "not_said"]
_COULD_BE_DISCUSSED = frozenset({"discussable", "discussable_with_uncertainty"})


@dataclass(slots=True)
class Tally:
    """Reviewed notes, by what their reviews said of one thing."""

    agreed: int = 0
    disagreed: int = 0
    not_said: int = 0

    def add(self, said: Said) -> None:
        """Count one more."""
        setattr(self, said, getattr(self, said) + 1)

    @property
    def said(self) -> int:
        """Reviewed notes that count: those whose reviews said either."""
        return self.agreed + self.disagreed

    @property
    def share(self) -> float | None:
        """Of those, the part that agreed, from 0 to 1; None when there are none."""
        return self.agreed / self.said if self.said else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval of the share. Reviews are taken for independent, which two of one note are not."""
        return wilson_interval(self.agreed, self.said) if self.said else None


@dataclass(slots=True)
class Concordance:
    """The tallies of some reviewed notes."""

    overall: Tally = field(default_factory=Tally)
    rules: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    categories: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def add(self, review: Mapping[str, Any], note: Mapping[str, Any]) -> None:
        """Count a review (see `Review`) of a note (see `Note`)."""
        self.overall.add("agreed" if review["verdict"] == AGREED else "disagreed")
        for rule in statements_of(note)[0]:
            self.rules[rule].add(_said_of_rule(review, rule))
        statuses = {listed["category"]: listed["status"] for listed in note["categories"]}
        decided = {each["category"]: each["decision"] for each in review.get("categories", ())}
        for category, status in statuses.items():
            self.categories[category].add(_said_of_category(review, decided, category, statuses, status))


async def count_reviewed(database: Database, clinics: Sequence[str], period: Period) -> int:
    """How many reviewed notes there are to count. StoreUnavailable."""
    return sum([await database.read(clinic, count_latest_reviews, period) for clinic in clinics])


async def count_concordance(
    database: Database,
    clinics: Sequence[str],
    period: Period,
    now: datetime,
    report: Callable[[], None],
    by: str = COMMAND_LINE,
) -> Concordance:
    """Count the reviewed notes of some clinics, telling `report` of each as it is done, and the audit of each clinic.

    `report` is called in another thread, inside one read of the database. Memory does not grow with the reviews.
    StoreUnavailable when the database does not answer.
    """
    found = Concordance()

    def count_all(unit: Unit) -> None:
        for reviewed in every_latest_review(unit, period):
            found.add(orjson.loads(reviewed.review), orjson.loads(reviewed.note))
            report()

    for clinic in clinics:
        await database.read(clinic, count_all)
        event = Call(operator(clinic, by), Action.REPORT_MADE).event("reports/concordance", detail=_told(period))
        await database.write(clinic, add_event, event, now)
    return found


def _told(period: Period) -> dict[str, str]:
    ends = {"from": period.start, "before": period.end}
    return {name: moment.isoformat() for name, moment in ends.items() if moment is not None}


def _said_of_rule(review: Mapping[str, Any], rule: str) -> Said:
    named = review.get("rules", ())
    if rule in named:
        return "disagreed"
    if review["verdict"] == AGREED or (review["verdict"] == "partly" and named):
        return "agreed"
    return "not_said"


def _said_of_category(
    review: Mapping[str, Any], decided: Mapping[str, str], category: str, statuses: Mapping[str, str], status: str
) -> Said:
    if review["verdict"] == AGREED:
        return "agreed"
    if category in decided:
        return "agreed" if _is_in_line(decided[category], status) else "disagreed"
    differs = any(not _is_in_line(decision, statuses[each]) for each, decision in decided.items() if each in statuses)
    return "agreed" if review["verdict"] == "partly" and differs else "not_said"


def _is_in_line(decision: str, status: str) -> bool:
    return decision != ("set_aside" if status in _COULD_BE_DISCUSSED else "pursued")
