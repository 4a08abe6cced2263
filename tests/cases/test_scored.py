"""What scores show: every row of their tables, every band, and both sides of every number in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from app.triage import Triage
from app.triage.conditions import Bound, atoms
from app.triage.facts import registry
from app.triage.known import learn
from app.triage.rulebook import Rulebook, Score
from tests.cases.reading import Scored, placed, scored
from tests.cases.truth import near, other_side, read, spans
from tests.laws.reference import truth, world_of

TODAY = date(2026, 11, 23)
ALL = list(scored())


@pytest.mark.parametrize("table", [pytest.param(table, id=f"{file}: {table.scored}") for file, table in ALL])
def test_the_note_shows_what_the_table_says(table: Scored, triage: Triage) -> None:
    for value, total, band in table.shows:
        note = triage.note(read(placed(table.body, table.at, value)), TODAY)
        shown = [(s["at_least"], s["at_most"], s["band"]) for s in note["scores"] if s["score"] == table.score]
        assert shown == [(pytest.approx(total), pytest.approx(total), band)], value


def test_both_sides_of_every_band_are_tried(rulebook: Rulebook) -> None:
    missing = [
        f"{score.id}: {band.name} at {edge:g}"
        for score in rulebook.scores.values()
        for below, above in pairwise(sorted(score.bands, key=lambda band: band.low))
        for band, edge in ((below, below.high), (above, above.low))
        if not any(name == band.name and abs(total - edge) <= _step(score) for total, name in _shown(score))
    ]
    assert missing == []


def test_every_row_of_every_table_decides_some_total(rulebook: Rulebook) -> None:
    missing = [
        f"{score.id}: {component.name}, row {number}"
        for score in rulebook.scores.values()
        for component in score.components
        for number, (when, _) in enumerate(component.options, start=1)
        if not any(
            truth(when, world, world.rows[score.table][0] if score.table else None) is True
            for world in (world_of(learn(read(body))) for body in _bodies(score))
        )
    ]
    assert missing == []


def test_every_number_in_a_table_is_tried_on_both_sides(triage: Triage) -> None:
    missing = [
        f"{score.id}: {atom.fact.name} {atom.operator} {atom.limit:g}"
        for score in triage.rulebook.scores.values()
        for component in score.components
        for when, _ in component.options
        for atom in atoms(when)
        if isinstance(atom, Bound)
        and not any(_turns(table, atom, triage) for _, table in ALL if table.score == score.id)
    ]
    assert missing == []


def _turns(table: Scored, atom: Bound, triage: Triage) -> bool:
    """Whether the total at the number differs from a total close by on its other side."""
    tried = [
        (low, total)
        for value, total, _ in table.shows
        for low, high in spans(atom.fact, placed(table.body, table.at, value), triage)
        if low == high
    ]
    at = {total for low, total in tried if low == atom.limit}
    beside = {total for low, total in tried if other_side(atom, low) and near(atom, low)}
    return any(one != two for one in at for two in beside)


def _shown(score: Score) -> Iterator[tuple[float, str | None]]:
    for _, table in ALL:
        if table.score == score.id:
            yield from ((total, band) for _, total, band in table.shows)


def _bodies(score: Score) -> Iterator[dict[str, Any]]:
    for _, table in ALL:
        if table.score == score.id:
            yield from (placed(table.body, table.at, value) for value, _, _ in table.shows)


def _step(score: Score) -> float:
    """How close to an edge a total has to be tried: a sum at it, a measured number within a hundredth of its range."""
    if score.of is None:
        return 0
    fact = registry()[score.table][score.of]
    return (fact.high - fact.low) / 100
