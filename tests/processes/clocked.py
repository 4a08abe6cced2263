"""The command line with a clock that can be set: seconds in the file CLOCK_FILE are added to what it shows."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import app.main


class _Clock:
    """As much of `datetime` as the composition root asks for. It shows plain moments, which JSON can be made of."""

    @staticmethod
    def now(tz: tzinfo | None = None) -> datetime:
        # Read each time, so that the clock of a process at work can be stepped; no file, no step.
        try:
            seconds = float(Path(os.environ["CLOCK_FILE"]).read_text() or 0)
        except FileNotFoundError:
            seconds = 0.0
        return datetime.now(tz) + timedelta(seconds=seconds)


if __name__ == "__main__":
    app.main.datetime = _Clock  # type: ignore[assignment, attr-defined] # the composition root is where the clock comes from
    app.main.main()
