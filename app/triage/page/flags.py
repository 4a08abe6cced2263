"""How soon, the red flags that are present, and the questions about those that are not excluded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from app.triage.page.sheet import Entry, Form, Paragraph, Rank, Section, listed, whole
from app.triage.page.words import label, reason

_TIERS = ("emergency", "urgent", "soon")
_QUESTIONS_SHOWN = 8
_QUESTIONS_IN_EMERGENCY = 4
_OPEN_NAMED = 3


def urgency(note: Mapping[str, Any]) -> Section:
    """The interval, what keeps it open, and which answers it rests on."""
    said = note["urgency"]
    if said["settled"]:
        entries = [whole(Rank.ALWAYS, _line(f"URGENCY: {said['at_least']}, settled. {said['act_within']['text']}."))]
    else:
        start = f"URGENCY: at least {said['at_least']}"
        if said["at_least"] != "routine":
            start = f"{start} ({_small(said['act_within']['text'])})"
        start = f"{start}; {said['at_most']} is not excluded."
        counts, examples = _open_flags(note)
        entries = [
            Entry(
                (
                    Form(Rank.ALWAYS, (_line(f"{start}{counts}"),)),
                    *([Form(Rank.BESIDE, (_line(f"{start}{counts}{examples}"),))] if examples else []),
                )
            )
        ]
    known = note["known_facts"]
    for answer, words in (("some", "Screens answered with at least one yes"), ("none", "Screens answered none")):
        groups = [name for name, told in known.items() if name.startswith("screening.") and told == answer]
        if groups:
            names = "; ".join(label(name).removesuffix(" screen") for name in groups)
            entries.append(whole(Rank.BECAUSE, _line(f"{words}: {names}.")))
    return Section("", tuple(entries))


def _line(text: str) -> Paragraph:
    return Paragraph(text, "", 0)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _open_flags(note: Mapping[str, Any]) -> tuple[str, str]:
    """How many red flags are open, tier by tier, and the most urgent that the first questions are about."""
    flags = {flag["rule"]: flag for flag in note["red_flags"] if flag["status"] == "not_excluded"}
    counts = [(sum(flag["urgency"] == tier for flag in flags.values()), tier) for tier in _TIERS]
    words = ", ".join(f"{count} {tier}" for count, tier in counts if count)
    if not words:
        return "", ""
    worst = next(tier for count, tier in counts if count)
    named: dict[str, None] = {}
    for question in note["questions"]:
        about = [flags[rule] for rule in question["affects"] if rule in flags and flags[rule]["urgency"] == worst]
        if about:  # a screening group's own family first, then the flag that turns on the fewest questions
            group = question["fact"].rpartition(".")[2]
            nearest = min(about, key=lambda flag: (f".{group}." not in flag["rule"], len(flag["ask"])))
            named.setdefault(_small(nearest["title"]))
    some = list(named)[:_OPEN_NAMED]
    lead = "Among them" if len(flags) > len(some) else "They are"
    return f" Red flags still open: {words}.", f" {lead}: {'; '.join(some)}." if some else ""


def present(note: Mapping[str, Any]) -> Iterator[Section]:
    """The red flags that are present, tier by tier; those that share an action stand together.

    Of one family the milder ones get their action last, since the most urgent one's comes first.
    """
    flags = [flag for flag in note["red_flags"] if flag["status"] == "present"]
    if not flags:
        left_open = any(flag["status"] == "not_excluded" for flag in note["red_flags"])
        none = f"No red flag is present{'' if left_open else ', and none is left open'}."
        yield Section("RED FLAGS", (whole(Rank.ALWAYS, Paragraph(none)),))
    families: set[str] = set()
    for tier, alike in groupby(flags, key=lambda flag: flag["urgency"]):
        of_tier = list(alike)
        together: dict[tuple[Rank, str], list[Mapping[str, Any]]] = {}
        for flag in of_tier:
            rank = Rank.MILDER_ACTIONS if _family(flag) in families else Rank.ACTIONS
            together.setdefault((rank, flag["action"] or ""), []).append(flag)
        title = f"RED FLAGS, {tier.upper()}{' (after the above)' if families else ''}"
        families |= {_family(flag) for flag in of_tier}
        yield Section(
            title,
            tuple(_entry(*key, flags) for key, flags in together.items()),
            lambda names, most: f"Also present: {listed(names, most)}.",
            ((Rank.EVERY_FLAG_NAMED, len(of_tier)),),
        )


def milder(note: Mapping[str, Any]) -> set[str]:
    """Rules of red flags that are present beside a more urgent one of their family that asks for imaging."""
    asking = {rule for item in note["imaging"] for rule in item["for"]}
    worst: dict[str, str] = {}
    flags = [flag for flag in note["red_flags"] if flag["status"] == "present" and flag["rule"] in asking]
    return {flag["rule"] for flag in flags if worst.setdefault(_family(flag), flag["urgency"]) != flag["urgency"]}


def _family(flag: Mapping[str, Any]) -> str:
    return str(flag["rule"].rsplit(".", maxsplit=1)[0])


def _entry(rank: Rank, action: str, alike: list[Mapping[str, Any]]) -> Entry:
    titles = tuple(flag["title"] for flag in alike)
    head = Paragraph(f"{'; '.join(titles)}. {action}".rstrip())
    forms = [Form(rank, (head,))]
    if rank == Rank.ACTIONS:
        reasons = tuple(Paragraph(reason(because), "+", 2, "") for flag in alike for because in flag["because"])
        forms.append(Form(Rank.BECAUSE, (head, *reasons)))
    return Entry(tuple(forms), titles)


def questions(note: Mapping[str, Any]) -> Section:
    """The heading names the urgency that every question shown could raise; where they differ, each says its own."""
    asked = note["questions"]
    few = note["urgency"]["at_least"] == "emergency"
    shown = asked[: _QUESTIONS_IN_EMERGENCY if few else _QUESTIONS_SHOWN]
    tiers = {question["could_raise_urgency_to"] for question in shown}
    shared = tiers.pop() if len(tiers) == 1 else None
    entries = list(_asked(shown, shared))
    later = [Entry((), (label(question["fact"]),)) for question in asked[len(shown) :]]
    unknown = [label(name) for name in note["known_facts"].get("not_known", ())]
    if unknown:
        entries.append(whole(Rank.BESIDE, Paragraph(f"Asked, and not known: {listed(unknown, 5)}.")))
    title = f"ASK NEXT (the answers could raise the urgency to {shared})" if shared else "ASK NEXT"
    return Section(title, (*entries, *later), lambda names, most: f"Later: {listed(names, most)}.")


def _asked(shown: Sequence[Mapping[str, Any]], shared: str | None) -> Iterator[Entry]:
    for number, question in enumerate(shown, start=1):
        unit = f" ({question['unit']})" if question["unit"] else ""
        tier = question["could_raise_urgency_to"]
        mark = f" [could mean {tier}]" if tier and not shared else ""
        rank = Rank.URGENT_QUESTIONS if tier else Rank.OTHER_QUESTIONS
        text = f"{question['question']}{unit}{mark}"
        yield whole(rank, Paragraph(text, f"{number}."), names=(label(question["fact"]),))
