from __future__ import annotations

import asyncio
import csv
import re
import struct
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.access import Action
from app.cli import commands
from app.cli.reports.plot import draw_concordance
from app.cli.reports.rows import rows_of
from app.main import open_rooms
from app.services.examples import FIRST
from app.services.record import record
from app.services.reviews.concordance import Concordance, Tally
from app.services.reviews.review import record_review
from app.store import open_database
from app.triage import Triage
from tests.cli.installation import install
from tests.stores import KEYRING, OTHER_CLINIC, StoreUrls, make_call, make_service, only_sqlite

Report = Callable[..., Result]

RULE, CATEGORY = "lumbar.fusion.unstable-slip", "conservative_care"
WORDS = "Dolores Vanterpool would rather wait"
DISAGREEING = {
    "revision": 1,
    "verdict": "partly",
    "reason": "patient_preference",
    "rules": [RULE],
    "categories": [{"category": CATEGORY, "decision": "set_aside"}],
    "words": WORDS,
}


@pytest.fixture
def report(store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Run `spine-triage report concordance` on this test's database."""
    install(monkeypatch, store_urls)

    def run(*arguments: str | Path) -> Result:
        line = ["report", "concordance", *map(str, arguments)]
        return CliRunner().invoke(commands, line, obj=open_rooms, catch_exceptions=False)

    return run


@pytest.fixture
def _reviewed(store_urls: StoreUrls, triage: Triage) -> None:
    """Four reviews of one note of the local clinic, of which the last disagrees; one of another clinic."""
    asyncio.run(_review(store_urls.service, triage))


async def _review(url: str, triage: Triage) -> None:
    database = open_database(url, KEYRING)
    service = make_service(database, triage)
    for clinic, people in (("local", "abcd"), (OTHER_CLINIC, "e")):
        call = make_call(Action.CONSULTATION_RECORDED, clinic=clinic)
        this = (await record(service, call, FIRST)).consultation_id
        for who in people:
            by = replace(call, action=Action.REVIEW_RECORDED, caller=replace(call.caller, subject=who))
            review: dict[str, Any] = DISAGREEING if who == "d" else {"revision": 1, "verdict": "agreed"}
            await record_review(service, by, this, review)
    await database.close()


def cells(stdout: str, name: str) -> list[str]:
    """The numbers of one row of the table."""
    (line,) = [line for line in stdout.splitlines() if name in line]
    return re.split(r"\s{2,}", line.partition(name)[2].strip())


@pytest.mark.usefixtures("_reviewed")
def test_the_table_shows_counts_shares_and_intervals_and_nothing_of_a_patient(report: Report) -> None:
    done = report("--clinic", "local")
    assert done.exit_code == 0
    for name in ("all reviewed notes", RULE, CATEGORY):
        assert cells(done.stdout, name) == ["3", "1", "0", "4", "75%", "30% to 95%"]
    assert cells(done.stdout, "lumbar.fusion.trials-disagree") == ["4", "0", "0", "4", "100%", "51% to 100%"]
    assert "Vanterpool" not in done.output
    assert FIRST["patient"]["reference"] not in done.output
    assert cells(report().stdout, "all reviewed notes")[:4] == ["4", "1", "0", "5"]


@pytest.mark.usefixtures("_reviewed")
def test_the_csv_holds_the_same_rows_the_least_agreed_first(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    assert report("--clinic", "local", "--csv", file).exit_code == 0
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert list(rows[0].values()) == [
        "note",
        "all reviewed notes",
        *["3", "1", "0", "4"],
        *["0.750000", "0.300642", "0.954413"],
    ]
    assert next(row["id"] for row in rows if row["kind"] == "rule") == RULE
    assert next(row["id"] for row in rows if row["kind"] == "category") == CATEGORY
    shares = [float(row["share"]) for row in rows if row["kind"] == "category"]
    assert shares == sorted(shares)


@pytest.mark.usefixtures("_reviewed")
@only_sqlite
def test_one_breakdown_can_be_chosen(report: Report) -> None:
    rules, categories = report("--by", "rule").stdout, report("--by", "category").stdout
    assert (RULE in rules, CATEGORY in rules) == (True, False)
    assert (RULE in categories, CATEGORY in categories) == (False, True)


@pytest.mark.usefixtures("_reviewed")
@only_sqlite
def test_days_are_those_of_the_clinic_s_calendar_first_and_last_included(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reviews are of 23 November, soon after 8:00 in UTC: in Kiritimati, 14 hours ahead, soon after 22:00."""
    for zone in ("UTC", "Pacific/Kiritimati"):
        monkeypatch.setenv("SPINE_TRIAGE_TIMEZONE", zone)
        assert cells(report("--from", "2026-11-23", "--to", "2026-11-23").stdout, "all reviewed notes")[3] == "5"
        for empty in (("--from", "2026-11-24"), ("--to", "2026-11-22")):
            assert cells(report(*empty).stdout, "all reviewed notes")[3:] == ["0", "-", "-"]
    monkeypatch.setenv("SPINE_TRIAGE_TIMEZONE", "Pacific/Midway")  # 11 hours behind: still the 22nd
    assert cells(report("--to", "2026-11-22").stdout, "all reviewed notes")[3] == "5"


@pytest.mark.usefixtures("_reviewed")
def test_a_picture_is_drawn_with_every_rule_and_category_and_its_count(report: Report, tmp_path: Path) -> None:
    svg, png = tmp_path / "shown.svg", tmp_path / "shown.png"
    assert report("--clinic", "local", "--plot", svg, "--from", "2026-11-01").exit_code == 0
    assert report("--clinic", "local", "--plot", png).exit_code == 0
    labels = re.findall(r"<text[^>]*>([^<]+)</text>", svg.read_text(encoding="utf-8"))
    assert {"Concordance of reviews with notes from 2026-11-01", "Rules that spoke", "Categories with a status"} <= set(
        labels
    )
    assert "all reviewed notes (n = 4)" in labels
    assert [label for label in labels if label.startswith((RULE, CATEGORY))] == [
        f"{RULE}  (n = 4)",
        f"{CATEGORY}  (n = 4)",
    ]
    content = png.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">2I", content[16:24]) > (1000, 300)


def test_the_same_counts_make_the_same_picture_and_none_make_an_empty_one(tmp_path: Path) -> None:
    found = Concordance(Tally(2, 1), {RULE: Tally(1, 1), "not.said": Tally(not_said=3)}, {CATEGORY: Tally(3)})
    rows = rows_of(found, ["rule", "category"])
    files = [tmp_path / f"{name}.svg" for name in "ab"]
    for file in files:
        draw_concordance(rows, "Concordance", file)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert b"not.said" not in files[0].read_bytes()
    draw_concordance(rows_of(Concordance(), ["rule", "category"]), "Concordance", tmp_path / "empty.svg")
    assert "all reviewed notes  (n = 0)" in (tmp_path / "empty.svg").read_text(encoding="utf-8")


@only_sqlite
def test_a_report_on_nothing_says_so_in_numbers(report: Report) -> None:
    done = report()
    assert done.exit_code == 0
    assert cells(done.stdout, "all reviewed notes") == ["0", "0", "0", "0", "-", "-"]


@only_sqlite
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--clinic", "nowhere"], "no clinic nowhere"),
        (["--from", "2026-11-23", "--to", "2026-11-22"], "--to is a day before --from"),
        (["--from", "yesterday"], "yesterday"),
        (["--to", "9999-12-31"], "years 2 to 9998"),
        (["--plot", "shown.pdf"], "named .svg or .png"),
        (["--plot", "nowhere/shown.svg"], "no folder nowhere"),
        (["--csv", "nowhere/rows.csv"], "no folder nowhere"),
        (["--by", "surgeon"], "surgeon"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_counted(
    report: Report, arguments: list[str], says: str
) -> None:
    done = report(*arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stdout == ""


@only_sqlite
def test_without_matplotlib_a_picture_is_refused_and_the_table_is_not(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = report("--plot", tmp_path / "shown.svg")
    assert (done.exit_code, done.stderr) == (
        2,
        'a picture needs matplotlib, the optional extra "plot": pip install ".[plot]" in the checkout\n',
    )
    assert report().exit_code == 0
