from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text

from app.access import Scope
from app.models import LOCAL_CLINIC
from app.services.examples import FIRST
from app.services.service import Service
from app.store import Event, Unit, add_event
from app.store.audit import seal_events
from tests.routers.door import Door
from tests.stores import FIRST_MOMENT

IMPOSSIBLE = (
    ("target=consultations/%00", "/query/target"),
    ("target=MRN%201042", "/query/target"),
    ("actor=%00", "/query/actor"),
    ("actor=", "/query/actor"),
    ("action=note.reed", "/query/action"),
    ("outcome=Done%20!", "/query/outcome"),
    ("from=yesterday", "/query/from"),
    ("from=2026-02-30", "/query/from"),
    ("to=9999-12-31", "/query/to"),
    ("at_from=2026-11-23", "/query/at_from"),
    ("limit=201", "/query/limit"),
    ("limit=1&limit=1", "/query/limit"),
    ("everything=1", "/query/everything"),
)


async def read(caller: httpx.AsyncClient, **asked: Any) -> Any:
    answered = await caller.get("/v1/audit", params={name.strip("_"): value for name, value in asked.items()})
    assert answered.status_code == 200, answered.text
    return answered.json()


async def told(caller: httpx.AsyncClient, **asked: Any) -> list[tuple[str, str | None, str]]:
    """Action, target and outcome, oldest first."""
    events = (await read(caller, **asked))["events"]
    return [(each["action"], each["target"], each["outcome"]) for each in reversed(events)]


@pytest.fixture
async def consultation(clinic: httpx.AsyncClient) -> str:
    """Recorded, read with its note, and changed to something that it cannot be. Its path in the audit."""
    address = (await clinic.post("/v1/consultations", json=FIRST)).headers["location"]
    for path in (address, f"{address}/notes/1", f"{address}/notes/7"):
        await clinic.get(path)
    patch = {"complaint": {"leg_pain": 11}}
    headers = {"If-Match": '"1"', "Content-Type": "application/merge-patch+json"}
    assert (await clinic.patch(address, json=patch, headers=headers)).status_code == 422
    return str(address).removeprefix("/v1/")


async def test_who_did_what_to_a_record_is_told_with_its_result_reads_and_refusals_included(
    clinic: httpx.AsyncClient, consultation: str
) -> None:
    assert await told(clinic, target=consultation) == [
        ("consultation.recorded", f"{consultation}/notes/1", "done"),
        ("consultation.read", consultation, "done"),
        ("note.read", f"{consultation}/notes/1", "done"),
        ("note.read", consultation, "not-found"),
        ("consultation.revised", consultation, "invalid-input"),
    ]
    newest = (await read(clinic, target=consultation))["events"][0]
    assert newest["actor"]["kind"] == "api_key"
    assert newest["request_id"]
    assert newest["address"]


async def test_whoever_saw_a_consultation_in_a_list_is_told_with_it_and_in_its_patient_s_export(
    clinic: httpx.AsyncClient, other: httpx.AsyncClient, consultation: str
) -> None:
    await clinic.post("/v1/consultations", json={**FIRST, "patient": {"reference": "MRN-2"}})
    before = await told(clinic, target=consultation)
    assert len((await clinic.get("/v1/consultations")).json()["consultations"]) == 2
    await clinic.get("/v1/consultations", params={"patient_reference": "MRN-2"})
    await other.get("/v1/consultations")
    seen = ("consultations.listed", consultation, "done")
    assert await told(clinic, target=consultation) == [*before, seen]
    listed = (await read(clinic, action="consultations.listed"))["events"]
    assert [each["detail"] for each in listed if each["target"] is None] == [{"consultations": 1}, {"consultations": 2}]
    assert len({each["request_id"] for each in listed}) == 2
    reference = FIRST["patient"]["reference"]
    exported = (await clinic.get(f"/v1/patients/{reference}/export")).json()["events"]
    assert [each["target"] for each in exported if each["action"] == "consultations.listed"] == [consultation]


async def test_reading_the_audit_is_itself_audited_and_repeats_nothing_that_it_does_not_hold(
    clinic: httpx.AsyncClient, consultation: str
) -> None:
    await read(clinic, target=consultation, limit=2)
    await read(clinic, target="patients/MRN-1042", actor="MRN-1042")
    events = (await read(clinic, action="audit.read"))["events"]
    assert [each["detail"] for each in reversed(events)] == [
        {"events": 2, "asked": {"target": consultation}},
        {"events": 0, "asked": ["actor", "target"]},
    ]
    assert "MRN" not in str(await read(clinic, limit=200))


async def test_pages_neither_skip_nor_repeat_while_events_are_added(
    clinic: httpx.AsyncClient, consultation: str, service: Service
) -> None:
    def add(unit: Unit) -> None:
        for number in range(7):  # several at one moment
            add_event(unit, Event("note.read", "done", "api_key", f"key-{number}"), FIRST_MOMENT)

    await service.database.write(LOCAL_CLINIC, add)
    for step in (1, 2, 3):
        before = [each["id"] for each in (await read(clinic, limit=200))["events"]]
        address, seen = f"/v1/audit?limit={step}", []
        while address:
            page = (await clinic.get(address)).json()
            assert len(page["events"]) <= step
            seen += [each["id"] for each in page["events"]]
            address = page["links"].get("next")
        # The first page begins with the reading of everything; what was added later is newer than that.
        assert seen[1:] == before
        assert len(set(seen)) == len(seen)


async def test_every_filter_narrows_and_links_ask_the_same_again(clinic: httpx.AsyncClient, consultation: str) -> None:
    assert {what for what, _, _ in await told(clinic, action="note.read")} == {"note.read"}
    assert {outcome for _, _, outcome in await told(clinic, outcome="not-found")} == {"not-found"}
    everything = (await read(clinic, limit=200))["events"]
    actor = everything[0]["actor"]["id"]
    assert len((await read(clinic, actor=actor, limit=200))["events"]) > 4
    assert (await read(clinic, actor="nobody"))["events"] == []
    moment = everything[2]["at"]
    later = (await read(clinic, from_=moment, to=everything[0]["at"]))["events"]
    assert [each["id"] for each in later] == [everything[1]["id"], everything[2]["id"]]
    assert (await read(clinic, from_="2026-11-23", to="2026-11-23"))["events"] != []
    assert (await read(clinic, to="2026-11-22"))["events"] == []
    page = await read(clinic, action="note.read", from_="2026-11-23", limit=1)
    following = parse_qs(urlsplit(page["links"]["next"]).query)
    assert following.pop("cursor")
    assert following == {"action": ["note.read"], "from": ["2026-11-23"], "limit": ["1"]}


async def test_a_record_s_name_that_only_begins_alike_is_another_record(
    clinic: httpx.AsyncClient, service: Service
) -> None:
    def add(unit: Unit) -> None:
        for target in ("keys/a", "keys/a/b", "keys/ab", "keys/a-b", "keys/A", "keys"):
            add_event(unit, Event("key.created", "done", "operator", "command-line", target=target), FIRST_MOMENT)

    await service.database.write(LOCAL_CLINIC, add)
    assert {target for _, target, _ in await told(clinic, target="keys/a")} == {"keys/a", "keys/a/b"}


async def test_an_event_says_which_seal_covers_it(
    clinic: httpx.AsyncClient, consultation: str, service: Service
) -> None:
    assert {each["seal"] for each in (await read(clinic))["events"]} == {None}
    await service.database.write(LOCAL_CLINIC, seal_events, service.now())
    events = (await read(clinic))["events"]
    assert {each["seal"] for each in events} == {1}
    assert (await read(clinic))["events"][0]["seal"] is None


async def test_the_audit_is_for_those_who_may_and_of_their_own_clinic(
    clinic: httpx.AsyncClient, other: httpx.AsyncClient, stranger: httpx.AsyncClient, door: Door, consultation: str
) -> None:
    assert (await stranger.get("/v1/audit")).status_code == 401
    everything_else = frozenset(Scope) - {Scope.AUDIT_READ}
    async with door.caller((await door.make_key(scopes=everything_else)).text) as desk:
        refused = await desk.get("/v1/audit")
    assert refused.status_code == 403
    assert "audit:read" in refused.json()["detail"]
    assert ("audit.read", None, "forbidden") in await told(clinic, outcome="forbidden")
    assert await told(other, target=consultation) == []
    assert {each[0] for each in await told(other)} <= {"audit.read", "key.created", "clinic.opened"}
    cursor = parse_qs(urlsplit((await read(clinic, limit=1))["links"]["next"]).query)["cursor"][0]
    assert consultation not in str(await read(other, cursor=cursor))


async def test_a_filter_that_cannot_be_is_refused_where_it_stands(clinic: httpx.AsyncClient) -> None:
    for query, pointer in IMPOSSIBLE:
        refused = await clinic.get(f"/v1/audit?{query}")
        assert refused.status_code == 422
        assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]
        assert all(each["allowed"] for each in refused.json()["errors"])


async def test_a_cursor_that_was_not_given_out_is_refused(clinic: httpx.AsyncClient) -> None:
    for cursor in ("x", "MjAyNi0xMS0yMw", "a" * 200, "%00"):
        refused = await clinic.get(f"/v1/audit?cursor={cursor}")
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-cursor")


async def test_an_action_that_is_misspelt_is_told_which_was_meant(clinic: httpx.AsyncClient) -> None:
    refused = await clinic.get("/v1/audit?action=note.reed")
    assert refused.json()["errors"][0]["allowed"] == "did you mean note.read?"


async def test_a_detail_that_somebody_damaged_is_shown_as_such(
    clinic: httpx.AsyncClient, door: Door, owned: Any, consultation: str
) -> None:
    await read(clinic)

    def damage(unit: Unit) -> None:
        if unit.connection.dialect.name == "sqlite":
            unit.connection.execute(text("DROP TRIGGER audit_events_no_update"))
        unit.connection.execute(text("UPDATE audit_events SET detail = '{' WHERE detail IS NOT NULL"))

    await owned.write(LOCAL_CLINIC, damage)
    assert (await read(clinic, action="audit.read"))["events"][0]["detail"] == {"damaged": True}
