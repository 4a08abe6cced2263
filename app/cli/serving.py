"""Running the HTTP application on one address until it is told to stop."""

from __future__ import annotations

import math
import signal
import socket
import sys
from types import FrameType

import typer
import uvicorn
from fastapi import FastAPI

from app.cli.rooms import Rooms, Serving
from app.errors import InputError, KeysMissing
from app.models import LOCAL_CLINIC
from app.store import Database, check_keys, every_clinic

_SPARE_SECONDS = 5
_BACKLOG = 2048


async def check_database(rooms: Rooms) -> None:
    """StoreUnavailable, saying what to do, when the schema is not the newest, or the service's role may do too much.

    KeysMissing when something stored needs a master key that is not given.

    It is opened for this alone: connections belong to the event loop that made them, and the server has its own.
    """
    database = rooms.open_database()
    try:
        await database.check()
        await database.check_role()
        await check_master_keys(database)
    finally:
        await database.close()


async def check_master_keys(database: Database) -> None:
    """KeysMissing when something stored needs a master key that is not given, or another one of the same id.

    It looks as far as the role sees. On PostgreSQL the service's role sees one clinic at a time, and only if it knows
    which: the one that every installation has. The others are looked at when they call, and by `migrate` as the owner.
    """
    visible = {each.clinic for each in await database.survey(every_clinic)}
    for clinic in sorted(visible | {LOCAL_CLINIC}):
        try:
            await database.read(clinic, check_keys)
        except KeysMissing as error:
            raise KeysMissing(
                f"{error} (clinic {clinic}). Bring the ring of this database; of a key that nobody has any more,"
                " `spine-triage master-key give-up` shows what lies under it"
            ) from error


def run_server(app: FastAPI, host: str, port: int, serving: Serving) -> None:
    """Serve `app`; returns or exits with 0 once it was stopped. InputError when the address cannot be had."""
    serving.start_logging(serving.log_level)
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=serving.log_level,
        access_log=False,  # the edge writes one, without addresses: they may hold a patient's reference
        http=serving.http,
        ws="none",
        proxy_headers=bool(serving.trusted_proxies),
        forwarded_allow_ips=list(serving.trusted_proxies),
        server_header=False,
        timeout_graceful_shutdown=grace_seconds(serving),
    )
    # uvicorn shuts down and then raises the signal again, which would end the process as if it had failed.
    signal.signal(signal.SIGTERM, _exit_fine)
    try:
        _Server(config, _address(host, listener)).run(sockets=[listener])
    except KeyboardInterrupt:
        return


def grace_seconds(serving: Serving) -> int:
    """How long requests under way may take to finish once the service is told to stop.

    More than any of them may take anyway, so that only batches are ever cut off; of those each line is stored as a
    whole or not at all, and the answer lacks its end.
    """
    return math.ceil(serving.request_seconds) + _SPARE_SECONDS


class _Server(uvicorn.Server):
    """Says where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        typer.echo(
            f"Spine Triage listens on {self._address} (Ctrl+C stops it; {self._address}/docs describes every call)"
        )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(place[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"cannot listen on {host} port {port}: {reason}") from None


def _address(host: str, listener: socket.socket) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def _exit_fine(_: int, __: FrameType | None) -> None:
    sys.exit(0)
