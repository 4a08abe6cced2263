"""Judging every stored consultation with two rulebooks, to see what going from one to the other would change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson

from app.errors import Damaged, SpineTriageError
from app.governance.diff.effect import Effect, compare_notes
from app.services.input import parse_consultation
from app.store import Database, Newest, Unit, count_consultations, every_newest
from app.triage import Triage


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A stored consultation, its newest revision, and how its two notes differ.

    Where it cannot be judged, `effect` is None and `failure` says why, without anything of the patient.
    """

    consultation_id: str
    revision: int
    effect: Effect | None
    failure: str | None = None


async def count_stored(database: Database, clinic: str) -> int:
    """How many consultations there are to judge. StoreUnavailable."""
    return await database.read(clinic, count_consultations)


async def rejudge(
    database: Database, clinic: str, rulebooks: tuple[Triage, Triage], report: Callable[[Rejudged], None]
) -> None:
    """Judge the newest revision of every consultation with (old, new), telling `report` of each as it is done.

    `report` is called in another thread, inside one read of the database. Memory does not grow with the consultations.
    StoreUnavailable when the database does not answer.
    """

    def rejudge_all(unit: Unit) -> None:
        for rejudged in _rejudged(unit, rulebooks):
            report(rejudged)

    await database.read(clinic, rejudge_all)


def _rejudged(unit: Unit, rulebooks: tuple[Triage, Triage]) -> Iterator[Rejudged]:
    damaged: list[Rejudged] = []

    def tell(consultation_id: str, revision: int) -> None:
        damaged.append(Rejudged(consultation_id, revision, None, Damaged.code))

    for stored in every_newest(unit, tell):
        yield from damaged
        damaged.clear()
        try:
            effect, failure = _effect(stored, rulebooks), None
        except SpineTriageError as error:
            effect, failure = None, error.code
        except Exception as error:  # noqa: BLE001 - stored data may be damaged in any way; the others still count
            effect, failure = None, type(error).__name__
        yield Rejudged(stored.consultation_id, stored.revision, effect, failure)
    yield from damaged


def _effect(stored: Newest, rulebooks: tuple[Triage, Triage]) -> Effect:
    consultation = parse_consultation(orjson.loads(stored.body))
    old, new = (triage.note(consultation, stored.made_on) for triage in rulebooks)
    return compare_notes(old, new)
