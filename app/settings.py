"""What an operator may choose, read once from environment variables named SPINE_TRIAGE_*.

Only `main` imports this file; everything else is given what it needs. There is no .env file and no global instance.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, DirectoryPath, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import InputError

PREFIX = "SPINE_TRIAGE_"


class Settings(BaseSettings):
    """The service's settings, checked. Each field is the variable of the same name in capitals, after SPINE_TRIAGE_."""

    # A database address may hold a password: neither a fault's text nor repr() shows it.
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    database_url: str = Field(
        default="sqlite:///spine-triage.sqlite3",
        min_length=1,
        repr=False,
        description="Where consultations are kept: an SQLAlchemy URL. Relative paths start at the working directory.",
    )
    rulebook: DirectoryPath = Field(
        default=Path(__file__).parent / "knowledge",
        description="The folder of knowledge files that the rulebook is compiled from. The packaged one by default.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on. Only this machine can reach the default.",
    )
    # Kubernetes sets SPINE_TRIAGE_PORT=tcp://… beside a Service named spine-triage, unless enableServiceLinks is false.
    port: int = Field(default=8000, ge=0, le=65535, description="The TCP port to listen on; 0 takes any free one.")
    body_limit_bytes: int = Field(
        default=1_048_576,
        ge=1_024,
        le=16_777_216,
        description="The largest request body, in bytes; at most 16 MiB.",
    )
    migrate_on_start: bool = Field(
        default=False,
        description="Bring the database to the newest schema before serving. Only for one server to a database.",
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)] = Field(
        default="info",
        description="The least severe message that is logged. Patient data is logged at none.",
    )
    timezone: ZoneInfo = Field(
        default=ZoneInfo("UTC"),
        description="The IANA time zone whose calendar dates a note (`made_on`), such as Europe/Vienna.",
    )


def read_settings() -> Settings:
    """Read the environment.

    Raises InputError naming every variable that is unknown or has a value that is not allowed, never the value.
    """
    faults = _unknown_variables()
    try:
        settings = Settings()
    except ValidationError as error:
        faults += [f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
    if faults:
        raise InputError("\n".join(faults))
    return settings


def _unknown_variables() -> list[str]:
    """One line for each variable with the prefix that is no setting: a slip of the pen would otherwise pass unseen."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    return [
        f"{name}: no such setting; did you mean {(get_close_matches(name.upper(), known, 1) or [', '.join(known)])[0]}?"
        for name in unknown
    ]
