"""Every law, proven of one rulebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from app.governance.proofs import flags, imaging, learning, reach, statements
from app.governance.proofs.law import Failure, Law, Remark, Subject
from app.triage import Rulebook

LAWS: tuple[Law, ...] = (*flags.LAWS, *learning.LAWS, *reach.LAWS, *statements.LAWS, *imaging.LAWS)


@dataclass(frozen=True, slots=True)
class Proven:
    """What came of one law. It holds where nothing fails it."""

    law: Law
    failures: tuple[Failure, ...]
    remarks: tuple[str, ...]
    seconds: float


def prove(rulebook: Rulebook) -> Iterator[Proven]:
    """Each law in turn, as soon as it is settled."""
    subject = Subject(rulebook)
    for law in LAWS:
        began = perf_counter()
        found = list(law.prove(subject))
        yield Proven(
            law,
            tuple(one for one in found if isinstance(one, Failure)),
            tuple(one.text for one in found if isinstance(one, Remark)),
            perf_counter() - began,
        )
