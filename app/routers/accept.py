"""Which representation a caller wants (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from starlette.exceptions import HTTPException
from starlette.requests import Request

JSON = "application/json"
TEXT = "text/plain"
MARKDOWN = "text/markdown"
HTML = "text/html"

_QUALITY = re.compile(r"[qQ]=([01](?:\.[0-9]{0,3})?)")
_RANGE = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&'*+.^_`|~0-9a-z-]+")


def wanted(request: Request, *offers: str) -> str:
    """The one of `offers`, best first, that the Accept header ranks highest; without one, the first.

    Parameters other than the quality are not compared, and what is not a media range is passed over.

    Raises:
        HTTPException: 406, if the header rules out every offer.
    """
    headers = [value for name, value in request.scope["headers"] if name == b"accept"]
    if not headers or headers == [b"*/*"]:
        return offers[0]
    ranges = list(_ranges(b",".join(headers).decode("latin-1")))
    if not ranges:
        return offers[0]
    best = max(offers, key=lambda offer: _quality(offer, ranges))
    if _quality(best, ranges) <= 0:
        raise HTTPException(406, f"This address answers as {' or '.join(offers)}; the Accept header rules that out.")
    return best


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for element in header.split(","):
        media, *parameters = (part.strip() for part in element.split(";"))
        if not _RANGE.fullmatch(media.lower()):
            continue
        quality = 1.0
        for parameter in parameters:
            if parameter[:2].lower() == "q=":
                match = _QUALITY.fullmatch(parameter)
                quality = min(float(match[1]), 1.0) if match else 0.0
        yield media.lower(), quality


def _quality(offer: str, ranges: list[tuple[str, float]]) -> float:
    """The quality of the most specific range that covers the offer."""
    for covering in (offer, f"{offer.partition('/')[0]}/*", "*/*"):
        stated = [quality for media, quality in ranges if media == covering]
        if stated:
            return max(stated)
    return 0.0
