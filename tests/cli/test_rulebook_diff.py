from __future__ import annotations

import asyncio
import csv
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.cli.changed_rows import COLUMNS
from app.main import open_rooms
from app.services.examples import FIRST, LATER
from app.services.record import record
from app.services.revise import revise
from app.services.service import Service
from tests.cli.conftest import Run

KNOWLEDGE = Path(__file__).parents[2] / "app" / "knowledge"
NUMB = {"complaint": {"regions": ["lumbar"], "saddle_sensation": "absent", "duration": {"value": 2, "unit": "days"}}}


@pytest.fixture
def milder(tmp_path: Path) -> Path:
    """A copy of the rulebook in which nothing is an emergency."""
    folder = shutil.copytree(KNOWLEDGE, tmp_path / "milder")
    for file in folder.rglob("*.yaml"):
        file.write_text(file.read_text().replace("urgency: emergency", "urgency: urgent"))
    return folder


@pytest.fixture
def stored(run: Run) -> dict[str, str]:
    """Ids of two consultations in the database, one of them revised."""
    assert run("migrate").exit_code == 0
    return asyncio.run(_store())


async def _store() -> dict[str, str]:
    rooms = open_rooms()
    database = rooms.open_database()
    service = Service(
        triage=rooms.load_triage(),
        database=database,
        today=lambda: date(2026, 11, 23),
        now=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC),
        clinic=rooms.clinic,
        body_limit=1_048_576,
    )
    calm = (await record(service, FIRST)).consultation_id
    await revise(service, calm, LATER, expected=1)
    numb = (await record(service, NUMB)).consultation_id
    await database.close()
    return {"calm": calm, "numb": numb}


def test_a_rulebook_beside_itself_says_so(run: Run, stored: dict[str, str]) -> None:
    same = run("rulebook", "diff", str(KNOWLEDGE), str(KNOWLEDGE))
    assert same.exit_code == 0
    assert "Nothing changed in words." in same.stdout
    assert "2 judged by both: 0 with a lowered urgency, 0 raised, 0 with other categories only, 0 in" in same.stdout


def test_lowered_urgencies_come_first_in_words_and_in_what_is_stored(
    run: Run, stored: dict[str, str], milder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "changed.csv"
    compared = run("rulebook", "diff", str(KNOWLEDGE), str(milder), "--csv", str(file))
    assert compared.exit_code == 1
    assert compared.stdout.index("LOWERED URGENCY") < compared.stdout.index("urgency: emergency became urgent")
    assert (
        f"{stored['numb']} revision 1: lowered, from at least emergency, at most emergency, "
        "to at least urgent, at most urgent\n"
    ) in compared.stdout
    assert "2 judged by both: 1 with a lowered urgency" in compared.stdout
    header, first, *_ = csv.reader(file.read_text().splitlines())
    assert tuple(header) == COLUMNS
    assert first[:7] == [stored["numb"], "1", "lowered", "emergency", "urgent", "emergency", "urgent"]
    assert "MRN" not in compared.output + file.read_text()


def test_raised_urgencies_are_counted_and_are_no_fault(run: Run, stored: dict[str, str], milder: Path) -> None:
    compared = run("rulebook", "diff", str(milder), str(KNOWLEDGE))
    assert compared.exit_code == 0
    assert "LOWERED URGENCY" not in compared.stdout
    assert "2 judged by both: 0 with a lowered urgency, 1 raised" in compared.stdout


def test_without_the_stored_ones_no_database_is_looked_for(run: Run, milder: Path, database: Path) -> None:
    compared = run("rulebook", "diff", str(KNOWLEDGE), str(milder), "--no-stored")
    assert compared.exit_code == 1
    assert "STORED" not in compared.stdout
    assert not database.exists()


def test_a_database_that_is_not_there_is_said_after_the_words(run: Run, milder: Path) -> None:
    compared = run("rulebook", "diff", str(KNOWLEDGE), str(milder))
    assert compared.exit_code == 3
    assert "LOWERED URGENCY" in compared.stdout
    assert "spine-triage migrate" in compared.stderr


def test_a_refused_folder_is_told_with_its_faults(run: Run, milder: Path) -> None:
    (milder / "rules" / "more.yaml").write_text("- rule: no.such\n")
    refused = run("rulebook", "diff", str(KNOWLEDGE), str(milder))
    assert refused.exit_code == 1
    assert f"{milder}/rules/more.yaml:1: " in refused.stderr


def test_a_folder_that_is_not_there_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    assert run("rulebook", "diff", str(KNOWLEDGE), str(tmp_path / "nothing")).exit_code == 2
