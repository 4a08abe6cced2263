"""The whole rulebook as one document in Markdown, to be read and signed section by section."""

from __future__ import annotations

from collections.abc import Iterator

from app.triage.book.asked import ASKED, asked
from app.triage.book.attributes import ATTRIBUTES, source_attributes
from app.triage.book.coverage import COVERAGE, coverage_tables, explain_coverage
from app.triage.book.english import Sayer
from app.triage.book.markdown import code, link, plain, table
from app.triage.book.reference import (
    CATEGORIES,
    DEFINITIONS,
    NUMBERS,
    SCORES,
    SOURCES,
    categories,
    definitions,
    numbers,
    scores,
    sources,
)
from app.triage.book.rules import RulePages, section_title, sign_off
from app.triage.book.written import entry_nodes
from app.triage.rulebook import URGENCIES, Rulebook

TITLE = "Spine Triage: the rulebook"
_HOW = "How to read it"
_WHOLE = "Sign-off of the whole"
_EXPLAINED = """\
Each rule has a sentence that a note may show, the condition under which it does, what follows, and what it rests on.
A condition holds over what is known: a part that nobody answered is not known, never no, and leaves the rule open.
A rule that raises the urgency is then shown as not excluded, with the questions that would settle it. The most urgent
rule wins, and nothing mutes it. *Speaks for* and *speaks against* are for a discussion; neither decides anything.

Numbers that sources dispute stand beside their sources and beside what others say. *From memory only* marks what was
recalled and not confirmed against its source. What a rule leaves out stands at its end, as *not modelled*.

Sign each section in its box, or write which rule you would change and how."""
_MOST_NAMED = 12
"""Rules that a source attribute lists; beyond this their number says enough."""


def write_book(book: Rulebook) -> str:
    """The document, the same for the same rulebook."""
    nodes = {entry.value["define"].value: entry for entry in entry_nodes("definitions", book.files)}
    whens = {name: entry.value["when"] for name, entry in nodes.items()}
    means = {name: entry.value["means"].value if "means" in entry.value else "" for name, entry in nodes.items()}
    sayer = Sayer(book, means)
    pages = RulePages(book, sayer, whens)
    lines = [*_opening(book), *_contents(pages), *_how(), *_whole(book), *_attributes(book)]
    for file, rules in pages.sections():
        lines += pages.section(file, rules)
    lines += [*definitions(book, sayer, whens), *sign_off(DEFINITIONS), *categories(book), *sign_off(CATEGORIES)]
    lines += [*scores(book, sayer), *sign_off(SCORES), *numbers(book), *sign_off(NUMBERS)]
    lines += ["", f"## {COVERAGE}", "", *explain_coverage(book), *coverage_tables(book, 3), *sign_off(COVERAGE)]
    lines += [*asked(book), *sources(book)]
    return "\n".join(lines) + "\n"


def _opening(book: Rulebook) -> Iterator[str]:
    yield from (f"# {TITLE}", "", f"Version {plain(book.version)}, released on {book.released}.", "")
    yield from (f"Digest {code(book.digest)}", "", f"**{plain(book.disclaimer)}**")


def _contents(pages: RulePages) -> Iterator[str]:
    yield from ("", "## Contents", "")
    sections = [section_title(file) for file, _ in pages.sections()]
    after = (DEFINITIONS, CATEGORIES, SCORES, NUMBERS, COVERAGE, ASKED, SOURCES)
    for title in (_HOW, _WHOLE, ATTRIBUTES, *sections, *after):
        yield f"- {link(title, title)}"


def _how() -> Iterator[str]:
    yield from ("", f"## {_HOW}", "", _EXPLAINED)


def _whole(book: Rulebook) -> Iterator[str]:
    yield from ("", f"## {_WHOLE}", "")
    urgencies = ((urgency, plain(book.urgency_words.get(urgency, ""))) for urgency in reversed(URGENCIES))
    yield from (*table(("urgency", "act"), urgencies), "", "Every note ends with what to watch for:", "")
    yield from (f"- {plain(line)}" for line in book.safety_net)
    yield from sign_off("the whole rulebook")


def _attributes(book: Rulebook) -> Iterator[str]:
    yield from ("", f"## {ATTRIBUTES}", "")
    yield "What US rules ask of evidence-based decision support (45 CFR 170.315(b)(11)(iv)(A)), as we read them."
    rows = []
    for entry in source_attributes(book):
        used = "" if entry["used"] is None else f"**Used: {'yes' if entry['used'] else 'no'}.** "
        facts = f" Facts: {', '.join(map(code, entry['facts']))}." if entry["facts"] else ""
        rows.append((plain(entry["title"]), f"{used}{plain(entry['says'])}{facts}{_readers(entry['rules'])}"))
    yield from ("", *table(("attribute", "answer"), rows))


def _readers(rules: list[str]) -> str:
    if not rules:
        return ""
    named = ", ".join(map(code, rules)) if len(rules) <= _MOST_NAMED else f"{len(rules)} rules and scores"
    return f" Read by {named}."
