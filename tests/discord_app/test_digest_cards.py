"""A digest as cards: in parts that Discord takes, no story torn, no link that hides where it goes, a chart in words."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain

import pytest

from bot.dates import PartialDate
from bot.desks.preparing import prepare
from bot.discord_app.cards import Card
from bot.discord_app.digest_cards import FOOTER_CHARS, MOST_PARTS, digest_cards
from bot.editions.digests import archived, digest
from bot.model import (
    Article,
    Confidence,
    Contribution,
    Digest,
    Document,
    Inflow,
    Method,
    Rising,
    Span,
    Speech,
    SpeechKind,
    Story,
)
from tests.discord_app.test_cards import HOSTILE_LINE, broken, displays, in_memory, live, payload, speaking
from tests.sizes import cases

MANY = cases(300, few=60)
INFLOW = Inflow("day", ("Posten", "Bladet"), (("1 May", (2, 1)), ("2 May", (0, 0)), ("3 May", (0, 4))))


def _article(number: int, text: str = "We sail on Monday.", *, url: str | None = None, title: str = "Ferry") -> Article:
    return in_memory(Document("a", f"{title} {number}", text, outlet="Posten", url=url), number)


def _story(number: int, words: int = 8) -> Story:
    title = "The ferry of many words" + " and more" * (words // 4)
    article = _article(number, " ".join(f"harbour{number}" for _ in range(words)) + ".", title=title)
    return Story((article,), Span(0, len(article.text)), None)


def _digest(*stories: Story, **more: object) -> Digest:
    return replace(Digest("Today", stories, (), len(stories), len(stories)), **more)  # type: ignore[arg-type]


def _shown(card: Card) -> str:
    return "\n".join(displays(card))


def _first_lines(card: Card) -> list[str]:
    return [text.splitlines()[0] for text in displays(card)]


def test_a_short_digest_is_one_part_without_a_number() -> None:
    (card,) = digest_cards(_digest(_story(1), _story(2)))
    assert _first_lines(card)[0] == "### Today"
    assert "2 articles, 2 stories" in _shown(card)


def test_a_long_digest_is_told_in_numbered_parts_each_story_once_and_whole() -> None:
    stories = [_story(number, 33) for number in range(1, 11)]
    cards = digest_cards(_digest(*stories))
    assert len(cards) > 1
    assert [_first_lines(card)[0] for card in cards] == [
        f"### Today ({number}/{len(cards)})" for number in range(1, len(cards) + 1)
    ]
    told = [re.findall(r"#S(\d+)", "\n".join(displays(card))) for card in cards]
    assert list(chain.from_iterable(told)) == [str(number) for number in range(1, 11)]
    assert max(map(len, told)) - min(map(len, told)) <= 2
    assert all(text.endswith(".") for card in cards for text in displays(card)[1:])


@pytest.mark.parametrize("words", [1, 20, 45])
def test_every_part_has_room_for_a_footer(words: int) -> None:
    made = _digest(*(_story(number, words) for number in range(1, 11)), inflow=INFLOW, most_quoted=(("Ada", 2),))
    for card in digest_cards(made):
        footer = "x" * FOOTER_CHARS
        card.text(footer)
        assert displays(card)[-1] == footer
        assert broken(card) == []


@pytest.mark.many
def test_hundreds_of_hostile_articles_fit_and_nothing_of_them_is_live() -> None:
    articles, said = [], {}
    for number in range(1, MANY + 1):
        text = f"Harbour {number} is closed, the office said.\n\n" + speaking(f"{HOSTILE_LINE} {number}", 3)
        document = Document(
            "a", HOSTILE_LINE * 60, text, outlet=f"{HOSTILE_LINE} {number}", published=PartialDate(2026)
        )
        articles.append(in_memory(document, number))
        said[number] = list(prepare(document).analysis.speeches)
    made = replace(
        digest("Everything", articles, said),
        stories=tuple(story for article in articles[:10] for story in digest("", [article], said).stories),
        topic=HOSTILE_LINE * 3,
        rising=(Rising(HOSTILE_LINE, 5, 0),) * 5,
        added=tuple(Contribution(number, False, 3) for number in range(1, 9)),
        inflow=Inflow("day", (HOSTILE_LINE,) * 5, (("1 May", (1,) * 5), ("3 May", (2,) * 5))),
    )
    cards = digest_cards(made, footer="Shared by somebody")
    assert made.article_count == MANY
    assert 1 < len(cards) <= MOST_PARTS
    for card in cards:
        assert broken(card) == []
        assert live(card) == []
        assert displays(card)[-1] == "-# Shared by somebody"


@pytest.mark.many
def test_what_does_not_fit_into_the_parts_is_counted() -> None:
    articles = [in_memory(Document("a", "新" * 300, "市" * 2_000, outlet="新" * 300), n) for n in range(1, 11)]
    stories = tuple(story for article in articles for story in digest("", [article], {}).stories)
    cards = digest_cards(Digest("Everything", stories, (("新" * 200, 3), ("聞" * 200, 2)), 30, 25))
    assert len(cards) <= MOST_PARTS
    told = sum(len(re.findall(r"`#S\d+`", _shown(card))) for card in cards)
    assert f"-# and {25 - told} more stories: `/search` finds them" in displays(cards[-1])
    assert "**Most quoted:**" in _shown(cards[0])
    assert [broken(card) for card in cards] == [[]] * len(cards)


def test_the_first_part_has_the_overview_and_the_chart() -> None:
    made = _digest(
        *(_story(number, 45) for number in range(1, 11)),
        most_quoted=(("Ada Quill", 3), ("Erik Moe", 1)),
        rising=(Rising("drone", 6, 1), Rising("shelter", 4, 0)),
        added=(Contribution(77, False, 3), Contribution(None, False, 1), Contribution(None, True, 14)),
        inflow=INFLOW,
    )
    first, *others = digest_cards(made)
    assert displays(first)[-1].splitlines() == [
        "**Most quoted:** Ada Quill (3), Erik Moe (1)",
        "**Rising:** drone (in 6 articles, was 1), shelter (4, was 0)",
        "**Added:** 3 by <@77>, 1 by feeds, imports and others, 14 to the shared library",
        "**Articles a day:** 🟧 Posten 2 · 🟦 Bladet 5",
    ]
    assert [len(card.files) for card in (first, *others)] == [1] + [0] * len(others)
    (gallery,) = payload(first)["components"][0]["components"][-1]["items"]
    assert gallery["description"] == (
        "Articles a day by outlet. 1 May: 3 (Posten 2, Bladet 1); 2 May: 0; 3 May: 4 (Bladet 4)."
    )
    assert all("**Added:**" not in _shown(card) for card in others)


def test_of_many_people_who_added_articles_five_are_named() -> None:
    added = tuple(Contribution(number, False, 10 - number) for number in range(1, 9))
    (card,) = digest_cards(_digest(_story(1), added=added))
    assert _shown(card).count("<@") == 5
    assert "5 by <@5>, 3 more people" in _shown(card)


def test_where_else_a_story_stands_is_linked_by_the_host_that_the_link_leads_to() -> None:
    articles = (
        _article(1, url="https://posten.example/a_(b)"),
        _article(2, url="https://user:posten.example@evil.example/x"),
        _article(3),
        _article(4, url="https://bücher.example/"),
        _article(5, url="https://long.example/" + "a" * 300),
        _article(6),
        _article(7),
    )
    (card,) = digest_cards(_digest(Story(articles, Span(0, 18), None, sources=3)))
    block = displays(card)[1].splitlines()
    assert block[0].endswith("`#S1` · [posten.example](https://posten.example/a_%28b%29)")
    assert block[1] == (
        "-# 3 sources · also in `#S2` at [evil.example](https://user:posten.example@evil.example/x), `#S3`, "
        "`#S4` at [xn--bcher-kva.example](https://xn--bcher-kva.example/), `#S5` and 2 more"
    )
    assert live(card) == []


def test_a_story_names_the_earlier_article_that_it_goes_on_from() -> None:
    (card,) = digest_cards(_digest(replace(_story(1), earlier=_article(9))))
    assert displays(card)[1].splitlines()[1] == "-# goes on from `#S9`"


def test_the_quotation_of_a_story_has_its_speaker() -> None:
    article = _article(1, "“We sail,” said Ada Quill. The ferry sails.")
    speech = Speech(Span(1, 9), SpeechKind.QUOTATION, Confidence.STATED, Method.CUE, "Ada Quill")
    (card,) = digest_cards(_digest(Story((article,), Span(27, 43), (article, speech))))
    assert displays(card)[1].splitlines()[1:] == ["The ferry sails.", "> “We sail,” — **Ada Quill**"]


def test_a_quiet_period_brings_an_article_from_the_archive_and_says_why_this_one() -> None:
    picked = archived(_article(3, "The ferry sails at dawn from Bergen."), (), "published on this day 2 years ago")
    made = _digest(topic="ferry *and* harbour", archive=picked)
    (card,) = digest_cards(made)
    assert displays(card) == [
        "### Today\nNothing new on “ferry \\*and\\* harbour” was added in this period.",
        "**From the archive**, published on this day 2 years ago\n**Ferry 3** · Posten · `#S3`\n" + picked.article.text,
    ]


def test_a_quiet_period_can_do_with_one_line() -> None:
    picked = archived(_article(3), (), "today's pick")
    for made, archive in ((_digest(archive=picked), False), (_digest(), True)):
        (card,) = digest_cards(made, archive=archive)
        assert displays(card) == ["### Today\nNothing new was added in this period."]


def test_a_card_thaws_as_it_was_frozen_picture_and_all() -> None:
    (card,) = digest_cards(_digest(_story(1), inflow=INFLOW))
    frozen = card.freeze()
    assert digest_cards(_digest(_story(1), inflow=INFLOW))[0].freeze() == frozen
    thawed = Card.thaw(frozen)
    assert payload(thawed)["components"][0] == payload(card)["components"][0]
    assert [file.fp.read() for file in thawed.files] == [file.fp.read() for file in card.files]
    assert thawed.freeze() == frozen


def test_a_card_frozen_by_an_older_version_thaws() -> None:
    card = Card.thaw('["### Today", null, "A line"]')
    assert displays(card) == ["### Today", "A line"]
    assert card.files == []
