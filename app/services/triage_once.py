"""A note for a consultation that is not stored."""

from __future__ import annotations

from typing import Any

from app.services.input import parse_consultation
from app.services.service import Service


def triage_once(service: Service, document: Any, *, every_category: bool = False) -> tuple[dict[str, Any], bytes]:
    """The note, as a dict and as JSON, of a consultation as posted (what `read_document` returned), made today.

    every_category  also list categories that the facts rule out

    Raises InvalidInput with every fault of the document.
    """
    return service.triage.write(parse_consultation(document), service.today(), every_category=every_category)
