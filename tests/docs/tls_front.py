"""TLS in front of a PostgreSQL that was built without: what the driver sees is a server that offers it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")
"""What a client sends first (SSLRequest of PostgreSQL's protocol); `S` says that it may begin."""


@asynccontextmanager
async def tls_front(port: int, certificate: Path) -> AsyncIterator[tuple[int, list[bool]]]:
    """A port that leads to `port` with or without TLS, and for each connection whether it was with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    encrypted: list[bool] = []

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(len(_ASKS_FOR_TLS))
        asked = first == _ASKS_FOR_TLS
        try:
            if asked:
                writer.write(b"S")
                await writer.start_tls(context)
                first = b""
            there, back = await asyncio.open_connection("127.0.0.1", port)
            encrypted.append(asked)
            back.write(first)
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        except (OSError, ssl.SSLError):  # the client did not like the certificate
            writer.close()

    async with await asyncio.start_server(lead, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], encrypted


async def _pass_on(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        to.write(data)
        await to.drain()
    to.close()


def make_certificate(file: Path) -> Path:
    """Write a certificate for 127.0.0.1 that nobody else signed, with its key."""
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
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return file
