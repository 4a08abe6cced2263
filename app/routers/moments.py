"""Days and moments in queries."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.errors import Fault

_MOMENT = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?"
_ALLOWED = "a day such as 2026-11-23, or a moment with its zone such as 2026-11-23T09:30:00Z"


def _check(text: str) -> str:
    if re.fullmatch(_MOMENT, text):
        return text
    raise PydanticCustomError("moment", "this is neither a day nor a moment", {"allowed": _ALLOWED})


# The pattern is for programs that read the OpenAPI document; people who write something else are told in words.
Moment = Annotated[
    str,
    AfterValidator(_check),
    Field(json_schema_extra={"pattern": f"^{_MOMENT}$"}, examples=["2026-11-23", "2026-11-23T09:30:00Z"]),
]
"""A day by the clinic's calendar, or a moment with its zone, as it is written."""


def read_moment(
    name: str, written: str | None, zone: tzinfo | None, faults: list[Fault], *, whole_day: bool = False
) -> datetime | None:
    """The moment that a parameter means; of a day its start in `zone`, or with `whole_day` its end.

    One that does not exist is added to `faults`.
    """
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is None:
            moment = (moment + timedelta(days=1) if whole_day else moment).replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        faults.append(Fault(f"/query/{name}", "there is no such day or time", _ALLOWED))
        return None
