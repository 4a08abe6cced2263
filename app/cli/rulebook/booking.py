"""Documents made from the rulebook, on standard output or in a file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.failures import ExitCode

Out = Annotated[
    Path | None, typer.Option(metavar="FILE", dir_okay=False, help="By default standard output.", show_default=False)
]
"""Where a document goes."""


class DocumentFormat(StrEnum):
    """How the rulebook is written for its readers."""

    MARKDOWN = "markdown"
    HTML = "html"


def print_document(text: str, out: Path | None) -> None:
    """Write a text that ends its last line to `out`, or print it.

    Raises typer.Exit with BAD_INPUT when the file cannot be written.
    """
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        typer.echo(f"{out} cannot be written: {error.strerror}.", err=True)
        raise typer.Exit(ExitCode.BAD_INPUT) from None
