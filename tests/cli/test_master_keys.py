from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.models import LOCAL_CLINIC
from app.store import Database, Filter, Keyring, make_master_key, open_database, read_keyring, search
from tests.cli.conftest import Run
from tests.cli.installation import install
from tests.store.samples import add, judged, keep_rulebook, new_id
from tests.stores import KEYRING, MASTER_KEYS, OTHER_CLINIC, StoreUrls

NEWER = make_master_key("k2")


@pytest.fixture
def url(store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings of an installation on either database."""
    install(monkeypatch, store_urls)
    return store_urls.service


def with_ring(url: str, ring: Keyring, fn: Callable[[Database], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        database = open_database(url, ring)
        try:
            return await fn(database)
        finally:
            await database.close()

    return asyncio.run(run())


async def fill(database: Database) -> None:
    for clinic in (LOCAL_CLINIC, OTHER_CLINIC):
        await keep_rulebook(database, clinic)
        for number in range(3):
            await add(database, new_id(), judged(patient=f"MRN-{number}"), clinic=clinic)


async def references(database: Database) -> list[str]:
    page = await database.read(OTHER_CLINIC, search, Filter(), None, 10)
    return sorted(each.patient_reference or "" for each in page.consultations)


def test_a_new_key_is_a_line_for_the_ring_named_by_the_day_and_changes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run("master-key", "new")
    line = made.stdout.rstrip("\n")
    (key,) = read_keyring(line).keys
    assert made.exit_code == 0
    assert key.key_id[:2] == "20"
    assert line not in made.stderr
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", f"{line},{MASTER_KEYS}")
    assert run("master-key", "new").stdout.partition(":")[0] == f"{key.key_id}-2"


def test_a_master_key_is_rotated_in_four_steps_and_the_older_one_is_needed_no_more(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_ring(url, KEYRING, fill)
    before = run("master-key", "status")
    key_id, needs, says = before.stdout.rstrip("\n").split("\t")
    assert (before.exit_code, key_id) == (0, "k1")
    assert needs == "6 patients, 0 kept notes, 0 Idempotency-Keys, 6 audit events without a seal, 0 newest seals"
    assert says == "the current one, for all that is stored from now on"

    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", f"{MASTER_KEYS},{NEWER}")
    _, newer = run("master-key", "status").stdout.splitlines()
    assert newer.startswith("k2\t0 patients")
    assert "not needed" in newer

    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", f"{NEWER},{MASTER_KEYS}")
    _, older = run("master-key", "status").stdout.splitlines()
    assert older.endswith("\tstill needed")
    done = run("master-key", "rotate")
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [
            "6 patients brought under the current master key, 0 merged with their newer row.",
            "0 patients left under older keys.",
        ],
    )
    current, older = run("master-key", "status").stdout.splitlines()
    assert current.startswith("k2\t6 patients")
    needs = "0 patients, 0 kept notes, 0 Idempotency-Keys, 6 audit events without a seal, 0 newest seals"
    assert older.startswith(f"k1\t{needs}\tstill needed")

    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", NEWER)
    assert run("master-key", "rotate").exit_code == 0
    assert with_ring(url, read_keyring(NEWER), references) == ["MRN-0", "MRN-1", "MRN-2"]


def test_one_clinic_can_be_rotated_alone(run: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_ring(url, KEYRING, fill)
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", f"{NEWER},{MASTER_KEYS}")
    assert run("master-key", "rotate", "--clinic", OTHER_CLINIC).exit_code == 0
    assert run("master-key", "status").stdout.count("\t3 patients") == 2
    assert "0 patients" in run("master-key", "status", "--clinic", OTHER_CLINIC).stdout


def test_a_key_that_is_missing_is_said_and_what_lies_under_it_is_left(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_ring(url, KEYRING, fill)
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", NEWER)
    status = run("master-key", "status")
    assert status.exit_code == 1
    assert "k1\t6 patients" in status.stdout
    assert "MISSING" in status.stdout
    rotated = run("master-key", "rotate")
    assert rotated.exit_code == 1
    assert rotated.stdout.splitlines()[-1] == "6 patients left under older keys."
    assert rotated.stderr.count("does not open with any master key on the ring") == 6
    assert with_ring(url, KEYRING, references) == ["MRN-0", "MRN-1", "MRN-2"]


@pytest.mark.parametrize("ring", [NEWER, make_master_key("k1")], ids=["a key of another id", "another of the same id"])
def test_the_service_does_not_start_with_another_installation_s_ring(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch, ring: str
) -> None:
    with_ring(url, KEYRING, fill)
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", ring)
    for command in (["serve", "--port", "0"], ["serve", "--port", "0", "--migrate"], ["migrate"]):
        refused = run(*command)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "the master key k1" in refused.stderr
        assert "(clinic local). Bring the ring of this database" in refused.stderr


def test_the_service_does_not_start_without_its_current_key(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = read_keyring(f"{NEWER},{MASTER_KEYS}")
    with_ring(url, KEYRING, fill)

    async def go_on(database: Database) -> None:
        await add(database, new_id(), judged(patient="MRN-7"))

    with_ring(url, both, go_on)
    refused = run("serve", "--port", "0")
    assert refused.exit_code == 2
    assert "under the master key k2, which is not among those given" in refused.stderr
