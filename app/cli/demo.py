"""The first consultation from end to end, over HTTP, for somebody who has just cloned the project."""

from __future__ import annotations

from typing import Any

import httpx
import typer
from rich.console import Console

from app.cli.failures import ExitCode
from app.cli.own_service import OwnService, ServiceFailed, own_service
from app.services.examples import FIRST, LATER
from app.triage import encode, plain_text

_POST = {"Content-Type": "application/json", "Idempotency-Key": "demo-1"}
_PATCH = {"Content-Type": "application/merge-patch+json"}


def show_demo() -> ExitCode:
    """Post the first example, revise it with what is learned later, and print both notes as a person reads them."""
    try:
        with own_service() as own, _caller(own) as client:
            _say(f"A service of its own listens on {own.address}, and an API key was made for it.")
            _say("POST /v1/consultations: the README's first example.")
            posted = _answered(client.post("/v1/consultations", content=encode(FIRST), headers=_POST))
            typer.echo(plain_text(posted.json()["note"]))
            _say(
                "A nurse asks the eight screening questions (nothing found) and hears of 12 weeks of physiotherapy "
                "that did not help; the MRI arrives: central and foraminal stenosis at L4-L5. PATCH with If-Match."
            )
            headers = _PATCH | {"If-Match": posted.headers["ETag"]}
            patched = _answered(client.patch(posted.headers["Location"], content=encode(LATER), headers=headers))
            _say("What changed in what the note says:")
            _show_changes(patched.json()["note"]["changes"])
            _say(f"The note of revision {patched.json()['revision']}:")
            typer.echo(plain_text(patched.json()["note"]))
    except (ServiceFailed, httpx.HTTPError) as error:
        typer.echo(f"The demo failed: {error}", err=True)
        return ExitCode.AT_FAULT
    _say("The service has stopped cleanly, and its database is gone.")
    return ExitCode.FINE


def _caller(own: OwnService) -> httpx.Client:
    """A client with the service's address and key."""
    headers = {"Authorization": f"Bearer {own.key}"}
    return httpx.Client(base_url=own.address, headers=headers, trust_env=False, timeout=30)


def _show_changes(changes: list[dict[str, Any]]) -> None:
    """What the note says otherwise now; the facts that were added stand in the note."""
    for change in changes:
        if not change["kind"].startswith("fact_"):
            typer.echo(f"  - {change['text']}")
    typer.echo()


def _answered(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    raise ServiceFailed(
        f"{response.request.method} {response.url.path} answered {response.status_code}: {response.text}"
    )


def _say(sentence: str) -> None:
    """The demo's own voice, apart from the notes."""
    Console(highlight=False).print(f"» {sentence}\n", style="bold cyan")
