"""The container image is built from what there is, and started as the operator's page says."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch

from app.settings import PREFIX, Settings
from tests.docs.conftest import ROOT, fenced

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_only_what_the_image_is_built_from_reaches_the_builder() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        word.removeprefix("./")
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
        for word in line.split()
    }
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
    kept_out = [line for line in lines[1:] if not line.startswith("!")]
    for secret in ("app/clinic.sqlite3", "app/clinic.sqlite3-wal", "app/spine-triage.keys", "app/x/__pycache__"):
        assert any(fnmatch(secret, pattern.replace("**/", "*")) for pattern in kept_out), secret


def test_the_image_sets_only_settings_that_there_are_and_keeps_all_data_in_its_volume() -> None:
    chosen = dict(re.findall(rf"({PREFIX}[A-Z_]+)=(\S+)", DOCKERFILE))
    assert {name.removeprefix(PREFIX).lower() for name in chosen} <= set(Settings.model_fields)
    assert chosen["SPINE_TRIAGE_DATABASE_URL"].startswith("sqlite:////data/")
    assert chosen["SPINE_TRIAGE_MASTER_KEY_FILE"].startswith("/data/")
    assert re.search(r"^VOLUME /data$", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)


def test_the_image_is_started_as_the_page_says(page: str) -> None:
    shown = [line for block in fenced(page, "sh") for line in block.splitlines() if line.startswith("docker ")]
    assert len(shown) == 4
    assert [
        line.removeprefix("#").strip() for line in DOCKERFILE.splitlines() if line.startswith("#   docker")
    ] == shown


def test_the_tools_that_only_build_it_are_taken_out_again() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    builds = {re.split(r"[<>=~]", requirement)[0] for requirement in project["optional-dependencies"]["build"]}
    removed = {word for line in re.findall(r"pip uninstall (.*)$", DOCKERFILE, re.MULTILINE) for word in line.split()}
    assert builds | {"pip"} <= removed
