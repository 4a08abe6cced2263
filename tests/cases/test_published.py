"""Published cases and guideline scenarios: what their sources leave open, and what no honest note may do with them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.triage import Triage
from app.triage.rulebook import URGENCIES, Rulebook
from tests.cases import accepting
from tests.cases.reading import Published, published
from tests.cases.taking_away import films_alone, without
from tests.cases.truth import judge, read

TODAY = date(2026, 11, 23)
ALL = list(published())
CASES = [pytest.param(case, id=f"{file}: {case.source.id} {case.case}") for file, case in ALL]


def _note(triage: Triage, body: dict[str, Any]) -> dict[str, Any]:
    note: dict[str, Any] = triage.note(read(body), TODAY, every_category=True)
    return note


@pytest.mark.parametrize("case", CASES)
def test_the_urgency_is_one_that_the_source_accepts(case: Published, triage: Triage) -> None:
    fault = accepting.urgency_outside(_note(triage, case.body), case.accepts)
    assert fault is None


@pytest.mark.parametrize("case", CASES)
def test_a_category_that_the_source_accepts_is_offered(case: Published, triage: Triage) -> None:
    fault = accepting.nothing_accepted(_note(triage, case.body), case.accepts)
    assert fault is None


@pytest.mark.parametrize("case", CASES)
def test_what_was_chosen_is_among_what_the_note_shows(case: Published, triage: Triage) -> None:
    fault = accepting.chosen_not_shown(_note(triage, case.body), case.accepts)
    assert fault is None


@pytest.mark.parametrize("case", CASES)
def test_nothing_of_what_must_not_be_is_in_the_note(case: Published, triage: Triage) -> None:
    note, never = _note(triage, case.body), case.never
    found = {
        "discussable": accepting.offered(note, never.discussable),
        "certain": accepting.certain(note, never.certain),
        "alone": accepting.alone(note, never.alone, case.accepts),
        "first": [name for name in never.first if name == accepting.first(note)],
        "settled": [name for name in never.settled if name == accepting.settled_at(note)],
        "says": accepting.said(note, never.says),
    }
    assert {kind: what for kind, what in found.items() if what} == {}


@pytest.mark.parametrize("case", [case for case in CASES if case.values[0].never.muted_by])  # type: ignore[union-attr]  # a parameter set holds the case
def test_no_fact_mutes_what_stands_without_it(case: Published, triage: Triage) -> None:
    urgency, truth = _note(triage, case.body)["urgency"], judge(triage, case.body)
    for pointer in case.never.muted_by:
        less = without(case.body, pointer)
        assert URGENCIES.index(urgency["at_least"]) >= URGENCIES.index(_note(triage, less)["urgency"]["at_least"])
        assert [rule for rule, word in judge(triage, less).items() if word == "holds" and truth[rule] != "holds"] == []


@pytest.mark.parametrize("case", CASES)
def test_the_note_asks_for_what_the_case_leaves_out(case: Published, triage: Triage) -> None:
    unasked = {*case.asks} - accepting.asked(_note(triage, case.body))
    assert unasked == set()


@pytest.mark.parametrize("case", CASES)
def test_films_alone_offer_nothing_that_needs_mri_and_the_missing_imaging_is_asked_for(
    case: Published, triage: Triage
) -> None:
    note = _note(triage, films_alone(case.body))
    offered = accepting.offered(note, accepting.NEEDS_CROSS_SECTION)
    assert offered == []
    if films_alone(case.body).get("imaging") != case.body.get("imaging"):
        asks = accepting.asks_for_imaging(note)
        assert asks


def test_every_published_case_is_told_once() -> None:
    ids = [case.source.id for _, case in ALL]
    assert len(ids) == len(set(ids))
    assert len([name for name in ids if name.startswith("V")]) == 33


def test_every_category_that_a_case_names_exists(rulebook: Rulebook) -> None:
    named = {
        category
        for _, case in ALL
        for never in [case.never]
        for category in (*case.accepts.categories, *never.discussable, *never.certain, *never.alone, *never.first)
    }
    assert named - rulebook.categories.keys() - {"procedures"} == set()
