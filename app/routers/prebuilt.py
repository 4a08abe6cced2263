"""Answers that are the same until the process ends: written once, with an entity tag by which callers keep them."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from fastapi import Request, Response

from app.routers.accept import JSON, wanted
from app.routers.preconditions import answer_tagged


class Prebuilt:
    """A JSON value, ready to be sent."""

    def __init__(self, value: Any) -> None:
        self._content = orjson.dumps(value)
        self._tag = f'"{hashlib.sha256(self._content).hexdigest()[:32]}"'

    def answer(self, request: Request) -> Response:
        """200 with the value, or 304 where the caller has it already. HTTPException 406 when JSON is not wanted."""
        return answer_tagged(request, self._tag, self._content, wanted(request, JSON), "no-cache")
