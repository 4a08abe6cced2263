"""The commands about a folder of knowledge files: `spine-triage rulebook ...`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from app.cli.clinics import OneClinic
from app.cli.rooms import rooms_of
from app.cli.rulebook.booking import DocumentFormat, Out, print_document
from app.cli.rulebook.checking import check_folder
from app.cli.rulebook.comparing import Stored, compare_folders
from app.cli.rulebook.exporting import ExportFormat, export_folder
from app.cli.rulebook.proving import prove_folder
from app.governance import read_rulebook_files
from app.triage import Rulebook, load_rulebook
from app.triage.book import to_html, write_book, write_coverage

rulebook = typer.Typer(help="Work with a folder of knowledge files.", no_args_is_help=True)
Folder = Annotated[
    Path | None,
    typer.Argument(
        metavar="DIR", exists=True, file_okay=False, help="By default SPINE_TRIAGE_RULEBOOK.", show_default=False
    ),
]


def _chosen(context: typer.Context, folder: Path | None) -> Path:
    return rooms_of(context).knowledge if folder is None else folder


def _loaded(context: typer.Context, folder: Path | None) -> Rulebook:
    return load_rulebook(read_rulebook_files(_chosen(context, folder)))


@rulebook.command()
def check(
    context: typer.Context,
    folder: Folder = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let notes count as errors do.")] = False,
    solver: Annotated[bool, typer.Option(help="Also look for what only z3 can prove; takes seconds.")] = True,
) -> None:
    """Load a folder of knowledge files as strictly as the service does, and report every fault at once.

    A rulebook that loads is then looked through for rules that never fire, always hold, repeat or hide behind
    another (with z3 installed), for facts, questions, categories and sources without a use, for sources that were
    retracted or not looked at for a year, and for words that a note may not say. An error would mislead a reader of
    notes; a note is dead or ageing knowledge.

    One a line: FILE:LINE: what is wrong (what would be right). Faults and errors go to standard error.

    Example: spine-triage rulebook check app/knowledge

    Exits with 0 if the service would start with it and it has no errors, 1 otherwise (with --strict also for notes),
    2 if there is no such folder.
    """
    rooms = rooms_of(context)
    raise typer.Exit(
        check_folder(rooms.knowledge if folder is None else folder, rooms.today(), strict=strict, solve=solver)
    )


@rulebook.command()
def book(
    context: typer.Context,
    folder: Folder = None,
    document: Annotated[
        DocumentFormat, typer.Option("--format", help="Markdown, or one page of HTML that loads nothing.")
    ] = DocumentFormat.MARKDOWN,
    out: Out = None,
) -> None:
    """Write the rulebook as one document that a surgeon can read and sign section by section.

    Example: spine-triage rulebook book --format html --out rulebook.html

    Exits with 0, 1 if the rulebook is refused, 2 if the file cannot be written.
    """
    text = write_book(_loaded(context, folder))
    print_document(to_html(text) if document is DocumentFormat.HTML else text, out)


@rulebook.command()
def coverage(context: typer.Context, folder: Folder = None, out: Out = None) -> None:
    """Show which paragraph of the clinical evidence became which rule, as a table in Markdown.

    Example: spine-triage rulebook coverage --out docs/coverage.md

    Exits with 0, 1 if the rulebook is refused, 2 if the file cannot be written.
    """
    print_document(write_coverage(_loaded(context, folder)), out)


@rulebook.command()
def export(
    context: typer.Context,
    folder: Folder = None,
    form: Annotated[ExportFormat, typer.Option("--format", help="What the conditions are written in.")] = "cel",
) -> None:
    """Write the conditions of all rules as JSON, for engines that nobody here wrote, to standard output.

    `cel` is the Common Expression Language: what is not known is left out, and an expression that fails for want of
    it is undecided. The document says in sentences how to run it.

    Example: spine-triage rulebook export --format cel > rulebook.cel.json

    Exits with 0 and the document, 1 if the rulebook is refused, 2 if there is no such folder.
    """
    typer.echo(export_folder(_chosen(context, folder), form))


@rulebook.command()
def prove(
    context: typer.Context,
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="The outcome as JSON.")] = False,
) -> None:
    """Prove laws of a rulebook about every consultation there can be, contradictory and half-known ones included.

    Says each law as a sentence with ok or FAILED; below a failure, which rule fails it and a consultation that shows
    it, as a body of POST /v1/triage. Uses z3, the optional extra "prove".

    Example: spine-triage rulebook prove app/knowledge

    Exits with 0 if every law holds, 1 if any fails or the rulebook is refused, 2 if z3 is not installed.
    """
    raise typer.Exit(prove_folder(_chosen(context, folder), as_json=as_json))


@rulebook.command()
def diff(
    context: typer.Context,
    old: Annotated[Path, typer.Argument(metavar="OLD", exists=True, file_okay=False, help="A folder of knowledge.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", exists=True, file_okay=False, help="The folder to come.")],
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="One row for each stored one that changes.")
    ] = None,
    solver: Annotated[bool, typer.Option(help="Also look for consultations that differ, with z3.")] = True,
    stored: Annotated[bool, typer.Option(help="Also judge the stored consultations with both.")] = True,
    clinic: OneClinic = None,
) -> None:
    """Show what going from one rulebook to another changes: in words, in notes, and over the stored consultations.

    Lowered urgencies come first. With z3 installed each rule that changed comes with a consultation on which the old
    and the new one differ, or with the proof that there is none. Nothing is stored; shows progress on a terminal.

    Example: spine-triage rulebook diff app/knowledge ~/knowledge --csv changed.csv

    Exits with 0 if no urgency is lowered; 1 if any is, if a folder is refused, or if something changed and no solver
    could look for what it lowers; 2 if there is no such folder, 3 when the database is not available (--no-stored does
    without).
    """
    rooms = rooms_of(context)
    kept = Stored(rooms.open_owned_database, clinic, csv, rooms.now) if stored else None
    raise typer.Exit(asyncio.run(compare_folders((old, new), rooms.today(), kept, solve=solver)))
