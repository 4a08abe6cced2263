"""Laws about imaging: it is no reason by itself, and an X-ray says nothing that takes an MRI or CT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.governance.proofs.law import Failure, Law, Remark, Subject, at
from app.governance.solver.cone import Name
from app.governance.solver.logic import Truth, neg
from app.governance.solver.states import State
from app.triage.conditions import Condition, atoms
from app.triage.facts import YES, Fact, registry
from app.triage.rulebook import Conclusions

_TOP = registry()[None]
_TIME_AND_PLACE = {
    "complaint.regions",
    "complaint.duration",
    "complaint.first_episode",
    "complaint.onset",
    "complaint.course",
}
"""Of a complaint, what is no symptom: where, since when and which way it goes. Any value is allowed."""
_OTHERWISE_NORMAL = ("examination.power_otherwise_normal", "examination.sensation_otherwise_normal")
_COUNTED = {"0-10", "of 5"}
"""Units of pains and of counted signs: 0 is none."""
_ROLES = ("supports", "opposes", "defers", "rules_out", "uncertain")


def _symptoms(subject: Subject, conditions: Iterable[Condition]) -> list[Fact]:
    cone = subject.finder.reader.cone(conditions)
    names = sorted(name for table, name in cone.facts if table is None)
    asked = [_TOP[name] for name in names if name.startswith(("complaint.", "examination."))]
    return [fact for fact in asked if fact.name not in _TIME_AND_PLACE and not (fact.inputs and fact.kind == "number")]


def absent(state: State, symptoms: Iterable[Fact]) -> Iterator[Truth]:
    """Every symptom and sign is known not to be there; what only describes one is unsaid."""
    for fact in symptoms:
        no = fact.said_no()
        if fact.name in _OTHERWISE_NORMAL:
            yield state.top[fact.name].equals((YES,))
        elif no is None and fact.kind == "number" and fact.unit in _COUNTED:
            yield state.top[fact.name].equals((0, 0))
        else:
            yield state.top[fact.name].equals(fact.unknown() if no is None else no)
    for row in state.rows["deficit"]:
        yield neg(row.listed)
    yield state.power_was_normal()


def _imaging_alone(subject: Subject) -> Iterator[Failure | Remark]:
    for rule in subject.rules:
        wear = [name for name in rule.concludes.supports if subject.rulebook.categories[name].for_wear]
        if not wear:
            continue
        symptoms = _symptoms(subject, [rule.when])
        names = [(None, fact.name) for fact in symptoms]
        about: list[Name] = [*names, (None, _OTHERWISE_NORMAL[0])]

        def extra(state: State, symptoms: list[Fact] = symptoms) -> Iterator[Truth]:
            yield from absent(state, symptoms)

        found = subject.finder.find((rule.when, "true"), extra=extra, about=about)
        if not found.none:
            text = f"{at(rule)} speaks for {', '.join(wear)} where every symptom is absent"
            yield Failure(text, (found.body,) if found.body else ())


def _takes_cross_section(fact: Fact) -> bool:
    """Whether an X-ray cannot show it."""
    return fact.seen_on is not None and "radiograph" not in fact.seen_on


def _xray_alone(subject: Subject) -> Iterator[Failure | Remark]:
    for fact in (fact for facts in registry().values() for fact in facts.values()):
        if _takes_cross_section(fact) and "radiograph" in (fact.ruled_out_on or ()):
            yield Failure(f"the vocabulary lets the silence of an X-ray rule out {fact.name}, which it cannot show")
    for rule in subject.rules:
        hidden = sorted({atom.fact.name for atom in subject.finder.reader.atoms(rule.when) if _takes_cross_section(atom.fact)})
        told = _procedures(subject, rule.concludes)
        if not (hidden and told):
            continue

        def extra(state: State, hidden: list[str] = hidden) -> Iterator[Truth]:
            yield from seen_by_xray_alone(state, hidden)

        found = subject.finder.find((rule.when, "true"), extra=extra)
        if not found.none:
            text = f"{at(rule)} speaks of {', '.join(told)}, reads {', '.join(hidden)}, and is true by X-ray alone"
            yield Failure(text, (found.body,) if found.body else ())


def seen_by_xray_alone(state: State, hidden: Iterable[str]) -> Iterator[Truth]:
    """No report but of X-rays, and no screen answered, which could speak of other reports."""
    yield from (neg(none) for none in state.none.values())
    yield from (neg(covered) for (_, modality), covered in state.covered.items() if modality != "radiograph")
    for row in state.rows["level"]:
        for name in hidden:
            fact = registry()["level"][name]
            yield row[name].equals(fact.unknown())


def _procedures(subject: Subject, concludes: Conclusions) -> list[str]:
    named = [name for role in _ROLES for name in getattr(concludes, role)]
    return sorted({name for name in named if subject.rulebook.categories[name].kind == "procedure"})


LAWS = (
    Law(
        "imaging-alone",
        "Where every symptom and sign is absent, no rule speaks for an operation or injection for wear, whatever "
        "imaging, history, treatments and scores say.",
        _imaging_alone,
    ),
    Law(
        "xray-alone",
        "With X-rays alone, whatever else is told, no rule that reads what only MRI or CT shows says anything for or "
        "against a procedure, and no silence of an X-ray rules out what it cannot show.",
        _xray_alone,
    ),
)
