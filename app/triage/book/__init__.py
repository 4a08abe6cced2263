"""A rulebook for its readers: its entries as plain data, and documents to read and to sign."""

from app.triage.book.coverage import write_coverage
from app.triage.book.entries import describe_book, list_book

__all__ = ["describe_book", "list_book", "write_coverage"]
