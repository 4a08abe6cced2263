"""Where a page of a list ended, as a word that callers pass back without reading it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from app.errors import InvalidCursor

_POSITION = re.compile(r"(?P<moment>[0-9T:.+-]{25,32}) (?P<id>[0-9A-Za-z-]{1,36})")


@dataclass(frozen=True, slots=True)
class Position:
    """A row's place in a list: its moment, and its id where several share the moment."""

    moment: datetime
    row_id: str

    def encode(self) -> str:
        """The position as URL-safe text."""
        moment = self.moment.astimezone(UTC).isoformat()
        return urlsafe_b64encode(f"{moment} {self.row_id}".encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, cursor: str) -> Position:
        """The position that `encode` made this of. InvalidCursor for any other text."""
        refused = InvalidCursor("this cursor was not given out by this service; start again without one")
        try:
            text = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
            match = _POSITION.fullmatch(text)
            if match is None:
                raise refused
            position = cls(datetime.fromisoformat(match["moment"]), match["id"])
            if position.moment.tzinfo is None or position.encode() != cursor:
                raise refused
        except (ValueError, OverflowError) as error:
            raise refused from error
        return position
