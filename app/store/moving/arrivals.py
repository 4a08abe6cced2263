"""Consultations that come in by the hundred, stored in one transaction: new ones, and others as they were elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, bindparam, insert, select

from app.models import audit_events, consultations, note_categories, notes, patients, reviews, revisions
from app.models import rulebook_snapshots as rulebooks
from app.store.audit import add_event, event_row
from app.store.consultations import add_revision
from app.store.moving.arrival import Arrival, Outcome
from app.store.patients.handing_over import move_to_patient
from app.store.patients.keys import patient_row
from app.store.protection import PatientKey
from app.store.protection.keyring import make_patient_key
from app.store.protection.patient_key import review_of
from app.store.reviews import StoredReview, add_review
from app.store.unit import Unit
from app.store.whole_write import reading_columns, revision_rows

Row = dict[str, Any]

# In the order in which they point at one another.
_TABLES = (patients, consultations, revisions, notes, note_categories, reviews, audit_events)

# Held, each row before what of it is read: whoever revises or erases meanwhile comes before all of that, or after.
_HOLD = (
    select(consultations.c.id)
    .where(consultations.c.clinic_id == bindparam("clinic"), consultations.c.id.in_(bindparam("these", expanding=True)))
    .order_by(consultations.c.id)
    .with_for_update()
)
_REVISIONS = (
    select(revisions.c.consultation_id, revisions.c.created_at)
    .where(
        revisions.c.clinic_id == bindparam("clinic"),
        revisions.c.consultation_id.in_(bindparam("these", expanding=True)),
    )
    .order_by(revisions.c.consultation_id, revisions.c.revision)
)
_REVIEWS = select(reviews.c.consultation_id, reviews.c.review_id).where(
    reviews.c.clinic_id == bindparam("clinic"), reviews.c.consultation_id.in_(bindparam("these", expanding=True))
)
_IDS = select(consultations.c.id).where(
    consultations.c.clinic_id == bindparam("clinic"), consultations.c.id.in_(bindparam("these", expanding=True))
)
_RULEBOOKS = select(rulebooks.c.digest).where(
    rulebooks.c.clinic_id == bindparam("clinic"), rulebooks.c.digest.in_(bindparam("these", expanding=True))
)
# Held as well, so that nobody whose key is used here is erased before it is.
_PATIENTS = (
    select(patients.c.patient_id, patients.c.master_key, patients.c.wrapped_key, patients.c.blind_index)
    .where(patients.c.clinic_id == bindparam("clinic"), patients.c.blind_index.in_(bindparam("these", expanding=True)))
    .order_by(patients.c.patient_id)
    .with_for_update(read=True)
)


def find_consultations(unit: Unit, these: Sequence[str]) -> set[str]:
    """Those of the ids that are there."""
    return set(unit.connection.scalars(_IDS, {"clinic": unit.clinic, "these": these}))


def add_arrivals(unit: Unit, arrivals: Sequence[Arrival], now: Callable[[], datetime]) -> list[Outcome]:
    """Store what is not there yet, all in this transaction; answers what became of each, in their order.

    No two of the arrivals may have the same id, nor two reviews of one of them.
    """
    here = _Here(unit, arrivals)
    outcomes = [here.outcome_of(arrival) for arrival in arrivals]
    added = [each for each, outcome in zip(arrivals, outcomes, strict=True) if outcome is Outcome.ADDED]
    _add(unit, added, now)
    for arrival, outcome in zip(arrivals, outcomes, strict=True):
        if outcome is Outcome.EXTENDED:
            _extend(unit, arrival, here, now())
    return outcomes


class _Here:
    """What of some arrivals is stored."""

    def __init__(self, unit: Unit, arrivals: Sequence[Arrival]) -> None:
        which = {"clinic": unit.clinic, "these": [arrival.consultation_id for arrival in arrivals]}
        unit.connection.execute(_HOLD, which)
        self.revisions: dict[str, list[datetime]] = {}
        for row in unit.connection.execute(_REVISIONS, which):
            self.revisions.setdefault(row.consultation_id, []).append(row.created_at)
        self.reviews = {(row.consultation_id, row.review_id) for row in unit.connection.execute(_REVIEWS, which)}
        named = {each.judged.rulebook_digest for arrival in arrivals for each in arrival.revisions}
        rulebooks = {"clinic": unit.clinic, "these": sorted(named)}
        self._rulebooks = set(unit.connection.scalars(_RULEBOOKS, rulebooks))

    def missing_reviews(self, arrival: Arrival) -> list[StoredReview]:
        """The reviews that are not there."""
        return [each for each in arrival.reviews if (arrival.consultation_id, each.review_id) not in self.reviews]

    def outcome_of(self, arrival: Arrival) -> Outcome:
        """What is to become of an arrival."""
        if any(each.judged.rulebook_digest not in self._rulebooks for each in arrival.revisions):
            return Outcome.WITHOUT_RULEBOOK
        found = self.revisions.get(arrival.consultation_id)
        if found is None:
            return Outcome.ADDED
        # Moments to the microsecond tell one revision from another without opening either.
        if any(each.at not in (None, at) for each, at in zip(arrival.revisions, found, strict=False)):
            return Outcome.DIFFERENT
        is_longer = len(arrival.revisions) > len(found)
        return Outcome.EXTENDED if is_longer or self.missing_reviews(arrival) else Outcome.THERE


def _add(unit: Unit, arrivals: Sequence[Arrival], now: Callable[[], datetime]) -> None:
    known = _find_keys(unit, [each.revisions[-1].judged.patient_reference for each in arrivals])
    rows: dict[Table, list[Row]] = {table: [] for table in _TABLES}
    for arrival in arrivals:
        reference, at = arrival.revisions[-1].judged.patient_reference, now()
        key = known.get(reference)
        if key is None:
            key = make_patient_key(unit.clinic, str(uuid4()))
            rows[patients].append(patient_row(unit.keyring, key, reference, arrival.revisions[0].at or at))
            if reference is not None:
                known[reference] = key
        _collect(rows, key, arrival, at)
        rows[audit_events].append(event_row(unit.keyring, unit.clinic, arrival.event, at))
    for table in _TABLES:
        if rows[table]:
            unit.connection.execute(insert(table), rows[table])


def _collect(rows: dict[Table, list[Row]], key: PatientKey, arrival: Arrival, at: datetime) -> None:
    """Add the rows of a new consultation; `at` is now."""
    this, first, newest = arrival.consultation_id, arrival.revisions[0], arrival.revisions[-1]
    rows[consultations].append(
        {
            "clinic_id": key.clinic,
            "id": this,
            "revision": len(arrival.revisions),
            "created_at": first.at or at,
            "patient_id": key.patient_id,
            **reading_columns(newest.judged, newest.at or at),
        }
    )
    for number, each in enumerate(arrival.revisions, 1):
        made = revision_rows(key, this, number, each.judged, each.at or at)
        rows[revisions].append(made.revision)
        rows[notes].append(made.note)
        rows[note_categories] += made.categories
    for review in arrival.reviews:
        columns = {name: getattr(review, name) for name in StoredReview.__slots__}
        sealed = key.seal(review.review, review_of(this, review.review_id))
        rows[reviews].append(columns | {"clinic_id": key.clinic, "review": sealed})


def _find_keys(unit: Unit, references: Sequence[str | None]) -> dict[str | None, PatientKey]:
    """The keys of those patients who are there, by reference."""
    indices = {
        index: reference
        for reference in references
        if reference is not None
        for index in unit.keyring.blind_indices(unit.clinic, reference)
    }
    return {
        indices[bytes(row.blind_index)]: unit.keyring.unwrap(
            unit.clinic, row.patient_id, row.master_key, row.wrapped_key
        )
        for row in unit.connection.execute(_PATIENTS, {"clinic": unit.clinic, "these": list(indices)})
    }


def _extend(unit: Unit, arrival: Arrival, here: _Here, at: datetime) -> None:
    """Add the revisions and reviews that are not there; `at` is now."""
    this, found = arrival.consultation_id, len(here.revisions[arrival.consultation_id])
    whose = arrival.revisions[min(found, len(arrival.revisions)) - 1].judged.patient_reference
    for number, each in enumerate(arrival.revisions[found:], found):
        add_revision(unit, this, number, each.judged, each.at or at)
        if each.judged.patient_reference != whose:
            whose = each.judged.patient_reference
            move_to_patient(unit, this, whose, each.at or at)
    for review in here.missing_reviews(arrival):
        add_review(unit, review)
    add_event(unit, arrival.event, at)
