"""Headers that keep a browser from doing more with an answer than it is for."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256

Header = tuple[bytes, bytes]

_ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # Answers tell of patients: whoever wants one kept, such as the rulebook with its ETag, says so itself.
    (b"cache-control", b"no-store"),
)
_LIBRARY = "https://cdn.jsdelivr.net"
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def safe_headers(strict_transport: int = 0) -> tuple[Header, ...]:
    """What every answer has unless it says otherwise itself. `strict_transport`: seconds of HTTPS only, 0 for none."""
    if strict_transport:
        return (*_ALWAYS, (b"strict-transport-security", b"max-age=%d" % strict_transport))
    return _ALWAYS


def complete_headers(headers: Iterable[Header], always: Sequence[Header]) -> list[Header]:
    """The headers with those of `always` that they lack; names in lower case, as ASGI has them."""
    complete = list(headers)
    present = {name for name, _ in complete}
    complete += [header for header in always if header[0] not in present]
    return complete


def page_policy(page: bytes) -> str:
    """The Content-Security-Policy of the page at /docs, for its endpoint to set.

    Script and style may come from where Swagger UI is published, the page's own script is allowed by its digest, and
    only this service may be called. Swagger UI styles its elements one by one, which no digest can name.
    """
    digests = " ".join(
        f"'sha256-{b64encode(sha256(found).digest()).decode()}'" for found in _INLINE_SCRIPT.findall(page)
    )
    return (
        f"default-src 'none'; script-src {_LIBRARY} {digests}; style-src {_LIBRARY} 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
