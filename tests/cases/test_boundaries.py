"""Where a rule turns: both sides of every number that a rule compares with, and the number itself."""

from __future__ import annotations

import re

import pytest

from app.triage import Triage
from app.triage.book import list_book
from app.triage.conditions import Bound, atoms
from app.triage.rulebook import Rulebook
from app.triage.vocabulary.quantities import DAYS_IN
from tests.cases.reading import Boundary, boundaries, placed
from tests.cases.truth import judge, near, other_side, spans

ALL = list(boundaries())
NEVER_FALSE = {
    ("level", "spondylolisthesis.translation_mm", ">", 0.0),
    ("level", "spondylolisthesis.angulation_deg", ">", 0.0),
}
"""Nothing says how much the levels move that nobody listed, so their rule is true or open; cases try both sides."""


@pytest.mark.parametrize("edge", [pytest.param(edge, id=f"{file}: {edge.boundary}") for file, edge in ALL])
def test_the_rule_turns_where_the_boundary_says(edge: Boundary, triage: Triage) -> None:
    assert edge.holds
    assert edge.fails
    for word in ("holds", "open", "fails"):
        found = {
            str(value): judge(triage, placed(edge.body, edge.at, value))[edge.rule] for value in getattr(edge, word)
        }
        assert found == dict.fromkeys(found, word)


def test_every_parameter_that_a_rule_uses_has_a_boundary_at_its_own_value(triage: Triage) -> None:
    tried = {edge.parameter for _, edge in ALL if edge.parameter and _tries_the_value(edge, triage)}
    assert _used(triage.rulebook) - tried == set()


def test_every_boundary_of_a_parameter_is_of_a_rule_that_compares_with_it(rulebook: Rulebook) -> None:
    assert [edge.boundary for _, edge in ALL if edge.parameter and not _compared(edge, rulebook)] == []


def test_every_lumbar_and_preoperative_rule_has_a_boundary_for_each_of_its_parameters(rulebook: Rulebook) -> None:
    tried = {(edge.rule, edge.parameter) for _, edge in ALL}
    wanted = {
        (rule, parameter["parameter"])
        for parameter in list_book(rulebook)["parameters"].values()
        for rule in parameter["rules"]
        if rule.startswith(("lumbar.", "preoperative."))
    }
    assert wanted - tried == set()


def test_every_number_in_a_rule_is_tried_on_both_sides(triage: Triage) -> None:
    wanted = {
        _named(atom) for rule in triage.rulebook.rules for atom in atoms(rule.when) if isinstance(atom, Bound)
    } - NEVER_FALSE
    whens = {rule.id: rule.when for rule in triage.rulebook.rules}
    tried = {
        _named(atom)
        for _, edge in ALL
        for atom in set(atoms(whens[edge.rule]))
        if isinstance(atom, Bound) and _turns(edge, atom, triage)
    }
    assert wanted - tried == set()


def _named(atom: Bound) -> tuple[str | None, str, str, float]:
    return atom.fact.table, atom.fact.name, atom.operator, atom.limit


def _turns(edge: Boundary, atom: Bound, triage: Triage) -> bool:
    """Whether the rule says one thing at the number and another close by on its other side."""
    tried = [
        (low, word)
        for word in ("holds", "open", "fails")
        for value in getattr(edge, word)
        for low, high in spans(atom.fact, placed(edge.body, edge.at, value), triage)
        if low == high
    ]
    at = {word for low, word in tried if low == atom.limit}
    beside = {word for low, word in tried if other_side(atom, low) and near(atom, low)}
    return any(one != two for one in at for two in beside)


def _used(rulebook: Rulebook) -> set[str]:
    """Parameters that the text of a rule or of a definition names."""
    book = list_book(rulebook)
    whens = (entry["when"] for kind in ("rules", "definitions") for entry in book[kind].values())
    return {name for when in whens for name in re.findall(r"\$([a-z][a-z0-9_]*)", when)}


def _limits(edge: Boundary, rulebook: Rulebook) -> set[float]:
    """The parameter's value as it stands and, for a length of time, in days."""
    parameter = rulebook.parameters[edge.parameter or ""]
    return {parameter.value, parameter.value * DAYS_IN.get(parameter.unit, 1)}


def _compared(edge: Boundary, rulebook: Rulebook) -> list[Bound]:
    """The comparisons with the parameter's value in the boundary's rule."""
    (when,) = (rule.when for rule in rulebook.rules if rule.id == edge.rule)
    limits = _limits(edge, rulebook)
    return [atom for atom in atoms(when) if isinstance(atom, Bound) and atom.limit in limits]


def _tries_the_value(edge: Boundary, triage: Triage) -> bool:
    """Whether one of the boundary's values makes a compared fact exactly the parameter's value."""
    bodies = [placed(edge.body, edge.at, value) for value in (*edge.holds, *edge.fails)]
    return any(
        (atom.limit, atom.limit) in spans(atom.fact, body, triage)
        for atom in _compared(edge, triage.rulebook)
        for body in bodies
    )
