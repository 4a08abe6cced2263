"""Every clinical case in the files beside this one, with the rules that decided it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from app.triage import Note, Triage
from app.triage.rulebook import Rulebook
from tests.cases.reading import FOLDER, Expected, boundaries, expectations, files, scored
from tests.cases.truth import judge, read

TODAY = date(2026, 11, 23)
ALL = list(expectations())


@pytest.mark.parametrize(("expected", "body"), [pytest.param(e, b, id=f"{file}: {e.case}") for file, e, b in ALL])
def test_the_note_is_what_the_case_expects(expected: Expected, body: dict[str, Any], triage: Triage) -> None:
    note = triage.note(read(body), TODAY, every_category=True)
    Note.model_validate(note)
    truth = judge(triage, body)

    wanted = {rule: word for word in ("holds", "open", "fails") for rule in getattr(expected, word)}
    assert {rule: truth.get(rule, "no such rule") for rule in wanted} == wanted

    urgency = expected.urgency.model_dump(exclude_none=True)
    assert {key: note["urgency"][key] for key in urgency} == urgency
    assert note["urgency"]["settled"] == (note["urgency"]["at_least"] == note["urgency"]["at_most"])

    statuses = {entry["category"]: entry["status"] for entry in note["categories"]}
    assert {category: statuses.get(category) for category in expected.categories} == expected.categories


@pytest.mark.parametrize(("expected", "body"), [pytest.param(e, b, id=f"{file}: {e.case}") for file, e, b in ALL])
def test_a_red_flag_that_holds_is_shown_as_present_and_one_that_fails_is_not_shown(
    expected: Expected, body: dict[str, Any], triage: Triage
) -> None:
    shown = {flag["rule"]: flag["status"] for flag in triage.note(read(body), TODAY)["red_flags"]}
    with_tier = {rule.id for rule in triage.rulebook.rules if rule.concludes.urgency is not None}
    holds = with_tier.intersection(expected.holds)
    assert {rule: shown.get(rule) for rule in holds} == dict.fromkeys(holds, "present")
    assert [rule for rule in expected.fails if rule in shown] == []


def test_every_rule_is_made_true_by_some_case(rulebook: Rulebook) -> None:
    seen = {rule for _, expected, _ in ALL for rule in expected.holds}
    assert {rule.id for rule in rulebook.rules} - seen == set()


def test_every_red_flag_has_a_near_miss_that_leaves_it_false_or_undecided(rulebook: Rulebook) -> None:
    missed = {rule for _, expected, _ in ALL for rule in (*expected.open, *expected.fails)}
    missed |= {edge.rule for _, edge in boundaries() if edge.fails or edge.open}
    assert {rule.id for rule in rulebook.rules if rule.id.startswith("red_flag.")} - missed == set()


def test_every_case_and_boundary_says_its_own_sentence() -> None:
    said = Counter(
        [e.case for _, e, _ in ALL] + [edge.boundary for _, edge in boundaries()] + [s.scored for _, s in scored()]
    )
    assert [sentence for sentence, times in said.items() if times > 1] == []


def test_every_entry_of_every_file_is_of_a_known_kind() -> None:
    kinds = {"case", "boundary", "scored", "enough"}
    unread = [entry for entries in files().values() for entry in entries if not kinds & entry.keys()]
    assert unread == []


def test_no_file_of_cases_is_too_long_to_read() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in FOLDER.rglob("*.yaml")}
    assert {name: length for name, length in lengths.items() if length > 300} == {}
