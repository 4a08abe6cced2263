"""A note as one page of plain text, for reading aloud or printing."""

from app.triage.page.layout import plain_text

__all__ = ["plain_text"]
