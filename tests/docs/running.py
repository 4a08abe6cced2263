"""The operator's commands run in this process, and those of them that a restore ends with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from typer.testing import CliRunner, Result

from app.cli import commands
from app.main import open_rooms

AFTERWARDS: Final = (("migrate",), ("master-key", "status"), ("replay",), ("audit", "verify"))
"""What the operator's page says to run after a restore."""


def find_complaints(settings: Mapping[str, str]) -> list[str]:
    """What the commands of AFTERWARDS have to say against the database of these settings; none when all is well."""
    done = {command: run_here(settings, *command) for command in AFTERWARDS}
    return [f"{' '.join(each)}: {result.output}" for each, result in done.items() if result.exit_code != 0]


def run_here(settings: Mapping[str, str], *arguments: str) -> Result:
    """Run a command with these settings, named without their prefix, in this process: starting one takes its time."""
    environment = {f"SPINE_TRIAGE_{name}": value for name, value in settings.items()}
    return CliRunner().invoke(commands, arguments, obj=open_rooms, env=environment, catch_exceptions=False)
