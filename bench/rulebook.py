"""The rulebook that everything is measured with."""

from __future__ import annotations

from app.governance import read_rulebook_files
from app.triage import Triage, load_rulebook
from bench.served import PROJECT


def load_packaged() -> Triage:
    """The packaged rulebook, ready to make notes."""
    return Triage(load_rulebook(read_rulebook_files(PROJECT / "app" / "knowledge")))
