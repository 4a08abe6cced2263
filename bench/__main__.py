"""`python -m bench`: measure, print one table, end with 0 whatever the figures are. See README.md beside this file."""

from __future__ import annotations

import sys
from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator

from app.triage import Triage
from bench.post_consultation import measure_postgres, measure_sqlite
from bench.post_triage import measure_triage
from bench.report import print_table
from bench.rounds import Line, Sizes
from bench.rulebook import load_packaged
from bench.rulebook_reasons import measure_reasons
from bench.rulebook_values import measure_values
from bench.safeties import measure_safeties

WORKS: dict[str, Callable[[Triage, Sizes], Iterator[Line]]] = {
    "values": measure_values,
    "reasons": measure_reasons,
    "triage": measure_triage,
    "consultations": measure_sqlite,
    "postgres": measure_postgres,
    "safeties": measure_safeties,
}


def main() -> None:
    """Run what the arguments choose."""
    parser = ArgumentParser(prog="python -m bench", description=__doc__, formatter_class=ArgumentDefaultsHelpFormatter)
    parser.add_argument("--only", action="append", choices=WORKS, help="measure this alone; may be repeated")
    for name, meaning in (
        ("rounds", "turns of every side"),
        ("bodies", "consultations in the pool"),
        ("passes", "times that a turn without HTTP goes through the pool"),
        ("requests", "requests, or writes, of one turn with HTTP or a database"),
    ):
        parser.add_argument(f"--{name}", type=_count, default=getattr(Sizes(), name), help=meaning)
    chosen = parser.parse_args()
    sizes = Sizes(chosen.rounds, chosen.bodies, chosen.passes, chosen.requests)
    triage = load_packaged()
    lines: list[Line] = []
    for name in chosen.only or WORKS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        lines += WORKS[name](triage, sizes)
    print_table(lines, f"{len(triage.rulebook.rules)} rules, {sizes.bodies} consultations, {sizes.rounds} rounds")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("a whole number from 1 is wanted")
    return int(text)


if __name__ == "__main__":
    main()
