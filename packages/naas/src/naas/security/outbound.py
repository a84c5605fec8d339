"""What this service fetches and sends by HTTP of its own accord: few bytes, in bounded time, where it was told to.

One request a connection; no redirects, no cookies, no proxies, no decompression. The name is resolved once, every
address that it has is judged (`naas.security.addresses`), and the connection goes to the address that was judged, so
that a name which changes its mind between the two questions gains nothing. TLS still checks the certificate for the
name.
"""

from __future__ import annotations

import asyncio
import io
import socket
import ssl
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from naas.security.addresses import Destination, address_refusal, parse_destination

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naas.security.addresses import DestinationRules

__all__ = ["Answer", "Outbound", "OutboundError"]

LARGEST_ANSWER: Final = 1024 * 1024
_MOST_ADDRESSES: Final = 4


@cache
def _trust_of_the_system() -> ssl.SSLContext:
    return ssl.create_default_context()  # some milliseconds, to read the certificates


class OutboundError(Exception):
    """A request of ours failed. The text names host and reason, never the path or what was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outbound:
    """A small client. ``timeout`` is for the whole exchange, in seconds; ``tls`` None means the system's trust."""

    rules: DestinationRules
    timeout: float = 10.0
    largest_answer: int = LARGEST_ANSWER
    tls: ssl.SSLContext | None = None

    async def get(self, url: str) -> Answer:
        """Fetch a document.

        Raises:
            OutboundError: It could not be fetched; also if the answer is a redirect.
        """
        return await self._exchange(url, "GET", {"Accept": "application/json"}, b"")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a document; of the answer only status and headers are read.

        Raises:
            OutboundError: It could not be sent. Whatever status came back is an answer, not an error.
        """
        return await self._exchange(url, "POST", headers, body, wants_body=False)

    async def _exchange(
        self, url: str, method: str, headers: Mapping[str, str], body: bytes, *, wants_body: bool = True
    ) -> Answer:
        destination = parse_destination(url, self.rules)
        if isinstance(destination, str):
            raise OutboundError(destination)
        request = _request(url, destination, method, headers, body)
        try:
            async with asyncio.timeout(self.timeout):
                addresses = await self._judged_addresses(destination)
                raw = await self._converse(destination, addresses, request, wants_body=wants_body)
        except TimeoutError as exc:
            raise OutboundError(f"{destination.host} did not answer within {self.timeout:g} s") from exc
        except ssl.SSLError as exc:
            raise OutboundError(f"TLS with {destination.host} failed: {exc.reason or type(exc).__name__}") from exc
        except OSError as exc:
            raise OutboundError(f"no connection to {destination.host}: {exc.strerror or type(exc).__name__}") from exc
        return _answer(destination.host, raw)

    async def _judged_addresses(self, destination: Destination) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as exc:
            raise OutboundError(f"the name {destination.host} cannot be resolved") from exc
        addresses: Sequence[str] = [str(entry[4][0]) for entry in found]
        for address in addresses:
            # All of them: a name with one public and one private address is trying something.
            if (refusal := address_refusal(address, self.rules)) is not None:
                raise OutboundError(f"{destination.host} is not a place to send to: {refusal}")
        return tuple(dict.fromkeys(addresses))

    async def _converse(self, to: Destination, addresses: Sequence[str], request: bytes, *, wants_body: bool) -> bytes:
        reader, writer = await self._connect(to, addresses)
        try:
            writer.write(request)
            await writer.drain()
            return await self._read(to, reader, wants_body=wants_body)
        finally:
            # Not closed in good order: a server that does not close its side must not hold us.
            cast("asyncio.Transport", writer.transport).abort()

    async def _connect(
        self, to: Destination, addresses: Sequence[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the first address that takes us: a machine may have no way to those of IPv6."""
        context = (self.tls or _trust_of_the_system()) if to.is_tls else None
        name = to.host if to.is_tls else None
        *firsts, last = addresses[:_MOST_ADDRESSES]
        for address in firsts:
            try:
                return await asyncio.open_connection(address, to.port, ssl=context, server_hostname=name)
            except ssl.SSLError:
                raise
            except OSError:
                continue
        return await asyncio.open_connection(last, to.port, ssl=context, server_hostname=name)

    async def _read(self, to: Destination, reader: asyncio.StreamReader, *, wants_body: bool) -> bytes:
        raw = b""
        while not wants_body or _missing(raw) != 0:
            piece = await reader.read(65_536)
            raw += piece
            if not piece or (not wants_body and b"\r\n\r\n" in raw):
                break
            if len(raw) > self.largest_answer:
                raise OutboundError(f"{to.host} answered more than {self.largest_answer} bytes")
        return raw


def _request(url: str, to: Destination, method: str, headers: Mapping[str, str], body: bytes) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {to.authority}",
        "Connection: close",
        "User-Agent: naas",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    if method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _missing(raw: bytes) -> int | None:
    """How many bytes are missing at the end of an answer that says its length; None if it does not say, or not yet."""
    head, end, body = raw.partition(b"\r\n\r\n")
    if not end:
        return None
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return max(0, int(value) - len(body))
    return None


class _Received(io.BytesIO):
    """Bytes in the shape of a socket, for the parser of the standard library."""

    def makefile(self, *_: object) -> _Received:
        return self


def _answer(host: str, raw: bytes) -> Answer:
    response = HTTPResponse(cast("socket.socket", _Received(raw)))
    try:
        response.begin()
        body = b"" if not raw.partition(b"\r\n\r\n")[2] else response.read()
    except (HTTPException, ValueError) as exc:  # cut off, or no HTTP at all
        raise OutboundError(f"{host} did not answer in whole HTTP") from exc
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
