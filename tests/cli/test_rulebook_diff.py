from __future__ import annotations

import asyncio
import csv
import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.cli.rulebook.changed_rows import COLUMNS
from app.main import open_rooms
from app.services.examples import FIRST, LATER
from app.services.record import record
from app.services.revise import revise
from app.services.service import Service
from tests.cli.conftest import Run
from tests.services.calls import RECORD, REVISE

TESTS = Path(__file__).parents[1]
KNOWLEDGE = TESTS.parent / "app" / "knowledge"
SOUND = TESTS / "rejected" / "sound"
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
        body_limit=1_048_576,
    )
    calm = (await record(service, RECORD, FIRST)).consultation_id
    await revise(service, REVISE, calm, LATER, expected=1)
    numb = (await record(service, RECORD, NUMB)).consultation_id
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
    compared = run("rulebook", "diff", str(KNOWLEDGE), str(milder), "--no-solver", "--csv", str(file))
    assert compared.exit_code == 1
    assert compared.stdout.index("LOWERED URGENCY") < compared.stdout.index("urgency: emergency became urgent")
    assert (
        f"{stored['numb']} revision 1: lowered: urgency at least emergency, at most emergency, within "
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


def test_where_no_solver_looked_it_is_not_said_that_nothing_is_lowered(run: Run, milder: Path) -> None:
    compared = run("rulebook", "diff", str(milder), str(KNOWLEDGE), "--no-solver", "--no-stored")
    assert compared.exit_code == 1
    assert "counts as if there were some" in compared.stdout


def small(tmp_path: Path, name: str, this: str, that: str) -> Path:
    """A small rulebook in which something is said otherwise."""
    folder = shutil.copytree(SOUND, tmp_path / name)
    rules = folder / "rules" / "lumbar.yaml"
    assert this in rules.read_text()
    rules.write_text(rules.read_text().replace(this, that))
    return folder


def test_consultations_that_come_out_differently_are_shown_lowered_ones_first(run: Run, tmp_path: Path) -> None:
    folder = small(tmp_path, "less", "saddle_sensation is absent", "saddle_sensation is altered")
    (folder / "definitions.yaml").write_text(
        (folder / "definitions.yaml").read_text().replace("leg_pain >= 4", "leg_pain >= 5")
    )
    compared = run("rulebook", "diff", str(SOUND), str(folder), "--no-stored")
    assert compared.exit_code == 1
    assert "LOWERED URGENCY" not in compared.stdout
    told = compared.stdout.partition("CONSULTATIONS THAT COME OUT DIFFERENTLY")[2]
    assert 0 < told.index("rule red_flag.saddle") < told.index("rule lumbar.conservative.first")
    assert "only the old rulebook is this urgent, for example in {" in told
    assert "urgency at least emergency, at most emergency, within 4 hours, becomes at least routine" in told


def test_an_equal_condition_is_said_to_be_proven_equal(run: Run, tmp_path: Path) -> None:
    folder = small(tmp_path, "same", "  when: leg_trouble", "  when: {any: [leg_trouble, {all: [leg_trouble]}]}")
    compared = run("rulebook", "diff", str(SOUND), str(folder), "--no-stored")
    assert compared.exit_code == 0
    assert "proven: the two conditions are equal" in compared.stdout


def test_without_z3_the_words_are_told_and_what_was_left_out_is_said(
    run: Run, milder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    compared = run("rulebook", "diff", str(KNOWLEDGE), str(milder), "--no-stored")
    assert compared.exit_code == 1
    assert "z3 is not installed" in compared.stdout


def test_without_the_stored_ones_no_database_is_looked_for(run: Run, milder: Path, database: Path) -> None:
    compared = run("rulebook", "diff", str(KNOWLEDGE), str(milder), "--no-solver", "--no-stored")
    assert compared.exit_code == 1
    assert "STORED" not in compared.stdout
    assert not database.exists()


def test_a_database_that_is_not_there_is_said_after_the_words(run: Run, master_keys: str, milder: Path) -> None:
    compared = run("rulebook", "diff", str(KNOWLEDGE), str(milder), "--no-solver")
    assert compared.exit_code == 3
    assert "LOWERED URGENCY" in compared.stdout
    assert "spine-triage migrate" in compared.stderr


def test_a_refused_folder_is_told_with_its_faults(run: Run, milder: Path) -> None:
    (milder / "rules" / "more.yaml").write_text("- rule: no.such\n")
    refused = run("rulebook", "diff", str(KNOWLEDGE), str(milder), "--no-solver")
    assert refused.exit_code == 1
    assert f"{milder}/rules/more.yaml:1: " in refused.stderr


def test_a_folder_that_is_not_there_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    assert run("rulebook", "diff", str(KNOWLEDGE), str(tmp_path / "nothing")).exit_code == 2
