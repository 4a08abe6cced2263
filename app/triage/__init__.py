"""The meaning: (facts, rulebook, date) -> note. Pure: no input or output, no clock, no environment, no logging."""

from app.triage.checks import faults_of
from app.triage.loading.load import load_rulebook
from app.triage.note.assemble import Triage, canonical, encode
from app.triage.note.schema import Note
from app.triage.page import plain_text
from app.triage.rulebook import Rulebook
from app.triage.vocabulary.consultation import Consultation

__all__ = [
    "Consultation",
    "Note",
    "Rulebook",
    "Triage",
    "canonical",
    "encode",
    "faults_of",
    "load_rulebook",
    "plain_text",
]
