"""Reviews: what clinicians decided after reading a note, sealed with the key of the patient; none is ever changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, insert, select

from app.errors import NotFound
from app.models import consultations, notes, patients, reviews
from app.store.consultations import no_consultation
from app.store.judged import KEY_COLUMNS, OF_PATIENT, key_in
from app.store.protection.patient_key import note_of, review_of
from app.store.unit import Unit


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A review as it is stored. `review` is canonical JSON; `reviewer` is a caller's kind and subject, `kind:subject`.

    Somebody's subject at their issuer may be spelt like another caller's key: only with the kind it is one reviewer.
    """

    consultation_id: str
    review_id: str
    revision: int
    reviewed_at: datetime
    reviewer: str
    verdict: str
    review: bytes


@dataclass(frozen=True, slots=True)
class ReviewedNote:
    """A review beside the note that was reviewed, both as canonical JSON."""

    review: bytes
    note: bytes


@dataclass(frozen=True, slots=True)
class Period:
    """Moments from `start` on and before `end`; None where it is open."""

    start: datetime | None = None
    end: datetime | None = None


_AT_A_TIME = 100
_HERE = reviews.c.clinic_id == bindparam("clinic")
OF_REVIEW = and_(consultations.c.clinic_id == reviews.c.clinic_id, consultations.c.id == reviews.c.consultation_id)

# Held, because whoever revises the consultation meanwhile may hand it over to another patient, under another key.
_HELD = (
    select(consultations.c.revision, *KEY_COLUMNS)
    .join(patients, OF_PATIENT)
    .where(consultations.c.clinic_id == bindparam("clinic"), consultations.c.id == bindparam("this"))
    .with_for_update(read=True, of=consultations)
)
_ADD = insert(reviews)
_ALL = (
    select(reviews, *KEY_COLUMNS)
    .join(consultations, OF_REVIEW)
    .join(patients, OF_PATIENT)
    .where(_HERE, reviews.c.consultation_id == bindparam("this"))
    .order_by(reviews.c.reviewed_at, reviews.c.review_id)
)
_ONE = _ALL.where(reviews.c.review_id == bindparam("review"))
_THERE = select(consultations.c.id).where(
    consultations.c.clinic_id == bindparam("clinic"), consultations.c.id == bindparam("this")
)

# Without the sealed columns, so that only small rows are sorted, however many there are.
_RANKED = (
    select(
        reviews.c.consultation_id,
        reviews.c.review_id,
        reviews.c.reviewed_at,
        func.row_number()
        .over(
            partition_by=(reviews.c.consultation_id, reviews.c.revision, reviews.c.reviewer),
            order_by=(reviews.c.reviewed_at.desc(), reviews.c.review_id.desc()),
        )
        .label("place"),
    )
    .where(_HERE)
    .subquery("ranked")
)
_COUNT_LATEST = select(func.count()).select_from(_RANKED).where(_RANKED.c.place == 1)
_EVERY_LATEST = (
    select(reviews.c.consultation_id, reviews.c.review_id, reviews.c.revision, reviews.c.review, notes.c.note)
    .add_columns(*KEY_COLUMNS)
    .select_from(_RANKED)
    .join(
        reviews,
        and_(reviews.c.consultation_id == _RANKED.c.consultation_id, reviews.c.review_id == _RANKED.c.review_id),
    )
    .join(
        notes,
        and_(
            notes.c.clinic_id == reviews.c.clinic_id,
            notes.c.consultation_id == reviews.c.consultation_id,
            notes.c.revision == reviews.c.revision,
        ),
    )
    .join(consultations, OF_REVIEW)
    .join(patients, OF_PATIENT)
    .where(_HERE, _RANKED.c.place == 1)
)


def hold_newest(unit: Unit, consultation_id: str) -> int:
    """The number of the newest revision, which stays the newest until this transaction has ended. NotFound."""
    number: int = _hold(unit, consultation_id).revision
    return number


def add_review(unit: Unit, review: StoredReview) -> None:
    """Store a new review of a note that is there. NotFound when there is no such consultation."""
    key = key_in(unit, _hold(unit, review.consultation_id))
    row = {name: getattr(review, name) for name in StoredReview.__slots__}
    sealed = key.seal(review.review, review_of(review.consultation_id, review.review_id))
    unit.connection.execute(_ADD, row | {"clinic_id": unit.clinic, "review": sealed})


def one_review(unit: Unit, consultation_id: str, review_id: str) -> StoredReview:
    """A review. NotFound when there is no such consultation, or it has no such review."""
    this = {"clinic": unit.clinic, "this": consultation_id}
    found = unit.connection.execute(_ONE, this | {"review": review_id}).first()
    if found is None:
        _look_for(unit, consultation_id)
        raise NotFound(f"consultation {consultation_id} has no review {review_id}")
    return _stored(unit, found)


def all_reviews(unit: Unit, consultation_id: str) -> list[StoredReview]:
    """The reviews of every revision, oldest first. NotFound when there is no such consultation."""
    found = unit.connection.execute(_ALL, {"clinic": unit.clinic, "this": consultation_id}).all()
    if not found:
        _look_for(unit, consultation_id)
    return [_stored(unit, row) for row in found]


def count_latest_reviews(unit: Unit, period: Period) -> int:
    """How many reviews `every_latest_review` would give."""
    number: int = unit.connection.execute(_within(_COUNT_LATEST, period), {"clinic": unit.clinic}).scalar_one()
    return number


def every_latest_review(unit: Unit, period: Period) -> Iterator[ReviewedNote]:
    """The latest review that each reviewer made of each note, if it was made in the period, beside that note.

    One that was corrected after the period is not given for it: periods side by side count each reviewer once.
    Holds a few rows at a time, however many there are. Read it to the end inside the transaction.
    """
    statement = _within(_EVERY_LATEST, period)
    for row in unit.connection.execute(statement, {"clinic": unit.clinic}, execution_options={"yield_per": _AT_A_TIME}):
        key = key_in(unit, row)
        yield ReviewedNote(
            review=key.open(row.review, review_of(row.consultation_id, row.review_id)),
            note=key.open(row.note, note_of(row.consultation_id, row.revision)),
        )


def _within(statement: Select[*tuple[Any, ...]], period: Period) -> Select[*tuple[Any, ...]]:
    if period.start is not None:
        statement = statement.where(_RANKED.c.reviewed_at >= period.start)
    if period.end is not None:
        statement = statement.where(_RANKED.c.reviewed_at < period.end)
    return statement


def _hold(unit: Unit, consultation_id: str) -> Row[*tuple[Any, ...]]:
    found = unit.connection.execute(_HELD, {"clinic": unit.clinic, "this": consultation_id}).first()
    if found is None:
        raise no_consultation(consultation_id)
    return found


def _look_for(unit: Unit, consultation_id: str) -> None:
    if unit.connection.execute(_THERE, {"clinic": unit.clinic, "this": consultation_id}).first() is None:
        raise no_consultation(consultation_id)


def _stored(unit: Unit, row: Row[*tuple[Any, ...]]) -> StoredReview:
    opened = key_in(unit, row).open(row.review, review_of(row.consultation_id, row.review_id))
    return StoredReview(**{name: getattr(row, name) for name in StoredReview.__slots__} | {"review": opened})
