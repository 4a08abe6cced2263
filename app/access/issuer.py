"""Whoever vouches for people (OpenID Connect Discovery), and the keys that its tokens are signed with.

Only addresses that the operator configured, or that the configured issuer names, are ever asked.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import httpx
import orjson

from app.access.published_keys import PublishedKey, pick_key, read_keys
from app.errors import InputError, IssuerUnavailable

LARGEST = 256 * 1024
"""Bytes of a document that are read from an issuer."""

_log = logging.getLogger("spine_triage.access")


class Issuer:
    """The keys of one issuer, fetched when they are first needed and kept.

    Args:
        url: the issuer exactly as tokens name it; https, or http on this machine. InputError otherwise.
        timeout: seconds that one fetch may take, discovery and keys together.
        max_age: seconds after which the keys are fetched again, so that a withdrawn one stops working.
        pause: seconds between two fetches at least, so that tokens with invented keys cannot make us hammer the issuer.
        keep: seconds for which fetched keys are good while the issuer does not answer.
        trust_env: whether proxies and certificates of the environment (HTTPS_PROXY, SSL_CERT_FILE) are used.
        monotonic: a clock in seconds that never goes back.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 5.0,
        max_age: float = 3600.0,
        pause: float = 10.0,
        keep: float = 86_400.0,
        trust_env: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not _is_safe(url, plain=True):
            raise InputError("the issuer's address begins with https:// (http:// only on this machine), without ? or #")
        self.url = url
        self._timeout, self._max_age, self._pause, self._keep = timeout, max_age, pause, keep
        self._monotonic = monotonic
        self._trust_env = trust_env
        # Reading the certificates takes tens of milliseconds, which no caller should wait for.
        self._tls = httpx.create_ssl_context(trust_env=trust_env)
        self._keys: tuple[PublishedKey, ...] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._failing = False
        self._fetch: asyncio.Task[None] | None = None

    async def find_key(self, key_id: str | None, algorithm: str) -> PublishedKey | None:
        """The key that a token with this header must be signed with; None if the issuer has no such key.

        Without `key_id` it is the only one that fits the algorithm. Callers who need a fetch share one.
        IssuerUnavailable if there are no keys, or if the issuer does not answer and may have published this one since.
        """
        known = _knows(self._held(), key_id, algorithm)
        if not known or self._age() >= self._max_age:
            fetch = self._start_fetch()
            # With a key at hand, nobody waits again and again for an issuer that has stopped answering.
            if fetch is not None and not (known and self._failing):
                await asyncio.shield(fetch)
        held = self._held()
        if not _knows(held, key_id, algorithm) and (self._failing or self._age() >= self._keep):
            raise IssuerUnavailable("the token cannot be checked now, because its issuer does not answer")
        return pick_key(held, key_id, algorithm)

    async def close(self) -> None:
        """Stop a fetch that is still running."""
        if self._fetch is not None and not self._fetch.done():
            self._fetch.cancel()
            await asyncio.wait([self._fetch])

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._monotonic() - self._fetched_at

    def _held(self) -> tuple[PublishedKey, ...]:
        """The keys that are still good."""
        return self._keys if self._age() < self._keep else ()

    def _start_fetch(self) -> asyncio.Task[None] | None:
        """The fetch that is running, or a new one; None if the last is too short a while ago."""
        if self._fetch is not None and not self._fetch.done():
            return self._fetch
        if self._tried_at is not None and self._monotonic() - self._tried_at < self._pause:
            return None
        self._tried_at = self._monotonic()
        self._fetch = asyncio.create_task(self._refresh())
        return self._fetch

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                self._keys = await self._fetch_keys()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            self._failing = True
            _log.warning("the keys of the issuer of tokens could not be fetched: %s", type(error).__name__)
        else:
            self._failing = False
            self._fetched_at = self._monotonic()

    async def _fetch_keys(self) -> tuple[PublishedKey, ...]:
        async with httpx.AsyncClient(
            verify=self._tls, trust_env=self._trust_env, timeout=self._timeout, follow_redirects=False
        ) as client:
            about = await _read(client, f"{self.url.rstrip('/')}/.well-known/openid-configuration")
            if not isinstance(about, dict) or about.get("issuer") != self.url:
                raise ValueError("the document is another issuer's")
            address = about.get("jwks_uri")
            if not isinstance(address, str) or not _is_safe(address, plain=self.url.startswith("http:"), query=True):
                raise ValueError("the keys have no safe address")
            return read_keys(await _read(client, address))


def _knows(keys: tuple[PublishedKey, ...], key_id: str | None, algorithm: str) -> bool:
    """Whether asking the issuer again could not change which key is meant."""
    if key_id is None:
        return pick_key(keys, None, algorithm) is not None
    return any(key.key_id == key_id for key in keys)


async def _read(client: httpx.AsyncClient, address: str) -> Any:
    """The JSON document at `address`. ValueError if it is too large, not JSON, or the status is not 200."""
    # Compressed, a few bytes could become any number of them.
    async with client.stream("GET", address, headers={"Accept-Encoding": "identity"}) as response:
        if response.status_code != httpx.codes.OK:
            raise ValueError("an answer without the document")
        content = bytearray()
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > LARGEST:
                raise ValueError("a document that is too large")
    return orjson.loads(content)


def _is_safe(address: str, *, plain: bool, query: bool = False) -> bool:
    """Whether an address may be asked: https, or with `plain` also http on this machine; without name and password."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return False
    if not url.host or url.userinfo or url.fragment or (url.query and not query):
        return False
    return url.scheme == "https" or (url.scheme == "http" and plain and _is_loopback(url.host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
