"""Front matter is read as written, and what is wrong with it is said with its line."""

from __future__ import annotations

import contextlib
import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates import PartialDate
from bot.errors import UnreadableDocument
from bot.reading.fields import Fields
from bot.reading.frontmatter import MAX_FRONT_MATTER_CHARS, split_front_matter


def fields_of(*lines: str) -> Fields:
    return split_front_matter("a.md", "\n".join(["---", *lines, "---", "Text."]))[0]


def reason_of(*lines: str) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        fields_of(*lines)
    assert caught.value.name == "a.md"
    return caught.value.reason


def test_all_fields_are_read_and_the_text_begins_after_them() -> None:
    text = (
        "---\ntitle: A Title\noutlet: The Gazette\nauthors: [Jane Roe, John Doe]\npublished: 2025-05\n"
        "source: https://example.org/a?b=c#d\n---\n\nText.\n---\nMore."
    )
    assert split_front_matter("a.md", text) == (
        Fields(
            title="A Title",
            outlet="The Gazette",
            authors=("Jane Roe", "John Doe"),
            url="https://example.org/a?b=c#d",
            published=PartialDate(2025, 5),
        ),
        "\n\nText.\n---\nMore.",
    )


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("authors: Jane Roe", ("Jane Roe",)),
        ("authors: Jane Roe, John Doe and Ann Poe", ("Jane Roe", "John Doe", "Ann Poe")),
        ("author: Jane Roe & Martin King, Jr.", ("Jane Roe", "Martin King Jr.")),
        ("authors:\n  - Doe, Jane\n  - Roe and Sons", ("Doe, Jane", "Roe and Sons")),
        ("authors: []", ()),
        ("authors:", ()),
    ],
)
def test_authors_are_a_list_or_names_in_a_line(written: str, names: tuple[str, ...]) -> None:
    assert fields_of(written).authors == names


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2025", "2025"),
        ("2025-05", "2025-05"),
        ("2025-5-2", "2025-05-02"),
        ("May 12, 2025", "2025-05-12"),
        ("2025-05-12T08:00:00Z", "2025-05-12"),
    ],
)
def test_a_date_is_as_exact_as_written(written: str, date: str) -> None:
    assert str(fields_of(f"published: {written}").published) == date


def test_a_scalar_stays_the_text_that_was_written() -> None:
    assert fields_of("title: 007", "outlet: yes") == Fields(title="007", outlet="yes")


def test_an_empty_block_says_nothing() -> None:
    assert fields_of() == Fields()


@pytest.mark.parametrize(
    "text",
    [
        "---\nA rule, and no second one.",
        "\n---\ntitle: not at the very top\n---\nText.",
        "----\ntitle: a longer rule\n----\nText.",
        "---\n" + "x\n" * MAX_FRONT_MATTER_CHARS + "---\nText.",
        "Text.\n---\ntitle: x\n---\n",
    ],
)
def test_without_two_rules_at_the_top_all_is_text(text: str) -> None:
    assert split_front_matter("a.md", text) == (Fields(), text)


def test_broken_yaml_is_refused_with_its_line() -> None:
    assert reason_of("title: fine", "outlet: [open").startswith("front matter, line ")
    assert "line 2" in reason_of("title: Talks: the state of things")
    assert "quotation marks" in reason_of("title: Talks: the state of things")


@pytest.mark.parametrize("line", ["just some prose", "- a\n- b", "'quoted'"])
def test_what_is_no_mapping_is_refused_with_a_way_out(line: str) -> None:
    assert "empty line above" in reason_of(line)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("published: soon", "published: “soon” is not a date"),
        ("published: 2025-13", "published: “2025-13” is not a date"),
        ("source: Reuters", "source: must be a link"),
        ("source: ftp://example.org/a", "source: must be a link"),
        ("source: javascript:alert(1)", "source: must be a link"),
        ("source: https://nytimes.com@example.org/", "source: must be a link"),
        ("source: https://[::1", "source: must be a link"),
        ("source: https://example.org/\u202e/gro", "source: must be a link"),
        ("source: 'https://example.org/a b'", "source: must be a link"),
        ("title: [a, b]", "title: must be one line of text"),
        ("title: {a: b}", "title: must be one line of text"),
        ("authors: {a: b}", "authors: must be a name or a list"),
        ("authors: [[a]]", "authors: must be one line of text"),
        ("title: " + "x" * 301, "title: has 301 characters"),
        ("title: a\ntitle: b", "line 4: the field “title” is there twice"),
        ("date: 2025\npublished: 2025", "published: says the same as “date”"),
        ("publised: 2025", "there is no field “publised”: did you mean “published”?"),
        ("? [a]\n: b", "a field's name must be one word"),
    ],
)
def test_a_wrong_field_is_refused_with_its_line_and_reason(line: str, reason: str) -> None:
    found = reason_of("outlet: The Gazette", line)
    assert reason in found
    assert "line 3" in found or "line 4" in found


def test_fields_of_other_programs_are_passed_over_and_counted_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert fields_of("title: T", "tags: [a, b]", "layout: post") == Fields(title="T")
    assert "2 fields of front matter" in caplog.text
    assert "layout" not in caplog.text


@pytest.mark.parametrize(
    "block",
    [
        "[" * 16000,
        "{a: " * 4000,
        "- " * 8000,
        "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'}, *a]\n" for n in range(300)),
        'title: "\\UFFFFFFFF"',
        "? " * 8000,
        "!!python/object/apply:os.system [id]",
        "a: " + "'" * 16000,
        "%YAML 9.9",
        "title: \x07",
    ],
    ids=range(10),
)
def test_hostile_yaml_is_answered_at_once(block: str) -> None:
    started = time.process_time()
    with contextlib.suppress(UnreadableDocument):
        fields_of(block)
    assert time.process_time() - started < 1


@given(st.text(alphabet=st.sampled_from("ab:-[]{}'\"#&*!|>%@? \n\t,\\é\ud800"), max_size=60))
def test_any_block_is_fields_or_a_reason(block: str) -> None:
    try:
        split_front_matter("a.md", f"---\ntitle: x\n{block}\n---\nText.")
        report = ""
    except UnreadableDocument as unreadable:
        report = str(unreadable)
    assert len(report) < 300
    assert report.isprintable()
