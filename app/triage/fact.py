"""One thing that can be known, as the set of values it may still have.

In a frame (a flat list) that set is held as

    yes_no, one_of   one slot    bit mask of the values still possible (yes_no: no = 1, yes = 2)
    some_of          two slots   mask of values certainly in, mask of values possibly in
    number           two slots   lowest and highest possible value, in the fact's base unit
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.triage.vocabulary.declare import Span

Kind = Literal["yes_no", "one_of", "some_of", "number"]
NO, YES, EITHER = 1, 2, 3
REPORTS = "reports"
TABLE_PATHS = {
    "level": "imaging.levels",
    "deficit": "examination.motor",
    "surgery": "history.prior_surgery",
    "course": "treatments.courses",
}
"""Where the rows of each table stand in a body."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that can be known.

    `inputs` are the facts that a derived one is worked out from; it is never asked itself. `stands_for` says of words
    that a body may use which values they leave possible ("unspecified": there, but of no stated kind).
    """

    name: str
    table: str | None
    kind: Kind
    values: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    unit: str | None = None
    label: str = ""
    question: str = ""
    plausible: Span | None = None
    group: str | None = None
    normal: Span | None = None
    worse: str | None = None
    seen_on: tuple[str, ...] | None = None
    ruled_out_on: tuple[str, ...] | None = None
    reported: bool = False
    codes: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    stands_for: tuple[tuple[str, tuple[str, ...]], ...] = ()
    slot: int = -1
    groups: tuple[str, ...] = field(init=False, compare=False)
    """The screening groups whose "none" answers this fact "no": its own; and `reports` where only reports tell."""
    full_name: str = field(init=False, compare=False)
    """The name in notes: with the path of its table, if it has one."""
    wide: bool = field(init=False, compare=False)
    """Whether the fact takes two slots."""
    everything: int = field(init=False, compare=False)
    """The mask of all values."""
    _words: Mapping[str, int] = field(init=False, repr=False, compare=False)
    _no: tuple[Any, ...] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        told = self.reported or self.table == "level" or self.name.startswith("imaging.")
        masks = {value: 1 << bit for bit, value in enumerate(self.values)}
        words = masks | {word: sum(masks[value] for value in values) for word, values in self.stands_for}
        worked_out = {
            "groups": () if self.group is None else (self.group, REPORTS) if told else (self.group,),
            "full_name": self.name if self.table is None else f"{TABLE_PATHS[self.table]}.{self.name}",
            "wide": self.kind in {"some_of", "number"},
            "everything": EITHER if self.kind == "yes_no" else (1 << len(self.values)) - 1,
            "_words": words,
            "_no": self._said_no(),
        }
        for name, value in worked_out.items():
            object.__setattr__(self, name, value)  # the class is frozen

    def mask(self, values: Iterable[str]) -> int:
        """The bit mask of some of the values."""
        mask = 0
        for value in values:
            mask |= self._words[value]
        return mask

    def stated(self, value: str) -> int:
        """The bit mask that one stated word of a one-of-a-list fact leaves."""
        return self._words[value]

    def unknown(self) -> tuple[Any, ...]:
        """The slots of a fact of which nothing is known."""
        if self.kind == "number":
            return (self.low, self.high)
        return (0, self.everything) if self.kind == "some_of" else (self.everything,)

    def said_no(self) -> tuple[Any, ...] | None:
        """The slots that "looked for, and not there" stands for; None where there is no such value."""
        return self._no

    def _said_no(self) -> tuple[Any, ...] | None:
        if self.kind == "yes_no":
            return (NO,)
        if self.kind == "number":
            return self.normal
        if self.values and self.values[0] in {"none", "normal", "intact"}:
            return (1,) if self.kind == "one_of" else (1, 1)
        return None
