"""Floors with HTTP: endpoints that do only what cannot be spared. `python -m bench.floors KIND FILE`.

KIND is `triage` or `store`; FILE is made by `save_answers` or `save_bodies`. They run under the same server, with the
same settings, as the service.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
from fastapi import FastAPI, Request, Response

from app.cli import Serving
from app.cli.serving import run_server
from app.routers.edge import head_protocol
from app.triage import Consultation
from bench.bare import SqliteBare
from bench.bodies import Body, written
from bench.inserts import rows_of
from bench.rounds import spare_collections
from bench.rulebook import load_packaged

JSON = "application/json"


def save_answers(file: Path, bodies: Sequence[Body], answers: Sequence[bytes]) -> None:
    """What the floor of `POST /v1/triage` will answer: by patient reference, the service's own bytes."""
    references = [body["patient"]["reference"] for body in bodies]
    file.write_bytes(orjson.dumps(dict(zip(references, map(bytes.decode, answers), strict=True))))


def save_bodies(file: Path, bodies: Sequence[Body], answers: Sequence[bytes]) -> None:
    """What the floor of `POST /v1/consultations` will insert, and answer."""
    file.write_bytes(orjson.dumps([bodies, [answer.decode() for answer in answers]]))


def parsing_floor(file: Path) -> FastAPI:
    """FastAPI parses the body with the model and validates it; the answer's bytes are ready."""
    app = FastAPI(openapi_url=None)
    answers = {reference: answer.encode() for reference, answer in orjson.loads(file.read_bytes()).items()}

    @app.post("/v1/triage")
    async def triage(body: Consultation) -> Response:
        return Response(answers[body.patient.reference], media_type=JSON)  # type: ignore[union-attr]  # all have one

    return app


def inserting_floor(file: Path) -> FastAPI:
    """FastAPI in front of the bare single writer; rows and answers are ready, and each write has its own commit."""
    app = FastAPI(openapi_url=None)
    triage = load_packaged()
    bodies, answers = orjson.loads(file.read_bytes())
    ready = {written(body): (rows_of(triage, body), text.encode()) for body, text in zip(bodies, answers, strict=True)}
    bare = SqliteBare(file.with_suffix(".sqlite3"), triage.rulebook)
    writer = ThreadPoolExecutor(1)

    @app.post("/v1/consultations")
    async def post(request: Request) -> Response:
        rows, answer = ready[await request.body()]
        made = await asyncio.get_running_loop().run_in_executor(writer, bare.write, rows)
        return Response(answer, 201, {"Location": f"/v1/consultations/{made}"}, JSON)

    return app


_KINDS: dict[str, Callable[[Path], FastAPI]] = {"triage": parsing_floor, "store": inserting_floor}

if __name__ == "__main__":
    app = _KINDS[sys.argv[1]](Path(sys.argv[2]))
    spare_collections()
    # As the service is served, but that nothing is logged.
    run_server(app, "127.0.0.1", 0, Serving("warning", lambda _: None, head_protocol(), ()))
