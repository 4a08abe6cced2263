"""Migrates as `spine-triage migrate` does, but stops in the middle: says so, and waits for a line before it goes on."""

from __future__ import annotations

import sys

import pytest

from app.main import main
from app.store.protection import PatientKey
from tests.store.first_version import FEW

_BEFORE = FEW
"""Parts that are sealed before it stops; each consultation has at least two."""


def stop_in_the_middle() -> None:
    """Let one of many parts wait."""
    seal, sealed = PatientKey.seal, iter(range(_BEFORE))

    def seal_or_wait(key: PatientKey, plain: bytes, place: str) -> bytes:
        if next(sealed, None) == _BEFORE - 1:
            sys.stdout.write("half way\n")
            sys.stdout.flush()
            sys.stdin.readline()
        return seal(key, plain, place)

    pytest.MonkeyPatch().setattr(PatientKey, "seal", seal_or_wait)


if __name__ == "__main__":
    stop_in_the_middle()
    sys.argv = ["spine-triage", "migrate"]
    main()
