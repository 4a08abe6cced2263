"""The audit: who did what to which record, and seals that show whether it is still as it was written."""

from app.store.audit.events import add_event, add_events, event_row
from app.store.audit.findings import Finding, Flaw, GivenUp, Verdict, Vouched
from app.store.audit.given_up import (
    GIVEN_UP,
    Held,
    Unproven,
    count_unproven,
    hold_unproven,
    tells_of_giving_up,
)
from app.store.audit.in_use import last_written_between
from app.store.audit.listing import AuditEntry, AuditFilter, AuditPage, list_events
from app.store.audit.sealing import MOST, Sealing, has_unsealed, look_back, newest_seal, seal_events
from app.store.audit.seals import Anchor, Seal
from app.store.audit.verification import count_events, every_audited_clinic, verify

__all__ = [
    "GIVEN_UP",
    "MOST",
    "Anchor",
    "AuditEntry",
    "AuditFilter",
    "AuditPage",
    "Finding",
    "Flaw",
    "GivenUp",
    "Held",
    "Seal",
    "Sealing",
    "Unproven",
    "Verdict",
    "Vouched",
    "add_event",
    "add_events",
    "count_events",
    "count_unproven",
    "event_row",
    "every_audited_clinic",
    "has_unsealed",
    "hold_unproven",
    "last_written_between",
    "list_events",
    "look_back",
    "newest_seal",
    "seal_events",
    "tells_of_giving_up",
    "verify",
]
