from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from app.access import Action
from app.models import LOCAL_CLINIC, audit_events, kept_notes
from app.services.reviews.review import record_review
from app.services.revise import revise
from app.services.service import Service
from app.store import Database, Filter, Unit, open_database, search
from app.triage import Triage
from tests.cli.conftest import Run
from tests.cli.installation import as_service, install, post
from tests.stores import KEYRING, OTHER_CLINIC, StoreUrls, make_call

LONG_AGO = datetime.now(UTC) - timedelta(days=400)
LATELY = datetime.now(UTC) - timedelta(days=10)


@pytest.fixture
def url(store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings of an installation on either database, whose patients are kept for a year."""
    install(monkeypatch, store_urls, RETENTION_DAYS="365")
    return store_urls.service


@pytest.fixture
def work(url: str, triage: Triage) -> Callable[..., Any]:
    """Do something as the service would have at a moment: `work(moment, fn)`."""

    def work_at(moment: datetime, fn: Callable[[Service], Awaitable[Any]]) -> Any:
        return as_service(url, KEYRING, triage, lambda: moment, fn)

    return work_at


async def change(service: Service, consultation_id: str) -> None:
    await revise(service, make_call(Action.CONSULTATION_REVISED), consultation_id, {"complaint": {"back_pain": 3}}, 1)


async def review(service: Service, consultation_id: str) -> None:
    document = {"revision": 1, "verdict": "agreed"}
    await record_review(service, make_call(Action.REVIEW_RECORDED), consultation_id, document)


async def known(service: Service) -> list[str | None]:
    async def references(database: Database, clinic: str) -> list[str | None]:
        page = await database.read(clinic, search, Filter(), None, 100)
        return [each.patient_reference for each in page.consultations]

    both = [await references(service.database, clinic) for clinic in (LOCAL_CLINIC, OTHER_CLINIC)]
    return sorted({each for listed in both for each in listed}, key=str)


async def events(service: Service) -> list[dict[str, Any]]:
    """What the audit tells of retention in the clinic `local`, oldest first."""

    def read(unit: Unit) -> list[dict[str, Any]]:
        told = select(audit_events.c.detail).where(
            audit_events.c.clinic_id == LOCAL_CLINIC, audit_events.c.action == "retention.applied"
        )
        return [orjson.loads(each) for each in unit.connection.execute(told.order_by(audit_events.c.at)).scalars()]

    return await service.database.read(LOCAL_CLINIC, read)


def test_patients_of_whom_nothing_was_stored_for_long_are_erased_and_no_others(
    run: Run, work: Callable[..., Any]
) -> None:
    ids = {name: work(LONG_AGO, lambda service, name=name: post(service, name)) for name in "abcd"}
    work(LONG_AGO, lambda service: post(service, "elsewhere", OTHER_CLINIC))
    work(LATELY, lambda service: change(service, ids["b"]))
    work(LATELY, lambda service: review(service, ids["c"]))
    work(LATELY, lambda service: post(service, "e"))

    dry = run("retention", "--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, "3 patients would be erased, 6 Idempotency-Keys would be forgotten.\n")
    assert work(LATELY, known) == ["a", "b", "c", "d", "e", "elsewhere"]

    one = run("retention", "--clinic", LOCAL_CLINIC)
    assert (one.exit_code, one.stdout) == (0, "2 patients erased, 3 Idempotency-Keys forgotten.\n")
    assert work(LATELY, known) == ["b", "c", "e", "elsewhere"]
    erased, forgotten = work(LATELY, events)
    assert (len(erased["patients"]), erased["consultations"], erased["receipts"]) == (2, 2, 2)
    assert forgotten["receipts"] == 3

    rest = run("retention")
    assert (rest.exit_code, rest.stdout) == (0, "1 patient erased, 0 Idempotency-Keys forgotten.\n")
    assert work(LATELY, known) == ["b", "c", "e"]
    assert run("retention").stdout == "0 patients erased, 0 Idempotency-Keys forgotten.\n"
    assert len(work(LATELY, events)) == 2


def test_without_a_setting_no_patient_is_erased_and_it_says_so(
    run: Run, work: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPINE_TRIAGE_RETENTION_DAYS")
    work(LONG_AGO, lambda service: post(service, "a"))
    done = run("retention")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "SPINE_TRIAGE_RETENTION_DAYS is not set: no patient is erased.",
        "0 patients erased, 1 Idempotency-Key forgotten.",
    ]
    assert work(LATELY, known) == ["a"]


def test_notes_of_patients_who_were_kept_for_long_enough_stay_where_that_is_wanted(
    run: Run, work: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_KEEP_NOTES_AFTER_ERASURE", "true")
    work(LONG_AGO, lambda service: post(service, "a"))
    assert run("retention").exit_code == 0

    kept = run("kept-notes")
    assert (kept.exit_code, kept.stderr) == (0, "1 kept notes written.\n")
    line = orjson.loads(kept.stdout)
    assert (line["month"], line["note"]["made_on"]) == ("2026-11", "2026-11")
    assert work(LATELY, known) == []


def test_a_kept_note_that_does_not_open_is_named_and_the_others_are_written(
    run: Run, work: Callable[..., Any], store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_KEEP_NOTES_AFTER_ERASURE", "true")
    for name in "abc":
        work(LONG_AGO, lambda service, name=name: post(service, name))
    assert run("retention").exit_code == 0

    def damage(unit: Unit) -> list[str]:
        ids = list(unit.connection.execute(select(kept_notes.c.kept_id).order_by(kept_notes.c.kept_id)).scalars())
        for this, change in ((ids[0], {"note": b"\x01 not sealed"}), (ids[1], {"master_key": "gone"})):
            unit.connection.execute(kept_notes.update().where(kept_notes.c.kept_id == this).values(change))
        return ids[:2]

    async def damage_some() -> list[str]:
        owned = open_database(store_urls.owner, KEYRING, patient=True)
        try:
            return await owned.write(LOCAL_CLINIC, damage)
        finally:
            await owned.close()

    damaged = asyncio.run(damage_some())
    kept = run("kept-notes")
    assert kept.exit_code == 1
    assert len(kept.stdout.splitlines()) == 1
    assert [line.partition(":")[0] for line in kept.stderr.splitlines()[:2]] == [
        f"kept-notes/{each}" for each in damaged
    ]
    assert kept.stderr.splitlines()[2:] == ["1 kept notes written."]


def test_a_clinic_that_is_not_there_and_a_database_that_is_not_migrated_are_said(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = run("retention", "--clinic", "nobody")
    assert (nobody.exit_code, nobody.stdout) == (2, "")
    assert "spine-triage clinics list" in nobody.stderr
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL"):
        monkeypatch.setenv(f"SPINE_TRIAGE_{name}", "sqlite:////nowhere/store.db")
    assert run("retention").exit_code == 3
