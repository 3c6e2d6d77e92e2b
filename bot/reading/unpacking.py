"""The body of a web site's answer, unpacked as it comes in and never past its cap: gzip and deflate, up to twice.

    bytes from the wire -> Unpacking.feed -> pieces of at most 64 KiB -> bot.reading.fetching

A bomb is stopped by three counts: what was unpacked by any layer, its ratio to what came in, and the members of gzip.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

PIECE_BYTES = 1 << 16
MAX_LAYERS = 2
MAX_MEMBERS = 64
MAX_RATIO = 100  # of unpacked to packed; pages pack 3 to 20 times smaller, zlib's most is 1,032
RATIO_FROM_BYTES = 1 << 20  # below, any ratio will do: a short page of one repeated letter harms nobody

CODINGS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class PackedWrongly(Exception):
    """The body is not what its header says, breaks off, or is packed in a way that is not read."""


class TooLarge(Exception):
    """More was unpacked than is allowed."""


class Unpacking:
    """The layers of one body. ``codings`` is the value of its header Content-Encoding."""

    def __init__(self, codings: str) -> None:
        names = [name for part in codings.lower().split(",") if (name := part.strip()) not in ("", "identity")]
        if len(names) > MAX_LAYERS or not all(name in CODINGS for name in names):
            raise PackedWrongly
        self._layers = [_Layer(name) for name in reversed(names)]
        self._packed_bytes = 0
        self._unpacked_bytes = 0

    def feed(self, data: bytes, max_bytes: int) -> Iterator[bytes]:
        """What ``data`` unpacks to. Raises `TooLarge` once any layer has made more than ``max_bytes``."""
        self._packed_bytes += len(data)
        if self._packed_bytes > max_bytes:
            raise TooLarge
        yield from self._through(0, data, max_bytes)

    def finish(self) -> None:
        """Say that all was fed. Raises `PackedWrongly` where a layer waits for more."""
        if self._packed_bytes and not all(layer.done for layer in self._layers):
            raise PackedWrongly

    def _through(self, at: int, data: bytes, max_bytes: int) -> Iterator[bytes]:
        if at == len(self._layers):
            yield data
            return
        for piece in self._layers[at].feed(data):
            self._count(self._layers[at], len(piece), max_bytes)
            yield from self._through(at + 1, piece, max_bytes)

    def _count(self, layer: _Layer, new_bytes: int, max_bytes: int) -> None:
        layer.made_bytes += new_bytes
        ratio = layer.made_bytes / max(self._packed_bytes, 1)
        if layer.made_bytes > max_bytes or (layer.made_bytes > RATIO_FROM_BYTES and ratio > MAX_RATIO):
            raise TooLarge


class _Layer:
    def __init__(self, coding: str) -> None:
        self.made_bytes = 0
        self._coding = coding
        self._members = 0
        self._unpacker: zlib._Decompress | None = None

    @property
    def done(self) -> bool:
        """Whether a whole member was unpacked and none is begun."""
        return self._members > 0 and self._unpacker is None

    def feed(self, data: bytes) -> Iterator[bytes]:
        piece = b""
        while data or len(piece) == PIECE_BYTES:  # a full piece: zlib may hold back more of what it was given
            if self._unpacker is None:
                if not data or (self.done and not self._goes_on(data)):
                    return
                self._unpacker = self._begin(data)
            try:
                piece = self._unpacker.decompress(data, PIECE_BYTES)
            except zlib.error:
                raise PackedWrongly from None
            if piece:
                yield piece
            data = self._unpacker.unconsumed_tail
            if self._unpacker.eof:
                data = self._unpacker.unused_data
                self._unpacker = None
                self._members += 1

    def _begin(self, data: bytes) -> zlib._Decompress:
        """Deflate comes with zlib's header, as the standard has it, or bare, as some servers send it."""
        bits = CODINGS[self._coding]
        if self._coding == "deflate" and data[0] & 0x0F != 8:  # its method is 8 (RFC 1950)
            bits = -zlib.MAX_WBITS
        return zlib.decompressobj(bits)

    def _goes_on(self, rest: bytes) -> bool:
        """Whether another gzip member follows; whatever else does is padding, and passed over."""
        if self._coding == "deflate" or not rest.startswith(b"\x1f"):
            return False
        if self._members >= MAX_MEMBERS:
            raise TooLarge
        return True
