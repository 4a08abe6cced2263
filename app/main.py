"""Composition root: the one place that reads the settings and wires the rooms together."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from app.cli import Rooms, commands
from app.governance import read_rulebook_files
from app.models import LOCAL_CLINIC
from app.routers.service import build_service
from app.services.service import Service
from app.settings import Settings, read_settings
from app.store import Database, migrate
from app.triage import Triage, load_rulebook


def main() -> None:
    """Run the command line."""
    commands(obj=open_rooms, prog_name="spine-triage")


def create() -> FastAPI:
    """The HTTP application by the settings, for another ASGI server: `uvicorn --factory app.main:create`.

    RulebookRefused, StoreUnavailable or InputError when it cannot be made. A database that is not at the newest
    schema does not keep it from starting: /readyz says so.
    """
    rooms = open_rooms()
    if rooms.migrate_on_start:
        rooms.migrate()
    return rooms.build_app(rooms.load_triage(), rooms.open_database())


def open_rooms() -> Rooms:
    """The rooms by the settings of this moment. InputError when a setting is not allowed."""
    settings = read_settings()
    return Rooms(
        knowledge=settings.rulebook,
        clinic=LOCAL_CLINIC,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        migrate_on_start=settings.migrate_on_start,
        today=partial(_today, settings),
        load_triage=partial(_load_triage, settings.rulebook),
        migrate=partial(migrate, settings.database_url),
        open_database=partial(Database.open, settings.database_url),
        build_app=partial(_build_app, settings),
    )


def _today(settings: Settings) -> date:
    return datetime.now(settings.timezone).date()


def _load_triage(folder: Path) -> Triage:
    return Triage(load_rulebook(read_rulebook_files(folder)))


def _build_app(settings: Settings, triage: Triage, database: Database) -> FastAPI:
    service = Service(
        triage=triage,
        database=database,
        today=partial(_today, settings),
        now=partial(datetime.now, settings.timezone),
        clinic=LOCAL_CLINIC,
        body_limit=settings.body_limit_bytes,
    )
    app = build_service(service)
    app.router.lifespan_context = partial(_closing, database)
    _spare_collections()
    return app


def _spare_collections() -> None:
    """Keep the garbage collector off the compiled rulebook, which lives as long as the process.

    A note is a few thousand small objects without cycles; with Python's default thresholds every request would pay for
    walking the rulebook and the kept patterns again (measured: a third to a half of the time of a note).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@asynccontextmanager
async def _closing(database: Database, _: FastAPI) -> AsyncIterator[None]:
    yield
    await database.close()


if __name__ == "__main__":
    main()
