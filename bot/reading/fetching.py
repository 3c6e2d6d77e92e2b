"""Pages, files and feeds from the public internet, and from nowhere else: a link becomes `Fetched` bytes.

    link -> targets.target (what it says) -> resolving (what the name stands for) -> the gate (what is dialled)
         -> redirects, each from the start -> unpacking under a cap -> Fetched

The gate makes every socket, so whatever was checked before, and whatever a name server answers the second time, no
address is dialled that `may_dial` refuses. Nothing comes from the environment (no proxy, no .netrc), no cookie is kept
and no connection used twice, so that nothing a site says reaches the next one. One deadline holds for all of it.
"""

from __future__ import annotations

import asyncio
import codecs
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from types import TracebackType
from typing import Self

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp.abc import AbstractResolver
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from bot.errors import CannotFetch
from bot.metering import UNMETERED, FetchOutcome, Meter
from bot.reading import addresses
from bot.reading.measured import Allowance, MeasuredSocket
from bot.reading.resolving import CheckedResolver, NotPublic, SystemResolver
from bot.reading.targets import not_public, target
from bot.reading.unpacking import PackedWrongly, TooLarge, Unpacking

USER_AGENT = "Newsdesk/0.1 (cuttings library for Discord; fetches what its users link to)"
MAX_CONNECTIONS = 16
MAX_HEAD_BYTES = 1 << 18  # all that comes before a body: headers, and any number of "100 Continue"
READ_BYTES = 1 << 15
MAX_TAG_CHARS = 500  # of an ETag or a date that is sent back
MAX_RETRY_DIGITS = 7

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_PDF_MARK = b"%PDF-"
_NEVER_READ = ("image/", "video/", "audio/", "font/", "model/")

MayDial = Callable[[str, int], bool]


class Accept(Enum):
    """What is asked for: the header, and whether a PDF may come instead of a page."""

    ARTICLE = "text/html,application/xhtml+xml,application/pdf;q=0.9,text/plain;q=0.8,*/*;q=0.5"
    FEED = (
        "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.9,"
        "application/json;q=0.8,*/*;q=0.5"
    )


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much one fetch may take. Sizes are of the unpacked body."""

    page_bytes: int = 5 << 20
    feed_bytes: int = 5 << 20
    pdf_bytes: int = 20 << 20
    redirects: int = 5
    total_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, and ``url``, the page it was finally found at. With ``status`` 304 nothing changed and it is empty.

    ``moved`` is where it is for good, if every redirect on the way said so.
    """

    url: str
    status: int
    content_type: str  # as the server says, lower case, without parameters; "" where it says nothing
    body: bytes
    etag: str | None = None
    modified: str | None = None
    charset: str | None = None  # as the server says, where Python knows it
    moved: str | None = None


@dataclass(frozen=True, slots=True)
class _Redirect:
    url: URL
    for_good: bool


class Fetcher:
    """Fetches; an async context manager. ``resolver``, ``may_dial`` and ``limits`` are for tests alone."""

    def __init__(
        self,
        *,
        resolver: AbstractResolver | None = None,
        may_dial: MayDial = addresses.may_dial,
        limits: FetchLimits | None = None,
        meter: Meter = UNMETERED,
    ) -> None:
        self._meter = meter
        self._resolver = CheckedResolver(resolver or SystemResolver(), may_dial)
        self._may_dial = may_dial
        self._limits = limits or FetchLimits()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            socket_factory=self._gate,
            use_dns_cache=False,
            force_close=True,
            limit=MAX_CONNECTIONS,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        await self._resolver.close()

    async def fetch(
        self, link: str, *, etag: str | None = None, modified: str | None = None, accept: Accept = Accept.ARTICLE
    ) -> Fetched:
        """What is at ``link``. With ``etag`` or ``modified``, as they came the last time, only if it has changed.

        Raises `CannotFetch`, whatever the link is and whatever answers.
        """
        kind = accept.name.lower()
        try:
            fetched = await self._fetch(target(link), etag, modified, accept)
        except CannotFetch as error:
            self._meter.fetched(kind, FetchOutcome.REFUSED if error.status else FetchOutcome.FAILED)
            raise
        is_same = fetched.status == HTTPStatus.NOT_MODIFIED
        self._meter.fetched(kind, FetchOutcome.UNCHANGED if is_same else FetchOutcome.READ)
        return fetched

    async def _fetch(self, url: URL, etag: str | None, modified: str | None, accept: Accept) -> Fetched:
        try:
            async with asyncio.timeout(self._limits.total_seconds):
                return await self._follow(url, _headers(accept, etag, modified), accept)
        except TimeoutError:
            seconds = f"{self._limits.total_seconds:g}"
            sentence = f"{_site(url)} did not finish answering within {seconds} seconds: try again later."
            raise CannotFetch(sentence) from None

    async def _follow(self, url: URL, headers: Mapping[str, str], accept: Accept) -> Fetched:
        for_good = True
        for hop in range(self._limits.redirects + 1):
            found = await self._ask(url, headers, accept)
            if isinstance(found, Fetched):
                return replace(found, moved=found.url) if hop and for_good else found
            url, for_good = found.url, for_good and found.for_good
        raise CannotFetch(f"{_site(url)} sends from one page to the next without end: open the link in a browser.")

    async def _ask(self, url: URL, headers: Mapping[str, str], accept: Accept) -> Fetched | _Redirect:
        """What ``url`` answers: a body, or the page it sends to."""
        if self._session is None:
            raise RuntimeError("a Fetcher is used inside `async with`")
        allowance = Allowance.begin(MAX_HEAD_BYTES)
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                allowance.left_bytes = 2 * self._limits.pdf_bytes  # chunks of one byte take six
                try:
                    return await self._read(url, response, accept)
                finally:
                    response.close()
        except aiohttp.ClientConnectorError as error:
            raise CannotFetch(_why_not_connected(url, error)) from None
        except (TimeoutError, CannotFetch):
            raise
        except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError):
            raise CannotFetch(f"{_site(url)} broke off or answered with something that is no web page.") from None

    async def _read(self, url: URL, response: aiohttp.ClientResponse, accept: Accept) -> Fetched | _Redirect:
        status = response.status
        if status in _REDIRECTS and "Location" in response.headers:
            page = target(response.headers["Location"].strip().replace(" ", "%20"), base=url)
            return _Redirect(page, status in _FOR_GOOD)
        if status not in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION, HTTPStatus.NOT_MODIFIED):
            raise CannotFetch(_refusal(url, status), status=status, retry_after_seconds=_retry_after(response))
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if content_type.startswith(_NEVER_READ):
            raise CannotFetch(f"{_site(url)} sent a file of the type {content_type[:60]}, which has no text to read.")
        body = b"" if status == HTTPStatus.NOT_MODIFIED else await self._body(url, response, accept)
        return Fetched(
            url=str(url),
            status=status,
            content_type=content_type,
            body=body,
            etag=_kept(response, "ETag"),
            modified=_kept(response, "Last-Modified"),
            charset=_charset(response),
        )

    async def _body(self, url: URL, response: aiohttp.ClientResponse, accept: Accept) -> bytes:
        body = bytearray()
        try:
            unpacking = Unpacking(",".join(response.headers.getall("Content-Encoding", ())))
            self._check_size(response.content_length or 0, accept, _PDF_MARK)
            async for data in response.content.iter_chunked(READ_BYTES):
                for piece in unpacking.feed(data, self._cap(accept, body)):
                    body += piece
                    self._check_size(len(body), accept, body)
                    await asyncio.sleep(0)  # what has come in already is read without a pause otherwise
            unpacking.finish()
        except TooLarge:
            most = self._cap(accept, body)
            raise CannotFetch(f"{_site(url)} sent more than {_size(most)}, the most that is fetched.") from None
        except PackedWrongly:
            sentence = f"{_site(url)} sent a page that is packed wrongly or broke off: try again later."
            raise CannotFetch(sentence) from None
        return bytes(body)

    def _check_size(self, size_bytes: int, accept: Accept, start: bytes | bytearray) -> None:
        if size_bytes > self._cap(accept, start):
            raise TooLarge

    def _cap(self, accept: Accept, start: bytes | bytearray) -> int:
        if accept is Accept.FEED:
            return self._limits.feed_bytes
        return self._limits.pdf_bytes if start[: len(_PDF_MARK)] == _PDF_MARK else self._limits.page_bytes

    def _gate(self, info: AddrInfoType) -> socket.socket:
        """A socket to dial the address in ``info``, if it may be dialled: nothing is connected but through here."""
        family, kind, protocol, _, where = info
        if family not in (socket.AF_INET, socket.AF_INET6) or not self._may_dial(where[0], where[1]):
            raise NotPublic
        return MeasuredSocket(family, kind, protocol)


def _headers(accept: Accept, etag: str | None, modified: str | None) -> dict[str, str]:
    headers = {"User-Agent": USER_AGENT, "Accept": accept.value, "Accept-Encoding": "gzip, deflate"}
    if etag and (tag := _sendable(etag)):
        headers["If-None-Match"] = tag
    if modified and (day := _sendable(modified)):
        headers["If-Modified-Since"] = day
    return headers


def _sendable(value: str) -> str | None:
    """``value`` if it can be a header's: what a site once said is sent back to it, and to where it redirects."""
    return value if len(value) <= MAX_TAG_CHARS and value.isascii() and value.isprintable() else None


def _kept(response: aiohttp.ClientResponse, header: str) -> str | None:
    return _sendable(response.headers.get(header, "")) or None


def _charset(response: aiohttp.ClientResponse) -> str | None:
    try:
        return codecs.lookup(response.charset or "").name
    except (LookupError, ValueError):
        return None


def _retry_after(response: aiohttp.ClientResponse) -> int | None:
    """Seconds, or until when (RFC 9110, 10.2.3)."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit() and len(value) <= MAX_RETRY_DIGITS:
        return int(value)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    seconds = until.timestamp() - time.time()
    return int(seconds) if 0 < seconds < 10**MAX_RETRY_DIGITS else None


def _site(url: URL) -> str:
    return (url.raw_host or "The web site")[:100]


def _size(size_bytes: int) -> str:
    return f"{size_bytes >> 20} MiB" if size_bytes >= 1 << 20 else f"{size_bytes:,} bytes"


def _refusal(url: URL, status: int) -> str:
    match status:
        case 401 | 402 | 403 | 407 | 451:
            what = "does not show this page to everybody"
        case 404 | 410:
            what = "has no such page"
        case 429 | 503:
            what = "asks to be left alone for a while"
        case _:
            what = "did not send the page"
    return f"{_site(url)} {what} ({status}): open the link in a browser to see."


def _why_not_connected(url: URL, error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error.os_error, NotPublic):
        return not_public(_site(url))
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"There is no web site called {_site(url)}: check the link."
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return f"{_site(url)} cannot prove that it is this web site (its certificate is not good)."
    return f"{_site(url)} cannot be reached: try again later."
