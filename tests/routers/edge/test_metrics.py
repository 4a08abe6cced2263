from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.governance import read_rulebook_files
from app.routers.edge import DatabaseLoad, EdgeOptions, Metrics
from app.services.examples import FIRST
from app.triage import Consultation, Triage, load_rulebook
from tests.routers.edge.clinic import Clinic
from tests.routers.edge.conftest import asked

KNOWLEDGE = Path(__file__).parents[3] / "app" / "knowledge"
EMERGENCY = FIRST | {"complaint": FIRST["complaint"] | {"saddle_sensation": "absent"}}


@pytest.fixture(scope="module")
def notes() -> list[dict[str, Any]]:
    triage = Triage(load_rulebook(read_rulebook_files(KNOWLEDGE)))
    return [triage.note(Consultation.model_validate(body), date(2026, 11, 23)) for body in (FIRST, EMERGENCY)]


def read(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every figure by its name and labels, as a scraper reads them."""
    content, media = metrics.render()
    assert media.startswith("text/plain; version=")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(content.decode())
        for sample in family.samples
    }


def test_requests_are_counted_and_timed_by_route() -> None:
    clinic = Clinic(EdgeOptions())
    for number in range(3):
        asked(clinic.app, "GET", f"/patients/{number}")
    figures = read(clinic.metrics)
    labels = (("method", "GET"), ("route", "/patients/{reference}"))
    assert figures["spine_triage_requests_total", (*labels, ("status", "200"))] == 3
    assert figures["spine_triage_request_seconds_count", labels] == 3
    assert 0 < figures["spine_triage_request_seconds_sum", labels] < 3
    assert figures["spine_triage_build_info", (("version", "1.2.3"),)] == 1


def test_notes_are_counted_by_urgency_and_rules_by_how_often_they_were_true(notes: list[dict[str, Any]]) -> None:
    metrics = Metrics({})
    for note in (*notes, notes[0]):
        metrics.observe_note(note)
    figures = read(metrics)
    urgency = notes[0]["urgency"]
    labels = {
        "urgency_at_least": urgency["at_least"],
        "urgency_at_most": urgency["at_most"],
        "settled": "yes" if urgency["settled"] else "no",
    }
    assert figures["spine_triage_notes_total", tuple(sorted(labels.items()))] == 2
    assert sum(value for (name, _), value in figures.items() if name == "spine_triage_notes_total") == 3
    fired = {labels[0][1]: value for (name, labels), value in figures.items() if name.endswith("rules_fired_total")}
    present = {flag["rule"] for flag in notes[1]["red_flags"] if flag["status"] == "present"}
    assert present
    assert fired["lumbar.conservative.first"] >= 2
    assert all(fired[rule] == 1 for rule in present)
    open_only = {flag["rule"] for flag in notes[0]["red_flags"]} - present
    assert not open_only & fired.keys()


def test_the_undecided_share_is_that_of_the_rules_a_note_shows(notes: list[dict[str, Any]]) -> None:
    note = notes[0] | {
        "red_flags": [{"rule": "a", "status": "present"}, {"rule": "b", "status": "not_excluded"}],
        "categories": [
            {
                "for": [{"rule": "c", "certain": True}, {"rule": "d", "certain": False}],
                "against": [],
                "uncertainty": [],
            },
            {"for": [{"rule": "d", "certain": False}], "against": [{"rule": "e", "certain": True}], "uncertainty": []},
        ],
        "considerations": [],
    }
    metrics = Metrics({})
    metrics.observe_note(note)
    assert read(metrics)["spine_triage_note_undecided_ratio_sum", ()] == pytest.approx(2 / 5)


def test_the_database_is_asked_at_each_scrape() -> None:
    loads = iter([DatabaseLoad(in_use=3, idle=2, waiting=1, queued=7), DatabaseLoad()])
    metrics = Metrics({}, lambda: next(loads))
    figures = read(metrics)
    assert figures["spine_triage_database_connections", (("state", "in_use"),)] == 3
    assert figures["spine_triage_database_connections", (("state", "idle"),)] == 2
    assert figures["spine_triage_database_connections", (("state", "waiting"),)] == 1
    assert figures["spine_triage_database_writer_queue", ()] == 7
    assert read(metrics)["spine_triage_database_writer_queue", ()] == 0


def test_all_names_say_whose_they_are_and_no_label_says_which_clinic(notes: list[dict[str, Any]]) -> None:
    clinic = Clinic(EdgeOptions())
    asked(clinic.app, "GET", "/patients/MRN-1042")
    clinic.metrics.observe_note(notes[0])
    figures = read(clinic.metrics)
    assert all(name.startswith("spine_triage_") for name, _ in figures)
    assert not {"clinic", "patient", "subject", "caller"} & {label for _, labels in figures for label, _ in labels}
    assert "st-anna" not in str(figures)
