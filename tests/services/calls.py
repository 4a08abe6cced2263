"""The calls of a clinic's software that tests make."""

from __future__ import annotations

from app.access import Action
from tests.stores import make_call

MAKE_NOTE = make_call(Action.NOTE_MADE)
RECORD = make_call(Action.CONSULTATION_RECORDED)
REVISE = make_call(Action.CONSULTATION_REVISED)
READ = make_call(Action.CONSULTATION_READ)
READ_NOTE = make_call(Action.NOTE_READ)
LIST = make_call(Action.CONSULTATIONS_LISTED)
LIST_NOTES = make_call(Action.NOTES_LISTED)
