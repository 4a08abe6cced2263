"""A folder of knowledge files: checked as the service checks it when it starts, and for what that lets pass."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import orjson
import typer

from app.cli.failures import ExitCode
from app.errors import RulebookRefused
from app.governance import has_solver, read_rulebook_files
from app.governance.hygiene import Finding, find_findings
from app.triage import Triage, load_rulebook


def check_folder(folder: Path, today: date, *, strict: bool, solve: bool) -> ExitCode:
    """Print that the rulebook is sound and how much it holds, or every fault of it; then what else was found.

    Faults and errors go to standard error; notes to standard output, and only `strict` makes them count. `solve` also
    asks the solver, if there is one.
    """
    try:
        rulebook = load_rulebook(read_rulebook_files(folder))
        Triage(rulebook)
    except RulebookRefused as refused:
        for fault in refused.faults:
            typer.echo(f"{folder}/{fault}", err=True)
        typer.echo(f"{folder} is refused: {_counted(len(refused.faults), 'fault')}.", err=True)
        return ExitCode.AT_FAULT
    if solve and not has_solver():
        typer.echo("z3 is not installed: rules that never fire, always hold or repeat others were not looked for.")
    findings = find_findings(rulebook, today, solve=solve and has_solver())
    errors = sum(finding.severity == "error" for finding in findings)
    if errors:
        _say(findings, folder)
        typer.echo(f"{folder} can be loaded, with {_counted(errors, 'error')}.", err=True)
        return ExitCode.AT_FAULT
    typer.echo(
        f"{folder} is sound: {len(rulebook.rules)} rules, {len(rulebook.categories)} categories, "
        f"{len(rulebook.scores)} scores, {len(rulebook.parameters)} parameters, {len(rulebook.sources)} sources.\n"
        f"Version {rulebook.version}, digest {rulebook.digest}."
    )
    _say(findings, folder)
    return ExitCode.AT_FAULT if strict and findings else ExitCode.FINE


def _say(findings: list[Finding], folder: Path) -> None:
    for finding in findings:
        typer.echo(_said(finding, folder), err=finding.severity == "error")


def _said(finding: Finding, folder: Path) -> str:
    root = "app" if finding.place.packaged else str(folder)
    shown = "" if finding.witness is None else f"\n    for example {orjson.dumps(finding.witness).decode()}"
    return f"{root}/{finding.place.file}:{finding.place.line}: {finding.severity}: " + finding.told + shown


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
