"""What an operator may choose, read once from environment variables named SPINE_TRIAGE_*.

Only `main` imports this file; everything else is given what it needs. There is no .env file and no global instance.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, DirectoryPath, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.errors import InputError

PREFIX = "SPINE_TRIAGE_"
_PACKAGE: Final = Path(__file__).parent
_BOUNDS: Final = {"ge": "from", "gt": "more than", "le": "to"}


def _split(value: object) -> object:
    """Several values in one variable are separated by commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Several = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """The service's settings, checked. Each field is the variable of the same name in capitals, after SPINE_TRIAGE_."""

    # A database address may hold a password: neither a fault's text nor repr() shows it.
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    database_url: str = Field(
        default="sqlite:///spine-triage.sqlite3",
        min_length=1,
        repr=False,
        description="Where consultations are kept: `sqlite:///path.sqlite3`, from the working directory, or "
        "`postgresql://user:password@host/name` as the service's own role.",
    )
    owner_database_url: str | None = Field(
        default=None,
        min_length=1,
        repr=False,
        description="On PostgreSQL the same database as the tables' owner, for `migrate` and operators' commands; the "
        "service itself never uses it.",
    )
    master_keys: SecretStr | None = Field(
        default=None,
        description="Master keys as `id:key`, separated by commas, the current one first. Instead of a file.",
    )
    master_key_file: Path = Field(
        default=Path("spine-triage.keys"),
        description="The file with the master keys, one `id:key` a line, the current one first. `migrate` makes it for "
        "an empty database. Keep a copy apart from the database: without it nothing stored can be read.",
    )
    rulebook: DirectoryPath = Field(
        default=_PACKAGE / "knowledge",
        description="The folder of knowledge files that the rulebook is compiled from.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on. Only this machine can reach the default.",
    )
    # Kubernetes sets SPINE_TRIAGE_PORT=tcp://… beside a Service named spine-triage, unless enableServiceLinks is false.
    port: int = Field(default=8000, ge=0, le=65535, description="The TCP port to listen on; 0 takes any free one.")
    trusted_proxies: Several = Field(
        default=(),
        description="Addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas.",
    )
    body_limit_bytes: int = Field(
        default=1_048_576,
        ge=1_024,
        le=16_777_216,
        description="The largest request body, in bytes. Of a batch, the largest line.",
    )
    body_seconds: float = Field(
        default=15.0, gt=0, le=600, description="How long a request's body may take to arrive; then 408."
    )
    request_seconds: float = Field(
        default=30.0, gt=0, le=600, description="How long a request may take altogether; then 503. Not for batches."
    )
    concurrent_requests: int = Field(
        default=256, ge=1, le=10_000, description="Requests at work at once; beyond that 503 with Retry-After."
    )
    rate_per_minute: int = Field(
        default=6_000,
        ge=0,
        description="Requests a minute from one caller, in each process; beyond that 429. 0 for any number.",
    )
    failures_per_minute: int = Field(
        default=60, ge=1, description="Requests a minute without valid credentials from one address; beyond that 429."
    )
    oidc_issuer: str | None = Field(
        default=None,
        min_length=1,
        description="The OpenID Connect issuer whose tokens people sign in with; without one only API keys count.",
    )
    oidc_audience: str = Field(
        default="spine-triage",
        min_length=1,
        description="What a token's `aud` names: this service at the issuer.",
    )
    oidc_clinic_claim: str = Field(default="clinic", min_length=1, description="The claim with the clinic's id.")
    oidc_scope_claim: str = Field(
        default="scope", min_length=1, description="The claim with the scopes, as a list or separated by spaces."
    )
    cors_origins: Several = Field(
        default=(), description="Web origins whose scripts may call, separated by commas; none by default."
    )
    strict_transport_seconds: int = Field(
        default=0,
        ge=0,
        description="For how long browsers shall insist on HTTPS; 0 says nothing of it.",
    )
    keep_notes_after_erasure: bool = Field(
        default=False,
        description="Keep the notes of an erased patient, without identity, for learning. Otherwise they go as well.",
    )
    retention_days: int | None = Field(
        default=None,
        ge=1,
        le=36_500,
        description="`retention` erases patients of whom nothing was stored for longer. Nobody by default.",
    )
    receipt_hours: int = Field(
        default=48,
        ge=1,
        le=8_760,
        description="For how long an Idempotency-Key is remembered; then the service forgets it.",
    )
    audit_seal_seconds: float = Field(
        default=60.0, ge=0, description="How often the service seals new audit events; 0 leaves it to `audit seal`."
    )
    migrate_on_start: bool = Field(
        default=False,
        description="Bring the database to the newest schema before serving. Only for one server to a database.",
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)] = Field(
        default="info",
        description="The least severe message that is logged. Patient data is logged at none.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        min_length=1,
        description="An OpenTelemetry collector that is sent a span of each request, such as http://collector:4318. "
        "Needs the extra `telemetry`.",
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


def describe_settings() -> str:
    """Every setting as a row of a Markdown table: its variable, its default, what is allowed, and what it is for."""
    rows = [
        f"| `{PREFIX}{name.upper()}` | {_default(field.default)} | {_allowed(field)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return "".join(["| variable | default | allowed | |\n", "|---|---|---|---|\n", *rows])


def _default(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, Path) and value.is_relative_to(_PACKAGE):
        return "the packaged one"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _allowed(field: FieldInfo) -> str:
    if field.annotation is bool:
        return "`true`, `false`"
    words = [f"`{word}`" for word in get_args(field.annotation) if isinstance(word, str)]
    limits = ((said, getattr(each, name, None)) for each in field.metadata for name, said in _BOUNDS.items())
    return ", ".join(words) or " ".join(f"{said} {limit:,}" for said, limit in limits if limit is not None)


def _unknown_variables() -> list[str]:
    """One line for each variable with the prefix that is no setting: a slip of the pen would otherwise pass unseen."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    return [
        f"{name}: no such setting; did you mean {(get_close_matches(name.upper(), known, 1) or [', '.join(known)])[0]}?"
        for name in unknown
    ]
