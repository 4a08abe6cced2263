"""The peer of the whole rulebook: the Rust CEL binding with the same rules and the same facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cel

from app.triage.conditions import Atom, Bound, Has, Same
from app.triage.facts import TABLES
from app.triage.judge import Judge
from app.triage.known import Known
from bench.cel_text import CelWriter, bound_names, flag_names, shadow_name


class CelPeer:
    """A rulebook compiled by CEL, once."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._program = cel.compile(CelWriter(judge.program).rules([rule.when for rule in judge.rulebook.rules]))
        self._warm = cel.compile("true")

    def context(self, known: Known) -> cel.Context:
        """What is known, with scores worked out, as CEL's variables; already converted, so that none of it is timed."""
        program = self._judge.program
        self._judge.judge(known)  # writes the scores into the frames, where rules read them
        variables = _variables([atom for atom in program.atoms if not isinstance(atom, Same)], known.frame)
        for table in TABLES:
            atoms = program.tables[table].atoms
            variables[table] = [_variables(atoms, row.frame) for row in known.rows[table]]
            shadows = [self._judge.shadow_frame(template) for template in known.shadows[table]]
            for number, (at, place) in enumerate(program.places):
                if at == table:
                    unlisted = [program.tables[table].judge(frame)[1] >> place & 1 for frame in shadows]
                    variables[shadow_name(number)] = any(unlisted)
        context = cel.Context(variables)
        self._warm.execute(context)
        return context

    def values(self, context: cel.Context) -> list[int]:
        """For each rule in order: 2 true, 1 undecided, 0 false."""
        found: list[int] = self._program.execute(context)
        return found


def as_values(count: int, true: list[int], undecided: list[int]) -> list[int]:
    """Our indices in the peer's form, to compare the two."""
    values = [0] * count
    for index in true:
        values[index] = 2
    for index in undecided:
        values[index] = 1
    return values


def _variables(atoms: Iterable[Atom], frame: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for atom in atoms:
        found |= _variable(atom, frame)
    return found


def _variable(atom: Atom, frame: Sequence[Any]) -> dict[str, Any]:
    slot = atom.fact.slot
    if isinstance(atom, Bound):
        return dict(zip(bound_names(slot), (float(frame[slot]), float(frame[slot + 1])), strict=True))
    if isinstance(atom, Has):
        sides = bool(frame[slot] & atom.mask), bool(frame[slot + 1] & atom.mask)
    else:
        sides = not frame[slot] & atom.fact.everything & ~atom.mask, bool(frame[slot] & atom.mask)
    return dict(zip(flag_names(atom), sides, strict=True))
