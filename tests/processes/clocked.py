"""The command line with a clock that can be set: seconds in the file CLOCK_FILE are added to what it shows."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import app.main


class _Clock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        # Read each time, so that the clock of a process at work can be stepped; no file, no step.
        try:
            seconds = float(Path(os.environ["CLOCK_FILE"]).read_text() or 0)
        except FileNotFoundError:
            seconds = 0.0
        return super().now(tz) + timedelta(seconds=seconds)


if __name__ == "__main__":
    app.main.datetime = _Clock  # type: ignore[attr-defined] # the composition root is where the clock comes from
    app.main.main()
