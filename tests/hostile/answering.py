"""The answers of `answers.toml`, written to the socket as they stand: no server that keeps to the rules sends them."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from typing import Any

from tests.hostile.net import Answer, Request

PIECE = 1 << 16
_WINDOW = {"gzip": 31, "deflate": 15, "bare": -15}
_BLOCK = 1 << 20


def answering(case: dict[str, Any]) -> Answer:
    """What the site does for ``case``; what has to be packed is packed before."""
    packed = _packed(case) if len(case.get("coding", ())) > 1 or case.get("members", 1) > 1 else None

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        for data in _sent(case, packed):
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(case.get("pace", 0))
        if case.get("hold"):
            await asyncio.sleep(60)

    return answer


def _sent(case: dict[str, Any], packed: bytes | None) -> Iterator[bytes]:
    if "raw" in case or "raw_hex" in case:
        yield bytes.fromhex(case["raw_hex"]) if "raw_hex" in case else case["raw"].encode("latin-1")
        while "drip" in case:
            yield case["drip"].encode() * (1 if case.get("pace") else 500)
        return
    yield _head(case)
    for data in filter(None, _cut(packed) if packed is not None else _body(case)):
        yield b"%x\r\n%s\r\n" % (len(data), data) if case.get("chunked") else data
    if case.get("chunked"):
        yield b"0\r\n\r\n"


def _head(case: dict[str, Any]) -> bytes:
    kind = case.get("type", "text/html; charset=utf-8")
    if "type_letters" in case:
        kind = "a" * case["type_letters"]
    lines = [f"HTTP/1.1 {case.get('status', 200)} Said", f"Content-Type: {kind}", *case.get("headers", ())]
    coding = case.get("say", ", ".join(case.get("coding", ())))
    lines += [f"Content-Encoding: {coding}"] if coding else []
    lines += ["Transfer-Encoding: chunked"] if case.get("chunked") else []
    lines += [f"Set-Cookie: c{number}=x; Domain=org" for number in range(case.get("cookies", 0))]
    if "location_letters" in case:
        lines.append("Location: http://paper.org/" + "a" * case["location_letters"])
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _body(case: dict[str, Any]) -> Iterator[bytes]:
    lead = bytes.fromhex(case["lead_hex"]) if "lead_hex" in case else case.get("lead", "").encode("latin-1")
    of = case.get("of", "<p>words ").encode("latin-1")
    if case.get("endless"):
        yield lead
        while True:
            yield of if case.get("pace") else of * (PIECE // len(of))
    codings = case.get("coding", ())
    if not codings:
        yield from _cut((lead + of * (case.get("size", 0) // len(of) + 1))[: case.get("size", 0)])
        return
    if "cut" in case or case["size"] <= _BLOCK:
        packed = b"".join(pack(codings[0], lead, of, case["size"])) + case.get("tail", "").encode("latin-1")
        yield from _cut(packed[: len(packed) - case.get("cut", 0)])
    else:
        yield from pack(codings[0], lead, of, case["size"])


def _packed(case: dict[str, Any]) -> bytes:
    """A body of several layers or members."""
    first, *others = case["coding"]
    of = case.get("of", "<p>words ").encode("latin-1")
    packed: bytes = b"".join(pack(first, case.get("lead", "").encode("latin-1"), of, case["size"])) * case.get(
        "members", 1
    )
    for coding in others:
        packed = b"".join(pack(coding, packed, b"", 0))
    return packed


def pack(coding: str, lead: bytes, of: bytes, size: int) -> Iterator[bytes]:
    """``lead`` and then ``of`` over and over, ``size`` bytes of it, packed.

    A block of a mebibyte is packed once and repeated, as deflate allows: gigabytes cost nothing to make. What gzip and
    zlib count at the end is then wrong; a bomb is not read that far.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, _WINDOW[coding])
    small = size <= _BLOCK
    filling = (of * (size // len(of) + 1))[:size] if small and of else b""
    yield packer.compress(lead + filling) + (packer.flush() if small else packer.flush(zlib.Z_FULL_FLUSH))
    if not small:
        block = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = block.compress((of * (_BLOCK // len(of) + 1))[:_BLOCK]) + block.flush(zlib.Z_FULL_FLUSH)
        for _ in range(min(size // _BLOCK, 10_240)):
            yield packed


def _cut(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), PIECE):
        yield data[at : at + PIECE]
