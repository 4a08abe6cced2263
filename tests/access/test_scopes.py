from __future__ import annotations

from pathlib import Path

import pytest

from app.access import CALLS, NEEDS, OPEN, Action, Caller, CallerKind, Scope, operator, parse_scopes, write_page
from app.errors import Forbidden, InputError

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
FOR_OPERATORS = {
    Action.CLINIC_OPENED,
    Action.KEY_CREATED,
    Action.KEY_ROTATED,
    Action.KEY_REVOKED,
    Action.MASTER_KEY_ROTATED,
    Action.MASTER_KEY_GIVEN_UP,
    Action.RETENTION_APPLIED,
    Action.AUDIT_SEALED,
    Action.CONSULTATIONS_IMPORTED,
    Action.CONSULTATIONS_EXPORTED,
    Action.REPORT_MADE,
    Action.NOTES_REPLAYED,
    Action.RULEBOOKS_COMPARED,
    Action.DATABASE_COPIED,
}


def caller(*scopes: Scope, kind: CallerKind = CallerKind.API_KEY) -> Caller:
    return Caller("north", kind, "abcdefghijkl", frozenset(scopes))


def test_every_action_needs_a_scope_or_is_an_operators() -> None:
    assert set(NEEDS) | FOR_OPERATORS == set(Action)
    assert not set(NEEDS) & FOR_OPERATORS


def test_every_scope_opens_something() -> None:
    assert set(NEEDS.values()) == set(Scope)


def test_every_action_that_needs_a_scope_has_a_call_and_no_call_is_listed_twice() -> None:
    assert {action for _, action in CALLS} == set(NEEDS)
    assert len({call for call, _ in CALLS}) == len(CALLS)
    assert not {call.split()[1] for call, _ in CALLS} & set(OPEN)


@pytest.mark.parametrize("action", sorted(NEEDS))
def test_one_scope_opens_its_actions_and_no_other(action: Action) -> None:
    caller(NEEDS[action]).require(action)
    others = set(Scope) - {NEEDS[action]}
    with pytest.raises(Forbidden, match=rf"{action} needs the scope {NEEDS[action]},"):
        caller(*others).require(action)


@pytest.mark.parametrize("action", sorted(FOR_OPERATORS))
@pytest.mark.parametrize("kind", [CallerKind.API_KEY, CallerKind.PERSON])
def test_no_scope_makes_a_caller_an_operator(action: Action, kind: CallerKind) -> None:
    with pytest.raises(Forbidden, match="on the command line"):
        caller(*Scope, kind=kind).require(action)


def test_an_operator_may_do_everything_in_the_clinic_that_was_chosen() -> None:
    somebody = operator("north")
    for action in Action:
        somebody.require(action)
    assert (somebody.clinic, somebody.kind) == ("north", CallerKind.OPERATOR)


@pytest.mark.parametrize(
    "words",
    ["triage audit:read", "triage,audit:read", " triage, \n audit:read ", ["audit:read", "triage", "triage"]],
)
def test_scopes_are_read_from_text_and_from_lists(words: str | list[str]) -> None:
    assert parse_scopes(words) == {Scope.TRIAGE, Scope.AUDIT_READ}


def test_what_is_written_of_scopes_reads_back() -> None:
    assert parse_scopes(" ".join(Scope)) == frozenset(Scope)
    assert parse_scopes("") == frozenset()


def test_every_unknown_scope_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError) as refused:
        parse_scopes("consultation:read triage Audit:Read zzz")
    assert str(refused.value) == (
        "'Audit:Read' is not a scope; did you mean audit:read?; "
        "'consultation:read' is not a scope; did you mean consultations:read?; "
        f"'zzz' is not a scope; the scopes are {', '.join(Scope)}"
    )


def test_an_endless_scope_is_not_repeated_in_the_message() -> None:
    with pytest.raises(InputError) as refused:
        parse_scopes("x" * 100_000)
    assert len(str(refused.value)) < 400


def test_the_page_is_current() -> None:
    """When this fails: `.venv/bin/python -c "from app.access import *; print(write_page(), end='')" >docs/access.md`"""
    assert PAGE.read_text("utf-8") == write_page()


def test_the_page_has_a_row_for_every_call_and_every_scope() -> None:
    rows = write_page().splitlines()
    assert all(f"| `{call}` | `{action}` | `{NEEDS[action]}` |" in rows for call, action in CALLS)
    assert all(f"| `{scope}` | {scope.says} |" in rows for scope in Scope)
