"""An issuer of tokens on this machine, with real keys, that can rotate them, lie, be slow and be gone."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from app.access import TokenVerifier
from app.errors import Unauthenticated

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Answer = tuple[int, dict[str, str], bytes]


def as_jwk(key: PrivateKey, kid: str | None, **members: Any) -> dict[str, Any]:
    """The public half as a JSON Web Key."""
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        entry = RSAAlgorithm.to_jwk(public, as_dict=True)
    elif isinstance(public, ec.EllipticCurvePublicKey):
        entry = ECAlgorithm.to_jwk(public, as_dict=True)
    else:
        entry = OKPAlgorithm.to_jwk(public, as_dict=True)
    return {**entry, **({} if kid is None else {"kid": kid}), **members}


def as_json(value: Any) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


class LoopbackIssuer:
    """Serves `published` as its key set. `answers` replaces what an address answers, `asked` lists what was asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.published: list[dict[str, Any]] = []
        self.answers: dict[str, Callable[[], Answer]] = {}
        self.asked: list[str] = []
        self._noticed = threading.Condition()
        self.open = threading.Event()
        self.open.set()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.start()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler())
        self._port = self._server.server_port
        if self._tls is not None:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()

    def stop(self) -> None:
        """Be gone: connections are refused."""
        self.open.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    async def wait_until_asked(self, times: int) -> None:
        """Return once `times` requests have come since the beginning."""

        def wait() -> None:
            with self._noticed:
                assert self._noticed.wait_for(lambda: len(self.asked) >= times, 10)

        await asyncio.to_thread(wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def answer(self, path: str) -> Answer:
        if path in self.answers:
            return self.answers[path]()
        if path == DISCOVERY:
            return as_json({"issuer": self.url, "jwks_uri": self.url + KEYS})
        return as_json({"keys": self.published})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with issuer._noticed:
                    issuer.asked.append(self.path)
                    issuer._noticed.notify_all()
                issuer.open.wait(10)
                status, headers, content = issuer.answer(self.path)
                try:
                    self.send_response(status)
                    for name, value in {**headers, "Content-Length": str(len(content))}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    self.close_connection = True  # the caller gave up waiting

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it is called with
                pass

        return Handler


def sign(claims: dict[str, Any], key: Any, algorithm: str, kid: str | None, **header: Any) -> str:
    """A token."""
    return jwt.encode(claims, key, algorithm, headers={**({} if kid is None else {"kid": kid}), **header})


async def refusal(verifier: TokenVerifier, token: str) -> str:
    """What somebody is told whose token is refused."""
    with pytest.raises(Unauthenticated) as refused:
        await verifier.verify(token)
    return str(refused.value)
