"""Twenty notes as a front desk, a nurse, a surgeon and a patient's lawyer hear them: short, plain, and on one page."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.triage import Consultation, Triage, faults_of, plain_text
from app.triage.note.headline import LONGEST
from app.triage.page.sheet import COLUMNS, LINES
from app.triage.rulebook import Rulebook
from app.triage.vocabulary.screening import Screening

DAY = date(2026, 11, 23)
_BEGINNINGS = {"Arrange", "Ask", "Call", "Contact", "Phone", "Send", "Stay", "Tell"}
_EXPLAINED_EVERYWHERE = {"MRI", "CT"}
_LONGEST_BREATH = 33


@cache
def _notes() -> tuple[dict[str, Any], ...]:
    return tuple(yaml.safe_load((Path(__file__).parent / "notes.yaml").read_text(encoding="utf-8")))


def _each() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("body", [pytest.param(entry["body"], id=entry["note"]) for entry in _notes()])


def _note(triage: Triage, body: dict[str, Any]) -> dict[str, Any]:
    return triage.note(Consultation.model_validate(body), DAY)


def _breaths(text: str) -> list[str]:
    """What is read between two stops."""
    return re.split(r"(?<=[.?!;:]) ", text)


def test_there_are_twenty_and_each_says_something_else(triage: Triage) -> None:
    assert not [entry["note"] for entry in _notes() if faults_of(Consultation.model_validate(entry["body"]))]
    assert len({plain_text(_note(triage, entry["body"])) for entry in _notes()}) == len(_notes()) == 20


@_each()
def test_it_is_one_printed_page(body: dict[str, Any], triage: Triage) -> None:
    lines = plain_text(_note(triage, body)).splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS


@_each()
def test_its_headline_is_one_sentence_that_fits_two_lines(body: dict[str, Any], triage: Triage) -> None:
    headline = _note(triage, body)["headline"]
    assert len(headline) <= LONGEST
    assert headline.endswith(".")
    assert not re.search(r"[.?!] ", headline)


@_each()
def test_it_neither_orders_nor_promises(body: dict[str, Any], triage: Triage) -> None:
    said = plain_text(_note(triage, body))
    assert not re.findall(r"\b(?:needs|indicated|should have|must|recommend\w*|guarantee\w*|certainly)\b", said)


@_each()
def test_its_headline_counts_the_questions_that_follow(body: dict[str, Any], triage: Triage) -> None:
    note = _note(triage, body)
    asked = re.search(r"questions? (?:1 to )?(\d)", note["headline"])
    if asked:
        page = plain_text(note)
        assert f"\n  {asked[1]}. " in page


def test_every_action_begins_with_what_to_do(rulebook: Rulebook) -> None:
    actions = [rule.concludes.action for rule in rulebook.rules if rule.concludes.action]
    assert actions
    assert [action for action in actions if action.split()[0] not in _BEGINNINGS] == []


def test_what_a_front_desk_hears_explains_its_abbreviations(rulebook: Rulebook) -> None:
    """One stands in brackets behind the words for it."""
    flags = [rule for rule in rulebook.rules if rule.concludes.urgency is not None]
    heard = [*(rule.title for rule in flags), *(rule.concludes.action for rule in flags), *rulebook.safety_net]
    heard += [str(field.description) for field in Screening.model_fields.values()]
    unexplained = [
        (short, text)
        for text in heard
        for short in re.findall(r"\b[A-Z]{2,}\b", re.sub(r"\([^)]*\)", "", text or ""))
        if short not in _EXPLAINED_EVERYWHERE
    ]
    assert unexplained == []


def test_no_sentence_takes_more_than_a_breath(rulebook: Rulebook) -> None:
    said = [
        text for rule in rulebook.rules for text in (rule.says, rule.concludes.action, rule.concludes.imaging) if text
    ]
    assert [s for text in said for s in _breaths(text) if len(s.split()) > _LONGEST_BREATH] == []


def test_no_heading_takes_more_than_a_line(rulebook: Rulebook) -> None:
    assert [rule.title for rule in rulebook.rules if rule.title and len(rule.title) > 60] == []


def test_a_flag_says_no_more_than_it_knows(rulebook: Rulebook) -> None:
    """A heading that names a disease says "possible", "warning" or "suspected": nothing is diagnosed."""
    diseases = r"syndrome|infection|rupture|tear|torn|stroke|clot|meningitis|arteritis|abscess|heart attack|Charcot"
    sure = [rule.title for rule in rulebook.rules if rule.concludes.urgency and re.search(diseases, rule.title or "")]
    assert [
        title for title in sure if not re.search(r"possible|warning|suspected|signs", title or "", re.IGNORECASE)
    ] == []
