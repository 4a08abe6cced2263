"""Whoever runs a command, and what the audit is told of commands that only read."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import typer

from app.access import COMMAND_LINE, Action, operator
from app.errors import KeysMissing, StoreUnavailable
from app.services.call import Call
from app.store import Database, add_event


def who() -> str:
    """What the audit calls whoever runs this command: the operating system's name for the user, or the number.

    Not what the environment says, which anybody may set.
    """
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # in containers users often have a number only
        name = str(os.getuid())
    return f"{COMMAND_LINE}:{''.join(each if each.isprintable() else '?' for each in name)[:100]}"


async def tell_reading(
    database: Database,
    clinics: Sequence[str],
    action: Action,
    now: Callable[[], datetime],
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Tell the audit of each clinic, where its database can be written to; else say that it was not told."""
    for clinic in clinics:
        event = Call(operator(clinic, who()), action).event(detail=detail)
        try:
            await database.write(clinic, add_event, event, now())
        except (StoreUnavailable, KeysMissing):
            typer.echo(f"The audit of {clinic} could not be told of this: its database takes no writes.", err=True)
