"""TLS in front of a PostgreSQL that was built without: what the driver sees is a server that offers it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

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
