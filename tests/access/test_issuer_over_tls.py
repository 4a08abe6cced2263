"""Issuers that are not on this machine speak TLS; one here does so too, with a certificate of its own."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.access import Issuer
from app.errors import IssuerUnavailable
from tests.access.issuing import DISCOVERY, KEYS, LoopbackIssuer, PrivateKey, as_json, as_jwk


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody else signed, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return file


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
