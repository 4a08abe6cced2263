from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.lock", "requirements-runtime.lock"]


def pins(lock: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Each package of a lock file: its version (with any marker) and its hashes."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        name, _, version = requirement.partition("==")
        found[name] = (version.strip(), frozenset(hashes))
    return found


def declared(*extras: str) -> set[str]:
    """The names in pyproject.toml of the dependencies and of some extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    requirements = list(project["dependencies"])
    for extra in extras:
        requirements += project["optional-dependencies"][extra]
    return {re.split(r"[\[<>=~! ;]", requirement, maxsplit=1)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_has_a_version_and_a_hash(lock: str) -> None:
    unpinned = [name for name, (version, hashes) in pins(lock).items() if not version or not hashes]

    assert len(pins(lock)) > len(declared())
    assert unpinned == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index(lock: str) -> None:
    assert not re.search(r"://|--(extra-)?index-url ", (ROOT / lock).read_text())


def test_what_the_image_installs_is_what_was_tested() -> None:
    everything, runtime = pins("requirements.lock"), pins("requirements-runtime.lock")

    assert {name: everything.get(name) for name in runtime} == runtime


def test_the_locks_cover_what_the_project_declares() -> None:
    assert declared("dev", "build") <= pins("requirements.lock").keys()
    assert declared("build") <= pins("requirements-runtime.lock").keys()


def test_the_image_carries_no_test_tools() -> None:
    kept_for_building = declared("build")

    assert pins("requirements-runtime.lock").keys() & (declared("dev") - kept_for_building) == set()
