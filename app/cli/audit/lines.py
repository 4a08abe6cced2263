"""What the audit's commands print: anchors and events on standard output, everything else on standard error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import typer

from app.access import Action, operator
from app.cli.clinics import chosen_clinics
from app.cli.failures import ExitCode
from app.cli.operators import who
from app.cli.progress import progress_bar
from app.services.audit.reading import read_audit
from app.services.audit.sealing import seal_everything
from app.services.audit.verification import audited_clinics, count_to_verify, verify_audit
from app.services.call import Call
from app.store import Database
from app.store.audit import Anchor, AuditEntry, AuditFilter, Finding, GivenUp, Verdict

MOST_SHOWN: Final = 10_000
"""Events of each clinic that `show_events` is asked for, at most."""


async def seal_clinics(database: Database, clinic: str | None, now: Callable[[], datetime]) -> ExitCode:
    """Seal one clinic's events, or all. NotFound, StoreUnavailable."""
    left_out = 0
    for each in await chosen_clinics(database, clinic):
        sealed = await seal_everything(database, each, now, who())
        typer.echo(f"{each}: {sealed.events or 'nothing'} to seal", err=True)
        if sealed.newest is not None:
            typer.echo(str(sealed.newest))
        if sealed.left_out:
            typer.echo(f"{each}: {sealed.left_out} cannot be sealed; `audit verify` names them", err=True)
        left_out += sealed.left_out
    return ExitCode.AT_FAULT if left_out else ExitCode.FINE


async def verify_clinics(database: Database, clinic: str | None, anchors: Sequence[Anchor]) -> ExitCode:
    """Verify one clinic's audit, or all. NotFound, InputError, StoreUnavailable."""
    clinics = await audited_clinics(database, clinic, anchors)
    total = sum([await count_to_verify(database, each) for each in clinics])
    findings = 0
    with progress_bar() as progress:
        task = progress.add_task("verifying", total=total)

        def advance() -> None:
            progress.advance(task)

        for each in clinics:

            def report(finding: Finding, here: str = each) -> None:
                # Off while a line is written, or the two would share a line of the terminal.
                progress.stop()
                typer.echo(_found(here, finding))
                progress.start()

            verdict = await verify_audit(database, each, report, advance, anchors)
            findings += verdict.findings
            progress.stop()
            for line in _concluded(verdict):
                typer.echo(line)
            progress.start()
    return ExitCode.AT_FAULT if findings else ExitCode.FINE


async def show_events(
    database: Database, clinic: str | None, wanted: AuditFilter, limit: int, now: Callable[[], datetime]
) -> list[str]:
    """The newest events of one clinic, or of each, as lines; says if there are more. NotFound, StoreUnavailable."""
    lines = []
    for each in await chosen_clinics(database, clinic):
        call = Call(operator(each, who()), Action.AUDIT_READ)
        page = await read_audit(database, call, wanted, now, limit=limit)
        lines += [_shown(each, event) for event in page.events]
        if page.next_cursor is not None:
            day = page.events[-1].at.astimezone(now().tzinfo)
            typer.echo(_more(each, len(page.events), f"{day:%Y-%m-%d}"), err=True)
    return lines


def _found(clinic: str, finding: Finding) -> str:
    place = [] if finding.event_id is None else [f"event {finding.event_id}"]
    place += [] if finding.seal is None else [f"seal {finding.seal}"]
    return _printable(f"{clinic}: {' of '.join(place) or 'a seal'}: {finding.says} [{finding.flaw}]")


def _concluded(verdict: Verdict) -> list[str]:
    held = {anchor.number for given_up in verdict.given_up for anchor in given_up.anchors}
    lines = [
        f"{verdict.clinic}: seals {each.first} to {each.last} were not checked by their master key {each.key_id}, which"
        " is not on the ring; what follows them vouches for them"
        for each in verdict.vouched
        if each.last not in held
    ]
    lines += [_not_proven(verdict.clinic, each) for each in verdict.given_up]
    found = f"findings: {verdict.findings}" if verdict.findings else "all as it was written"
    counts = f"sealed events {verdict.sealed}, seals {verdict.seals}, not sealed yet {verdict.unsealed}"
    lines.append(f"{verdict.clinic}: {counts}; {found}")
    if verdict.newest is not None and not verdict.findings:
        lines.append(f"{verdict.clinic}: to be kept outside: {verdict.newest}")
    return [_printable(line) for line in lines]


def _more(clinic: str, shown: int, oldest_day: str) -> str:
    return (
        f"{clinic}: there are older events than the {shown:,} shown: --to {oldest_day} begins with the day of the last"
        f" one, --limit shows up to {MOST_SHOWN:,}, and --target, --actor, --action and --outcome say which"
    )


def _not_proven(clinic: str, given_up: GivenUp) -> str:
    upto = ", ".join(str(anchor.number) for anchor in given_up.anchors)
    parts = [f"events that had no seal: {given_up.events}", *([f"the seals up to {upto}"] if upto else [])]
    return (
        f"{clinic}: the master key {given_up.key_id} was given up on {given_up.at:%Y-%m-%d}; nobody can prove what was"
        f" written under it before ({'; '.join(parts)}); what of it no finding names is as it was on that day"
    )


def _shown(clinic: str, event: AuditEntry) -> str:
    parts = [
        f"{event.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        clinic,
        f"{event.actor_kind}:{event.actor}",
        event.action,
        event.target or "-",
        event.outcome,
        event.address or "-",
        "unsealed" if event.seal is None else f"seal {event.seal}",
    ]
    return _printable("  ".join(parts))


def _printable(line: str) -> str:
    """Without what would move a terminal's cursor: a forged event may hold anything."""
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in line)
