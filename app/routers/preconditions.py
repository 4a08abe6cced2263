"""Entity tags of consultations and notes, and the conditions that callers make of them (RFC 9110, section 13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from app.errors import Fault, InvalidInput
from app.routers.accept import JSON

NO_STORE = "no-store"
"""Cache-Control of what is about a patient: a copy in a browser outlives an erasure, and seeing it is not audited."""

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*")
_ONE_TAG = re.compile(_TAG)
_REVISION = re.compile(r'"([1-9][0-9]{0,8})(?:-text(?:-[0-9a-f]{16})?)?"')


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The revisions that a change may be made to: any (`*`), or one of some numbers, perhaps of none."""

    any: bool
    revisions: frozenset[int]


def revision_tag(revision: int, media: str, content: bytes | str) -> str:
    """The strong entity tag of a revision in a representation; each representation has its own.

    JSON is stored and never changes; text is written anew by each version of the program, so its tag follows it.
    """
    if media == JSON:
        return f'"{revision}"'
    text = content.encode() if isinstance(content, str) else content
    return f'"{revision}-text-{sha256(text).hexdigest()[:16]}"'


def read_if_match(request: Request) -> IfMatch | None:
    """The If-Match header; None without one. Weak tags and those never given out match no revision.

    Raises:
        InvalidInput: the header is neither `*` nor a list of entity tags.
    """
    header = _header(request, b"if-match")
    if header is None:
        return None
    if header.strip() == "*":
        return IfMatch(any=True, revisions=frozenset())
    if not _TAGS.fullmatch(header):
        allowed = 'the ETag as it was received, quotation marks included, such as "1"; or *'
        raise InvalidInput([Fault("/header/If-Match", "this is not an entity tag", allowed)])
    matches = (_REVISION.fullmatch(tag) for tag in _ONE_TAG.findall(header))
    return IfMatch(any=False, revisions=frozenset(int(match[1]) for match in matches if match))


def is_known(request: Request, tag: str) -> bool:
    """Whether If-None-Match says that the caller has what `tag` names, so that 304 is the answer."""
    header = _header(request, b"if-none-match")
    if header is None:
        return False
    return header.strip() == "*" or tag in (each.removeprefix("W/") for each in _ONE_TAG.findall(header))


def answer_tagged(
    request: Request, tag: str, content: bytes | str, media: str, cache: str, vary: str = "Accept"
) -> Response:
    """200 with the content, or 304 where the caller has it already.

    Args:
        request: what is answered.
        tag: strong entity tag of the content.
        content: the body.
        media: its media type.
        cache: Cache-Control.
        vary: request headers that the content was chosen by.
    """
    headers = {"ETag": tag, "Cache-Control": cache, "Vary": vary}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media)


def _header(request: Request, name: bytes) -> str | None:
    values = [value for key, value in request.scope["headers"] if key == name]
    return b",".join(values).decode("latin-1") if values else None
