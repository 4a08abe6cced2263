"""What every test may ask for: the rulebook as it is shipped, and a machine that talks to nobody."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings

from app.governance import read_rulebook_files
from app.triage import Rulebook, Triage, load_rulebook
from tests.laws.effort import examples

pytest_plugins = ["tests.postgres.fixtures", "tests.stores"]

KNOWLEDGE = Path(__file__).parents[1] / "app" / "knowledge"

# A gate tries the same examples each time: what fails is the change and never the day. `make hunt` looks further.
settings.register_profile("same", examples(100))
settings.load_profile("same")


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The rulebook of app/knowledge."""
    return load_rulebook(read_rulebook_files(KNOWLEDGE))


@pytest.fixture(scope="session")
def triage(rulebook: Rulebook) -> Triage:
    """The shipped rulebook, ready to make notes."""
    return Triage(rulebook)


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Any:
    """Refuse connections that leave this machine, so that no test can come to depend on one."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise OSError(f"tests stay on this machine, and {address[0]} is not on it")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect_here)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """What an application or a command chose for the logs of its process ends with its test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if root.level != level or not {*root.handlers} <= {*handlers}:
        structlog.reset_defaults()
        logging.raiseExceptions = True
        root.handlers[:] = handlers
        root.setLevel(level)
