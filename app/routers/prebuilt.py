"""Answers that are the same until the process ends: written once, with an entity tag by which callers keep them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Request, Response

from app.routers.accept import JSON, wanted
from app.routers.preconditions import answer_tagged


class Written:
    """A content in one media type, ready to be sent with its headers."""

    def __init__(self, content: bytes, media: str, headers: Mapping[str, str] | None = None) -> None:
        self._content, self._media, self._headers = content, media, dict(headers or {})
        self._tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'

    def answer(self, request: Request) -> Response:
        """200 with the content, or 304 where the caller has it already."""
        response = answer_tagged(request, self._tag, self._content, self._media, "no-cache")
        response.headers.update(self._headers)
        return response


class Prebuilt:
    """A JSON value, ready to be sent."""

    def __init__(self, value: Any) -> None:
        self._written = Written(orjson.dumps(value), JSON)

    def answer(self, request: Request) -> Response:
        """200 with the value, or 304 where the caller has it already. HTTPException 406 when JSON is not wanted."""
        wanted(request, JSON)
        return self._written.answer(request)
