"""Intended errors as words on standard error and an exit code."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import typer
from typer.core import TyperGroup

from app.errors import InvalidInput, RulebookRefused, SpineTriageError, StoreUnavailable


class ExitCode(IntEnum):
    """What scripts can rely on. Anything else is a mistake in this program."""

    FINE = 0
    AT_FAULT = 1
    """What was checked has faults, or notes differ."""
    BAD_INPUT = 2
    """Wrong usage, a setting that is not allowed, or a document that cannot be used."""
    NO_STORE = 3
    """The database did not answer, or its schema is not the expected one."""


class Commands(TyperGroup):
    """Commands whose intended errors end in a message and an exit code, not in a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command. `ctx` is a Context of the click inside typer, which has no public name."""
        try:
            return super().invoke(ctx)
        except SpineTriageError as error:
            for line in _lines(error):
                typer.echo(line, err=True)
            raise typer.Exit(_code(error)) from None


def _lines(error: SpineTriageError) -> list[str]:
    if isinstance(error, InvalidInput):
        return [f"{fault.pointer or '/'}: {fault.problem}; allowed: {fault.allowed}" for fault in error.faults]
    return str(error).splitlines()


def _code(error: SpineTriageError) -> ExitCode:
    if isinstance(error, RulebookRefused):
        return ExitCode.AT_FAULT
    return ExitCode.NO_STORE if isinstance(error, StoreUnavailable) else ExitCode.BAD_INPUT
