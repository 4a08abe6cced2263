"""POST /v1/consultations with every safety on: the real service against a bare writer of the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from time import perf_counter

from app.triage import Triage
from bench.bare import PostgresBare, SqliteBare, open_cluster
from bench.bodies import Body, pool, written
from bench.client import Address, answers, post_request, rate_of
from bench.floors import save_bodies
from bench.inserts import rows_of
from bench.rounds import Goal, Line, Sizes, alternate, rate, ratios
from bench.served import Served, floor, scratch, service

CLIENTS = 64

_PATH = "/v1/consultations"
_keys = count()


def measure_sqlite(triage: Triage, sizes: Sizes) -> Iterator[Line]:
    """The bare writer inserts the same rows in one thread, with a commit each: first alone, then behind HTTP."""
    bodies = pool(sizes.bodies)
    rows = [rows_of(triage, body) for body in bodies]
    with scratch() as folder, service(folder) as real:
        save_bodies(folder / "floor.json", bodies, answers(real.addresses[0], _asked(bodies, real), 201))
        bare = SqliteBare(folder / "bare.sqlite3", triage.rulebook)
        with floor("store", folder / "floor.json") as inserting:
            plain = [post_request(_PATH, written(body)) for body in bodies]
            found = alternate(
                sizes.rounds,
                {
                    "ours": lambda: rate_of(real.addresses[0], _turn(bodies, real, sizes.requests), CLIENTS, 201),
                    "bare": lambda: bare.rate(rows, sizes.requests),
                    "http": lambda: rate_of(inserting, _again(plain, sizes.requests), CLIENTS, 201),
                },
            )
        bare.close()
    ours, alone, http = found["ours"], found["bare"], found["http"]
    work = f"POST {_PATH}, SQLite, {CLIENTS} clients"
    aside = f"{rate(ours)}; bare {rate(alone)}"
    yield Line(f"{work}: share of the bare writer", Goal("at least", 0.7), ratios(ours, alone), aside)
    yield Line(f"{work}: share of it with HTTP", None, ratios(ours, http), f"{rate(ours)}; with HTTP {rate(http)}")


def measure_postgres(triage: Triage, sizes: Sizes) -> Iterator[Line]:
    """The bare writer is one process of 64 tasks; the service is one process, and then two on the same database."""
    bodies = pool(sizes.bodies)
    rows = [rows_of(triage, body) for body in bodies]
    with scratch() as folder, open_cluster() as cluster:
        bare = PostgresBare(cluster.make_database(), triage.rulebook, rows)
        urls = cluster.make_database()
        with service(folder, urls, processes=2) as real:
            answers(real.addresses[0], _asked(bodies, real), 201)
            answers(real.addresses[1], _asked(bodies, real), 201)
            found = alternate(
                sizes.rounds,
                {
                    "one": lambda: rate_of(real.addresses[0], _turn(bodies, real, sizes.requests), CLIENTS, 201),
                    "two": lambda: _rate_of_both(real, bodies, sizes.requests),
                    "bare": lambda: bare.rate(sizes.requests, CLIENTS),
                },
            )
    work = f"POST {_PATH}, PostgreSQL, {CLIENTS} clients"
    for name, says in (("one", "share of the bare writer"), ("two", "share of it by two processes")):
        aside = f"{rate(found[name])}; bare {rate(found['bare'])}"
        goal = Goal("at least", 0.75) if name == "one" else None
        yield Line(f"{work}: {says}", goal, ratios(found[name], found["bare"]), aside)


def _rate_of_both(real: Served, bodies: Sequence[Body], requests: int) -> float:
    def half(address: Address) -> float:
        return rate_of(address, _turn(bodies, real, requests // 2), CLIENTS // 2, 201)

    begun = perf_counter()
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(half, real.addresses))
    return requests // 2 * 2 / (perf_counter() - begun)


def _asked(bodies: Sequence[Body], real: Served) -> list[bytes]:
    return [_request(body, real) for body in bodies]


def _turn(bodies: Sequence[Body], real: Served, requests: int) -> list[bytes]:
    """Each request with an Idempotency-Key of its own."""
    return [_request(bodies[number % len(bodies)], real) for number in range(requests)]


def _request(body: Body, real: Served) -> bytes:
    key = f"bench-{next(_keys)}"
    return post_request(_PATH, written(body), Authorization=real.authorization, Idempotency_Key=key)


def _again(asked: Sequence[bytes], requests: int) -> list[bytes]:
    return [asked[number % len(asked)] for number in range(requests)]
