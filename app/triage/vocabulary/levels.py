"""Names of vertebrae and motion segments. Roots are not vertebrae: there is a C8 root and no C8 vertebra.

Transitional anatomy is representable: L6 and T13 exist, S1-S2 may be mobile, and with eleven ribs T11 meets L1.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

from pydantic_core import PydanticCustomError

Region = Literal["cervical", "thoracic", "lumbar", "sacral"]
REGIONS: tuple[Region, ...] = ("cervical", "thoracic", "lumbar", "sacral")
_REGION_OF: dict[str, Region] = {"C": "cervical", "T": "thoracic", "L": "lumbar", "S": "sacral"}


def _column(letter: str, count: int) -> list[str]:
    return [f"{letter}{number}" for number in range(1, count + 1)]


VERTEBRAE: tuple[str, ...] = (*_column("C", 7), *_column("T", 13), *_column("L", 6), *_column("S", 5))
_USUAL = (*_column("C", 7), *_column("T", 12), *_column("L", 5), *_column("S", 5))
_TRANSITIONAL = ("T12-T13", "T13-L1", "T11-L1", "L5-L6", "L6-S1")
SEGMENTS: tuple[str, ...] = (
    "C0-C1",
    *(f"{upper}-{lower}" for upper, lower in pairwise(_USUAL)),
    *_TRANSITIONAL,
)
LEVELS: tuple[str, ...] = (*VERTEBRAE, *SEGMENTS)
ROOTS: tuple[str, ...] = (*_column("C", 8), *_column("T", 12), *_column("L", 5), *_column("S", 5))
_ALLOWED_LEVELS = "a vertebra such as L4 (C1-C7, T1-T13, L1-L6, S1-S5) or a motion segment such as L4-L5"
_ALLOWED_ROOTS = "one of C1-C8, T1-T12, L1-L5, S1-S5"
_SHAPE = re.compile(r"([CTLS]\d{1,2})-([CTLS]\d{1,2})")


def region_of(level: str) -> Region:
    """The region of a vertebra, or of a segment by its upper vertebra (L5-S1 is lumbar, C7-T1 cervical)."""
    return _REGION_OF[level[0]]


def is_segment(level: str) -> bool:
    """Whether the level is a motion segment (L4-L5) rather than a vertebra (L4)."""
    return "-" in level


def check_level(level: str) -> str:
    """Return a known level, or raise ValueError with the reason; its context says what is `allowed`."""
    if level in _KNOWN:
        return level
    if level == "C8":
        raise _refused("C8 is a nerve root, not a vertebra; the C8 root leaves at C7-T1", _ALLOWED_LEVELS)
    shape = _SHAPE.fullmatch(level)
    if shape and {shape[1], shape[2]} <= _BONES:
        problem = f"{level} is not one motion segment: it must join two neighbours"
        raise _refused(problem, "segments of two neighbours, such as L3-L4; list each by itself")
    raise _refused("not a level of the spine", _ALLOWED_LEVELS)


def check_root(root: str) -> str:
    """Return a known nerve root, or raise ValueError, whose context says what is `allowed`."""
    if root in ROOTS:
        return root
    raise _refused("not a nerve root", _ALLOWED_ROOTS)


def _refused(problem: str, allowed: str) -> PydanticCustomError:
    """A ValueError that pydantic passes on with what is allowed, which a plain one cannot carry."""
    return PydanticCustomError("unknown_level", "{problem}", {"problem": problem, "allowed": allowed})


_KNOWN = frozenset(LEVELS)
_BONES = frozenset(VERTEBRAE)
