"""Whole consultations of a clinic in order, to be taken elsewhere: every revision, note and review, opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Select, and_, bindparam, exists, func, or_, select

from app.models import consultations, patients, reviews, revisions, rulebook_snapshots
from app.store.judged import JUDGED_REVISIONS, KEY_COLUMNS, OF_PATIENT, key_in
from app.store.protection.patient_key import body_of, note_of, review_of
from app.store.records import StoredRevision
from app.store.reviews import OF_REVIEW, StoredReview
from app.store.unit import Unit

# Pages by id: one query for all might have the database sort everything first, bodies and notes included.
_AT_A_TIME = 50

_OWN = and_(consultations.c.clinic_id == bindparam("clinic"), consultations.c.id > bindparam("after"))
_COUNT = select(func.count()).select_from(consultations).where(_OWN)
_IDS = select(consultations.c.id).where(_OWN).order_by(consultations.c.id).limit(_AT_A_TIME)
_REVISIONS = JUDGED_REVISIONS.where(revisions.c.consultation_id.in_(bindparam("these", expanding=True))).order_by(
    revisions.c.consultation_id, revisions.c.revision
)
_REVIEWS = (
    select(reviews, *KEY_COLUMNS)
    .join(consultations, OF_REVIEW)
    .join(patients, OF_PATIENT)
    .where(
        reviews.c.clinic_id == bindparam("clinic"), reviews.c.consultation_id.in_(bindparam("these", expanding=True))
    )
    .order_by(reviews.c.reviewed_at, reviews.c.review_id)
)
_SNAPSHOTS = (
    select(rulebook_snapshots)
    .where(rulebook_snapshots.c.clinic_id == bindparam("clinic"))
    .order_by(rulebook_snapshots.c.digest)
    .execution_options(yield_per=1)
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A rulebook as it was: the text of each of its files by name."""

    digest: str
    version: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Departure:
    """A whole consultation: its revisions from 1 on, and its reviews, oldest first."""

    consultation_id: str
    revisions: list[StoredRevision]
    reviews: list[StoredReview]


def every_snapshot(unit: Unit) -> Iterator[Snapshot]:
    """The rulebooks that notes were made with, by digest. Read it inside the transaction."""
    for row in unit.connection.execute(_SNAPSHOTS, {"clinic": unit.clinic}):
        yield Snapshot(row.digest, row.version, orjson.loads(row.files))


def count_departures(unit: Unit, since: datetime | None, after: str = "") -> int:
    """How many consultations `every_departure` would give."""
    number: int = unit.connection.execute(_changed(_COUNT, since), {"clinic": unit.clinic, "after": after}).scalar_one()
    return number


def every_departure(unit: Unit, since: datetime | None, after: str = "") -> Iterator[Departure]:
    """Every consultation, or those stored, revised or reviewed from a moment on, by id, beginning after an id.

    Holds a few consultations at a time, however many there are. Read it inside the transaction.
    """
    page = _changed(_IDS, since)
    while these := list(unit.connection.scalars(page, {"clinic": unit.clinic, "after": after})):
        yield from _open(unit, these)
        after = these[-1]


def _open(unit: Unit, these: list[str]) -> Iterator[Departure]:
    which = {"clinic": unit.clinic, "these": these}
    reviewed: dict[str, list[StoredReview]] = {}
    for row in unit.connection.execute(_REVIEWS, which):
        review = key_in(unit, row).open(row.review, review_of(row.consultation_id, row.review_id))
        columns = {name: getattr(row, name) for name in StoredReview.__slots__}
        reviewed.setdefault(row.consultation_id, []).append(StoredReview(**columns | {"review": review}))
    for this, rows in groupby(unit.connection.execute(_REVISIONS, which), key=lambda row: row.consultation_id):
        opened = []
        for row in rows:
            key = key_in(unit, row)
            columns = {name: getattr(row, name) for name in StoredRevision.__slots__}
            columns["body"] = key.open(row.body, body_of(this, row.revision))
            columns["note"] = key.open(row.note, note_of(this, row.revision))
            opened.append(StoredRevision(**columns))
        yield Departure(this, opened, reviewed.get(this, []))


def _changed(statement: Select[*tuple[Any, ...]], since: datetime | None) -> Select[*tuple[Any, ...]]:
    if since is None:
        return statement
    is_reviewed = exists().where(OF_REVIEW, reviews.c.reviewed_at >= since)
    return statement.where(or_(consultations.c.revised_at >= since, is_reviewed))
