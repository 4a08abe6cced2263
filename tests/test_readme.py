"""The README shows what the service says."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

from app.services.examples import FIRST
from app.triage import Consultation, Triage, plain_text

README = Path(__file__).parents[1] / "README.md"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_first_request_of_the_readme_is_the_first_example() -> None:
    assert json.loads(_blocks("json")[0]) == FIRST


def test_the_answer_in_the_readme_is_what_the_service_says_line_by_line(triage: Triage) -> None:
    page = plain_text(triage.note(Consultation.model_validate(FIRST), date(2026, 11, 23))).splitlines()
    shown = [line for line in _blocks("text")[0].splitlines() if line.strip() not in {"", "…"}]
    assert len(shown) > 20
    place = 0
    for line in shown:
        assert line in page[place:], f"the README says {line!r}, the service does not (any more, or not here)"
        place = page.index(line, place) + 1


def test_both_commands_of_the_readme_are_targets_of_the_makefile() -> None:
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"^make (\w+)", "\n".join(_blocks("sh")), re.MULTILINE)
    assert {"demo", "test", "serve"} <= set(commands)
    assert all(f"\n{command}:" in makefile for command in commands)
