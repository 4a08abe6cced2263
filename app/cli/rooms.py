"""What commands are given: factories and a few settings, so that a command uses only what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import typer
from fastapi import FastAPI

from app.store import Database
from app.triage import Triage


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms of one installation, wired but not yet opened. `main` makes it from the settings."""

    knowledge: Path
    """The folder of knowledge files in use."""
    clinic: str
    host: str
    port: int
    log_level: str
    migrate_on_start: bool
    today: Callable[[], date]
    load_triage: Callable[[], Triage]
    """Reads and compiles the rulebook of `knowledge`. RulebookRefused."""
    migrate: Callable[[], None]
    """Brings the database to the newest schema. StoreUnavailable."""
    open_database: Callable[[], Database]
    """The caller closes it. StoreUnavailable."""
    build_app: Callable[[Triage, Database], FastAPI]
    """The HTTP application, which closes the database when it shuts down."""


def rooms_of(context: typer.Context) -> Rooms:
    """The rooms, from the settings as they are now. InputError when a setting is not allowed.

    Settings are read when a command runs, not before, so that `--help` answers whatever they are.
    """
    rooms: Rooms = context.obj()
    return rooms
