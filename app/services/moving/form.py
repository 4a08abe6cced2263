"""The lines of an export: a header, the rulebooks, the consultations, and an end that says how many there were.

Each is a JSON object with its `kind` first. What is sealed at rest stands here open, and beside it the SHA-256 of its
bytes: a note is the same only if it is the same to the byte.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.store import Departure, Snapshot, StoredReview, StoredRevision
from app.triage.note.schema import UrgencyName

FORMAT = 1
"""Counts the shape of the lines; what reads one of them reads no other."""

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_Id = Annotated[str, Field(pattern=f"^{_ID}$", description="A UUID in lower case")]
_Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="A SHA-256 in hexadecimal")]
# Within what every database and every time zone can say.
_Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9999, 1, 1, tzinfo=UTC))]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Header(_Part):
    """The first line."""

    kind: Literal["header"]
    format: int
    clinic: str
    exported_at: AwareDatetime
    since: AwareDatetime | None


class RulebookLine(_Part):
    """A rulebook that notes were made with."""

    kind: Literal["rulebook"]
    digest: _Digest
    version: str = Field(max_length=64)
    files: dict[str, str]


class _UrgencyRead(BaseModel):
    at_least: UrgencyName
    at_most: UrgencyName
    settled: bool


class _CategoryRead(BaseModel):
    category: str = Field(max_length=64)
    status: str = Field(max_length=32)


class _RulebookRead(BaseModel):
    digest: _Digest


class NoteRead(BaseModel):
    """What lists are filtered by, of a note; whatever else it holds is stored as it stands."""

    headline: str
    urgency: _UrgencyRead
    categories: list[_CategoryRead]
    rulebook: _RulebookRead
    made_on: date


class RevisionPart(_Part):
    """One revision with its note."""

    created_at: _Moment
    body: dict[str, Any]
    body_sha256: _Digest
    note: NoteRead
    note_sha256: _Digest


class ReviewPart(_Part):
    """One review of a revision's note."""

    review_id: _Id
    revision: int = Field(ge=1)
    reviewed_at: _Moment
    reviewer: str
    verdict: str = Field(max_length=16)
    review: dict[str, Any]
    review_sha256: _Digest


class ConsultationLine(_Part):
    """A whole consultation: its revisions from 1 on, and its reviews, oldest first."""

    kind: Literal["consultation"]
    id: _Id
    revisions: list[RevisionPart] = Field(min_length=1)
    reviews: list[ReviewPart]


class EndLine(_Part):
    """The last line, without which a file is not whole."""

    kind: Literal["end"]
    rulebooks: int
    consultations: int


def write_header(clinic: str, exported_at: datetime, since: datetime | None) -> bytes:
    """The first line of an export."""
    return _line(kind="header", format=FORMAT, clinic=clinic, exported_at=exported_at, since=since)


def write_rulebook(snapshot: Snapshot) -> bytes:
    """The line of a rulebook."""
    return _line(kind="rulebook", digest=snapshot.digest, version=snapshot.version, files=snapshot.files)


def write_consultation(departure: Departure) -> bytes:
    """The line of a consultation."""
    revisions = [_show_revision(each) for each in departure.revisions]
    reviews = [_show_review(each) for each in departure.reviews]
    return _line(kind="consultation", id=departure.consultation_id, revisions=revisions, reviews=reviews)


def write_end(rulebooks: int, consultations: int) -> bytes:
    """The last line of an export."""
    return _line(kind="end", rulebooks=rulebooks, consultations=consultations)


def digest_of(content: bytes) -> str:
    """What stands beside each sealed part."""
    return sha256(content).hexdigest()


def _show_revision(revision: StoredRevision) -> dict[str, Any]:
    return {
        "created_at": revision.created_at,
        "body": orjson.Fragment(revision.body),
        "body_sha256": digest_of(revision.body),
        "note": orjson.Fragment(revision.note),
        "note_sha256": digest_of(revision.note),
    }


def _show_review(review: StoredReview) -> dict[str, Any]:
    return {
        "review_id": review.review_id,
        "revision": review.revision,
        "reviewed_at": review.reviewed_at,
        "reviewer": review.reviewer,
        "verdict": review.verdict,
        "review": orjson.Fragment(review.review),
        "review_sha256": digest_of(review.review),
    }


def _line(**members: Any) -> bytes:
    return orjson.dumps(members, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)
