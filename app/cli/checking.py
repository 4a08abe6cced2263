"""A folder of knowledge files, checked as the service checks it when it starts."""

from __future__ import annotations

from pathlib import Path

import typer

from app.cli.failures import ExitCode
from app.errors import RulebookRefused
from app.governance import read_rulebook_files
from app.triage import Triage, load_rulebook


def check_folder(folder: Path) -> ExitCode:
    """Print that the rulebook is sound and how much it holds, or every fault of it."""
    try:
        rulebook = load_rulebook(read_rulebook_files(folder))
        Triage(rulebook)
    except RulebookRefused as refused:
        for fault in refused.faults:
            typer.echo(f"{folder}/{fault}", err=True)
        faults = len(refused.faults)
        typer.echo(f"{folder} is refused: {faults} {'fault' if faults == 1 else 'faults'}.", err=True)
        return ExitCode.AT_FAULT
    typer.echo(
        f"{folder} is sound: {len(rulebook.rules)} rules, {len(rulebook.categories)} categories, "
        f"{len(rulebook.scores)} scores, {len(rulebook.parameters)} parameters, {len(rulebook.sources)} sources.\n"
        f"Version {rulebook.version}, digest {rulebook.digest}."
    )
    return ExitCode.FINE
