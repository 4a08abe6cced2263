"""A master key that nobody has any more is given up: what lay under it goes, everything else works again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.access import Action
from app.errors import KeysMissing, NotFound, StoreUnavailable
from app.models import LOCAL_CLINIC
from app.services.audit.sealing import seal_everything
from app.services.consult import read_note
from app.services.patients.erase import erase
from app.services.patients.export import export_patient
from app.services.patients.scrubbing import scrub
from app.services.reviews.review import record_review
from app.services.service import Service
from app.store import Database, Keyring, Scrubbed, Unit, make_master_key, read_keyring
from app.store.audit import GIVEN_UP
from app.triage import Triage
from tests.cli.conftest import Run
from tests.cli.installation import as_service, install, post
from tests.cli.test_audit import damage
from tests.store.counting import count_rows
from tests.stores import FIRST_MOMENT, KEYRING, MASTER_KEYS, OTHER_CLINIC, StoreUrls, make_call, ticking

NEWER, NEWEST = make_master_key("k2"), make_master_key("k3")
NEWER_RING = read_keyring(NEWER)
ERASE, EXPORT = make_call(Action.PATIENT_ERASED), make_call(Action.PATIENT_EXPORTED)
LATER = FIRST_MOMENT + timedelta(days=1)
COMMANDS = FIRST_MOMENT + timedelta(days=2)

Work = Callable[..., Any]


@pytest.fixture
def url(store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation on either database whose ring has lost its older key."""
    install(monkeypatch, store_urls, MASTER_KEYS=NEWER, RETENTION_DAYS="3650")
    clock = ticking(start=COMMANDS)
    monkeypatch.setattr("app.main._now", lambda _: clock())
    return store_urls.service


@pytest.fixture
def work(url: str, triage: Triage) -> Work:
    """Do something as a service with a ring does: `work(ring, fn, since)`."""

    def work_with(ring: Keyring, fn: Callable[[Service], Awaitable[Any]], since: datetime = FIRST_MOMENT) -> Any:
        return as_service(url, ring, triage, ticking(start=since), fn)

    return work_with


async def fill(service: Service) -> None:
    """Of everything something: two patients, one review, a note of an erased one, sealed and unsealed events."""
    keeping = replace(service, keeps_notes=True)
    await post(keeping, "gone")
    await erase(keeping, ERASE, "gone")
    first = await post(service, "MRN-1")
    await record_review(service, make_call(Action.REVIEW_RECORDED), first, {"revision": 1, "verdict": "agreed"})
    await seal_everything(service.database, LOCAL_CLINIC, service.now)
    await post(service, "MRN-2")


async def go_on(service: Service) -> str:
    """What a service with the newer ring does meanwhile: it stores, and begins a new chain of seals."""
    this = await post(service, "MRN-3")
    await seal_everything(service.database, LOCAL_CLINIC, service.now)
    return this


async def rows(service: Service) -> dict[str, dict[str, int]]:
    """Of both clinics, without the audit."""
    database = service.database
    both = {clinic: await database.read(clinic, count_rows) for clinic in (LOCAL_CLINIC, OTHER_CLINIC)}
    return {clinic: {name: n for name, n in of.items() if "audit" not in name} for clinic, of in both.items()}


async def told(service: Service) -> list[dict[str, Any]]:
    def read(unit: Unit) -> list[dict[str, Any]]:
        found = unit.connection.execute(
            text("SELECT detail FROM audit_events WHERE clinic_id = :clinic AND action = :action ORDER BY at"),
            {"clinic": unit.clinic, "action": GIVEN_UP},
        )
        return [orjson.loads(each) for each in found.scalars()]

    return await service.database.read(LOCAL_CLINIC, read)


def test_what_lay_under_a_lost_key_goes_and_export_erasure_retention_and_the_audit_work_again(
    run: Run, work: Work, store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(KEYRING, fill)
    this = work(NEWER_RING, go_on, LATER)

    async def export(service: Service) -> int:
        return len((await export_patient(service, EXPORT, "MRN-3")).consultations)

    with pytest.raises(KeysMissing):
        work(NEWER_RING, export, LATER)
    assert run("audit", "verify").exit_code == 1

    before = work(NEWER_RING, rows)
    shown = run("master-key", "give-up", "k1")
    assert shown.exit_code == 1
    assert shown.stdout == (
        "local: under k1 are 2 of 3 patients, 2 consultations, 2 notes, 1 reviews, 1 kept notes, 2 Idempotency-Keys,"
        " 1 audit events without a seal, 1 seals that nothing else vouches for; last written under it on 2026-11-23\n"
    )
    assert "Look for it first" in shown.stderr
    assert work(NEWER_RING, rows) == before

    done = run("master-key", "give-up", "k1", "--yes")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[1].startswith("Removed: 2 patients, 2 consultations, 2 notes, 1 reviews, 1 kept ")
    left = work(NEWER_RING, rows)[LOCAL_CLINIC]
    assert (left["patients"], left["consultations"], left["receipts"]) == (1, 1, 1)
    assert "kept_notes" not in left
    details = work(NEWER_RING, told)
    assert {each["master_key"] for each in details} == {"k1"}
    assert [len(each.get("patients", ())) for each in details] == [2, 0, 0]
    assert [each.get("kept_notes", 0) for each in details] == [0, 1, 0]
    assert details[-1]["unproven"]["events"] == 1
    assert list(details[-1]["unproven"]["seals"]) == ["1"]

    status = run("master-key", "status")
    assert (status.exit_code, "k1" in status.stdout) == (0, False)
    verified = run("audit", "verify")
    assert verified.exit_code == 0, verified.stdout
    assert "local: the master key k1 was given up on " in verified.stdout
    assert work(NEWER_RING, export, LATER) == 1
    assert run("replay").exit_code == 0
    assert run("retention").exit_code == 0
    with pytest.raises(NotFound):
        work(NEWER_RING, lambda service: erase(service, ERASE, "MRN-1"), LATER)

    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", f"{NEWEST},{NEWER}")
    assert run("master-key", "rotate").exit_code == 0
    assert run("audit", "seal").exit_code == 0
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", NEWEST)
    rotated = run("audit", "verify")
    assert rotated.exit_code == 0, rotated.stdout
    assert "the master key k1 was given up on " in rotated.stdout

    async def erase_the_last(service: Service) -> int:
        await read_note(service, make_call(Action.NOTE_READ), this, 1)
        return (await erase(service, ERASE, "MRN-3")).consultations

    assert work(read_keyring(NEWEST), erase_the_last, LATER) == 1
    damage(store_urls.owner, "UPDATE audit_seals SET events = 9 WHERE number = 1")
    assert run("audit", "verify").exit_code == 1


def test_what_a_stopped_run_left_undone_is_done_by_the_next_one_though_nothing_is_left_to_remove(
    run: Run, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrubbed: list[Scrubbed] = []
    stopped: list[bool] = []

    async def scrub_unless_stopped(database: Database, attempts: int) -> None:
        if not stopped:
            stopped.append(True)
            raise StoreUnavailable("stopped")
        scrubbed.append(await scrub(database, attempts))

    monkeypatch.setattr("app.cli.give_up_command.scrub", scrub_unless_stopped)
    work(KEYRING, fill)
    assert run("master-key", "give-up", "k1", "--yes").exit_code == 3
    shown = run("master-key", "give-up", "k1")
    assert (shown.exit_code, shown.stdout) == (1, "local: nothing is left under k1, which was given up before\n")
    assert "Look for it first" not in shown.stderr
    done = run("master-key", "give-up", "k1", "--yes")
    assert (done.exit_code, done.stdout.splitlines()[1][:16]) == (0, "Removed: nothing")
    assert scrubbed == [Scrubbed.DONE]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_seals SET sealed_at = '2026-11-24 01:00:00' WHERE number = 1",
        "UPDATE audit_events SET actor = 'nobody' WHERE master_key = 'k1' AND action = 'review.recorded'",
        "DELETE FROM audit_events WHERE master_key = 'k1' AND action = 'review.recorded'",
        "UPDATE audit_events SET detail = '{\"unproven\": {}}' WHERE action = 'master_key.given_up'",
        "DELETE FROM audit_events WHERE action = 'master_key.given_up'",
    ],
)
def test_whatever_is_changed_in_the_audit_afterwards_is_found(
    run: Run, work: Work, store_urls: StoreUrls, tampering: str
) -> None:
    work(KEYRING, fill)
    assert run("master-key", "give-up", "k1", "--yes").exit_code == 0
    assert run("audit", "verify").exit_code == 0
    damage(store_urls.owner, tampering)
    found = run("audit", "verify")
    assert found.exit_code == 1
    given_up = [line for line in found.stdout.splitlines() if "was given up on" in line]
    assert all(line.endswith("what of it no finding names is as it was on that day") for line in given_up)
    # Giving it up once more does not make it good.
    run("master-key", "give-up", "k1", "--yes")
    assert run("audit", "verify").exit_code == 1


def test_a_clinic_of_which_only_the_audit_is_left_is_given_up_too(run: Run, work: Work) -> None:
    async def only_audit(service: Service) -> None:
        await post(service, "MRN-1")
        await erase(service, ERASE, "MRN-1")
        await seal_everything(service.database, LOCAL_CLINIC, service.now)

    work(KEYRING, only_audit)
    assert run("audit", "verify").exit_code == 1
    assert run("master-key", "give-up", "k1", "--yes").exit_code == 0
    assert run("audit", "verify").exit_code == 0
    assert run("master-key", "status").exit_code == 0


def test_one_clinic_can_be_given_up_alone(run: Run, work: Work) -> None:
    async def both(service: Service) -> None:
        for clinic in (LOCAL_CLINIC, OTHER_CLINIC):
            await post(service, "MRN-1", clinic)

    work(KEYRING, both)
    before = work(NEWER_RING, rows)
    assert run("master-key", "give-up", "k1", "--clinic", OTHER_CLINIC, "--yes").exit_code == 0
    after = work(NEWER_RING, rows)
    assert after[LOCAL_CLINIC] == before[LOCAL_CLINIC]
    assert "patients" not in after[OTHER_CLINIC]
    assert run("master-key", "give-up", "k1").stdout.startswith("local: under k1 are 1 of 1 patients")


def test_a_key_that_is_on_the_ring_in_use_or_not_needed_is_not_given_up(
    run: Run, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(KEYRING, fill)
    before = work(NEWER_RING, rows)

    def refused(*arguments: str) -> str:
        done = run("master-key", "give-up", *arguments, "--yes")
        assert (done.exit_code, done.stdout) == (2, "")
        return done.stderr

    assert "nothing stored needs a master key k9" in refused("k9")
    assert "clinics list" in refused("k1", "--clinic", "nobody")
    assert "nothing stored needs" in refused("k1", "--clinic", OTHER_CLINIC)
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", f"{NEWER},{MASTER_KEYS}")
    assert "is on the ring" in refused("k1")

    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", MASTER_KEYS)
    assert run("keys", "create", "--name", "desk").exit_code == 0
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", NEWER)
    assert "a service has it on its ring" in refused("k1")
    assert {name: n for name, n in work(NEWER_RING, rows)[LOCAL_CLINIC].items() if name != "api_keys"} == before[
        LOCAL_CLINIC
    ]


def test_the_audit_s_word_for_it_is_the_one_that_seals_look_for() -> None:
    assert str(Action.MASTER_KEY_GIVEN_UP) == GIVEN_UP
