"""The laws of a rulebook, proven one after another and said in plain English."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import typer

from app.cli.failures import ExitCode
from app.governance import has_solver, read_rulebook_files
from app.triage import load_rulebook


def prove_folder(folder: Path, *, as_json: bool) -> ExitCode:
    """Print each law with ok or FAILED and its seconds; below a failure, what fails it and consultations that show it.

    RulebookRefused where the folder's rulebook has faults.
    """
    if not has_solver():
        typer.echo("Proofs use z3, which is not installed: pip install '.[prove]' in the checkout", err=True)
        return ExitCode.BAD_INPUT
    # Imported here, since z3 is an optional extra.
    from app.governance.proofs import prove  # noqa: PLC0415

    rulebook = load_rulebook(read_rulebook_files(folder))
    failed, seconds = 0, 0.0
    found = []
    for proven in prove(rulebook):
        failed += bool(proven.failures)
        seconds += proven.seconds
        if as_json:
            failures = [{"text": one.text, "consultations": list(one.bodies)} for one in proven.failures]
            found.append(
                {
                    "law": proven.law.id,
                    "sentence": proven.law.sentence,
                    "holds": not proven.failures,
                    "failures": failures,
                    "remarks": list(proven.remarks),
                    "seconds": round(proven.seconds, 3),
                }
            )
            continue
        typer.echo(f"{'FAILED' if proven.failures else 'ok    '} {proven.seconds:5.2f} s  {proven.law.sentence}")
        for failure in proven.failures:
            typer.echo(f"    {failure.text}")
            for line in _bodies(failure.bodies):
                typer.echo(f"      {line}")
        for remark in proven.remarks:
            typer.echo(f"    ({remark})")
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        outcome = "every law holds" if not failed else f"{failed} {'law fails' if failed == 1 else 'laws fail'}"
        typer.echo(f"{len(rulebook.rules)} rules, {seconds:.1f} s: {outcome}.")
    return ExitCode.AT_FAULT if failed else ExitCode.FINE


def _bodies(bodies: tuple[dict[str, object], ...]) -> Iterator[str]:
    words = ("shown by",) if len(bodies) == 1 else ("shown by", "followed by")
    for word, body in zip(words, bodies, strict=False):
        yield f"{word} {json.dumps(body)}"
