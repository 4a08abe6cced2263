"""What rules lean on: sources, categories and parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.errors import RulebookFault
from app.triage.loading.fields import Fields, nearest
from app.triage.loading.tree import Node
from app.triage.rulebook import Category, Claim, Parameter, Source, Technique

_KINDS = (
    "guideline",
    "trial",
    "review",
    "observational",
    "case_series",
    "case_report",
    "textbook",
    "payer_policy",
    "reference_page",
    "panel",
    "design",
)
_SUPPORT = ("well_supported", "non_randomised", "mixed", "not_supported", "uncertain")
_NAMED_IN_CONDITIONS = {"define", "parameter", "score"}
_WORD = re.compile(r"[a-z][a-z0-9_]*")


def entries(root: Node | None, key: str, faults: list[RulebookFault]) -> dict[str, tuple[Node, Fields]]:
    """The mappings of a list by their id, which stands under `key`; ids are unique."""
    found: dict[str, tuple[Node, Fields]] = {}
    if root is None:
        return found
    for node in root.value:
        fields = Fields(node, f"a {key}", faults)
        name = fields.text(key)
        if name is None:
            continue
        fields.what = f"{key} {name}"
        if key in _NAMED_IN_CONDITIONS and not _WORD.fullmatch(name):
            faults.append(node.fault("bad-id", f"'{name}' is not a word of conditions", "small letters, digits and _"))
        if name in found:
            first = found[name][0]
            where = f"line {first.line}" + (f" of {first.file}" if first.file != node.file else "")
            problem = f"{key} '{name}' stands already on {where}"
            faults.append(node.fault("duplicate-id", problem, f"one {key} for each id"))
        found.setdefault(name, (node, fields))
    return found


def read_sources(fields: Fields, sources: Mapping[str, Source], faults: list[RulebookFault]) -> tuple[str, ...]:
    """Source ids, each known and at least one."""
    found: list[str] = []
    for node in fields.words("sources", required=True):
        if node.value in sources:
            found.append(node.value)
        else:
            faults.append(
                node.fault("unknown-source", f"'{node.value}' is not among the sources", nearest(node.value, sources))
            )
    return tuple(found)


def read_source_list(root: Node | None, faults: list[RulebookFault]) -> dict[str, Source]:
    """The sources."""
    found: dict[str, Source] = {}
    for name, (_, fields) in entries(root, "source", faults).items():
        year = fields.number("year", low=1500, high=2500, required=False)
        reviewed = fields.day("reviewed_on") or ""
        checked: Any = fields.choice("checked", ("verified", "second_hand", "recalled", "own_choice"))
        strength: Any = fields.choice("strength", ("strong", "moderate", "weak", "expert", "design"))
        citation, kind = fields.text("citation") or "", fields.choice("kind", _KINDS) or ""
        found[name] = Source(
            name,
            citation,
            int(year) if year else None,
            kind,
            strength,
            checked,
            reviewed,
            fields.text("identifier", required=False),
            fields.flag("retracted"),
        )
        fields.done()
    return found


def read_categories(
    root: Node | None, sources: Mapping[str, Source], faults: list[RulebookFault]
) -> dict[str, Category]:
    """The categories."""
    found: dict[str, Category] = {}
    for name, (_, fields) in entries(root, "category", faults).items():
        kind: Any = fields.choice("kind", ("procedure", "pathway"))
        title, summary = fields.spoken("title") or "", fields.spoken("summary") or ""
        techniques = tuple(_technique(item, sources, faults) for item in fields.items("techniques"))
        found[name] = Category(name, kind, title, summary, techniques, fields.flag("for_wear"), fields.flag("elective"))
        fields.done()
    return found


def _technique(node: Node, sources: Mapping[str, Source], faults: list[RulebookFault]) -> Technique:
    fields = Fields(node, "a technique", faults)
    name = fields.text("technique") or ""
    fields.what = f"technique {name}"
    claims: list[Claim] = []
    for item in fields.items("known"):
        claim = Fields(item, f"a claim of {name}", faults)
        support: Any = claim.choice("support", _SUPPORT)
        text = claim.spoken("text") or ""
        claims.append(Claim(text, support, read_sources(claim, sources, faults), claim.flag("recalled")))
        claim.done()
    title, summary = fields.spoken("title") or "", fields.spoken("summary") or ""
    technique = Technique(name, title, summary, tuple(claims), read_sources(fields, sources, faults))
    fields.done()
    return technique


def read_parameters(
    root: Node | None, sources: Mapping[str, Source], faults: list[RulebookFault]
) -> dict[str, Parameter | None]:
    """The numbers that sources dispute. One with faults is None, so that its name is still known."""
    found: dict[str, Parameter | None] = {}
    for name, (_, fields) in entries(root, "parameter", faults).items():
        before = len(faults)
        value, unit, means = fields.number("value"), fields.text("unit") or "", fields.spoken("means") or ""
        others: list[tuple[str, float]] = []
        for item in fields.items("others"):
            other = Fields(item, f"another value of {name}", faults)
            number = other.number("value")
            others += [(source, number or 0.0) for source in read_sources(other, sources, faults)]
            other.done()
        parameter = Parameter(name, value or 0.0, unit, means, read_sources(fields, sources, faults), tuple(others))
        fields.done()
        found[name] = parameter if len(faults) == before else None
    return found
