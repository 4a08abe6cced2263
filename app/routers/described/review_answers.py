"""The shapes of answers about reviews, for the OpenAPI document and its tests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.access import CallerKind
from app.services.reviews.document import Review

_Id = Annotated[str, Field(json_schema_extra={"format": "uuid"})]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Reviewer(_Answer):
    """The caller who sent a review, as the audit trail names it."""

    kind: CallerKind
    subject: str = Field(description="A person's `sub` at their issuer, or the id of an API key")


class RecordedReview(_Answer):
    """A review as it was recorded; it never changes."""

    id: _Id
    consultation_id: _Id
    reviewed_at: datetime
    reviewer: Reviewer
    newest_revision: int = Field(
        ge=1, description="The newest revision when the review was recorded, which may be another than was read"
    )
    review: Review = Field(description="As it was sent")
    links: dict[str, str]


class ReviewList(_Answer):
    """The reviews of all notes of a consultation, oldest first."""

    reviews: list[RecordedReview]
    links: dict[str, str]
