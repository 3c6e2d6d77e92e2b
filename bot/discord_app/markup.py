"""Article text as Discord Markdown: shown as written, whatever it contains.

Everything that Discord could read as formatting, a mention, an emoji or a link is escaped, one character at a time
(linear on any input). Line breaks inside a passage become blanks: a passage is one paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.discord_app import limits
from bot.model import Span
from bot.search.highlights import window

# Brackets make masked links; ":" plain links, emoji and timestamps; "<", "@" and "#" mentions and headings.
_ESCAPES = {character: f"\\{character}" for character in "\\`*_~|<>[]()#@:"} | {"\n": " ", "\t": " "}
_SPECIAL = re.compile(f"[{re.escape(''.join(_ESCAPES))}]")  # few of a text's characters, so that `translate` is slower
# What has a meaning only where a line begins: lists ("- ", "+ ", "1. ") and small print ("-# ").
_LINE_START = re.compile(r"^(\s*)([-+]|\d{1,9}(?=[.)]))")

_MOST_WINDOWS = 6  # tried before the end is cut: escapes are seldom so uneven that the second does not fit
_LONGEST_WORD_CHARS = 60  # what is longer is no word (or a script without blanks) and is cut anywhere


def escape(text: str) -> str:
    """``text`` so that Discord shows it character for character."""
    return _LINE_START.sub(_escape_line_start, _escape_characters(text))


def _escape_characters(text: str) -> str:
    return _SPECIAL.sub(_escape_character, text)


def _escape_character(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]


def _escape_line_start(match: re.Match[str]) -> str:
    blank, mark = match.groups()
    return f"{blank}\\{mark}" if mark in "-+" else f"{blank}{mark}\\"


def escape_within(text: str, max_chars: int) -> str:
    """``text`` escaped, cut with an ellipsis so that the escaped form has at most ``max_chars``."""
    return passage(text, Span(0, len(text)), (), max_chars)


def passage(text: str, span: Span, bold: Iterable[Span], max_chars: int, max_bytes: int | None = None) -> str:
    """``span`` of ``text`` escaped, the spans of ``bold`` in bold, at most ``max_chars`` long as Markdown.

    Cut at a word with an ellipsis where it is longer; bold that was cut is closed.
    """
    most_bytes = max_bytes or max_chars * 4
    # Escaping never shortens, so no more of a long span than this can be shown.
    shown = Span(span.start, min(span.end, span.start + max_chars + 1))
    parts = list(_parts(text, shown, bold))
    whole = "".join(part for part, _ in parts)
    if limits.chars(whole) <= max_chars and limits.size(whole) <= most_bytes:
        return whole
    room, room_bytes = max_chars - limits.chars(limits.ELLIPSIS), most_bytes - limits.size(limits.ELLIPSIS)
    kept: list[str] = []
    for piece in (piece for part, is_bold in parts for piece in ([part] if is_bold else _words(part))):
        if limits.chars(piece) > room or limits.size(piece) > room_bytes:
            return _end_cut(kept, piece, room, room_bytes)
        kept.append(piece)
        room -= limits.chars(piece)
        room_bytes -= limits.size(piece)
    return "".join(kept)


def excerpt(
    text: str, span: Span, matched: Sequence[Span], max_chars: int, max_bytes: int | None = None, *, bold: bool = True
) -> str:
    """As `passage`, but a long ``span`` is shown where most of ``matched`` is, with an ellipsis on each side cut."""
    most_bytes, room = max_bytes or max_chars * 4, max_chars
    part = span
    for _ in range(_MOST_WINDOWS):
        part = window(text, span, matched, room)
        shown = _between_ellipses(text, span, part, _within(part, matched) if bold else ())
        over = max(limits.chars(shown) / max_chars, limits.size(shown) / most_bytes)
        if over <= 1:
            return shown
        room = max(int(len(part) / over) - 2, 1)
    lead = limits.ELLIPSIS if part.start > span.start else ""
    rest = Span(part.start, span.end)
    fitted = passage(text, rest, matched if bold else (), max_chars - len(lead), most_bytes - limits.size(lead))
    return lead + fitted


def _between_ellipses(text: str, span: Span, part: Span, bold: Iterable[Span]) -> str:
    before = limits.ELLIPSIS if part.start > span.start else ""
    after = limits.ELLIPSIS if part.end < span.end else ""
    return before + "".join(shown for shown, _ in _parts(text, part, bold)).strip() + after


def _within(part: Span, spans: Iterable[Span]) -> list[Span]:
    """What of ``spans`` lies in ``part``."""
    shared = (span for span in spans if span.start < part.end and part.start < span.end)
    return [Span(max(span.start, part.start), min(span.end, part.end)) for span in shared]


def _parts(text: str, span: Span, bold: Iterable[Span]) -> Iterator[tuple[str, bool]]:
    """The escaped text in parts, each with whether it is bold: such a part has its asterisks."""
    at = span.start
    for match in _joined(_stripped(text, one) for one in bold):
        if match.start < at or match.end > span.end:
            continue
        yield _escaped(text[at : match.start], first=at == span.start), False
        yield f"**{escape(match.of(text))}**", True
        at = match.end
    yield _escaped(text[at : span.end], first=at == span.start), False


def _escaped(text: str, *, first: bool) -> str:
    """``text`` escaped; only where it is the first a line begins with it."""
    return escape(text) if first else _escape_characters(text)


def _stripped(text: str, span: Span) -> Span:
    """``span`` without outer blanks, which bold must not begin or end with to be bold everywhere."""
    inside = span.of(text)
    start = span.start + len(inside) - len(inside.lstrip())
    return Span(start, start + len(inside.strip()))


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that touch as one: Discord reads ``**a****b**`` as bold "a**" and loose asterisks."""
    joined: list[Span] = []
    for span in sorted(span for span in spans if len(span) > 0):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _words(escaped: str) -> list[str]:
    """Escaped text so split that the pieces joined are the text; a cut falls between two pieces."""
    return re.findall(r"\s*[^\s]+|\s+$", escaped)


def _end_cut(kept: list[str], piece: str, room: int, room_bytes: int) -> str:
    """What fits of a text that must be cut inside ``piece``, with the ellipsis."""
    if not kept or limits.chars(piece) > _LONGEST_WORD_CHARS:
        kept = [*kept, _cut_inside(piece, room, room_bytes)]
    return "".join(kept).rstrip() + limits.ELLIPSIS


def _cut_inside(piece: str, room: int, room_bytes: int) -> str:
    """The beginning of a piece; bold is closed again."""
    marks = 4 if piece.startswith("**") else 0
    inner = piece.removeprefix("**").removesuffix("**") if marks else piece
    cut = _whole_escapes(inner[: limits.prefix_length(inner, room - marks, room_bytes - marks)])
    return f"**{cut}**" if marks and cut else cut


def _whole_escapes(cut: str) -> str:
    """``cut`` without a last backslash whose character was cut off."""
    return cut[:-1] if (len(cut) - len(cut.rstrip("\\"))) % 2 else cut
