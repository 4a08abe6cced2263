from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from app.main import open_rooms
from app.models import LOCAL_CLINIC
from app.services.examples import FIRST, LATER
from app.services.record import record
from app.services.revise import revise
from app.services.service import Service
from tests.cli.conftest import Run
from tests.services.calls import RECORD, REVISE
from tests.store.damaging import Part, say_otherwise


@pytest.fixture
def stored(run: Run) -> list[str]:
    """Ids of three consultations in the database, the first of them revised, judged on a day long past."""
    assert run("migrate").exit_code == 0
    return asyncio.run(_store())


async def _store() -> list[str]:
    rooms = open_rooms()
    database = rooms.open_database()
    service = Service(
        triage=rooms.load_triage(),
        database=database,
        today=lambda: date(2019, 2, 28),
        now=lambda: datetime(2019, 2, 28, 12, tzinfo=UTC),
        body_limit=1_048_576,
    )
    ids = [(await record(service, RECORD, FIRST)).consultation_id for _ in range(3)]
    await revise(service, REVISE, ids[0], LATER, expected=1)
    await database.close()
    return ids


def test_every_stored_note_is_made_again_and_none_differs(run: Run, stored: list[str]) -> None:
    replayed = run("replay")
    assert replayed.exit_code == 0
    assert replayed.stdout == "4 notes made again; none differs.\n"


async def _damage(*changes: tuple[Part, str, Callable[[bytes], bytes]]) -> None:
    """Let parts of first revisions say something else, by somebody who has the keys."""
    database = open_rooms().open_owned_database()
    for part, this, change in changes:
        await database.write(LOCAL_CLINIC, say_otherwise, part, this, 1, change)
    await database.close()


def test_a_note_that_was_tampered_with_is_named_and_nothing_of_the_patient_is_shown(
    run: Run, stored: list[str]
) -> None:
    asyncio.run(_damage(("note", stored[1], lambda note: note.replace(b'"made_on":"2019', b'"made_on":"2020'))))
    replayed = run("replay")
    assert replayed.exit_code == 1
    assert replayed.stdout.splitlines() == [
        f"{stored[1]} revision 1: differs in made_on",
        "4 notes made again; 1 differs.",
    ]
    assert "MRN" not in replayed.output


def test_damaged_rows_are_named_and_do_not_end_the_replay(run: Run, stored: list[str]) -> None:
    asyncio.run(
        _damage(
            ("note", stored[0], lambda _: b"{}"),
            ("body", stored[1], lambda _: b"{"),
            ("body", stored[2], lambda _: b'{"complaint": 1}'),
        )
    )
    replayed = run("replay")
    assert replayed.exit_code == 1
    named = {line.partition(":")[0] for line in replayed.stdout.splitlines()[:-1]}
    # The damaged note was what its second revision's changes were told from.
    assert named >= {f"{stored[0]} revision 1", f"{stored[1]} revision 1", f"{stored[2]} revision 1"}
    assert "MRN" not in replayed.output


def test_a_database_without_its_schema_is_not_an_empty_one(run: Run, master_keys: str) -> None:
    replayed = run("replay")
    assert replayed.exit_code == 3
    assert "spine-triage migrate" in replayed.stderr
