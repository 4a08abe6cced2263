"""The audit: who did what to which record, and seals that show whether it is still as it was written."""

from app.store.audit.events import add_event, event_row

__all__ = ["add_event", "event_row"]
