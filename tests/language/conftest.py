"""What the property tests of bot/language are fed."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

NEWSLIKE = st.lists(
    st.sampled_from(
        [
            "“",
            "”",
            '"',
            "’",
            ". ",
            "? ",
            "!",
            "… ",
            "Mr.",
            "U.S.",
            " said ",
            "Ruiz",
            "a",
            " ",
            "\n",
            "\n\n",
            "- ",
            "Q: ",
            "A: ",
            "Tom Vale: ",
            "No. 1",
            "(",
            ")",
            "By ",
            ", ",
            "*",
            "# ",
            "日本。",
            "\u0301",
            "The plan failed",
            "[3]",
            "according to ",
        ]
    ),
    max_size=60,
).map("".join)


@pytest.fixture(scope="session")
def any_text() -> st.SearchStrategy[str]:
    """Any Unicode string, and strings made of what newspapers print."""
    return st.text(st.characters(codec=None), max_size=200) | NEWSLIKE
