"""Consultations that come out differently with two rulebooks, as the solver finds them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import orjson
import typer

from app.cli.progress import progress_bar
from app.triage import Triage

if TYPE_CHECKING:
    from app.governance.diff.solved import Difference


def tell_differences(old: Triage, new: Triage, today: date) -> bool:
    """Print a consultation for each rule that differs, or what is proven of it; whether an urgency is lowered."""
    # z3 is an optional extra, so what needs it is only imported where it is there.
    from app.governance.diff.solved import Differences  # noqa: PLC0415 - see above

    differences = Differences(old, new, today)
    rules, found = differences.rules, list["Difference"]()
    with progress_bar() as progress:
        for rule in progress.track(rules, description="asking the solver"):
            found.append(differences.look(rule))
    if found:
        typer.echo("CONSULTATIONS THAT COME OUT DIFFERENTLY\n")
    for difference in sorted(found, key=lambda each: not each.lowered):
        _tell(difference)
    return any(difference.lowered for difference in found)


def _tell(difference: Difference) -> None:
    typer.echo(f"- {difference.how} rule {difference.rule}")
    for words in difference.proven:
        typer.echo(f"    proven: {words}")
    for witness in difference.witnesses:
        typer.echo(f"    {witness.shows}, for example in {orjson.dumps(witness.body).decode()}")
        typer.echo(f"      {witness.effect.told()}")
    for words in difference.unsettled:
        typer.echo(f"    neither found nor disproved: a consultation of which {words}")
    typer.echo()
