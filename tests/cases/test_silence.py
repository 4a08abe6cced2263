"""What silence may do: leave things open. It never lowers an urgency, and no film speaks for what it cannot show."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.triage import Triage
from app.triage.conditions import atoms
from app.triage.known import learn
from tests.cases import accepting
from tests.cases.reading import expectations
from tests.cases.taking_away import films_alone, without_each_answer
from tests.cases.truth import read

TODAY = date(2026, 11, 23)
ALL = [pytest.param(body, id=f"{file}: {expected.case}") for file, expected, body in expectations()]
FILMED = [
    pytest.param(body, id=f"{file}: {expected.case}")
    for file, expected, body in expectations()
    if films_alone(body) != body
]


@pytest.mark.parametrize("body", ALL)
def test_an_answer_less_never_lowers_what_is_still_possible(body: dict[str, Any], triage: Triage) -> None:
    _, possible = _tiers(triage, body)
    lowered = {answer: _tiers(triage, rest) for answer, rest in without_each_answer(body)}
    assert {answer: tiers for answer, tiers in lowered.items() if tiers[1] < possible} == {}


@pytest.mark.parametrize("body", FILMED)
def test_films_alone_offer_no_operation_on_what_only_mri_or_ct_shows(body: dict[str, Any], triage: Triage) -> None:
    note = triage.note(read(films_alone(body)), TODAY)
    offered = accepting.offered(note, accepting.NEEDS_CROSS_SECTION)
    assert offered == []


def test_every_answer_that_a_red_flag_reads_was_taken_away(triage: Triage) -> None:
    flags = [rule for rule in triage.rulebook.rules if rule.concludes.urgency is not None]
    read_by_flags = {(atom.fact.table, atom.fact.name) for rule in flags for atom in atoms(rule.when)}
    kept: set[tuple[str | None, str]] = set()
    for _, _, body in expectations():
        always = _stated(body).intersection(*(_stated(rest) for _, rest in without_each_answer(body)))
        kept |= {(table, name) for table, _, name in always}
    assert kept & read_by_flags == {(None, "complaint.regions")}


def _stated(body: dict[str, Any]) -> set[tuple[str | None, str, str]]:
    """The facts that a body states, for the whole and in each of its rows: table, row, name."""
    known = learn(read(body))
    return {(None, "", name) for name in known.stated} | {
        (table, row.label, name) for table, rows in known.rows.items() for row in rows for name in row.stated
    }


def _tiers(triage: Triage, body: dict[str, Any]) -> tuple[int, int]:
    """The urgency that is certain, and the highest that is possible."""
    rules = triage.rulebook.rules
    true, undecided = triage.judge.values(learn(read(body)))
    certain = max((rules[index].concludes.urgency or 0 for index in true), default=0)
    return certain, max((rules[index].concludes.urgency or 0 for index in (*true, *undecided)), default=0)
