"""The export of the conditions: complete, runnable as its own sentences say, and what the engine makes of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import cel
import pytest

from app.governance.cel import CelWriter, export_cel
from app.governance.cel.expressions import NEVER_KNOWN, ROW, UNLISTED
from app.triage import Consultation, Rulebook
from app.triage.conditions import atoms
from app.triage.facts import TABLES, registry
from app.triage.judge import Judge
from app.triage.known import Known, learn
from app.triage.program import compile_score
from app.triage.rulebook import Score
from tests.laws.bodies import BodyMaker, limits_of
from tests.laws.cel_witness import Place, Told, evaluated, flat, places, run, single
from tests.laws.random_facts import FactMaker

BODIES = 250
SUMS = 3_000
SEED = 20261123


@pytest.fixture(scope="module")
def document(rulebook: Rulebook) -> dict[str, Any]:
    """As a reader of the file has it."""
    found: dict[str, Any] = json.loads(json.dumps(export_cel(rulebook)))
    return found


def test_every_rule_definition_and_sum_is_exported_once_with_an_expression(
    document: dict[str, Any], rulebook: Rulebook
) -> None:
    assert [entry["rule"] for entry in document["rules"]] == [rule.id for rule in rulebook.rules]
    assert [entry["define"] for entry in document["definitions"]] == list(rulebook.definitions)
    assert {entry["score"] for entry in document["scores"]} == {s.id for s in rulebook.scores.values() if s.components}
    assert document["rulebook"]["digest"] == rulebook.digest
    for entry in (*document["rules"], *document["definitions"], *document["scores"]):
        cel.compile(entry["expression"])


def test_every_variable_of_an_expression_is_declared_with_its_type(document: dict[str, Any]) -> None:
    declared = {variable["variable"].partition(".")[0] for variable in document["variables"]}
    declared |= {table["list"] for table in document["lists"]} | {entry["define"] for entry in document["definitions"]}
    declared |= {NEVER_KNOWN, UNLISTED, ROW, "v"}
    for entry in (*document["rules"], *document["definitions"]):
        assert set(cel.compile(entry["expression"]).variables()) <= declared, entry
    types = {variable["type"] for variable in document["variables"]}
    assert types == {"bool", "string", "list(string)", "double"}
    told = " ".join(document["reading"])
    assert all(word in told for word in (NEVER_KNOWN, UNLISTED, ROW, "undecided"))


def test_no_name_stands_for_two_things_and_none_is_a_word_of_the_language(document: dict[str, Any]) -> None:
    sections = {variable["variable"].partition(".")[0] for variable in document["variables"]}
    groups = [sections, {t["list"] for t in document["lists"]}, {d["define"] for d in document["definitions"]}]
    names = [name for group in groups for name in group]
    assert len(names) == len(set(names))
    reserved = {"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let"}
    reserved |= {"loop", "namespace", "null", "package", "return", "true", "var", "void", "while"}
    parts = {part for facts in registry().values() for name in facts for part in name.split(".")}
    assert not reserved & (parts | set(names))


def test_the_document_run_as_it_says_agrees_with_the_evaluator(document: dict[str, Any], rulebook: Rulebook) -> None:
    judge, maker = Judge(rulebook), BodyMaker(Random(SEED), limits_of(rulebook))
    reads = {rule.id: places(rule.when, rulebook) for rule in rulebook.rules}
    definitions = [(entry["define"], cel.compile(entry["expression"])) for entry in document["definitions"]]
    programs = [cel.compile(entry["expression"]) for entry in document["rules"]]
    compared = 0
    for _ in range(BODIES):
        known = learn(Consultation.model_validate(maker.body(density=0.1)))
        if any(len(rows) > 1 for rows in known.rows.values()):
            continue  # this engine's `exists` gives up at the first row that fails; see below
        variables, partly = _variables(known, judge)
        context = cel.Context(variables)
        for name, program in definitions:
            (value,) = run([program], context)
            if value is not None:
                context.add_variable(name, value)
        for entry, says, expects in zip(
            document["rules"], run(programs, context), evaluated(judge, known), strict=True
        ):
            if partly.isdisjoint(reads[entry["rule"]]):
                assert says is expects, entry
                compared += 1
    assert compared > len(programs) * BODIES / 4


def _variables(known: Known, judge: Judge) -> tuple[dict[str, Any], set[Place]]:
    """Maps in maps, as the names with dots say."""
    partly: set[Place] = set()

    def nested(table: str | None, frame: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for fact in registry()[table].values():
            slots = tuple(frame[fact.slot : fact.slot + 1 + fact.wide])
            value = None if slots == fact.unknown() else single(fact, slots)
            if value is None and slots != fact.unknown():
                partly.add((table, fact.name))
            if value is not None:
                *path, last = fact.name.split(".")
                place = found
                for step in path:
                    place = place.setdefault(step, {})
                place[last] = value
        return found

    variables = nested(None, known.frame)
    for table in TABLES:
        variables[table] = [nested(table, row.frame) for row in known.rows[table]]
    variables[UNLISTED] = {
        table: [nested(table, judge.shadow_frame(template)) for template in known.shadows[table]] for table in TABLES
    }
    return variables, partly


def test_a_sum_is_the_evaluators_where_all_its_parts_are_known_and_fails_elsewhere(rulebook: Rulebook) -> None:
    for score in rulebook.scores.values():
        if not score.components or score.table is None:
            continue
        total = compile_score(score)
        program = cel.compile(flat(CelWriter(rulebook.definitions).score(score)))
        seen: Counter[bool] = Counter()
        for known, told in _drawn(score):
            for row, variables in zip(known.rows[score.table], told.variables[score.table], strict=True):
                (says,) = run([program], cel.Context(told.variables | {ROW: variables}))
                low, high, parts = total(row.frame, known.frame)
                assert says == (low if all(parts) else None), (row.frame, low, high)
                seen[all(parts)] += 1
        assert min(seen[True], seen[False]) > SUMS / 30


def _drawn(score: Score) -> Iterator[tuple[Known, Told]]:
    """Consultations over the facts that a score reads."""
    whens = [when for component in score.components for when, _ in component.options]
    read = {(atom.fact.table, atom.fact.name) for when in whens for atom in atoms(when)}
    facts = {table: [fact for fact in registry()[table].values() if (table, fact.name) in read] for table in registry()}
    maker = FactMaker(Random(SEED), facts, {})
    return (maker.consultation() for _ in range(SUMS))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("missing && false", False),
        ("false && missing", False),
        ("missing || true", True),
        ("true || missing", True),
        ("missing && true", None),
        ("false || missing", None),
        ("!missing", None),
        ("there.missing >= 4.0 || true", True),
        ("there.missing >= 4.0 && false", False),
        ("there.missing in ['a'] || there.known == 'a'", True),
        ("rows.exists(row, row.known == 'b')", True),
        ("rows.exists(row, row.missing == 'b')", None),
        # The specification says true here: `exists` is a chain of `||`. Hence `CelWriter(rows=...)`.
        ("rows.exists(row, row.second)", None),
        ("(size(rows) > 0 && rows[0].second) || (size(rows) > 1 && rows[1].second)", True),
    ],
)
def test_what_the_engine_makes_of_a_missing_variable(expression: str, value: bool | None) -> None:
    rows = [{"known": "a"}, {"known": "b", "second": True}]
    assert run([cel.compile(expression)], cel.Context({"there": {"known": "a"}, "rows": rows})) == [value]
