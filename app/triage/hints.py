"""What several answers together say of one that a screening group denied, or that nobody gave."""

from __future__ import annotations

from app.triage.derived import OTHER_EIGHT_AT_MOST
from app.triage.facts import registry
from app.triage.frames import Known
from app.triage.told import show_told, telling

_TOP = registry()[None]
NEW_PAIN_DAYS = 14.0
"""Pain no older than this is new; the window in which features of the cauda equina are new (GIRFT23)."""
SEVERE_PAIN = 7
"""Pain from this score on is severe; the rulebook's parameter says where the number comes from."""
_PAINS = tuple(f"complaint.{place}_pain" for place in ("back", "neck", "leg", "arm"))


def check_hints(known: Known) -> None:
    """Doubt a screening group's "none" where answers to other questions speak against it.

    The one answer they speak of is then unknown, and so is the rest of its group. Whoever was asked that very
    question and said no is believed.
    """
    _doubt("complaint.new_bilateral_leg_pain", _new_pain_in_both_legs(known), known)
    _doubt("complaint.sudden_severe_pain", _sudden_and_severe(known), known)
    _check_item_9(known)


def _doubt(name: str, hints: list[str], known: Known) -> None:
    if hints and name not in known.stated:
        show_told(_TOP[name], [telling(hint, known) for hint in hints], known)


def _new_pain_in_both_legs(known: Known) -> list[str]:
    if known.stated.get("complaint.leg_side") != "bilateral":
        return []
    length = _TOP["complaint.duration"]
    new = [length.name] if known.frame[length.slot + 1] <= NEW_PAIN_DAYS else []
    sudden = ["complaint.onset"] if known.stated.get("complaint.onset") == "sudden" else []
    return ["complaint.leg_side", *new, *sudden] if new or sudden else []


def _sudden_and_severe(known: Known) -> list[str]:
    if known.stated.get("complaint.onset") != "sudden":
        return []
    severe = [name for name in _PAINS if name in known.stated and known.frame[_TOP[name].slot] >= SEVERE_PAIN]
    return ["complaint.onset", *severe] if severe else []


def _check_item_9(known: Known) -> None:
    """A PHQ-9 total above what the other eight items can give says that item 9 is not zero; the worse reading counts.

    What a total says of an item that nobody denied is worked out with the other arithmetic (`derived`).
    """
    total, item = _TOP["scores.phq9"], _TOP["scores.phq9_item9"]
    least = known.frame[total.slot] - OTHER_EIGHT_AT_MOST
    if total.name not in known.stated or least <= 0:
        return
    if item.name not in known.stated:
        show_told(item, [telling(total.name, known)], known)
    elif known.frame[item.slot + 1] < least:
        show_told(item, [telling(total.name, known)], known)
        known.frame[item.slot : item.slot + 2] = (least, item.high)
