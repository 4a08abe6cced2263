"""The rules, section by section: one for each rule file, with a box to sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.triage.book.coverage import COVERAGE, reading_order
from app.triage.book.english import Sayer, label_of
from app.triage.book.markdown import code, link, plain, table
from app.triage.book.numbers import named_parameters, said_number
from app.triage.book.said import CONCLUDED, STRENGTHS, said_source
from app.triage.book.written import entry_nodes, heading, listed
from app.triage.facts import registry
from app.triage.loading.tree import Node
from app.triage.rulebook import URGENCIES, Conclusions, Rule, Rulebook

SIGNED = ("Read by", "Date", "Agreed, or changes asked")


class RulePages:
    """Writes the rules of one rulebook. `definitions` are the conditions that it shares by name."""

    def __init__(self, book: Rulebook, sayer: Sayer, definitions: Mapping[str, Node]) -> None:
        self._book, self._sayer, self._definitions = book, sayer, definitions
        self._entries = {(node.file, node.line): node.value for node in entry_nodes("rules", book.files)}
        self._paragraphs: dict[str, list[str]] = {}
        for paragraph in book.coverage.values():
            for rule in paragraph.rules:
                self._paragraphs.setdefault(rule, []).append(paragraph.id)

    def sections(self) -> list[tuple[str, Sequence[Rule]]]:
        """(file, its rules), in the order of the evidence: by the paragraph in the middle of those of each file."""
        files: dict[str, list[Rule]] = {}
        for rule in self._book.rules:
            files.setdefault(rule.file, []).append(rule)

        def place(item: tuple[str, Sequence[Rule]]) -> tuple[Any, str]:
            file, rules = item
            orders = sorted(reading_order(at) for rule in rules for at in self._from(rule))
            return orders[len(orders) // 2 :][:1], file

        return sorted(files.items(), key=place)

    def section(self, file: str, rules: Sequence[Rule]) -> Iterator[str]:
        """One section, its heading included."""
        yield from ("", f"## {section_title(file)}", "", f"{plain(heading(file, self._book.files))}.", "")
        yield f"{len(rules)} rules, from `{file}`."
        for rule in rules:
            yield from self._rule(rule)
        yield from sign_off(section_title(file))

    def _from(self, rule: Rule) -> list[str]:
        """The paragraphs of the evidence that a rule came from."""
        return sorted(self._paragraphs.get(rule.id, ()), key=reading_order)

    def _rule(self, rule: Rule) -> Iterator[str]:
        yield from ("", f"### {code(rule.id)}", "")
        if rule.title:
            yield from (f"**{plain(rule.title)}**", "")
        yield from (f"> {plain(rule.says)}", "", "When:", "")
        entry = self._entries[rule.file, rule.line]
        yield from self._sayer.say(entry["when"]).lines()
        yield from ("", "Then:", "")
        yield from (f"- {line}" for line in self._concludes(rule.concludes))
        if "shown_from" in entry:
            waits = " or ".join(_awaited(node.value) for node in listed(entry["shown_from"]))
            yield f"- While it is open, shown only once something is known of {waits}"
        yield from ("", "Rests on:", "")
        yield f"- Strength: {STRENGTHS[rule.strength]}."
        if rule.recalled:
            yield "- **From memory only**, not confirmed against a source."
        yield from (f"- {said_source(self._book.sources[name])}" for name in rule.sources)
        for name in named_parameters(entry["when"], self._definitions):
            yield f"- Number {said_number(self._book.parameters[name])}"
        yield f"- {link('Evidence', COVERAGE)}: {', '.join(self._from(rule)) or 'no paragraph'}."
        yield from ("", f"Not modelled: {plain(rule.not_modelled) if rule.not_modelled else 'nothing is stated.'}")

    def _concludes(self, concludes: Conclusions) -> Iterator[str]:
        if concludes.urgency is not None:
            urgency = URGENCIES[concludes.urgency]
            within = concludes.within.text if concludes.within else self._book.urgency_words.get(urgency, "")
            yield f"Urgency: **{urgency}** ({plain(within)})"
        if concludes.action:
            yield f"Action: {plain(concludes.action)}"
        if concludes.imaging:
            yield f"Imaging: {plain(concludes.imaging)}"
        for key, words in CONCLUDED.items():
            names: tuple[str, ...] = getattr(concludes, key)
            if names:
                yield f"{words}: {self._categories(names)}"
        if concludes.consideration:
            yield "A point to talk about before any operation"
        if concludes.contradiction:
            yield "Shown as a contradiction"

    def _categories(self, names: tuple[str, ...]) -> str:
        procedures = [category for category in self._book.categories.values() if category.kind == "procedure"]
        for words, group in (
            ("every procedure", procedures),
            ("every procedure for wear", [category for category in procedures if category.for_wear]),
        ):
            if {category.id for category in group} == set(names):
                return words
        return "; ".join(plain(self._book.categories[name].title) for name in names)


def section_title(file: str) -> str:
    """What the section of a rule file is called."""
    name = file.rpartition("/")[2].removesuffix(".yaml").replace("red_flags_", "red flags: ").replace("_", " ")
    return name[:1].upper() + name[1:]


def _awaited(name: str) -> str:
    """What an open statement waits for: a finding at a level, imaging of any kind, or a fact."""
    fact = registry()[None].get(name)
    if fact is None:
        return {"level": "a level on imaging"}.get(name, name)
    return plain(label_of(fact))


def sign_off(what: str) -> list[str]:
    """A box in which a reader signs for a part of the document, or asks for changes."""
    return ["", f"**Signed for: {plain(what)}**", "", *table(SIGNED, [(" ", " ", " ")])]
