"""What answers of a body say of each other: what is described is named, and no screen is denied by the rest.

`app.triage.told` and `app.triage.hints` correct a body that does otherwise; a witness leaves them nothing to correct.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.governance.solver.atoms import atom_pair
from app.governance.solver.logic import Truth, conj, disj, implies, neg
from app.governance.solver.states import State
from app.governance.solver.values import Choice, Choices
from app.triage.conditions import Among, Atom, Bound, Has
from app.triage.derived import OTHER_EIGHT_AT_MOST
from app.triage.facts import registry
from app.triage.hints import NEW_PAIN_DAYS, SEVERE_PAIN
from app.triage.told import TOLD_BY, Tells

_TOP = registry()[None]
RECENT_PROCEDURES = "history.recent_procedures"
_PAINS = tuple(f"complaint.{place}_pain" for place in ("back", "neck", "leg", "arm"))
_TOTAL, _ITEM = "scores.phq9", "scores.phq9_item9"


def described(state: State, names: set[str]) -> Iterator[Truth]:
    """What is described is named too."""
    top = state.top
    for name in TOLD_BY.keys() & names:
        for telling in TOLD_BY[name]:
            if telling.name in names:
                yield implies(conj((top.told(telling.name), _tells(state, telling))), named(state, name))
    if "history.since_procedure" in names:
        yield implies(top.told("history.since_procedure"), named(state, RECENT_PROCEDURES))
    if "complaint.onset" in names:
        onset = top.choice("complaint.onset")
        yield implies(onset.pair(onset.fact.mask(["post_procedural"]))[0], named(state, RECENT_PROCEDURES))


def undoubted(state: State, names: set[str]) -> Iterator[Truth]:
    """No screen's "none" is doubted by what other answers hint at."""
    top = state.top
    sudden: Truth = False
    if "complaint.onset" in names:
        onset = top.choice("complaint.onset")
        sudden = conj((top.told(onset.fact.name), onset.pair(onset.fact.mask(["sudden"]))[0]))
        severe = disj(_told(state, name, ">=", SEVERE_PAIN) for name in _PAINS if name in names)
        yield neg(conj((sudden, severe, state.none["vessels_and_organs"])))
    if "complaint.leg_side" in names:
        side = top.choice("complaint.leg_side")
        both = conj((top.told(side.fact.name), side.pair(side.fact.mask(["bilateral"]))[0]))
        new = _told(state, "complaint.duration", "<=", NEW_PAIN_DAYS) if "complaint.duration" in names else False
        yield neg(conj((both, disj((new, sudden)), state.none["cauda_equina"])))
    if {_TOTAL, _ITEM} <= names:
        narrowed = disj((_told(state, _TOTAL, ">", OTHER_EIGHT_AT_MOST), _told(state, _TOTAL, "<", _TOP[_ITEM].high)))
        yield implies(narrowed, top.told(_ITEM))


def _told(state: State, name: str, operator: str, limit: float) -> Truth:
    return conj((state.top.told(name), state.top.span(name).pair(operator, limit)[0]))


def named(state: State, name: str) -> Truth:
    """A body states the fact, and not as its "no"."""
    fact = _TOP[name]
    values: Choice | Choices = state.top.choices(name) if fact.kind == "some_of" else state.top.choice(name)
    return conj((state.top.told(name), neg(values.possible[0])))


def _tells(state: State, tells: Tells) -> Truth:
    fact = _TOP[tells.name]
    if tells.above is not None:
        atom: Atom = Bound(fact, ">", tells.above)
    elif tells.values is not None:
        mask = fact.mask(tells.values)
        atom = Has(fact, mask) if fact.kind == "some_of" else Among(fact, mask)
    else:
        return True
    return atom_pair(atom, state.top[tells.name])[0]
