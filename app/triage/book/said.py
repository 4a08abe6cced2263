"""Words for what the files say in one word."""

from __future__ import annotations

from app.triage.book.markdown import link
from app.triage.rulebook import Source

STRENGTHS = {
    "strong": "strong",
    "moderate": "moderate",
    "weak": "weak",
    "expert": "opinion of experts",
    "design": "a choice of ours, without a published source",
}
CHECKED = {
    "verified": "an excerpt of it was read",
    "second_hand": "read in another document that reports it",
    "recalled": "**from memory only**, not confirmed",
    "own_choice": "our own choice, to be reviewed",
}
KINDS = {
    "guideline": "guideline",
    "trial": "trial",
    "review": "review",
    "observational": "observational study",
    "case_series": "case series",
    "case_report": "case report",
    "textbook": "textbook",
    "payer_policy": "payer's policy, which is no clinical evidence",
    "reference_page": "reference page",
    "panel": "expert panel",
    "design": "a choice made for this service",
}
CONCLUDED = {
    "supports": "Speaks for",
    "opposes": "Speaks against",
    "defers": "Puts off",
    "rules_out": "Rules out",
    "uncertain": "Uncertain for",
    "suppresses": "Sets aside while it stands",
}
SUPPORT = {
    "well_supported": "well supported",
    "non_randomised": "non-randomised studies only",
    "mixed": "studies disagree",
    "not_supported": "not supported",
    "uncertain": "uncertain",
}


def said_source(source: Source) -> str:
    """One line on a source: what it is, how strong, and how it was checked."""
    year = f", {source.year}" if source.year else ""
    strength = "" if source.strength == "design" else f", {source.strength}"
    retracted = ", **retracted**" if source.retracted else ""
    name = link(source.id, f"Source {source.id}")
    return f"{name}: {KINDS[source.kind]}{year}{strength}; {CHECKED[source.checked]}{retracted}"
