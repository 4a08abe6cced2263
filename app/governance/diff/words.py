"""What changed between two rulebooks, in words. What lowers an urgency comes first."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.governance.diff.entries import HEAD_KIND, Entry, read_entries
from app.governance.urgent import urgent
from app.triage.rulebook import Rulebook

How = Literal["removed", "changed", "added"]
_ORDER = (HEAD_KIND, "rule", "define", "parameter", "score", "category", "source", "recorded", "paragraph")
_NAMES = {"define": "definition", "recorded": "recorded facts"}
_KEYS = {"says": "sentence", "when": "condition", "concludes": "conclusion", "not_modelled": "not modelled"}
_CONTEXT = 2


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that was removed, changed or added, in lines of text.

    `urgency` is -1 where the entry's own urgency or its time fell, 1 where it rose, else 0.
    """

    kind: str
    id: str
    how: How
    urgency: int
    place: str
    lines: tuple[str, ...]

    @property
    def what(self) -> str:
        """Such as `rule red_flag.saddle`."""
        return f"{_NAMES.get(self.kind, self.kind)} {self.id}"


def changes_in_words(old: Rulebook, new: Rulebook) -> list[Change]:
    """Every change: lowered urgencies, then the rest in the order of a rulebook's parts."""
    before, after = read_entries(old), read_entries(new)
    flags_before, flags_after = ({rule.id: rule.concludes for rule in book.rules} for book in (old, new))
    found: list[Change] = []
    for key in [*before, *(key for key in after if key not in before)]:
        was, now = before.get(key), after.get(key)
        lines = tuple(_lines(was, now))
        entry = now or was
        if entry is None or not lines:
            continue
        how: How = "removed" if now is None else "added" if was is None else "changed"
        way = 0
        if entry.kind == "rule":
            earlier, later = urgent(flags_before.get(entry.id)), urgent(flags_after.get(entry.id))
            way = (later > earlier) - (later < earlier)
        found.append(Change(entry.kind, entry.id, how, way, f"{entry.file}:{entry.line}", lines))
    return sorted(found, key=lambda change: (change.urgency >= 0, _ORDER.index(change.kind)))


def _lines(was: Entry | None, now: Entry | None) -> Iterator[str]:
    if was is None or now is None:
        entry = now or was
        yield from _whole(entry) if entry else ()
        return
    for key in dict.fromkeys([*was.fields, *now.fields]):
        if was.fields.get(key) != now.fields.get(key):
            yield from _changed(key, was, now)


def _whole(entry: Entry) -> Iterator[str]:
    """What an entry that came or went says."""
    fields = entry.fields
    for key in ("says", "means", "citation", "title", "because"):
        if key in fields:
            yield f"{_called(key)}: {fields[key]}"
    if entry.kind == "parameter":
        yield f"value: {_measured(fields)}"
    if "when" in fields:
        yield "condition:"
        yield from (f"    {line}" for line in entry.written["when"].split("\n"))
    if "concludes" in fields:
        for key, value in fields["concludes"].items():
            yield f"{key.replace('_', ' ')}: {_timed(value) if key == 'within' else _said(value)}"


def _changed(key: str, was: Entry, now: Entry) -> Iterator[str]:
    before, after = was.fields.get(key), now.fields.get(key)
    if was.kind == "parameter" and key in {"value", "unit"}:
        if key == "value" or was.fields["value"] == now.fields["value"]:
            yield f"value: {_measured(was.fields)} became {_measured(now.fields)}"
    elif key == "concludes":
        yield from _concluded(before or {}, after or {})
    elif _is_plain(before) and _is_plain(after):
        yield f"{_called(key)}:"
        yield from ([f"  - {_said(before)}"] if before is not None else [])
        yield from ([f"  + {_said(after)}"] if after is not None else [])
    else:
        yield f"{_called(key)}:"
        first, second = (entry.written.get(key, "").split("\n") for entry in (was, now))
        compared = difflib.unified_diff(first, second, lineterm="", n=_CONTEXT)
        yield from (f"  {line[0]} {line[1:]}" for line in list(compared)[2:] if not line.startswith("@@"))


def _concluded(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys([*before, *after]):
        was, now, name = before.get(key), after.get(key), key.replace("_", " ")
        if was == now:
            continue
        if key == "urgency":
            yield f"urgency: {was or 'none'} became {now or 'none'}"
        elif key in {"supports", "opposes", "defers", "rules_out", "uncertain", "suppresses"}:
            gone = [item for item in _listed(was) if item not in _listed(now)]
            come = [item for item in _listed(now) if item not in _listed(was)]
            yield from ([f"no longer {name}: {', '.join(gone)}"] if gone else [])
            yield from ([f"now {name}: {', '.join(come)}"] if come else [])
        elif key == "within":
            yield f"within: {_timed(was)} became {_timed(now)}"
        else:
            yield f"{name}: {_said(was)} became {_said(now)}"


def _called(key: str) -> str:
    return _KEYS.get(key, key.replace("_", " "))


def _measured(fields: Mapping[str, Any]) -> str:
    return f"{fields['value']} {fields['unit']}"


def _timed(within: Mapping[str, Any] | None) -> str:
    return "no stricter time" if within is None else f"{within['hours']} hours ({within['text']})"


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict) and not (isinstance(value, list) and any(isinstance(v, dict) for v in value))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _said(value: Any) -> str:
    """A value of a file in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{key} {_said(inner)}" for key, inner in value.items())
    return ", ".join(str(item) for item in _listed(value))
