from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from app.cli import commands
from app.services.examples import FIRST
from app.triage import encode
from tests.cli.conftest import Run

BODY = encode(FIRST)


def every_command(group: Any, *path: str) -> Iterator[str]:
    """The words of each command, those of groups included: `keys create`."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from every_command(command, *path, name)
        else:
            yield " ".join((*path, name))


COMMANDS = sorted(every_command(get_command(commands)))
WITHOUT_EXAMPLE = {"clinics list", "keys list", "settings"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example_and_its_exit_codes(run: Run, command: str) -> None:
    shown = run(*command.split(), "--help")
    assert shown.exit_code == 0
    assert f"spine-triage {command}" in shown.output
    assert "Exits with 0" in shown.output
    assert "Example: " in shown.output or command in WITHOUT_EXAMPLE


def test_commands_are_found_in_their_groups_too() -> None:
    some = {"serve", "migrate", "triage", "replay", "demo", "clinics open", "keys create", "rulebook check"}
    assert some <= set(COMMANDS)


def test_help_is_given_whatever_the_settings_are(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_PORT", "many")
    assert run("serve", "--help").exit_code == 0


def test_a_setting_that_is_not_allowed_is_named_and_is_bad_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_PORT", "many")
    refused = run("migrate")
    assert refused.exit_code == 2
    assert "SPINE_TRIAGE_PORT" in refused.stderr


def test_a_note_is_made_of_a_file_as_text_for_people(run: Run, tmp_path: Path, database: Path) -> None:
    body = tmp_path / "consultation.json"
    body.write_bytes(BODY)
    made = run("triage", str(body))
    assert made.exit_code == 0
    assert "ASK NEXT" in made.stdout
    assert made.stderr == ""
    assert not database.exists()


def test_a_note_is_made_of_standard_input_as_json_for_machines(run: Run) -> None:
    made = run("triage", "-", "--json", input=BODY)
    assert made.exit_code == 0
    note = json.loads(made.stdout)
    assert note["urgency"]["at_most"] == "emergency"
    assert made.stdout.encode() == encode(note) + b"\n"


def test_every_fault_of_a_body_is_named_by_its_pointer(run: Run) -> None:
    wrong = b'{"complaint": {"regions": ["lumbar"], "back_pain": 11, "leg_pian": 3}, "not_known": []}'
    refused = run("triage", "-", input=wrong)
    assert refused.exit_code == 2
    assert refused.stdout == ""
    pointers = {line.partition(":")[0] for line in refused.stderr.splitlines()}
    assert pointers == {"/complaint/back_pain", "/complaint/leg_pian", "/not_known"}


@pytest.mark.parametrize("raw", [b"", b"\xff", b"{", b"[1] 2", b'{"complaint": NaN}', b"[" * 100_000])
def test_what_is_no_json_document_is_bad_input(run: Run, raw: bytes) -> None:
    refused = run("triage", "-", input=raw)
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 1


def test_a_file_that_is_not_there_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    assert run("triage", str(tmp_path / "nothing.json")).exit_code == 2


def test_migrating_twice_is_as_good_as_once(run: Run, database: Path) -> None:
    first, again = run("migrate"), run("migrate")
    assert database.exists()
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stdout == again.stdout


def test_serving_refuses_an_unmigrated_database_and_says_what_to_do(run: Run, master_keys: str) -> None:
    refused = run("serve", "--port", "0")
    assert refused.exit_code == 3
    assert "spine-triage migrate" in refused.stderr


def test_a_database_that_cannot_be_had_is_said_with_its_own_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_DATABASE_URL", f"sqlite:///{tmp_path}/no/such/folder/store.sqlite3")
    for command in (["migrate"], ["serve", "--migrate", "--port", "0"]):
        refused = run(*command)
        assert refused.exit_code == 3
        assert f"no folder {tmp_path}/no/such/folder" in refused.stderr
    assert run("replay").exit_code == 3


@pytest.mark.parametrize("command", [["replay"], ["serve", "--port", "0"]])
def test_looking_for_a_database_does_not_make_one(
    run: Run, master_keys: str, database: Path, command: list[str]
) -> None:
    refused = run(*command)
    assert refused.exit_code == 3
    assert "there is no database file yet: run `spine-triage migrate`" in refused.stderr
    assert not database.exists()


def test_the_version_is_shown_whatever_the_settings_are(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_PORT", "many")
    shown = run("--version")
    assert (shown.exit_code, shown.stdout) == (0, f"spine-triage {version('spine-triage')}\n")


def test_an_address_that_cannot_be_had_is_bad_input(run: Run) -> None:
    refused = run("serve", "--migrate", "--host", "192.0.2.1", "--port", "0")
    assert refused.exit_code == 2
    assert "192.0.2.1" in refused.stderr
