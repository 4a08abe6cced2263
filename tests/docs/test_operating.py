"""The operator's page names what there is, and lists every setting."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from typer.main import get_command

from app.cli import commands
from app.routers.edge import DatabaseLoad, Metrics
from app.settings import PREFIX, Settings, describe_settings
from app.triage import Consultation, Triage
from tests.docs.conftest import ROOT, fenced
from tests.docs.running import AFTERWARDS
from tests.stores import TODAY


def test_the_settings_are_listed_as_the_program_lists_them(page: str) -> None:
    assert describe_settings() in page, "paste what `spine-triage settings` prints into docs/operating.md"


def test_no_setting_is_left_without_words() -> None:
    rows = describe_settings().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [PREFIX + name.upper() for name in Settings.model_fields]
    assert all(len(row.split(" | ")[-1]) > 20 for row in rows)


def test_every_variable_on_the_page_is_a_setting(page: str) -> None:
    named = {name.rstrip("_") for name in re.findall(rf"{PREFIX}[A-Z_]+", page)}
    assert len(named) > 20
    assert named <= {PREFIX + name.upper() for name in Settings.model_fields}


def test_every_command_on_the_page_is_there_with_the_options_it_is_given(page: str) -> None:
    lines = [*_commands_in_blocks(page), *re.findall(r"`(spine-triage [^`]+)`", page)]
    lines = [line for line in lines if "COMMAND" not in line]
    assert len(lines) > 30
    tree = get_command(commands)
    assert {_what_is_wrong(tree, shlex.split(line, comments=True)[1:]) for line in lines} == {None}


def _commands_in_blocks(page: str) -> Iterator[str]:
    for line in "\n".join(fenced(page, "sh")).splitlines():
        if line.startswith("docker run"):
            yield line[line.rindex("spine-triage ") :] if not line.endswith(" spine-triage") else "spine-triage serve"
        elif line.startswith("spine-triage"):
            yield line


def _what_is_wrong(here: Any, words: list[str]) -> str | None:
    """What a command line says that the program does not know. `here` is a command of the click inside typer."""
    while hasattr(here, "commands") and words:
        if words[0] not in here.commands:
            return f"{here.name} has no command {words[0]}"
        here, words = here.commands[words[0]], words[1:]
    known = {name for option in here.params for name in option.opts}
    unknown = [word for word in words if word.startswith("--") and word not in known]
    return f"{here.name} has no {unknown}" if unknown else None


def test_what_is_run_after_a_restore_is_what_the_tests_of_backups_run(page: str) -> None:
    listed = [line for block in fenced(page, "sh") if "master-key status" in block for line in block.splitlines()]
    told = [tuple(shlex.split(line, comments=True)[1:]) for line in listed]
    assert [command for command in told if command in AFTERWARDS] == list(AFTERWARDS)


def test_every_figure_on_the_page_is_answered_by_the_service(page: str, triage: Triage) -> None:
    metrics = Metrics({"version": "1", "rulebook": "1"}, DatabaseLoad)
    metrics.observe_request("POST", "/v1/triage", 200, 0.01)
    body = {"complaint": {"regions": ["lumbar"], "saddle_sensation": "altered"}}
    metrics.observe_note(triage.note(Consultation.model_validate(body), TODAY))
    families = text_string_to_metric_families(metrics.render()[0].decode())
    labels = {sample.name: set(sample.labels) for family in families for sample in family.samples}
    named = set(re.findall(r"spine_triage_[a-z_]+[a-z]", page)) - {"spine_triage_service", "spine_triage_owner"}
    assert len(named) > 10
    assert {name for name in named if not any(known.startswith(name) for known in labels)} == set()
    shown = re.findall(r"`(spine_triage_[a-z_]+)\{([a-z_,]+)\}`", page)
    assert len(shown) > 4
    for name, listed in shown:
        assert set(listed.split(",")) == labels[name], name


def test_every_link_leads_somewhere(page: str) -> None:
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    places = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for target in re.findall(r"\]\(([^)]+)\)", page):
        if target.startswith("#"):
            assert target[1:] in places
        else:
            assert (ROOT / "docs" / target).is_file(), target
