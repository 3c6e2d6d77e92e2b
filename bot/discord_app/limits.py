"""Discord's limits, in the one place that keeps them, and fitting text into them.

Characters are counted as Discord's clients do, in UTF-16 units (an emoji counts two), which is never less than any
other count; bytes are UTF-8. Sources: Discord's API documentation (message, component and command references); the
payload limit of Components V2 is undocumented (discord-api-docs issue 8554: above it Discord answers 500).
"""

from __future__ import annotations

TEXT_CHARS = 4_000  # over all text displays of a message
PAYLOAD_BYTES = 10_170  # UTF-8 bytes of all text displays of a message, plus BYTES_A_DISPLAY each
BYTES_A_DISPLAY = 12
COMPONENTS = 40  # nested ones included
BUTTON_LABEL_CHARS = 80
BUTTON_URL_CHARS = 512
ALT_CHARS = 1_024
CHOICES = 25
CHOICE_CHARS = 100
QUERY_CHARS = 300  # our own: longer questions are texts
MODAL_TEXT_CHARS = 4_000
NONCE_CHARS = 25

ELLIPSIS = "…"


def chars(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def size(text: str) -> int:
    """Length in UTF-8 bytes."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def fit(text: str, max_chars: int, max_bytes: int | None = None) -> str:
    """``text``, or as many of its first words as fit with an ellipsis that marks the cut."""
    if chars(text) <= max_chars and (max_bytes is None or size(text) <= max_bytes):
        return text
    room_chars = max_chars - len(ELLIPSIS)
    room_bytes = max_bytes - size(ELLIPSIS) if max_bytes is not None else room_chars * 4
    kept = text[: prefix_length(text, room_chars, room_bytes)]
    at_word = kept[: kept.rfind(" ")] if " " in kept[len(kept) // 2 :] else kept
    return at_word.rstrip() + ELLIPSIS if room_chars >= 0 else ""


def prefix_length(text: str, room_chars: int, room_bytes: int) -> int:
    """How many leading code points of ``text`` fit into both rooms."""
    for count, character in enumerate(text):
        room_chars -= 2 if character > "\uffff" else 1
        room_bytes -= size(character)
        if room_chars < 0 or room_bytes < 0:
            return count
    return len(text)
