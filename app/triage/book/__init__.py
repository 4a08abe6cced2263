"""A rulebook for its readers: its entries as plain data, and documents to read and to sign."""

from app.triage.book.attributes import source_attributes
from app.triage.book.coverage import write_coverage
from app.triage.book.document import write_book
from app.triage.book.entries import describe_book, list_book
from app.triage.book.html import CONTENT_SECURITY_POLICY, to_html

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "describe_book",
    "list_book",
    "source_attributes",
    "to_html",
    "write_book",
    "write_coverage",
]
