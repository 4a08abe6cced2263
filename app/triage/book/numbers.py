"""Disputed numbers: their value, who says so, and who says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from app.triage.book.english import amount, with_unit
from app.triage.book.markdown import code, link
from app.triage.loading.tree import Node
from app.triage.rulebook import Parameter


def said_number(parameter: Parameter) -> str:
    """One line on a disputed number."""
    others = "".join(
        f"; {_source(source)} says {value:g}{with_unit(parameter.unit)}" for source, value in parameter.others
    )
    sources = ", ".join(_source(source) for source in parameter.sources)
    return f"{link(code(parameter.id), f'Number {parameter.id}')}: {amount(parameter)} ({sources}){others}"


def named_parameters(node: Node, definitions: Mapping[str, Node]) -> list[str]:
    """The disputed numbers that a condition and the definitions in it compare with, each once, in reading order."""
    if isinstance(node.value, str):
        shared = definitions.get(node.value.strip())
        if shared is not None:
            return named_parameters(shared, definitions)
        return [word[1:] for word in node.value.split() if word.startswith("$")]
    parts = node.value.values() if isinstance(node.value, dict) else node.value
    return list(dict.fromkeys(name for part in parts for name in named_parameters(part, definitions)))


def _source(name: str) -> str:
    return link(name, f"Source {name}")
