"""Making every stored note again from what it was made of, to see that the same bytes come out (design law 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from app.errors import Damaged, SpineTriageError
from app.services.input import parse_consultation
from app.store import Database, Replayable, Unit, count_notes, every_note, rulebook_snapshot
from app.triage import Triage, encode, load_rulebook

_NO_PREDECESSOR = "cannot be made again: its predecessor is damaged"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A stored note and how it fared. `difference` says in words what is not the same; None when nothing is."""

    consultation_id: str
    revision: int
    difference: str | None


async def count(database: Database, clinic: str) -> int:
    """How many notes there are to replay. StoreUnavailable."""
    return await database.read(clinic, count_notes)


async def replay(database: Database, clinic: str, report: Callable[[Replayed], None]) -> None:
    """Replay every note of the clinic, by consultation and revision, telling `report` of each as it is done.

    `report` is called in another thread, inside one read of the database. Memory does not grow with the notes.
    StoreUnavailable when the database does not answer.
    """

    def replay_all(unit: Unit) -> None:
        for replayed in _replayed(unit):
            report(replayed)

    await database.read(clinic, replay_all)


def _replayed(unit: Unit) -> Iterator[Replayed]:
    triages: dict[str, Triage] = {}
    damaged: list[Replayed] = []

    def tell(consultation_id: str, revision: int) -> None:
        damaged.append(Replayed(consultation_id, revision, f"cannot be made again: {Damaged.code}"))

    for stored in every_note(unit, tell):
        yield from damaged
        damaged.clear()
        if not stored.previous_opens:
            yield Replayed(stored.consultation_id, stored.revision, _NO_PREDECESSOR)
            continue
        digest = stored.rulebook_digest
        try:
            if digest not in triages:
                triages[digest] = Triage(load_rulebook(rulebook_snapshot(unit, digest), accounted=False))
            difference = _difference(stored.note, _make_again(triages[digest], stored))
        except SpineTriageError as error:
            difference = f"cannot be made again: {error.code}"
        except Exception as error:  # noqa: BLE001 - stored data may be damaged in any way; the other notes still count
            difference = f"cannot be made again: {type(error).__name__}"
        yield Replayed(stored.consultation_id, stored.revision, difference)
    yield from damaged


def _make_again(triage: Triage, stored: Replayable) -> bytes:
    previous = None if stored.previous_note is None else orjson.loads(stored.previous_note)
    return encode(triage.note(parse_consultation(orjson.loads(stored.body)), stored.made_on, previous))


def _difference(stored: bytes, again: bytes) -> str | None:
    """Which keys of the note differ; never their values, which are a patient's."""
    if stored == again:
        return None
    try:
        before: Any = orjson.loads(stored)
    except orjson.JSONDecodeError:
        return "the stored note is not JSON"
    if not isinstance(before, dict):
        return "the stored note is not an object"
    after = orjson.loads(again)
    keys = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    return f"differs in {', '.join(keys)}" if keys else "the same values in other bytes"
