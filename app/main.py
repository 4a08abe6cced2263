"""Composition root: the one place that reads the settings and wires the rooms together."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI

from app.access import Gatekeeper, Issuer, TokenVerifier
from app.cli import Rooms, Serving, commands
from app.governance import read_rulebook_files
from app.routers.edge import (
    DatabaseLoad,
    EdgeOptions,
    FailureLimiter,
    Metrics,
    RateLimiter,
    configure_logging,
    head_protocol,
    start_tracing,
)
from app.routers.gate import Gate
from app.routers.service import build_service
from app.services.audit.sealing import seal_forever
from app.services.backup import back_up
from app.services.keys.admission import Admission
from app.services.keys.clinics import meet_forever
from app.services.keys.master_keys import load_keyring
from app.services.keys.ring_watch import watch_forever
from app.services.migrate import bring_up_to_date
from app.services.patients.expiring import drop_forever
from app.services.patients.forgetting import forget_forever
from app.services.patients.scrubbing import scrub_forever
from app.services.service import Service
from app.settings import Settings, describe_settings, read_settings
from app.store import Database, Keyring, migrate, open_database
from app.triage import Triage, load_rulebook


def main() -> None:
    """Run the command line."""
    commands(obj=open_rooms, prog_name="spine-triage")


def create() -> FastAPI:
    """The HTTP application by the settings, for another ASGI server: `uvicorn --factory app.main:create`.

    RulebookRefused, StoreUnavailable, KeysMissing or InputError when it cannot be made. A database that is not at the
    newest schema does not keep it from starting: /readyz says so.
    """
    rooms = open_rooms()
    rooms.serving.start_logging(rooms.serving.log_level)
    if rooms.migrate_on_start:
        rooms.migrate()
    return rooms.build_app(rooms.load_triage(), rooms.open_database())


def open_rooms() -> Rooms:
    """The rooms by the settings of this moment. InputError when a setting is not allowed."""
    settings = read_settings()
    return Rooms(
        knowledge=settings.rulebook,
        host=settings.host,
        port=settings.port,
        serving=Serving(
            settings.log_level,
            configure_logging,
            head_protocol(),
            settings.trusted_proxies,
            settings.request_seconds,
        ),
        migrate_on_start=settings.migrate_on_start,
        keeps_notes=settings.keep_notes_after_erasure,
        retention_days=settings.retention_days,
        receipt_hours=settings.receipt_hours,
        settings_table=describe_settings(),
        today=partial(_today, settings),
        now=partial(_now, settings),
        load_triage=partial(_load_triage, settings.rulebook),
        load_keyring=partial(_load_keyring, settings),
        migrate=partial(_migrate, settings),
        go_to=partial(_go_to, settings),
        back_up=partial(back_up, _owned(settings)),
        open_database=partial(_open_database, settings),
        open_owned_database=partial(_open_owned_database, settings),
        build_app=partial(_build_app, settings),
    )


def _now(settings: Settings) -> datetime:
    return datetime.now(settings.timezone)


def _today(settings: Settings) -> date:
    return _now(settings).date()


def _load_triage(folder: Path) -> Triage:
    return Triage(load_rulebook(read_rulebook_files(folder)))


def _load_keyring(settings: Settings) -> Keyring:
    given = None if settings.master_keys is None else settings.master_keys.get_secret_value()
    return load_keyring(given, settings.master_key_file)


def _migrate(settings: Settings) -> bool:
    makes_keys = None if settings.master_keys is not None else settings.master_key_file
    return bring_up_to_date(_owned(settings), partial(_load_keyring, settings), makes_keys)


def _go_to(settings: Settings, revision: str) -> None:
    migrate(_owned(settings), _load_keyring(settings), revision)


def _open_database(settings: Settings) -> Database:
    return open_database(settings.database_url, _load_keyring(settings))


def _open_owned_database(settings: Settings) -> Database:
    return open_database(_owned(settings), _load_keyring(settings), patient=True)


def _owned(settings: Settings) -> str:
    """The URL by which the tables' owner reaches the database."""
    return settings.owner_database_url or settings.database_url


def _build_app(settings: Settings, triage: Triage, database: Database) -> FastAPI:
    metrics = Metrics(
        {"version": version("spine-triage"), "rulebook": triage.rulebook.version}, partial(_load, database)
    )
    service = Service(
        triage=triage,
        database=database,
        today=partial(_today, settings),
        now=partial(_now, settings),
        body_limit=settings.body_limit_bytes,
        count_note=metrics.observe_note,
        keeps_notes=settings.keep_notes_after_erasure,
        receipts_last=timedelta(hours=settings.receipt_hours),
    )
    admission = Admission(database)
    issuer = None if settings.oidc_issuer is None else Issuer(settings.oidc_issuer)
    gatekeeper = Gatekeeper(
        find_key=admission.find_key,
        note_use=admission.note_use,
        clinic_exists=admission.clinic_exists,
        tokens=None if issuer is None else _token_verifier(settings, issuer),
        now=partial(_now, settings),
    )
    gate = Gate(
        gatekeeper.admit,
        RateLimiter(settings.rate_per_minute or None),
        FailureLimiter(settings.failures_per_minute),
        gatekeeper.is_familiar,
    )
    edge = _edge(settings)
    app = build_service(service, gate, metrics, edge)
    closing = [gatekeeper.close, *([] if issuer is None else [issuer.close]), database.close]
    sealing = partial(
        seal_forever, database, lambda: gate.clinics, settings.audit_seal_seconds, partial(_now, settings)
    )
    forgetting = partial(forget_forever, database)
    meeting = partial(meet_forever, database, gate.clinics)
    dropping = partial(drop_forever, database, lambda: gate.clinics, service.receipts_last, service.now)
    scrubbing = partial(scrub_forever, database, service.erased)
    watching = partial(watch_forever, database, lambda: gate.clinics)
    in_background = (meeting, sealing, scrubbing, forgetting, dropping, watching)
    app.router.lifespan_context = partial(_running, closing, edge, in_background)
    _spare_collections()
    return app


def _token_verifier(settings: Settings, issuer: Issuer) -> TokenVerifier:
    return TokenVerifier(
        issuer,
        settings.oidc_audience,
        clinic_claim=settings.oidc_clinic_claim,
        scope_claim=settings.oidc_scope_claim,
        now=partial(_now, settings),
    )


def _edge(settings: Settings) -> EdgeOptions:
    tracing = None
    if settings.otlp_endpoint is not None:
        tracing = start_tracing(settings.otlp_endpoint, version("spine-triage"))
    return EdgeOptions(
        origins=settings.cors_origins,
        strict_transport=settings.strict_transport_seconds,
        body_seconds=settings.body_seconds,
        request_seconds=settings.request_seconds,
        concurrent=settings.concurrent_requests,
        unhurried=frozenset({"/v1/consultations:batch"}),
        tracing=tracing,
    )


def _load(database: Database) -> DatabaseLoad:
    state = database.pool_state()
    idle = max(0, state.size - state.in_use)
    return DatabaseLoad(in_use=state.in_use, idle=idle, waiting=state.waiting, queued=state.queued)


def _spare_collections() -> None:
    """Keep the garbage collector off the compiled rulebook, which lives as long as the process.

    A note is a few thousand small objects without cycles; with Python's default thresholds every request would pay for
    walking the rulebook and the kept patterns again (measured: a third to a half of the time of a note).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _tell_of_an_early_end(task: asyncio.Task[None]) -> None:
    """What works in the background catches what it expects; that it failed otherwise must not pass unseen."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logging.getLogger("spine_triage.service").error("work in the background ended early", exc_info=error)


@asynccontextmanager
async def _running(
    closing: Sequence[Callable[[], Awaitable[None]]],
    edge: EdgeOptions,
    in_background: Sequence[Callable[[], Coroutine[None, None, None]]],
    _: FastAPI,
) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work()) for work in in_background]
    for task in tasks:
        task.add_done_callback(_tell_of_an_early_end)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for close in closing:
            await close()
        if edge.tracing is not None:
            edge.tracing.shutdown()


if __name__ == "__main__":
    main()
