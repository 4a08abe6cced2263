"""How long things are broken: each once in every test run, each CHAOS times, by itself, in a long one."""

from __future__ import annotations

import os

CHAOS = int(os.environ.get("CHAOS", "0"))
"""How often each thing is broken in a long run (`make chaos`). 0 is a test run."""


def times(short: int) -> int:
    """How often to break something that a test run breaks `short` times."""
    return CHAOS or short
