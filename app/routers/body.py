"""Request bodies: the right media type, no more bytes than allowed, and strict JSON.

Endpoints call `read_json` themselves instead of declaring a body parameter, because FastAPI would read any number of
bytes, keep only the last of two equal keys, and accept NaN.
"""

from __future__ import annotations

from email.message import Message
from typing import Any

from starlette.requests import Request

from app.errors import BodyTooLarge, UnsupportedMediaType
from app.services.input import read_document

DEFAULT_LIMIT = 1024 * 1024
"""Bytes of a body, unless the application says otherwise. A full consultation has about 20,000."""

JSON = ("application/json",)
"""Media types of documents."""

MERGE_PATCH = ("application/merge-patch+json",)
"""The media type of changes (RFC 7396). Not plain JSON: some mean a JSON Patch by it, others the whole document."""


async def read_json(request: Request, *, limit: int = DEFAULT_LIMIT, accepts: tuple[str, ...] = JSON) -> Any:
    """The body as a JSON value, strictly read (see `read_document`).

    Args:
        request: whose body was not read yet.
        limit: the most bytes that are read; a longer body is refused without reading it to the end.
        accepts: media types, without parameters.

    Raises:
        UnsupportedMediaType: not one of `accepts`, another charset than UTF-8, or compressed.
        BodyTooLarge: more than `limit` bytes, announced or sent.
        MalformedBody, InvalidInput: see `read_document`.
    """
    return read_document(await read_body(request, limit=limit, accepts=accepts))


async def read_body(request: Request, *, limit: int = DEFAULT_LIMIT, accepts: tuple[str, ...] = JSON) -> bytes:
    """The body's bytes; the arguments and errors are those of `read_json`, without those of JSON."""
    announced = check_headers(request, accepts)
    if announced > limit:
        raise _too_large(limit)
    # A chunked body announces nothing and Content-Length is only a claim, so the bytes are counted as well.
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def check_headers(request: Request, accepts: tuple[str, ...]) -> float:
    """Refuse a body that cannot be read, by its headers; return the announced length, 0 if there is none."""
    content_types: list[bytes] = []
    announced = 0.0
    for name, value in request.scope["headers"]:
        if name == b"content-type":
            content_types.append(value)
        elif name == b"content-length" and value.isdigit():
            announced = float(value)
        elif name == b"content-encoding" and value.lower() not in (b"", b"identity"):
            raise UnsupportedMediaType("compressed bodies are not read; send the body without Content-Encoding")
    if len(content_types) != 1 or not _is_accepted(content_types[0].decode("latin-1"), accepts):
        raise UnsupportedMediaType(f"send Content-Type: {' or '.join(accepts)}, in UTF-8")
    return announced


def _is_accepted(content_type: str, accepts: tuple[str, ...]) -> bool:
    if content_type in accepts:
        return True
    message = Message()
    message["content-type"] = content_type
    charset = message.get_param("charset", "utf-8")
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type in accepts and isinstance(charset, str) and charset.lower() in ("utf-8", "utf8")


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"the body has more than {limit:,} bytes, which is the most that is read")
