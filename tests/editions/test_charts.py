"""Charts: pictures of numbers, the same each time, and the same in words."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor

from bot.editions.charts import SERIES, bar_chart, in_words, inflow_in_words, stacked_chart
from bot.model import Inflow

INFLOW = Inflow(
    "day", ("Posten", "Bladet"), (("1 May", (2, 1)), ("2 May", (0, 0)), ("3 May", (0, 0)), ("4 May", (0, 4)))
)


def _pixels(png: bytes) -> dict[tuple[int, ...], int]:
    image = Image.open(BytesIO(png)).convert("RGB")
    return {colour: number for number, colour in image.getcolors(1 << 24) or ()}  # type: ignore[misc]


def test_a_chart_is_the_same_bytes_each_time() -> None:
    assert stacked_chart(INFLOW) == stacked_chart(INFLOW)
    assert bar_chart([("May", 3)]) == bar_chart([("May", 3)])
    assert stacked_chart(INFLOW).startswith(b"\x89PNG")


def test_each_outlet_has_its_colour_and_as_much_of_it_as_it_has_articles() -> None:
    found = _pixels(stacked_chart(INFLOW))
    posten, bladet = (found[ImageColor.getrgb(colour)] for colour, _ in SERIES[:2])
    assert 2.2 < bladet / posten < 2.8  # five articles and two


@given(st.lists(st.lists(st.integers(0, 500), min_size=5, max_size=5), min_size=1, max_size=40))
def test_any_numbers_can_be_drawn(columns: list[list[int]]) -> None:
    made = Inflow("day", tuple("ABCDE"), tuple((f"{n} May", tuple(counts)) for n, counts in enumerate(columns)))
    assert Image.open(BytesIO(stacked_chart(made))).size == (720, 200)


def test_the_words_say_what_the_picture_shows() -> None:
    assert inflow_in_words(INFLOW) == (
        "Articles a day by outlet. 1 May: 3 (Posten 2, Bladet 1); 2 May to 3 May, each: 0; 4 May: 4 (Bladet 4)."
    )
    assert in_words([("May 2025", 3), ("Jun 2025", 0)]) == "May 2025: 3, Jun 2025: 0"
