"""A review as it is sent: its shape, and what of it has to agree with itself and with the note that was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Final, Literal

from pydantic import MISSING, BaseModel, ConfigDict, Field

from app.errors import Fault, InvalidInput
from app.services.faults import capped
from app.services.input import validate
from app.triage.note.schema import UrgencyName
from app.triage.note.statements import statements_of

AGREED: Final = "agreed"
Verdict = Literal["agreed", "partly", "overrode"]
Decision = Literal["pursued", "set_aside", "deferred"]
Reason = Literal[
    "information_missing",
    "information_wrong",
    "patient_preference",
    "comorbidity",
    "local_protocol",
    "resources",
    "rule_too_cautious",
    "rule_not_cautious_enough",
    "rule_not_applicable",
    "other",
]

MOST_WORDS = 4_000
"""Characters of what a review says in words."""

MOST_HINTS = 5
"""Wrong names of a review for which similar ones are looked for: that takes milliseconds each."""

# What programs can check before they send; what the note has to do with it only the service can.
_CONDITIONS: dict[str, Any] = {
    "allOf": [
        {
            "if": {"properties": {"verdict": {"const": AGREED}}},
            "then": {"not": {"anyOf": [{"required": ["reason"]}, {"required": ["rules"]}]}},
            "else": {"required": ["reason"]},
        },
        {"if": {"required": ["reason"], "properties": {"reason": {"const": "other"}}}, "then": {"required": ["words"]}},
    ]
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CategoryDecided(_Part):
    """What was decided about one category."""

    category: str = Field(max_length=64, description="A category of the rulebook", examples=["lumbar_decompression"])
    decision: Decision = Field(
        description="`pursued`: it goes on from here; `set_aside`: it does not; `deferred`: to be decided later"
    )


class Review(_Part):
    """What a clinician decided after reading a note. A correction is another review by the same reviewer."""

    model_config = ConfigDict(json_schema_extra=_CONDITIONS)

    revision: int = Field(ge=1, description="The revision whose note was read")
    verdict: Verdict = Field(
        description="`agreed`: decided as the note has it; `partly`: except for what is named; `overrode`: otherwise"
    )
    urgency: UrgencyName | Literal["none"] | MISSING = Field(
        default=MISSING, description="How soon it was decided to act; `none` if nobody needs to"
    )
    categories: Annotated[list[CategoryDecided], Field(min_length=1, max_length=100)] | MISSING = Field(
        default=MISSING, description="What was decided about categories, each once"
    )
    reason: Reason | MISSING = Field(
        default=MISSING, description="Why not as the note has it; with every verdict but `agreed`"
    )
    rules: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=200)] | MISSING = (
        Field(
            default=MISSING,
            description="Ids of the rules that the reviewer disagrees with, each once; they spoke in the note",
            examples=[["lumbar.fusion.unstable-slip"]],
            json_schema_extra={"uniqueItems": True},
        )
    )
    words: Annotated[str, Field(min_length=1, max_length=MOST_WORDS)] | MISSING = Field(
        default=MISSING,
        description="In words; with the reason `other` required. Stored encrypted, and never logged",
        json_schema_extra={"pattern": r"\S"},
    )


def parse_review(document: Any) -> Review:
    """Make a review of a document that `read_document` returned.

    Raises InvalidInput: one Fault for each value that is not allowed; if there is none, for each that does not fit the
    others.
    """
    review = validate(Review, document)
    if faults := capped(_faults_within(review)):
        raise InvalidInput(faults)
    return review


def fits_note(review: Review, note: Mapping[str, Any], categories: Iterable[str]) -> bool:
    """Whether `check_against_note` finds nothing, told quickly."""
    return next(_faults_beside(review, note, categories, hints=0), None) is None


def check_against_note(review: Review, note: Mapping[str, Any], categories: Iterable[str]) -> None:
    """Hold a review against the note that was read (see `Note`) and the `categories` of the rulebook at work.

    Raises InvalidInput: one Fault for each category that neither has, and each rule that did not speak in the note.
    """
    if faults := capped(_faults_beside(review, note, categories, hints=MOST_HINTS)):
        raise InvalidInput(faults)


def _faults_beside(
    review: Review, note: Mapping[str, Any], categories: Iterable[str], *, hints: int
) -> Iterator[Fault]:
    known = {*categories, *(listed["category"] for listed in note["categories"])}
    spoke, _ = statements_of(note)

    def did_you_mean(given: str, among: Iterable[str]) -> str:
        nonlocal hints
        if not hints:
            return ""
        hints -= 1
        close = get_close_matches(given, among, n=1)
        return f"; did you mean {close[0]}?" if close else ""

    for place, decided in enumerate(_given(review.categories)):
        if decided.category not in known:
            problem = f"the rulebook has no such category{did_you_mean(decided.category, known)}"
            yield Fault(f"/categories/{place}/category", problem, "a category of GET /v1/rulebook/categories")
    for place, rule in enumerate(_given(review.rules)):
        if rule not in spoke:
            problem = f"this rule did not speak in the note of revision {review.revision}{did_you_mean(rule, spoke)}"
            yield Fault(f"/rules/{place}", problem, "the id of a rule by which the note states something")


def _faults_within(review: Review) -> Iterator[Fault]:
    for key in ("reason", "rules") if review.verdict == AGREED else ():
        if getattr(review, key) is not MISSING:
            yield Fault(f"/{key}", "a review that agrees has none", "leave the key out, or another verdict")
    if review.verdict != AGREED and review.reason is MISSING:
        yield Fault("/reason", "this key is required with this verdict", "why it was not decided as the note has it")
    if review.words is not MISSING and not review.words.strip():
        yield Fault("/words", "there are no words in it", "leave the key out, or words")
    elif review.words is MISSING and review.reason == "other":
        yield Fault("/words", "this key is required with the reason other", "the reason, in words")
    named = [decided.category for decided in _given(review.categories)]
    for place in _repetitions(named):
        yield Fault(f"/categories/{place}/category", "this category is there already", "each category once")
    for place in _repetitions(_given(review.rules)):
        yield Fault(f"/rules/{place}", "this rule is there already", "each rule once")


def _given(items: list[Any] | Any) -> Sequence[Any]:
    """The list, or an empty one where it was left out."""
    return () if items is MISSING else items


def _repetitions(names: Sequence[str]) -> Iterator[int]:
    seen: Counter[str] = Counter()
    for place, name in enumerate(names):
        if seen[name]:
            yield place
        seen[name] += 1
