"""Clinics are opened, and their API keys made, listed, rotated and revoked, on either database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.access import Caller, Gatekeeper, Scope, parse_key
from app.errors import Unauthenticated
from app.models import LOCAL_CLINIC, api_keys, audit_events
from app.services.keys.admission import Admission
from app.store import open_database
from tests.cli.conftest import Run
from tests.cli.installation import install
from tests.store.first_version import change
from tests.stores import KEYRING, OTHER_CLINIC, StoreUrls

DAILY = {
    Scope.TRIAGE,
    Scope.KNOWLEDGE_READ,
    Scope.CONSULTATIONS_READ,
    Scope.CONSULTATIONS_WRITE,
    Scope.REVIEWS_WRITE,
}


@pytest.fixture
def url(store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings of an installation on either database."""
    install(monkeypatch, store_urls)
    return store_urls.service


def admitted(url: str, key: str, later: timedelta = timedelta()) -> Caller | None:
    """Whom the service lets in with a key, now or later; None when it refuses."""

    async def ask() -> Caller | None:
        database = open_database(url, KEYRING)
        admission = Admission(database)
        gatekeeper = Gatekeeper(
            find_key=admission.find_key,
            note_use=admission.note_use,
            clinic_exists=admission.clinic_exists,
            tokens=None,
            now=lambda: datetime.now(UTC) + later,
        )
        try:
            return await gatekeeper.admit(f"Bearer {key}")
        except Unauthenticated:
            return None
        finally:
            await gatekeeper.close()
            await database.close()

    return asyncio.run(ask())


def make(run: Run, *options: str) -> str:
    """A new key's text."""
    made = run("keys", "create", "--name", "front desk", *options)
    assert made.exit_code == 0, made.output
    return made.stdout.removesuffix("\n")


def id_of(key: str) -> str:
    parts = parse_key(key)
    assert parts is not None
    return parts[1]


def audited(owner: str, clinic: str) -> list[tuple[str, str]]:
    """What operators did in a clinic: the action, and to what."""
    query = (
        select(audit_events.c.action, audit_events.c.target)
        .where(audit_events.c.clinic_id == clinic, audit_events.c.actor_kind == "operator")
        .order_by(audit_events.c.at)
    )
    return change(owner, lambda connection: [(row[0], row[1]) for row in connection.execute(query)])


def test_a_new_key_stands_alone_on_standard_output_and_lets_its_clinic_s_software_in(run: Run, url: str) -> None:
    key = make(run)
    caller = admitted(url, key)
    assert caller is not None
    assert (caller.clinic, caller.subject, set(caller.scopes)) == (LOCAL_CLINIC, id_of(key), DAILY)
    assert admitted(url, key, timedelta(days=3_650)) is not None
    assert admitted(url, key[:-1] + ("A" if key[-1] != "A" else "B")) is None


def test_a_key_can_be_for_another_clinic_some_scopes_and_some_days(run: Run, url: str) -> None:
    key = make(run, "--clinic", OTHER_CLINIC, "--scopes", "audit:read,metrics:read", "--days", "30")
    caller = admitted(url, key, timedelta(days=29))
    assert caller is not None
    assert (caller.clinic, set(caller.scopes)) == (OTHER_CLINIC, {Scope.AUDIT_READ, Scope.METRICS_READ})
    assert admitted(url, key, timedelta(days=31)) is None


def test_nothing_that_is_stored_or_told_afterwards_calls_anything(run: Run, store_urls: StoreUrls) -> None:
    key = make(run)
    secret = key.rpartition(".")[2]
    rows = change(store_urls.owner, lambda connection: repr(connection.execute(select(api_keys)).all()))
    listed = run("keys", "list").stdout
    assert id_of(key) in rows
    assert id_of(key) in listed
    assert secret not in rows + listed + repr(audited(store_urls.owner, LOCAL_CLINIC))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--clinic", "nowhere"), "there is no clinic nowhere; open it with `spine-triage clinics open`"),
        (("--clinic", "No Where"), "a clinic's id"),
        (("--scopes", "consultation:read"), "did you mean consultations:read?"),
        (("--scopes", ""), "at least one scope"),
        (("--name", ""), "a key's name has 1 to 100 printable characters"),
        (("--name", "x" * 101), "a key's name has 1 to 100 printable characters"),
        (("--days", "0"), "greater than or equal to 1"),
    ],
)
def test_a_key_that_cannot_be_made_so_is_refused(run: Run, options: tuple[str, ...], told: str) -> None:
    refused = run("keys", "create", "--name", "desk", *options)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert told in refused.stderr
    assert run("keys", "list").stdout == ""


@pytest.mark.parametrize(
    "command",
    [
        ("create", "--name", "desk", "--days", "36501"),
        ("create", "--name", "desk", "--days", "9" * 30),
        ("rotate", "q5d7xkz2m4ab", "--overlap-hours", "8760.5"),
        ("rotate", "q5d7xkz2m4ab", "--overlap-hours", "inf"),
    ],
)
def test_a_time_that_no_key_should_last_for_is_refused(run: Run, url: str, command: tuple[str, ...]) -> None:
    refused = run("keys", *command)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert command[-2] in refused.stderr
    assert "less than or equal to" in refused.stderr


def test_a_rotated_key_works_on_for_the_overlap_and_its_successor_at_once(run: Run, url: str) -> None:
    old = make(run)
    rotated = run("keys", "rotate", id_of(old), "--overlap-hours", "2")
    assert rotated.exit_code == 0
    new = rotated.stdout.removesuffix("\n")
    assert [admitted(url, key, timedelta(hours=1)) is not None for key in (old, new)] == [True, True]
    assert [admitted(url, key, timedelta(hours=3)) is not None for key in (old, new)] == [False, True]
    assert f"replaced by {id_of(new)}" in run("keys", "list").stdout
    again = run("keys", "rotate", id_of(old))
    assert (again.exit_code, again.stdout) == (2, "")
    assert f"already replaced by {id_of(new)}" in again.stderr


def test_a_revoked_key_works_no_more_and_cannot_be_rotated(run: Run, url: str) -> None:
    key, other = make(run), make(run)
    for _ in range(2):
        assert run("keys", "revoke", id_of(key)).exit_code == 0
    assert admitted(url, key) is None
    assert admitted(url, other) is not None
    assert run("keys", "rotate", id_of(key)).exit_code == 2
    (line,) = [line for line in run("keys", "list").stdout.splitlines() if line.startswith(id_of(key))]
    assert "revoked" in line


def test_a_key_is_told_when_it_was_last_used(run: Run, url: str) -> None:
    key = make(run)
    assert "last used" not in run("keys", "list").stdout
    assert admitted(url, key) is not None
    assert "last used" in run("keys", "list").stdout


def test_one_clinic_s_keys_are_nothing_to_another(run: Run, url: str) -> None:
    key = make(run)
    for command in ("rotate", "revoke"):
        refused = run("keys", command, id_of(key), "--clinic", OTHER_CLINIC)
        assert refused.exit_code == 2
        assert f"the clinic {OTHER_CLINIC} has no key {id_of(key)}" in refused.stderr
    assert run("keys", "list", "--clinic", OTHER_CLINIC).stdout == ""
    assert admitted(url, key) is not None
    assert admitted(url, key.replace("st_local.", f"st_{OTHER_CLINIC}.")) is None


def test_what_operators_do_is_audited_where_they_did_it(run: Run, store_urls: StoreUrls) -> None:
    assert run("clinics", "open", "spine-north", "--name", "Spine Clinic North").exit_code == 0
    key = make(run, "--clinic", "spine-north")
    run("keys", "rotate", id_of(key), "--clinic", "spine-north")
    run("keys", "revoke", id_of(key), "--clinic", "spine-north")
    run("keys", "revoke", id_of(key), "--clinic", "spine-north")
    assert audited(store_urls.owner, "spine-north") == [
        ("clinic.opened", "clinics/spine-north"),
        ("key.created", f"keys/{id_of(key)}"),
        ("key.rotated", f"keys/{id_of(key)}"),
        ("key.revoked", f"keys/{id_of(key)}"),
    ]
    assert audited(store_urls.owner, LOCAL_CLINIC) == []


def test_clinics_are_opened_once_and_listed(run: Run) -> None:
    opened = run("clinics", "open", "spine-north", "--name", "Spine Clinic North")
    assert (opened.exit_code, "keys create --clinic spine-north" in opened.stdout) == (0, True)
    listed = [line.split("\t") for line in run("clinics", "list").stdout.splitlines()]
    assert {(clinic, name) for clinic, _, name in listed} == {
        (LOCAL_CLINIC, LOCAL_CLINIC),
        (OTHER_CLINIC, "The other clinic"),
        ("spine-north", "Spine Clinic North"),
    }
    again = run("clinics", "open", "spine-north")
    assert again.exit_code == 2
    assert "the clinic spine-north is there already" in again.stderr


@pytest.mark.parametrize("clinic", ["", "Spine", "spine north", "-north", "ümlaut", "a" * 64, "local' OR 'a'='a"])
def test_a_clinic_that_cannot_be_called_so_is_not_opened(run: Run, clinic: str) -> None:
    before = run("clinics", "list").stdout
    refused = run("clinics", "open", "--", clinic)
    assert refused.exit_code == 2
    assert "lower-case letters, digits and hyphens" in refused.stderr
    assert run("clinics", "list").stdout == before
