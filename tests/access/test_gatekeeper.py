from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access import Caller, CallerKind, Gatekeeper, make_key
from app.errors import StoreUnavailable
from tests.access.clock import NOW, Clock
from tests.access.conftest import Token
from tests.access.keeping import SCOPES, UNKNOWN, Keys, open_gate, refusal

SEND = "send the header `Authorization: Bearer <API key or token>`"
NOT_UNDERSTOOD = f"the Authorization header is not understood: {SEND}"


async def test_a_key_tells_which_clinic_calls_and_what_it_may_do(gate: Gatekeeper, held: Keys) -> None:
    shown, stored = held.make()
    for scheme in ("Bearer ", "bearer ", "BEARER   "):
        assert await gate.admit(scheme + shown) == Caller("north", CallerKind.API_KEY, stored.key_id, SCOPES)


async def test_a_token_tells_who_calls(gate: Gatekeeper, token: Token) -> None:
    caller = await gate.admit(f"Bearer {token()}")
    assert (caller.clinic, caller.kind, caller.subject) == ("north", CallerKind.PERSON, "nurse-7")


async def test_a_token_for_a_clinic_that_is_not_here_is_refused_as_if_it_named_none(
    gate: Gatekeeper, token: Token
) -> None:
    elsewhere = await refusal(gate, f"Bearer {token(clinic='south')}")
    assert elsewhere == await refusal(gate, f"Bearer {token(clinic=None)}")


async def test_tokens_are_refused_where_no_issuer_is_configured(held: Keys, clock: Clock, token: Token) -> None:
    gate = open_gate(held, clock)
    assert await refusal(gate, f"Bearer {token()}") == "only API keys are accepted here"
    assert (await gate.admit(f"Bearer {held.make()[0]}")).clinic == "north"


async def test_a_call_without_credentials_is_told_what_to_send(gate: Gatekeeper) -> None:
    assert await refusal(gate, None) == f"this call needs credentials: {SEND}"


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "Bearer",
        "Bearer ",
        "Bearer{}",
        "Bearer\t{}",
        " Bearer {}",
        "Bearer {} ",
        "Bearer {}\n",
        "Bearer {}, Bearer {}",
        "Bearer {} {}",
        'Bearer "{}"',
        "Bearer token={}",
        "Basic {}",
        "Token {}",
        "Bearer: {}",
        "Bearer é{}",
        "Bearer {}\0",
    ],
    ids=repr,
)
async def test_a_header_of_another_form_is_refused_even_with_a_good_key(
    gate: Gatekeeper, held: Keys, form: str
) -> None:
    assert await refusal(gate, form.replace("{}", held.make()[0])) == NOT_UNDERSTOOD
    assert held.asked == []


async def test_an_endless_header_is_refused_unread(gate: Gatekeeper, held: Keys) -> None:
    shown, _ = held.make()
    assert await refusal(gate, "Bearer " + " " * 10_000_000 + shown) == NOT_UNDERSTOOD
    assert await refusal(gate, "Bearer " + shown * 100_000) == NOT_UNDERSTOOD


@given(text=st.one_of(st.text(), st.text(alphabet="st_.abz27AZ-= \t\n", max_size=80).map("Bearer st_".__add__)))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_other_header_is_refused_and_nothing_else_happens(gate: Gatekeeper, held: Keys, text: str) -> None:
    assert await refusal(gate, text) in {NOT_UNDERSTOOD, UNKNOWN, "the token is not valid"}


async def test_clinics_keys_and_secrets_that_are_wrong_are_looked_for_alike_and_refused_alike(
    gate: Gatekeeper, held: Keys
) -> None:
    shown, stored = held.make()
    other, _ = make_key("north", "front desk", SCOPES, NOW)
    secret = other.rpartition(".")[2]
    wrong = {
        "secret": shown.replace(shown.rpartition(".")[2], secret),
        "key": shown.replace(stored.key_id, "abcdefghijkl"),
        "clinic": shown.replace("north", "nowhere"),
    }
    for text in wrong.values():
        before = len(held.asked)
        assert await refusal(gate, f"Bearer {text}") == UNKNOWN
        assert await refusal(gate, f"Bearer {text}") == UNKNOWN
        assert len(held.asked) == before + 2  # a refusal is not remembered
    assert held.used == []


async def test_a_key_does_not_open_another_clinic_that_happens_to_have_one_of_its_id(
    gate: Gatekeeper, held: Keys
) -> None:
    shown, stored = held.make()
    _, others = make_key("south", "front desk", SCOPES, NOW)
    held.keep(replace(others, key_id=stored.key_id))
    assert await refusal(gate, f"Bearer {shown.replace('north', 'south')}") == UNKNOWN
    held.stored["south", stored.key_id] = stored  # a store that has lost its filter
    assert await refusal(gate, f"Bearer {shown.replace('north', 'south')}") == UNKNOWN


@pytest.mark.parametrize("changed", [{"expires_at": NOW}, {"revoked_at": NOW + timedelta(days=1)}], ids=repr)
async def test_a_key_that_is_over_is_refused_as_if_it_had_never_been(
    gate: Gatekeeper, held: Keys, changed: dict[str, Any]
) -> None:
    assert await refusal(gate, f"Bearer {held.make(**changed)[0]}") == UNKNOWN


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"revoked_at": NOW, "expires_at": NOW}, "it was revoked"),
        ({"expires_at": NOW}, "it has expired"),
        ({"secret_hash": bytes(32)}, "the secret is wrong"),
    ],
)
async def test_operators_read_in_the_log_which_key_was_refused_and_why_and_never_its_secret(
    gate: Gatekeeper, held: Keys, caplog: pytest.LogCaptureFixture, changed: dict[str, Any], why: str
) -> None:
    shown, stored = held.make(**changed)
    assert await refusal(gate, f"Bearer {shown}") == UNKNOWN
    assert [each.getMessage() for each in caplog.records] == [f"the key {stored.key_id} of north was refused: {why}"]
    assert shown.rpartition(".")[2] not in caplog.text
    caplog.clear()
    for stranger in (shown.replace(stored.key_id, "abcdefghijkl"), shown.replace("north", "nowhere")):
        assert await refusal(gate, f"Bearer {stranger}") == UNKNOWN
    assert not caplog.records


async def test_a_store_that_does_not_answer_is_not_the_callers_fault(gate: Gatekeeper, held: Keys) -> None:
    shown, _ = held.make()
    held.fault = StoreUnavailable("the database did not answer")
    with pytest.raises(StoreUnavailable):
        await gate.admit(f"Bearer {shown}")
    held.fault = None
    assert (await gate.admit(f"Bearer {shown}")).clinic == "north"
