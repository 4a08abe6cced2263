"""One row of CSV for each stored consultation that comes out differently, lowered urgencies first."""

from __future__ import annotations

import csv
import shutil
from contextlib import ExitStack
from math import inf
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Self

from app.governance.diff import Effect
from app.services.rejudge import Rejudged

COLUMNS = (
    "consultation",
    "revision",
    "direction",
    "at_least_old",
    "at_least_new",
    "at_most_old",
    "at_most_new",
    "within_hours_old",
    "within_hours_new",
    "categories",
)
_DIRECTIONS = ("lowered", "raised", "same urgency")


class ChangedRows:
    """Rows by direction in temporary files, so that they can be put in order without being held in memory."""

    def __init__(self, path: Path) -> None:
        self._path, self._files = path, ExitStack()
        self._rows: dict[str, IO[str]] = {}

    def __enter__(self) -> Self:
        # Opened first: a place that cannot be written to is found out before an hour of judging.
        self._file = self._files.enter_context(self._path.open("w", encoding="utf-8", newline=""))
        for name in _DIRECTIONS:
            self._rows[name] = self._files.enter_context(TemporaryFile("w+", encoding="utf-8", newline=""))
        return self

    def add(self, rejudged: Rejudged, effect: Effect) -> None:
        """Keep one row."""
        categories = "; ".join(f"{name}: {was} -> {now}" for name, was, now in effect.categories)
        way = direction(effect)
        bounds = [bound for pair in zip(effect.old, effect.new, strict=True) for bound in pair]
        within = ["" if hours == inf else f"{hours:g}" for hours in effect.within]
        row = [rejudged.consultation_id, rejudged.revision, way, *bounds, *within, categories]
        csv.writer(self._rows[way]).writerow(row)

    def __exit__(self, *_: object) -> None:
        csv.writer(self._file).writerow(COLUMNS)
        for rows in self._rows.values():
            rows.seek(0)
            shutil.copyfileobj(rows, self._file)
        self._files.close()


def direction(effect: Effect) -> str:
    """Lowered where either bound of the urgency fell or its time grew, even if something else rose."""
    return _DIRECTIONS[0] if effect.lowered else _DIRECTIONS[1] if effect.raised else _DIRECTIONS[2]
