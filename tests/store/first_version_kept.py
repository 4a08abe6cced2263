"""Whether a database that began as the first version has everything still, sealed."""

from __future__ import annotations

import asyncio

from app.store import Filter, Unit, every_note, open_database, search
from app.store.patients.keys import find_patients
from tests.store.first_version import CLINICS, all_rows, body_of, reference_of
from tests.store.samples import DIGEST, MORNING
from tests.stores import KEYRING


def check_whole(url: str, count: int) -> None:
    """Assert that a database is at the newest schema, and has everything, sealed."""

    async def look() -> None:
        database = open_database(url, KEYRING)
        try:
            await database.check()
            for clinic in CLINICS:
                await database.read(clinic, read_through, count)
        finally:
            await database.close()

    asyncio.run(look())
    assert "SECRET" not in repr(all_rows(url))


def read_through(unit: Unit, count: int) -> None:
    """Assert that a clinic has what it had in the first version, to the byte, and finds it by its patients."""
    stored = {(each.consultation_id, each.revision): each for each in every_note(unit)}
    expected = {
        (f"{unit.clinic}-{number:04}", revision): body_of(unit.clinic, number, revision)
        for number in range(count)
        for revision in range(1, 3 if number % 10 == 0 else 2)
    }
    assert {place: (each.body, each.note) for place, each in stored.items()} == {
        place: (body, body[::-1]) for place, body in expected.items()
    }
    assert {each.rulebook_digest for each in stored.values()} == {DIGEST}
    for reference in {reference_of(number) for number in range(count)} - {None}:
        page = search(unit, Filter(patient_reference=reference), None, 1_000)
        found = {each.consultation_id for each in page.consultations}
        assert found == {f"{unit.clinic}-{number:04}" for number in range(count) if reference_of(number) == reference}
        assert {(each.patient_reference, each.created_at) for each in page.consultations} == {(reference, MORNING)}
        assert len(find_patients(unit, reference or "")) == 1
