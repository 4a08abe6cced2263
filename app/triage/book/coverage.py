"""Which paragraph of the evidence became which rule, as a table in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from app.triage.book.markdown import plain
from app.triage.book.written import heading
from app.triage.rulebook import Coverage, Rulebook

COVERAGE = "Coverage of the evidence"
_INTRODUCTION = """\
Each line is one claim of the clinical evidence that this rulebook was written from, by its paragraph there and in a
few words of our own, with what became of it: rules, disputed numbers (parameters), scores, categories and techniques
by their ids, or why nothing did. A rulebook does not load with an id that is not there, with a paragraph that leads
to nothing without saying why, or with a rule that no paragraph names."""


def write_coverage(book: Rulebook) -> str:
    """The table as one Markdown document, the same for the same rulebook."""
    made = "_Written by `spine-triage rulebook coverage`; a test holds it current._"
    lines = [f"# {COVERAGE}", "", made, "", *explain_coverage(book), *coverage_tables(book, 2)]
    return "\n".join(lines) + "\n"


def explain_coverage(book: Rulebook) -> Iterator[str]:
    """What the tables are, and how much they hold."""
    left_out = sum(1 for paragraph in book.coverage.values() if not paragraph.came_to_something)
    counts = (
        f"{len(book.coverage)} paragraphs, {left_out} of them not modelled at all; "
        f"{len(book.rules)} rules, each named at least once."
    )
    yield from (_INTRODUCTION, "", counts)


def coverage_tables(book: Rulebook, depth: int) -> Iterator[str]:
    """One table for each file of the coverage, by its first paragraph, under headings of a depth."""
    groups = [list(group) for _, group in groupby(book.coverage.values(), lambda paragraph: paragraph.file)]
    for group in sorted(groups, key=lambda group: reading_order(group[0].id)):
        yield from ("", f"{'#' * depth} {plain(heading(group[0].file, book.files))}", "")
        yield from ("| paragraph | what it says | became |", "|---|---|---|")
        for paragraph in group:
            yield f"| {paragraph.id} | {plain(paragraph.title)} | {'; '.join(_became(paragraph))} |"


def _became(paragraph: Coverage) -> Iterator[str]:
    for kind, names in paragraph.named:
        if names:
            yield f"{kind}: {', '.join(f'`{name}`' for name in names)}"
    if paragraph.not_modelled is not None:
        yield f"not modelled: {plain(paragraph.not_modelled)}"


def reading_order(name: str) -> list[tuple[bool, int, str]]:
    """By which paragraphs are sorted: numbers by their size and before words, so that 2.12 follows 2.2."""
    parts = re.findall(r"\d+|[a-z]+", name)
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]
