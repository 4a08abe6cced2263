"""Issuers that are not on this machine speak TLS; one here does so too, with a certificate of its own."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access import Issuer
from app.errors import IssuerUnavailable
from tests.access.issuing import DISCOVERY, KEYS, LoopbackIssuer, PrivateKey, as_json, as_jwk
from tests.certificate import make_certificate


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path / "certificate.pem")


@pytest.fixture
def remote(certificate: Path, keys: dict[str, PrivateKey]) -> Iterator[LoopbackIssuer]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with LoopbackIssuer(tls) as issuing:
        issuing.published = [as_jwk(keys["p256"], "p256")]
        yield issuing


async def test_a_certificate_that_the_operator_trusts_is_believed(
    remote: LoopbackIssuer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert await Issuer(remote.url, trust_env=True).find_key("p256", "ES256") is not None


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(
    remote: LoopbackIssuer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(IssuerUnavailable):
        await Issuer(remote.url).find_key("p256", "ES256")
    assert remote.asked == []


async def test_keys_of_an_issuer_that_speaks_tls_are_not_fetched_without(
    remote: LoopbackIssuer, issuing: LoopbackIssuer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    remote.answers[DISCOVERY] = lambda: as_json({"issuer": remote.url, "jwks_uri": issuing.url + KEYS})
    with pytest.raises(IssuerUnavailable):
        await Issuer(remote.url, trust_env=True).find_key("p256", "ES256")
    assert issuing.asked == []
