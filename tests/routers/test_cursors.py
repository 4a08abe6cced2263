"""Cursors that were made up, changed, or given out to another clinic: refused, or leading to one's own rows."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import httpx
import pytest

from tests.routers.retries import CONSULTATIONS, post

POSITIONS = [
    "2026-11-23T08:00:00+00:00 zzzz",
    "0001-01-01T00:00:00+00:00 0",
    "9999-12-31T23:59:59.999999+00:00 zzzz",
    "2026-11-23T08:00:00+00:00 0 OR 1=1",
    "2026-11-23T08:00:00+00:00 '",
    "2026-11-23T08:00:00 zzzz",
    "2026-11-23T09:00:00+01:00 zzzz",
    "2026-02-30T09:00:00+00:00 zzzz",
    "9999-12-31T23:59:59.999999-23:59 zzzz",
    "2026-11-23T08:00:00+00:00",
    "",
    "\x00",
]


@pytest.fixture
async def mine(clinic: httpx.AsyncClient) -> set[str]:
    """The ids of what this clinic has."""
    return {(await post(clinic, None)).json()["id"] for _ in range(3)}


@pytest.fixture
async def given_out(other: httpx.AsyncClient, mine: set[str]) -> str:
    """A cursor of the other clinic, which has two consultations that are younger."""
    for _ in range(2):
        await post(other, None)
    following = (await other.get(f"{CONSULTATIONS}?limit=1")).json()["links"]["next"]
    return httpx.URL(following).params["cursor"]


async def test_a_cursor_of_another_clinic_leads_to_one_s_own_rows(
    clinic: httpx.AsyncClient, mine: set[str], given_out: str
) -> None:
    assert await led_to(clinic, given_out) == mine


async def test_a_cursor_that_was_made_up_is_refused_or_leads_to_one_s_own_rows(
    clinic: httpx.AsyncClient, mine: set[str], given_out: str
) -> None:
    for position in POSITIONS:
        written = urlsafe_b64encode(position.encode()).decode()
        for cursor in (written, written.rstrip("=")):
            found = await led_to(clinic, cursor)
            assert found is None or found <= mine, position


async def test_a_cursor_that_was_changed_anywhere_is_refused_or_leads_to_one_s_own_rows(
    clinic: httpx.AsyncClient, mine: set[str], given_out: str
) -> None:
    outcomes = set()
    for place in range(len(given_out)):
        for letter in "A9":
            found = await led_to(clinic, given_out[:place] + letter + given_out[place + 1 :])
            assert found is None or found <= mine
            outcomes.add(found is None)
    assert outcomes == {True, False}


async def led_to(client: httpx.AsyncClient, cursor: str) -> set[str] | None:
    """The ids on the page; None for a cursor that was refused as one that was not given out."""
    answer = await client.get(CONSULTATIONS, params={"cursor": cursor})
    if answer.is_success:
        return {each["id"] for each in answer.json()["consultations"]}
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-cursor")
    return None
