"""What a text says of itself is found where it leaves no doubt, and nowhere else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.metadata import describe_text, title_from_name, title_of

PROSE = "The council met on Monday and approved the tram line, officials said. Work begins in June."


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"# Council Approves Tram\n\n{PROSE}", "Council Approves Tram"),
        (f"\n# Council Approves Tram #\n{PROSE}", "Council Approves Tram"),
        (f"By Jane Roe\n\n# Council Approves Tram\n{PROSE}", "Council Approves Tram"),
        (f"Council Approves Tram\n{PROSE}", "Council Approves Tram"),
        (f"Council Approves Tram\nBy Jane Roe\n{PROSE}", "Council Approves Tram"),
        (f"Editor’s Note: This was corrected.\nCouncil Approves Tram\n\n{PROSE}", "Council Approves Tram"),
        (f"May 12, 2025\nMayor: ‘No Tram Before 2030’\n\n{PROSE}", "Mayor: ‘No Tram Before 2030’"),
        (f"Will the Tram Come?\n\n{PROSE}", "Will the Tram Come?"),
    ],
)
def test_a_heading_or_a_headline_is_the_title(text: str, title: str) -> None:
    assert title_of(text, "some name.txt") == title


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        f"{PROSE}\n\n# A Later Heading\n\nMore.",
        f"“We build it,” the mayor said.\n{PROSE}",
        f"- first point\n- second point\n{PROSE}",
        "The council met on Monday and\napproved the tram line.\n",
        "The mayor told Parliament on Tuesday that\nTrams are the future of the city and she\nwould build ten.",
        f"Tram\n\n{PROSE}",
        f"A question for the\n\n{PROSE}",
        f"{'word ' * 21}\n\n{PROSE}",
        "One line and nothing after it",
    ],
)
def test_a_line_that_may_be_the_start_of_the_text_is_no_headline(text: str) -> None:
    assert title_of(text, "the tram.txt") == "The tram"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("zelensky_face-to-face.talks.txt", "Zelensky face to face talks"),
        ("folder/12_the_tram.md", "The tram"),
        ("C:\\docs\\2025-05-12-the-tram.txt", "The tram"),
        ("003_7395b318ed4602bd_tram.txt", "Tram"),
        ("002_353006ad1c53f48c.txt", None),
        ("67fb52735c5071e0.txt", None),
        ("123e4567-e89b-12d3-a456-426614174000.md", None),
        ("message.txt", None),
        ("document (1).txt", None),
        (".txt", "Txt"),
        ("", None),
        ("café.txt", "Café"),
        ("top 10 façades", "Top 10 façades"),
    ],
)
def test_a_file_name_makes_a_title_without_numbers_and_hashes(name: str, title: str | None) -> None:
    assert title_from_name(name) == title


def test_the_first_words_are_the_last_resort() -> None:
    assert title_of(PROSE, "002_353006ad1c53f48c.txt") == "The council met on Monday and approved the…"
    assert title_of(f"By Jane Roe and John Doe\n{PROSE}", "") == "The council met on Monday and approved the…"
    assert title_of("No.") == "No."
    assert title_of("x" * 1000) == "x" * 70 + "…"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Jane Roe", ("Jane Roe",)),
        ("BY JANE ROE AND JOHN DOE", ("JANE ROE", "JOHN DOE")),
        ("By Jane Roe, Zoë Kanno-Youngs and Ludwig van Doe", ("Jane Roe", "Zoë Kanno-Youngs", "Ludwig van Doe")),
        ("**By Jane Roe** | May 12, 2025", ("Jane Roe",)),
        ("By Jane Roe, Staff Writer", ("Jane Roe",)),
        ("By Jane Roe and John Doe, Reuters", ("Jane Roe", "John Doe")),
        ("By the Numbers", ()),
        ("By Friday the council had met.", ()),
        ("By Air and Sea", ()),
        ("By now it was clear to Jane Roe that the tram would not come", ()),
    ],
)
def test_a_byline_names_the_authors(line: str, names: tuple[str, ...]) -> None:
    assert describe_text(f"Council Approves Tram\n{line}\n{PROSE}").authors == names


def test_a_byline_far_down_is_part_of_the_story() -> None:
    assert describe_text(f"{PROSE}\n" * 9 + "By Jane Roe\n").authors == ()


@pytest.mark.parametrize(
    ("text", "outlet"),
    [
        ("KYIV, May 12, 2025 (Reuters) — Talks began.", "Reuters"),
        ("WASHINGTON (AP) — Talks began.", "AP"),
        ("Editor’s Note: Read The Atlantic’s related story, “Talks.”\nTalks began.", "The Atlantic"),
        (f"{PROSE}\nThis article originally appeared in The Example Gazette.", "The Example Gazette"),
        ("Editor’s Note: Read Zelensky’s full speech.\nTalks began.", None),
        ("Talks (in Kyiv) — the third round — began.", None),
        ("KYIV (in the rain) — Talks began.", None),
        (f"{PROSE} He reads The Atlantic’s stories.", None),
    ],
)
def test_the_outlet_is_read_where_it_is_told(text: str, outlet: str | None) -> None:
    assert describe_text(text).outlet == outlet


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("KYIV, May 12, 2025 (Reuters) — Talks began.", "2025-05-12"),
        ("LONDON, 3 June 2024 - Talks began.", "2024-06-03"),
        ("Published May 12, 2025\nTalks began.", "2025-05-12"),
        ("Published: Monday, 12 May 2025 at 10:30 a.m.\nTalks began.", "2025-05-12"),
        ("Talks Begin\nBy Jane Roe | May 12, 2025\nTalks began.", "2025-05-12"),
        ("Talks Begin\nMay 2025\nTalks began.", "2025-05"),
        ("KYIV, May 12 (Reuters) — Talks began.", None),
        ("Updated May 12, 2025\nTalks began.", None),
        ("Talks began on May 12, 2025.", None),
        ("2025\nTalks began.", None),
        ("KYIV, May 99, 2025 (Reuters) — Talks began.", None),
    ],
)
def test_the_day_is_read_where_it_is_told(text: str, date: str | None) -> None:
    found = describe_text(text).published
    assert (str(found) if found else None) == date


@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_and_any_name_make_a_title_and_fields(text: str, name: str) -> None:
    assert title_of(text, name) or not text.strip()
    describe_text(text)


@pytest.mark.parametrize(
    "unit", ["A", "By ", "By A B, ", "# ", "KYIV, ", "“", " \n", "- ", "a-", "\t—\t", "A. ", "This "]
)
def test_a_megabyte_takes_no_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    title_of(text, text)
    describe_text(text)
    assert time.process_time() - started < 1
