"""What commands are given: factories and a few settings, so that a command uses only what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typer
from fastapi import FastAPI

from app.store import Database, Keyring
from app.triage import Triage


@dataclass(frozen=True, slots=True)
class Serving:
    """How requests reach the application."""

    log_level: str
    start_logging: Callable[[str], None]
    http: Any = "auto"
    """What uvicorn speaks HTTP with: a protocol class, or the name of one of its own."""
    trusted_proxies: tuple[str, ...] = ()
    """Whose X-Forwarded-For is believed."""
    request_seconds: float = 30.0
    """How long a request may take; a server that stops waits longer."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms of one installation, wired but not yet opened. `main` makes it from the settings."""

    knowledge: Path
    """The folder of knowledge files in use."""
    host: str
    port: int
    serving: Serving
    migrate_on_start: bool
    keeps_notes: bool
    """Whether notes without identity stay when a patient is erased."""
    retention_days: int | None
    receipt_hours: int
    settings_table: str
    """What can be set, as a Markdown table."""
    today: Callable[[], date]
    now: Callable[[], datetime]
    load_triage: Callable[[], Triage]
    """Reads and compiles the rulebook of `knowledge`. RulebookRefused."""
    load_keyring: Callable[[], Keyring]
    """The master keys. KeysMissing."""
    migrate: Callable[[], bool]
    """Brings the database up to date; answers whether a master key was made. StoreUnavailable, KeysMissing."""
    go_to: Callable[[str], None]
    """Brings the database to the schema of that id, up or down. StoreUnavailable, KeysMissing."""
    back_up: Callable[[Path, Callable[[int, int], None], Callable[[], None]], int]
    """See `app.services.backup.back_up`."""
    open_database: Callable[[], Database]
    """As the service reaches it. The caller closes it. StoreUnavailable, KeysMissing."""
    open_owned_database: Callable[[], Database]
    """As its owner reaches it, for operators' commands. The caller closes it. StoreUnavailable, KeysMissing."""
    build_app: Callable[[Triage, Database], FastAPI]
    """The HTTP application, which closes the database when it shuts down."""


def rooms_of(context: typer.Context) -> Rooms:
    """The rooms, from the settings as they are now. InputError when a setting is not allowed.

    Settings are read when a command runs, not before, so that `--help` answers whatever they are.
    """
    rooms: Rooms = context.obj()
    return rooms
