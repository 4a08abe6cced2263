"""What is known: rules, the conditions that they share, categories, sources, disputed numbers and scores."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from app.access import Action
from app.errors import NotFound
from app.routers.accept import HTML, JSON, MARKDOWN, wanted
from app.routers.described.documented import CONTENT_TAG, IF_NONE_MATCH, NOT_MODIFIED, answer
from app.routers.described.problem_schema import problem_responses
from app.routers.gate import Gate
from app.routers.prebuilt import Prebuilt, Written
from app.services.faults import pointer_to
from app.triage import Rulebook
from app.triage.book import CONTENT_SECURITY_POLICY, describe_book, list_book, to_html, write_book

_SAYS = {
    "rules": ("rule", "What each rule says, when, how strongly, from which sources, and what it leaves out"),
    "definitions": ("definition", "Conditions that several rules share by name"),
    "categories": (
        "category",
        "Procedures and pathways that a note may speak of, with what is known of each technique",
    ),
    "sources": ("source", "Where statements come from, how strong that is, and how it was checked"),
    "parameters": ("parameter", "Numbers that sources dispute, each with those who say otherwise"),
    "scores": ("score", "Sums and bands of clinical scores"),
    "coverage": ("paragraph", "What became of each paragraph of the clinical evidence"),
}
_HTML_HEADERS = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "X-Content-Type-Options": "nosniff"}
KINDS = tuple(_SAYS)
"""Kinds of entries, as addresses name them."""

SINGULAR = {kind: singular for kind, (singular, _) in _SAYS.items()}
"""For each kind what one entry is called."""


def rulebook_router(rulebook: Rulebook, gate: Gate) -> APIRouter:
    """GET /v1/rulebook, and under it each kind of entry as a list and by id."""
    router = APIRouter(tags=["knowledge"])
    book = list_book(rulebook)
    whole = Written(orjson.dumps(describe(rulebook, book)), JSON)

    @cache
    def readable(media: str) -> Written:
        text = write_book(rulebook)
        if media == MARKDOWN:
            return Written(text.encode(), MARKDOWN)
        return Written(to_html(text).encode(), HTML, _HTML_HEADERS)

    texts = {MARKDOWN: "rulebook_markdown", HTML: "rulebook_html"}

    @router.get(
        "/v1/rulebook",
        operation_id="read_rulebook",
        summary="Which rulebook is at work; as Markdown or HTML, the whole of it to read and sign",
        response_class=Response,
        responses=_responses(answer("The rulebook", "RulebookDescribed", "rulebook", texts=texts, headers=CONTENT_TAG)),
        openapi_extra={"parameters": [IF_NONE_MATCH]},
    )
    async def get(request: Request) -> Response:
        """With `Accept: text/markdown` or `text/html` every rule in words, section by section, with boxes to sign."""
        await gate.let_in(request, Action.KNOWLEDGE_READ)
        media = wanted(request, JSON, MARKDOWN, HTML)
        # Half a second of work when it is first asked for, so not in the way of other callers.
        written = whole if media == JSON else await run_in_threadpool(readable, media)
        return written.answer(request)

    for kind in KINDS:
        _add_kind(router, gate, rulebook, kind, book[kind])
    return router


def describe(rulebook: Rulebook, book: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A `RulebookDescribed`. `book` is what `list_book` made of the rulebook."""
    links = {kind: f"/v1/rulebook/{kind}" for kind in KINDS}
    counts = {kind: len(book[kind]) for kind in KINDS}
    return {**describe_book(rulebook), "counts": counts, "links": {"self": "/v1/rulebook", **links}}


def _add_kind(router: APIRouter, gate: Gate, rulebook: Rulebook, kind: str, entries: dict[str, Any]) -> None:
    singular, says = _SAYS[kind]
    every = Prebuilt({kind: list(entries.values()), "rulebook": rulebook.described()})
    by_id = {name: Prebuilt(entry) for name, entry in entries.items()}

    @router.get(
        f"/v1/rulebook/{kind}",
        operation_id=f"list_{kind}",
        summary=says,
        response_class=Response,
        responses=_responses(answer(f"All {kind}", "RulebookEntries", kind, headers=CONTENT_TAG)),
        openapi_extra={"parameters": [IF_NONE_MATCH]},
    )
    async def get_all(request: Request) -> Response:
        await gate.let_in(request, Action.KNOWLEDGE_READ)
        return every.answer(request)

    entry_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}

    @router.get(
        f"/v1/rulebook/{kind}/{{id}}",
        operation_id=f"read_{singular}",
        summary=f"One {singular}",
        response_class=Response,
        responses=_responses(answer(f"The {singular}", "RulebookEntry", singular, headers=CONTENT_TAG), 404),
        openapi_extra={"parameters": [{**entry_id, "example": next(iter(entries), singular)}, IF_NONE_MATCH]},
    )
    async def get_one(request: Request) -> Response:
        await gate.let_in(request, Action.KNOWLEDGE_READ)
        asked: str = request.path_params["id"]
        if asked in by_id:
            return by_id[asked].answer(request)
        close = get_close_matches(asked[:100], by_id, n=1)
        hint = f"; did you mean {close[0]}?" if close else f"; GET /v1/rulebook/{kind} lists those there are"
        raise NotFound(f"the rulebook has no {singular} {pointer_to([asked]).removeprefix('/')}{hint}")


def _responses(found: dict[str, Any], *statuses: int) -> dict[int | str, dict[str, Any]]:
    return {200: found, **NOT_MODIFIED, **problem_responses(401, 403, 406, 429, *statuses)}
