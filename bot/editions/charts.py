"""Small pictures of numbers: bar charts as PNGs, and the words for who cannot see them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Final

from bot.model import Inflow

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

_WIDTH, _HEIGHT = 720, 200  # in pixels: what a phone shows without scrolling
_MARGIN, _LABEL_ROOM, _VALUE_ROOM = 16, 26, 20
_WIDEST_BAR: Final = 48
_FONT_PIXELS: Final = 14
_GROUND, _BAR, _INK = "#2b2d31", "#b3541e", "#dbdee1"  # Discord's dark theme; the brown of our cards

SERIES: Final = (("#f4900c", "🟧"), ("#55acee", "🟦"), ("#fdcb58", "🟨"), ("#aa8ed6", "🟪"), ("#e6e7e8", "⬜"))
"""The colours of stacked bars, and the emoji that have them: so a legend is text, in any script, and read aloud."""

Bars = Sequence[tuple[str, int]]


def bar_chart(bars: Bars) -> bytes:
    """A PNG of the bars with their numbers; labels that would touch are left out. Takes some 10 ms: use a thread."""
    return _drawn([(label, ((count, _BAR),)) for label, count in bars])


def stacked_chart(inflow: Inflow) -> bytes:
    """A PNG of the columns, each outlet's part in its colour of `SERIES`, with their totals. Use a thread."""
    colours = [colour for colour, _ in SERIES]
    return _drawn([(label, tuple(zip(counts, colours, strict=False))) for label, counts in inflow.columns])


def in_words(bars: Bars) -> str:
    """The same for a screen reader: "May 2025: 3, Jun 2025: 0"."""
    return ", ".join(f"{label}: {count}" for label, count in bars)


def inflow_in_words(inflow: Inflow) -> str:
    """The same as the stacked chart, columns that are alike told once: "12 May: 3 (Posten 2, Bladet 1)"."""
    told = []
    for counts, columns in groupby(inflow.columns, key=lambda column: column[1]):
        labels = [label for label, _ in columns]
        when = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}, each"
        parts = [f"{outlet} {count}" for outlet, count in zip(inflow.outlets, counts, strict=True) if count]
        told.append(f"{when}: {sum(counts)}" + (f" ({', '.join(parts)})" if parts else ""))
    return f"Articles a {inflow.unit} by outlet. {'; '.join(told)}."


Column = tuple[str, Sequence[tuple[int, str]]]
"""A label, and from the ground up each part's number and colour."""


def _drawn(columns: Sequence[Column]) -> bytes:
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - six megabytes, for the first to draw

    image = Image.new("RGB", (_WIDTH, _HEIGHT), _GROUND)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(_FONT_PIXELS)
    slot = (_WIDTH - 2 * _MARGIN) / max(1, len(columns))
    base, top = _HEIGHT - _LABEL_ROOM, _VALUE_ROOM + 4
    most = max((_total(parts) for _, parts in columns), default=1) or 1
    labelled_to = 0.0
    for number, (label, parts) in enumerate(columns):
        middle = _MARGIN + slot * (number + 0.5)
        _draw_parts(draw, font, middle, min(_WIDEST_BAR, slot * 0.7), base, (base - top) / most, parts)
        half = draw.textlength(label, font=font) / 2
        centre = min(max(middle, _MARGIN + half), _WIDTH - _MARGIN - half)
        if centre - half > labelled_to:
            draw.text((centre, base + 6), label, fill=_INK, font=font, anchor="mt")
            labelled_to = centre + half + 8
    draw.line((_MARGIN, base, _WIDTH - _MARGIN, base), fill=_INK)
    return _png(image)


def _draw_parts(
    draw: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    middle: float,
    width: float,
    base: float,
    scale: float,
    parts: Sequence[tuple[int, str]],
) -> None:
    """One column of ``scale`` pixels a unit, and its total above it."""
    total, ground = _total(parts), 0
    if not total:
        return
    for count, colour in parts:
        if count:
            top, bottom = base - max(2, (ground + count) * scale), base - ground * scale
            draw.rectangle((middle - width / 2, top, middle + width / 2, bottom), fill=colour)
        ground += count
    draw.text((middle, base - total * scale - 4), str(total), fill=_INK, font=font, anchor="mb")


def _total(parts: Sequence[tuple[int, str]]) -> int:
    return sum(count for count, _ in parts)


def _png(image: Image.Image) -> bytes:
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()
