"""The shapes of answers, for the OpenAPI document and the tests that hold every answer against it.

Answers themselves are written from stored bytes and plain dicts, and pass through no model on their way out.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.triage import Consultation, Note
from app.triage.note.schema import UrgencyName

_Id = Annotated[str, Field(examples=["0b8f1b1e-6a53-4c0e-9d2f-3f6c1f0a7c11"])]
_Links = Annotated[dict[str, str], Field(description="Addresses on this service by what they lead to")]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Stored(_Answer):
    """A consultation's newest revision with its note."""

    id: _Id
    revision: int = Field(ge=1)
    consultation: Consultation = Field(description="As it was sent, merge patches applied")
    note: Note
    links: _Links


class UrgencyListed(_Answer):
    """How soon somebody should act, as an interval."""

    at_least: UrgencyName
    at_most: UrgencyName
    settled: bool


class Listed(_Answer):
    """A consultation in a list, with what its newest note says."""

    id: _Id
    revision: int = Field(ge=1)
    patient_reference: str | None
    created_at: datetime
    revised_at: datetime
    made_on: date = Field(description="The day of the newest note, by the clinic's calendar")
    headline: str
    urgency: UrgencyListed
    links: _Links


class ConsultationPage(_Answer):
    """Some consultations, newest first. `links.next` leads to those that follow; without it there are none."""

    consultations: list[Listed]
    links: _Links


class NoteListed(_Answer):
    """A revision's note in a list."""

    revision: int = Field(ge=1)
    created_at: datetime
    made_on: date
    headline: str
    urgency: UrgencyListed
    rulebook_digest: str = Field(min_length=64, max_length=64)
    links: _Links


class NoteList(_Answer):
    """The notes of a consultation, oldest first; none is ever changed."""

    notes: list[NoteListed]
    links: _Links


class Vocabulary(_Answer):
    """All that can be asked. See `GET /v1/vocabulary` for an example of each part."""

    sections: list[dict[str, Any]]
    lists: list[dict[str, Any]]
    levels: list[dict[str, Any]]
    quantities: list[dict[str, Any]]
    screening_groups: list[dict[str, Any]]
    facts: list[dict[str, Any]]
    fields: list[dict[str, Any]]


class SourceAttribute(_Answer):
    """One of the thirteen that 45 CFR 170.315(b)(11)(iv)(A) asks of evidence-based decision support."""

    attribute: str
    title: str
    says: str
    used: bool | None = Field(
        description="Whether data of this kind is read; null for the four that are not about data"
    )
    facts: list[str] = Field(description="The facts that are such data")
    rules: list[str] = Field(description="Ids of the rules and scores that read them")
    sources: list[str] = Field(description="Ids of the sources cited")


class RulebookDescribed(_Answer):
    """The rulebook at work."""

    version: str
    digest: str = Field(min_length=64, max_length=64)
    released: str
    counts: dict[str, int]
    safety_net: list[str]
    disclaimer: str
    urgencies: list[dict[str, str]]
    source_attributes: list[SourceAttribute]
    links: _Links


class RulebookEntries(BaseModel):
    """All entries of one kind, under that kind's name, with the rulebook they are from."""

    model_config = ConfigDict(extra="allow")

    rulebook: dict[str, str]


class RulebookEntry(BaseModel):
    """One entry; its keys depend on its kind."""

    model_config = ConfigDict(extra="allow")


class Health(_Answer):
    """Whether the service works."""

    status: Literal["ok", "ready"]
