"""The solver's encoding says what the evaluator says: of what bodies let us know, and of the bodies it makes itself."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

z3 = pytest.importorskip("z3")

from app.governance.solver import Finder, Want  # noqa: E402  # only where the optional extra is installed
from app.governance.solver.conditions import Reading  # noqa: E402
from app.governance.solver.search import solver_of  # noqa: E402
from app.governance.solver.states import Frame, State  # noqa: E402
from app.triage import Consultation, Rulebook  # noqa: E402
from app.triage.facts import TABLES, registry  # noqa: E402
from app.triage.judge import Judge  # noqa: E402
from app.triage.known import Known, learn  # noqa: E402
from tests.laws.bodies import BodyMaker, limits_of  # noqa: E402
from tests.laws.effort import HUNT  # noqa: E402
from tests.laws.rulebooks import RulebookMaker  # noqa: E402

SEED = 20261123 + HUNT
BODIES = 60 * max(HUNT, 1)
RULEBOOKS = 12 * max(HUNT, 1)
ROWS = 12


@pytest.fixture(scope="module")
def known(rulebook: Rulebook) -> list[Known]:
    maker = BodyMaker(Random(SEED), limits_of(rulebook))
    found = [learn(Consultation.model_validate(maker.body())) for _ in range(BODIES)]
    return [one for one in found if max(map(len, one.rows.values())) <= ROWS]


def test_the_encoding_agrees_with_the_evaluator_on_the_shipped_rulebook(rulebook: Rulebook, known: list[Known]) -> None:
    answers = list(_compare(rulebook, known))
    assert min(answers.count(each) for each in (True, False, None)) > len(known)


def test_the_encoding_agrees_with_the_evaluator_on_random_rulebooks(rulebook: Rulebook, known: list[Known]) -> None:
    maker = RulebookMaker(Random(SEED), limits_of(rulebook))
    for number in range(RULEBOOKS):
        some = known[number % 4 :: 4]
        answers = list(_compare(maker.rulebook(12), some))
        assert len(answers) == 13 * len(some)


def _compare(rulebook: Rulebook, known: list[Known]) -> Iterator[bool | None]:
    """Pin a symbolic state to what each body lets us know; every rule must have the truth that the evaluator gives."""
    judge, finder = Judge(rulebook), Finder(rulebook)
    readings: dict[tuple[int, ...], Reading] = {}
    for one in known:
        rows = tuple(len(one.rows[table]) for table in TABLES)
        if rows not in readings:
            state = State("", finder.classes, dict(zip(TABLES, rows, strict=True)))
            readings[rows] = Reading(state, rulebook.scores)
        reading = readings[rows]
        true, undecided = judge.values(one)
        cone = finder.reader.cone(rule.when for rule in rulebook.rules)
        solver = solver_of([*reading.state.sound(cone), *_pinned(reading.state, one)])
        assert solver.check() == z3.sat, ("the state leaves out what a body lets us know", one.stated, one.rows)
        model = solver.model()
        for index, rule in enumerate(rulebook.rules):
            certain, possible = (_holds(model, side) for side in reading.pair(rule.when))
            expected = True if index in true else None if index in undecided else False
            assert (certain, possible) == (expected is True, expected is not False), rule.id
            yield expected


def _pinned(state: State, known: Known) -> Iterator[Any]:
    yield from _frame_pinned(state.top, known.frame)
    for table, rows in known.rows.items():
        for frame, row in zip(state.rows[table], rows, strict=True):
            yield frame.listed
            yield from _frame_pinned(frame, row.frame)
        for unlisted in known.shadows[table]:
            for group in state.none:
                if table != "deficit" or group != "weakness":
                    yield state.none[group] == (group in unlisted.ruled_out)
            for (region, modality), covered in state.covered.items():
                if table == "level" and region == unlisted.region:
                    yield covered == (modality in unlisted.covered_by)
    for table, exists in state.may_exist.items():
        yield exists == bool(known.shadows[table])


def _frame_pinned(frame: Frame, values: list[Any]) -> Iterator[Any]:
    for name, fact in registry()[frame.table].items():
        yield frame[name].equals(tuple(values[fact.slot : fact.slot + 1 + fact.wide]))


def _holds(model: Any, truth: Any) -> bool:
    return truth if isinstance(truth, bool) else z3.is_true(model.eval(truth, model_completion=True))


@pytest.mark.parametrize("want", ["true", "false", "undecided"])
def test_every_consultation_that_the_solver_finds_is_one_of_which_the_service_says_so(
    rulebook: Rulebook, want: Want
) -> None:
    judge, finder = Judge(rulebook), Finder(rulebook)
    for index, rule in enumerate(rulebook.rules):
        found = finder.find((rule.when, want))
        if found.body is None:
            assert found.none, (rule.id, "nothing found and nothing proven")
            continue
        true, undecided = judge.values(learn(Consultation.model_validate(found.body)))
        assert want == ("true" if index in true else "undecided" if index in undecided else "false"), rule.id
