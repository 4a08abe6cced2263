from __future__ import annotations

import asyncio
import os
import pwd
import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from app.cli import commands
from app.main import open_rooms
from app.models import LOCAL_CLINIC
from app.store import Event, Unit, add_event, make_master_key, open_database
from tests.cli.installation import install
from tests.stores import FIRST_MOMENT, KEYRING, MASTER_KEYS, OTHER_CLINIC, StoreUrls

Run = Callable[..., Result]


@pytest.fixture
def run(store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command line over a database with both clinics, as its operator."""
    install(monkeypatch, store_urls)

    def run_one(*arguments: str) -> Result:
        return CliRunner().invoke(commands, ["audit", *arguments], obj=open_rooms, catch_exceptions=False)

    return run_one


def write(url: str, clinic: str, *targets: str) -> None:
    def add(unit: Unit) -> None:
        for target in targets:
            add_event(unit, Event("note.read", "done", "api_key", "front-desk", target=target), FIRST_MOMENT)

    in_store(url, clinic, add)


def damage(url: str, statement: str) -> None:
    def change(unit: Unit) -> None:
        if unit.connection.dialect.name == "sqlite":
            for table in ("audit_events", "audit_sealed", "audit_seals"):
                unit.connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_update"))
                unit.connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_delete"))
        unit.connection.execute(text(statement))

    in_store(url, LOCAL_CLINIC, change)


def in_store(url: str, clinic: str, fn: Callable[[Unit], None]) -> None:
    async def work() -> None:
        database = open_database(url, KEYRING)
        await database.write(clinic, fn)
        await database.close()

    asyncio.run(work())


def event_of(run: Run, target: str) -> str:
    """The line of the one event about a record."""
    lines: list[str] = run("show", "--target", target).stdout.splitlines()
    assert len(lines) == 1
    return lines[0]


def test_all_clinics_are_sealed_and_verified_and_their_seals_are_printed_to_be_kept(
    run: Run, store_urls: StoreUrls
) -> None:
    write(store_urls.service, LOCAL_CLINIC, "consultations/a", "consultations/b")
    write(store_urls.service, OTHER_CLINIC, "consultations/c")
    sealed = run("seal")
    assert sealed.exit_code == 0
    anchors = sealed.stdout.splitlines()
    assert [anchor.split(":")[:2] for anchor in anchors] == [["local", "1"], ["other", "1"]]
    verified = run("verify", *(f"--against={anchor}" for anchor in anchors))
    assert verified.exit_code == 0
    assert verified.stdout.splitlines() == [
        "local: sealed events 3, seals 1, not sealed yet 0; all as it was written",
        f"local: to be kept outside: {anchors[0]}",
        "other: sealed events 2, seals 1, not sealed yet 0; all as it was written",
        f"other: to be kept outside: {anchors[1]}",
    ]
    again = run("seal", "--clinic", "local")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "nothing to seal" in again.stderr


def test_what_was_tampered_with_is_named_and_ends_with_one(run: Run, store_urls: StoreUrls) -> None:
    write(store_urls.service, LOCAL_CLINIC, "consultations/a", "consultations/b")
    run("seal")
    damage(store_urls.owner, "UPDATE audit_events SET actor = 'nobody' WHERE target = 'consultations/a'")
    damage(store_urls.owner, "DELETE FROM audit_events WHERE target = 'consultations/b'")
    verified = run("verify")
    assert verified.exit_code == 1
    lines = verified.stdout.splitlines()
    assert sum("of seal 1: it is not as it was written [event-changed]" in line for line in lines) == 1
    assert sum("of seal 1: it is gone [event-removed]" in line for line in lines) == 1
    assert "local: sealed events 3, seals 1, not sealed yet 0; findings: 2" in lines
    assert run("verify", "--clinic", "other").exit_code == 0


def test_newest_seals_that_were_cut_off_show_against_an_anchor(run: Run, store_urls: StoreUrls) -> None:
    for target in ("consultations/a", "consultations/b"):
        write(store_urls.service, LOCAL_CLINIC, target)
        anchor = run("seal").stdout.strip()
    damage(store_urls.owner, "DELETE FROM audit_sealed WHERE seal = 2")
    damage(store_urls.owner, "DELETE FROM audit_seals WHERE number = 2")
    assert run("verify").exit_code == 0
    against = run("verify", "--against", anchor)
    assert against.exit_code == 1
    assert "local: seal 2: it was kept outside, and the newest here is 1 [seals-cut-off]" in against.stdout


def test_a_clinic_that_is_gone_with_its_audit_shows_against_an_anchor(run: Run) -> None:
    gone = run("verify", "--against", f"north:3:{'a' * 64}")
    assert gone.exit_code == 1
    assert "north: seal 3" in gone.stdout


def test_what_cannot_be_sealed_is_counted_and_ends_with_one(run: Run, store_urls: StoreUrls) -> None:
    write(store_urls.service, LOCAL_CLINIC, "consultations/a")
    damage(store_urls.owner, "UPDATE audit_events SET target = 'consultations/b'")
    sealed = run("seal")
    assert sealed.exit_code == 1
    assert "local: 1 cannot be sealed" in sealed.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("verify", "--against", "local:1"), "an anchor looks like"),
        (("verify", "--against", f"local:0:{'a' * 64}"), "an anchor looks like"),
        (("verify", "--clinic", "other", "--against", f"local:1:{'a' * 64}"), "only other was asked for"),
        (("verify", "--clinic", "nowhere"), "there is no clinic nowhere"),
        (("seal", "--clinic", "nowhere"), "there is no clinic nowhere"),
        (("show", "--clinic", "nowhere"), "there is no clinic nowhere"),
        (("show", "--to", "9999-12-31"), "years 2 to 9998"),
        (("show", "--from", "2026-11-23", "--to", "2026-11-22"), "--to is a day before --from"),
    ],
)
@pytest.mark.parametrize("store_kind", ["sqlite"])
def test_what_cannot_be_asked_for_ends_with_two(run: Run, arguments: tuple[str, ...], says: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert says in refused.stderr


@pytest.mark.parametrize("store_kind", ["sqlite"])
@pytest.mark.parametrize("command", ["seal", "verify", "show"])
def test_without_a_database_each_ends_with_three(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_OWNER_DATABASE_URL", "sqlite:////nowhere/store.db")
    assert run(command).exit_code == 3


def test_events_are_shown_newest_first_and_that_is_an_event_too(
    run: Run, store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    write(store_urls.service, LOCAL_CLINIC, "consultations/a", "consultations/b/notes/1")
    line = event_of(run, "consultations/b")
    assert "local  api_key:front-desk  note.read  consultations/b/notes/1  done  -  unsealed" in line
    run("seal")
    assert event_of(run, "consultations/b").endswith("seal 1")
    shown = run("show", "--clinic", "local", "--action", "audit.read").stdout.splitlines()
    assert len(shown) == 2
    # Whatever the environment says, which anybody may set.
    user = f"command-line:{pwd.getpwuid(os.getuid()).pw_name}"
    assert all(f"operator:{user}  " in each for each in shown)
    assert "audit.sealed" in run("show", "--actor", user, "--limit", "2").stdout
    day = f"{FIRST_MOMENT:%Y-%m-%d}"
    assert len(run("show", "--from", day, "--to", day).stdout.splitlines()) == 2
    assert run("show", "--to", "2020-01-01", "--outcome", "done").stdout == ""


@pytest.mark.parametrize("store_kind", ["sqlite"])
def test_a_forged_event_moves_no_cursor_of_the_terminal(run: Run, store_urls: StoreUrls) -> None:
    write(store_urls.service, LOCAL_CLINIC, "consultations/a")
    damage(store_urls.owner, "UPDATE audit_events SET actor = char(27) || '[2J'")
    assert "\\u001b[2J" in event_of(run, "consultations/a")


def test_seals_under_an_older_key_are_said_to_be_vouched_for(
    run: Run, store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store_urls.service, LOCAL_CLINIC, "consultations/a")
    run("seal")
    newer = make_master_key("k2")
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", f"{newer},{MASTER_KEYS}")
    write(store_urls.service, LOCAL_CLINIC, "consultations/b")
    assert run("seal").exit_code == 0
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", newer)
    verified = run("verify")
    assert verified.exit_code == 0
    assert "local: seals 1 to 1 were not checked by their master key k1" in verified.stdout


def test_two_operators_who_seal_at_once_cover_every_event_once(run: Run, store_urls: StoreUrls) -> None:
    write(store_urls.service, LOCAL_CLINIC, *(f"consultations/{number}" for number in range(500)))
    command = [sys.executable, "-m", "app.main", "audit", "seal", "--clinic", "local"]
    operators = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for operator in operators:
        _, complaints = operator.communicate(timeout=60)
        assert operator.returncode == 0, complaints
    verified = run("verify", "--clinic", "local")
    assert verified.exit_code == 0
    assert "not sealed yet 0; all as it was written" in verified.stdout


def test_events_that_are_left_out_are_said_with_how_to_see_them(run: Run, store_urls: StoreUrls) -> None:
    write(store_urls.service, LOCAL_CLINIC, *(f"consultations/{number}" for number in range(3)))
    write(store_urls.service, OTHER_CLINIC, "consultations/a")
    some = run("show", "--limit", "2", "--action", "note.read")
    assert len(some.stdout.splitlines()) == 3
    assert some.stderr.startswith("local: there are older events than the 2 shown: --to 2026-11-23 begins with")
    assert some.stderr.count("\n") == 1
    every = run("show", "--limit", "3", "--action", "note.read")
    assert (len(every.stdout.splitlines()), every.stderr) == (4, "")
