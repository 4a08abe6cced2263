"""The pattern of a judgement: everything of it that decides what a note says, apart from the values it quotes.

Many consultations share a pattern, so whatever follows from one alone (see `reading`) is worked out once and kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.triage.facts import TABLE_PATHS
from app.triage.judge import Judge, Judgement
from app.triage.screening import GROUPS


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which rules are true and undecided, on what the undecided ones depend, and what may still be asked.

    row_open  for each row condition (by number) that is still open, the bits of its open row facts
    anchored  undecided supporting rules of which more than the region is already known to hold
    inputs    stated facts that others are worked out from, those of any listed level included
    """

    true: tuple[int, ...]
    undecided: tuple[tuple[int, int], ...]
    unasked: frozenset[str]
    not_known: frozenset[str]
    row_open: tuple[tuple[int, int], ...]
    anchored: tuple[int, ...]
    inputs: frozenset[str]


def pattern_of(judge: Judge, judgement: Judgement, anchored: tuple[int, ...], input_names: frozenset[str]) -> Pattern:
    """The pattern of one judgement."""
    known, program = judgement.known, judge.program
    bits = 0
    for _, open_bits in judgement.undecided:
        bits |= open_bits
    bits >>= len(program.facts)
    opened: dict[str, tuple[int, ...]] = {}
    row_open: list[tuple[int, int]] = []
    while bits:
        low = bits & -bits
        bits ^= low
        table, number = program.places[low.bit_length() - 1]
        if table not in opened:
            opened[table] = judge.opened_rows(known, table)
        row_open.append((low.bit_length() - 1, opened[table][number]))
    unasked = frozenset(
        [group for group in GROUPS if group not in known.screened and f"screening.{group}" not in known.not_known]
    )
    told = {f"{TABLE_PATHS['level']}.{name}" for row in known.rows["level"] for name in row.stated}
    inputs = input_names.intersection(known.stated) | input_names.intersection(told)
    return Pattern(
        tuple(judgement.true), tuple(judgement.undecided), unasked, known.not_known, tuple(row_open), anchored, inputs
    )
