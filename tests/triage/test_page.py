"""A note as text is one printed page: what must stand on it always does, and what does not fit is counted."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.examples import FIRST, LATER
from app.triage import Consultation, Triage, plain_text
from app.triage.page.sheet import COLUMNS, LINES
from tests.cases.reading import expectations
from tests.laws.bodies import DENSITIES, BodyMaker, limits_of
from tests.laws.effort import examples

DAY = date(2026, 11, 23)
FULLEST = (*DENSITIES, 1.0)
_LONG_SENTENCE = 40


def _note(triage: Triage, body: dict[str, Any], previous: dict[str, Any] | None = None) -> dict[str, Any]:
    return triage.note(Consultation.model_validate(body), DAY, previous)


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


def _is_one_page(note: dict[str, Any]) -> None:
    """What holds of every page, however much a note has to say."""
    text = plain_text(note)
    lines = text.splitlines()
    assert len(lines) <= LINES == 72
    assert max(map(len, lines)) <= COLUMNS == 100
    assert not [line for line in lines if line != line.rstrip()]
    page = _unwrapped(text)
    titles = {flag["title"] for flag in note["red_flags"] if flag["status"] == "present"}
    assert [title for title in titles if title not in page] == []
    assert [item["text"] for item in note["contradictions"] if item["text"] not in page] == []
    assert [item for item in note["safety_net"] if item not in page] == []
    assert note["disclaimer"] in page
    assert note["rulebook"]["version"] in page
    assert note["rulebook"]["digest"][:12] in page
    assert note["headline"] in page
    assert [c["text"] for c in note["changes"] if c["kind"] == "urgency" and c["text"] not in page] == []
    _repeats_nothing(text)


def _repeats_nothing(text: str) -> None:
    """No long sentence stands twice; the headline and the line of the urgency are read out before the rest."""
    said = Counter(
        sentence
        for paragraph in re.split(r"\n(?=\s*(?:[-+~?*]|\d+\.) |[A-Z]{3})", text)[2:]
        for sentence in re.split(r"(?<=[.?!]) ", _unwrapped(paragraph).lstrip("+-~?* "))
        if len(sentence) >= _LONG_SENTENCE and not sentence.startswith(("As above", "["))
    )
    assert [sentence for sentence, times in said.items() if times > 1] == []


@given(seed=st.integers(0, 2**32), density=st.sampled_from(FULLEST))
@examples(120)
def test_whatever_the_consultation_the_note_fits_on_one_page(triage: Triage, seed: int, density: float) -> None:
    maker = BodyMaker(Random(seed), limits_of(triage.rulebook))
    _is_one_page(_note(triage, maker.body(density)))


@given(seed=st.integers(0, 2**32), density=st.sampled_from(FULLEST))
@examples(60)
def test_whatever_a_revision_changes_its_note_fits_on_one_page(triage: Triage, seed: int, density: float) -> None:
    maker = BodyMaker(Random(seed), limits_of(triage.rulebook))
    before = _note(triage, maker.body(density))
    _is_one_page(_note(triage, maker.body(density), before))


@pytest.mark.parametrize("body", [pytest.param(b, id=f"{file}: {e.case}") for file, e, b in expectations()])
def test_every_case_is_one_page_with_the_action_of_every_flag_and_the_questions_that_could_raise_it(
    body: dict[str, Any], triage: Triage
) -> None:
    note = _note(triage, body)
    _is_one_page(note)
    page = _unwrapped(plain_text(note))
    flags = [flag for flag in note["red_flags"] if flag["status"] == "present"]
    worst = [flag["action"] for flag in flags if flag["urgency"] == note["urgency"]["at_least"] and flag["action"]]
    assert [action for action in worst if action not in page] == []
    most = 4 if note["urgency"]["at_least"] == "emergency" else 8
    asked = [question["question"] for question in note["questions"][:most] if question["could_raise_urgency_to"]]
    assert [question for question in asked if question not in page] == []
    topics = [c["title"].upper() for c in note["categories"] if c["status"] != "suppressed"]
    assert [t for t in topics if t not in page and t != "EMERGENCY ASSESSMENT"] == []


@pytest.mark.parametrize("body", [pytest.param(b, id=f"{file}: {e.case}") for file, e, b in expectations()])
def test_a_reason_that_is_not_certain_never_stands_without_saying_so(body: dict[str, Any], triage: Triage) -> None:
    note = _note(triage, body)
    page = _unwrapped(plain_text(note))
    open_reasons = {r["text"] for c in note["categories"] for r in c["for"] if not r["certain"]}
    for text in open_reasons:
        for found in re.finditer(re.escape(text), page):
            assert page[: found.start()].endswith("+ If confirmed: "), text
        rest = text.partition(". ")[2]
        if rest and rest in page and text not in page:
            assert page.partition(rest)[0].endswith("+ If confirmed: As above. ")


def test_a_lowered_urgency_stands_in_the_headline_and_among_the_changes(triage: Triage) -> None:
    saddle = FIRST | {"complaint": FIRST["complaint"] | {"saddle_sensation": "altered"}}
    text = plain_text(_note(triage, FIRST, _note(triage, saddle)))
    assert "LOWERED since the last revision" in _unwrapped(text).partition("URGENCY")[0]
    assert "LOWERED. Urgency is at least routine; before: urgent." in text


def test_what_has_no_room_is_counted(triage: Triage) -> None:
    note = _note(triage, FIRST)
    page = _unwrapped(plain_text(note))
    (later,) = re.findall(r"Later: (.*?); and (\d+) more in the full note\.", page)
    on_the_page = len(re.findall(r" \d\. ", page.partition("ASK NEXT")[2].partition("WHAT COULD")[0]))
    assert on_the_page + len(later[0].split("; ")) + int(later[1]) == len(note["questions"])


def test_a_short_note_has_room_for_blank_lines_and_for_the_years_of_its_sources(triage: Triage) -> None:
    text = plain_text(_note(triage, {"complaint": {"regions": ["thoracic"]}, "screening": LATER["screening"]}))
    assert "\n\nWATCH FOR\n" in text
    assert "SOURCES (year; read unless said otherwise): DESIGN" in text


def test_a_note_that_rests_on_no_source_has_no_empty_list_of_them(triage: Triage) -> None:
    text = plain_text(_note(triage, {"complaint": {"regions": ["coccyx"]}, "screening": LATER["screening"]}))
    assert "SOURCES (year" not in text
