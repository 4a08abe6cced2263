"""How hard the laws are tried: the same examples in every gate, new ones by the ten thousand in a hunt."""

from __future__ import annotations

import os

from hypothesis import settings

HUNT = int(os.environ.get("HUNT", "0"))
"""How many times as many examples as a gate tries, and with new seeds. 0 is the gate."""


def examples(count: int) -> settings:
    """Try `count` examples at the gate, and HUNT times as many in a hunt."""
    return settings(max_examples=count * max(HUNT, 1), deadline=None, derandomize=not HUNT)
