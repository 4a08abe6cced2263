"""POST /v1/consultations on SQLite with `synchronous=FULL`: the real service against a bare single writer."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from app.triage import Triage
from bench.bodies import pool
from bench.client import answers, rate_of
from bench.floors import save_bodies
from bench.inserts import open_database, rows_of, write
from bench.post_triage import ready, repeated
from bench.rounds import Goal, Line, Sizes, alternate, rate, ratios
from bench.served import floor, scratch, service

CLIENTS = 64

_PATH = "/v1/consultations"


def measure_consultations(triage: Triage, sizes: Sizes) -> Iterator[Line]:
    """The bare writer inserts the same bytes in one thread, with a commit each: first alone, then behind HTTP."""
    bodies = pool(sizes.bodies)
    asked = ready(bodies, _PATH)
    turn = repeated(asked, sizes.requests)
    rows = [rows_of(triage, body) for body in bodies]
    with scratch() as folder, service(folder) as real:
        save_bodies(folder / "floor.json", bodies, answers(real, asked, 201))
        engine = open_database(folder / "bare.sqlite3", triage.rulebook)

        def write_bare() -> float:
            begun = perf_counter()
            for number in range(sizes.requests):
                write(engine, rows[number % len(rows)])
            return sizes.requests / (perf_counter() - begun)

        with floor("store", folder / "floor.json") as inserting:
            found = alternate(
                sizes.rounds,
                {
                    "ours": lambda: rate_of(real, turn, CLIENTS, 201),
                    "bare": write_bare,
                    "http": lambda: rate_of(inserting, turn, CLIENTS, 201),
                },
            )
        engine.dispose()
    ours, bare, http = found["ours"], found["bare"], found["http"]
    work = f"POST {_PATH}, {CLIENTS} clients"
    yield Line(
        f"{work}: share of the bare writer",
        Goal("at least", 0.7),
        ratios(ours, bare),
        f"{rate(ours)}; bare {rate(bare)}",
    )
    yield Line(f"{work}: share of it with HTTP", None, ratios(ours, http), f"{rate(ours)}; with HTTP {rate(http)}")
