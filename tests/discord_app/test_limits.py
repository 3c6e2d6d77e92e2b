"""Fitting text into Discord's limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.discord_app.limits import ELLIPSIS, chars, fit, size


@given(text=st.text(max_size=200), max_chars=st.integers(1, 60), max_bytes=st.integers(3, 120))
def test_fitted_text_is_within_both_limits(text: str, max_chars: int, max_bytes: int) -> None:
    fitted = fit(text, max_chars, max_bytes)
    assert chars(fitted) <= max_chars
    assert size(fitted) <= max_bytes


@given(text=st.text(max_size=200), max_chars=st.integers(1, 60))
def test_what_is_kept_is_the_beginning_and_a_cut_is_marked(text: str, max_chars: int) -> None:
    fitted = fit(text, max_chars)
    if chars(text) <= max_chars:
        assert fitted == text
    else:
        assert fitted.endswith(ELLIPSIS)
        assert text.startswith(fitted.removesuffix(ELLIPSIS))


def test_a_cut_falls_between_words() -> None:
    assert fit("a truce for the whole winter", 18) == "a truce for the…"


def test_an_emoji_counts_as_discord_counts_it() -> None:
    assert chars("🗞") == 2
    assert fit("🗞🗞🗞", 5) == "🗞🗞…"
