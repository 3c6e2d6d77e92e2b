"""Small pictures of numbers: a bar chart as a PNG, and the words for who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Final

_WIDTH, _HEIGHT = 720, 200  # in pixels: what a phone shows without scrolling
_MARGIN, _LABEL_ROOM, _VALUE_ROOM = 16, 26, 20
_WIDEST_BAR: Final = 48
_FONT_PIXELS: Final = 14
_GROUND, _BAR, _INK = "#2b2d31", "#b3541e", "#dbdee1"  # Discord's dark theme; the brown of our cards

Bars = Sequence[tuple[str, int]]


def bar_chart(bars: Bars) -> bytes:
    """A PNG of the bars with their numbers; labels that would touch are left out. Takes some 10 ms: use a thread."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - six megabytes, for the first to draw

    image = Image.new("RGB", (_WIDTH, _HEIGHT), _GROUND)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(_FONT_PIXELS)
    slot = (_WIDTH - 2 * _MARGIN) / max(1, len(bars))
    width = min(_WIDEST_BAR, slot * 0.7)
    base, top = _HEIGHT - _LABEL_ROOM, _VALUE_ROOM + 4
    most = max((count for _, count in bars), default=1) or 1
    labelled_to = 0.0
    for number, (label, count) in enumerate(bars):
        middle = _MARGIN + slot * (number + 0.5)
        height = (base - top) * count / most
        if count:
            draw.rectangle((middle - width / 2, base - max(2, height), middle + width / 2, base), fill=_BAR)
            draw.text((middle, base - height - 4), str(count), fill=_INK, font=font, anchor="mb")
        half = draw.textlength(label, font=font) / 2
        centre = min(max(middle, _MARGIN + half), _WIDTH - _MARGIN - half)
        if centre - half > labelled_to:
            draw.text((centre, base + 6), label, fill=_INK, font=font, anchor="mt")
            labelled_to = centre + half + 8
    draw.line((_MARGIN, base, _WIDTH - _MARGIN, base), fill=_INK)
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def in_words(bars: Bars) -> str:
    """The same for a screen reader: "May 2025: 3, Jun 2025: 0"."""
    return ", ".join(f"{label}: {count}" for label, count in bars)
