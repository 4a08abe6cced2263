"""What changed between two rulebooks, and what that does to notes."""

from app.governance.diff.effect import Effect, compare_notes
from app.governance.diff.words import Change, changes_in_words

__all__ = ["Change", "Effect", "changes_in_words", "compare_notes"]
