"""Laws about imaging: it is no reason by itself, and an X-ray says nothing that takes an MRI or CT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from app.governance.proofs.law import Failure, Law, Remark, Subject, at, failing
from app.governance.proofs.twice import alike, unchanged, undone
from app.governance.solver import Demand
from app.governance.solver.cone import Name
from app.governance.solver.logic import Truth, neg
from app.governance.solver.states import Frame, State
from app.triage.conditions import Condition, sames
from app.triage.facts import YES, Fact, registry

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


def _symptoms(subject: Subject, conditions: Iterable[Condition]) -> list[Fact]:
    cone = subject.finder.reader.cone(conditions)
    names = sorted(name for table, name in cone.facts if table is None)
    asked = [_TOP[name] for name in names if name.startswith(("complaint.", "examination.", "scores."))]
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

        found = subject.finder.find((rule.when, "true"), extra=partial(absent, symptoms=symptoms), about=about)
        if not found.none:
            text = f"{at(rule)} speaks for {', '.join(wear)} where every symptom is absent"
            yield failing(text, found.body)


def _takes_cross_section(fact: Fact) -> bool:
    """Whether an X-ray cannot show it."""
    return fact.seen_on is not None and "radiograph" not in fact.seen_on


def _xray_alone(subject: Subject) -> Iterator[Failure | Remark]:
    for fact in (fact for facts in registry().values() for fact in facts.values()):
        if _takes_cross_section(fact) and "radiograph" in (fact.ruled_out_on or ()):
            yield Failure(f"the vocabulary lets the silence of an X-ray rule out {fact.name}, which it cannot show")
    reading = {index: _hidden(subject, rule.when) for index, rule in enumerate(subject.rules)}
    for rule in subject.rules:
        wear = [name for name in rule.concludes.supports if subject.rulebook.categories[name].for_wear]
        if not wear:
            continue
        spoken = f"{at(rule)} speaks for {', '.join(wear)}"
        for level in sames(rule.when):
            hidden = _hidden(subject, level)
            demands: tuple[Demand, Demand] = (rule.when, "true"), (level, "true")
            found = subject.finder.find(*demands, extra=partial(seen_by_xray_alone, hidden=hidden))
            if hidden and not found.none:
                yield failing(f"{spoken}, and its level with {_names(hidden)} is found by X-ray alone", found.body)
        told = [fact for fact in _read(subject, rule.when) if fact.table is None and fact.name.startswith("imaging.")]
        if told or any(same.table == "level" for same in sames(rule.when)):
            found = subject.finder.find((rule.when, "true"), extra=partial(without_imaging, told=told))
            if not found.none:
                yield failing(f"{spoken}, reads imaging, and is true without any", found.body)
    yield from _flipped(subject, {index: hidden for index, hidden in reading.items() if hidden})


def _flipped(subject: Subject, reading: dict[int, list[Fact]]) -> Iterator[Failure]:
    """Whatever an MRI or CT then shows of the listed levels, what was decided by X-ray stays so."""
    rules = [subject.rules[index] for index in reading]
    hidden = list({fact.name: fact for facts in reading.values() for fact in facts}.values())
    twice = subject.twice
    cone = subject.finder.reader.cone(rule.when for rule in rules)
    told = [*alike(twice.before.state, twice.after.state), *seen_by_xray_alone(twice.before.state, hidden)]

    def link(fact: Fact, before: Frame, after: Frame) -> Truth:
        # What was unknown may now be anything.
        return True if fact in hidden else unchanged(fact, before, after)

    for rule in undone(twice, twice.solver(cone, [*told, *twice.linked(cone, link), *twice.no_new_rows()]), rules):
        yield Failure(f"{at(rule)} is decided by X-ray alone, and what only MRI or CT shows changes it")


def _read(subject: Subject, condition: Condition) -> list[Fact]:
    """The facts that a condition reads, each once."""
    read = {(str(atom.fact.table), atom.fact.name): atom.fact for atom in subject.finder.reader.atoms(condition)}
    return [fact for _, fact in sorted(read.items())]


def _hidden(subject: Subject, condition: Condition) -> list[Fact]:
    """What a condition reads that an X-ray cannot show."""
    return [fact for fact in _read(subject, condition) if _takes_cross_section(fact)]


def _names(facts: Iterable[Fact]) -> str:
    return ", ".join(fact.name for fact in facts)


def seen_by_xray_alone(state: State, hidden: Iterable[Fact]) -> Iterator[Truth]:
    """No report but of X-rays, and no screen answered, which could speak of other reports."""
    yield from (neg(none) for none in state.none.values())
    yield from (neg(covered) for (_, modality), covered in state.covered.items() if modality != "radiograph")
    for fact in hidden:
        yield from (frame[fact.name].equals(fact.unknown()) for frame in state.frames(fact.table))


def without_imaging(state: State, told: Iterable[Fact]) -> Iterator[Truth]:
    """No report of any kind, and no screen answered, which could speak of one."""
    yield from (neg(none) for none in state.none.values())
    yield from (neg(covered) for covered in state.covered.values())
    yield from (neg(row.listed) for row in state.rows["level"])
    yield from (state.top[fact.name].equals(fact.unknown()) for fact in told)


LAWS = (
    Law(
        "imaging-alone",
        "Where every symptom and sign is absent, no rule speaks for an operation or injection for wear, whatever "
        "imaging, history and treatments say.",
        _imaging_alone,
    ),
    Law(
        "xray-alone",
        "X-rays alone never find at a level what only MRI or CT shows, for any operation or injection for wear, and no "
        "rule that reads imaging speaks for one without any; what MRI or CT then show changes no decided rule; no "
        "silence of an X-ray rules that out.",
        _xray_alone,
    ),
)
