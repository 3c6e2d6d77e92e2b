"""What the articles of a story share, in their own words."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from bot.editions.tellings import MOST_SHARED, shared, tell

if TYPE_CHECKING:
    from tests.editions.conftest import MakeArticle

FIRST = (
    "Envoys met in Istanbul on Thursday to speak of a cease-fire. Minister Ada Brandt of Norway said that 120 "
    "prisoners would go home before Easter. She left for Ankara at night."
)
SECOND = (
    "A cease-fire came nearer in Istanbul on Thursday, where Ada Brandt spoke for hours. Some 120 prisoners are to be "
    "freed, she said, and more may follow."
)
THIRD = "In Istanbul, Ada Brandt asked for a cease-fire by Friday; the other side said nothing of the sort."


def even(term: str) -> float:
    return 1.0


def test_names_come_first_and_whole_then_what_is_rare(article: MakeArticle) -> None:
    found = shared([article(FIRST), article(SECOND)], even)
    assert set(found[:2]) == {"Ada Brandt", "120 prisoners"}
    assert set(found[2:4]) == {"Istanbul", "Thursday"}
    assert found[4:] == ("cease-fire",)


def test_the_rarest_is_most_telling(article: MakeArticle) -> None:
    story = [article(FIRST), article(SECOND)]
    assert shared(story, lambda term: 100.0 if term == "thursday" else 1.0)[0] == "Thursday"
    assert "Istanbul" not in shared(story, lambda term: 0.0 if term == "istanbul" else 1.0)


def test_of_three_articles_two_must_hold_it(article: MakeArticle) -> None:
    found = shared([article(FIRST), article(SECOND), article(THIRD)], even)
    assert {"Istanbul", "Ada Brandt"} <= set(found)
    assert not {"Friday", "Ankara"} & set(found)


def test_it_is_written_as_most_articles_write_it(article: MakeArticle) -> None:
    texts = ["A ceasefire holds. Rain fell.", "The cease-fire held. It rained.", "No cease-fire yet. More rain."]
    assert "cease-fire" in shared([article(text) for text in texts], even)


def test_a_possessive_or_a_lone_number_is_not_shown(article: MakeArticle) -> None:
    found = shared([article("They saw Norway's 17 ships."), article("It was Norway's idea to send 17.")], even)
    assert found == ("Norway",)


def test_a_year_and_a_day_of_a_month_are_shown(article: MakeArticle) -> None:
    found = shared([article("It began on May 12 in 2025."), article("On May 12 it rained; 2025 was wet.")], even)
    assert set(found) == {"May 12", "2025"}


def test_that_something_was_said_is_not_telling(article: MakeArticle) -> None:
    assert shared([article("He said so."), article("She said no.")], even) == ()


def test_one_article_shares_nothing(article: MakeArticle) -> None:
    assert shared([article(FIRST)], even) == ()
    assert shared([], even) == ()


def test_no_more_is_named_than_a_line_holds(article: MakeArticle) -> None:
    assert len(shared([article(FIRST), article(FIRST + " More soon.")], even)) == MOST_SHARED


def test_what_is_shared_stands_in_an_article(article: MakeArticle) -> None:
    story = [article(FIRST), article(SECOND), article(THIRD)]
    random.Random(1).shuffle(story)
    assert all(any(part in one.text for one in story) for part in shared(story, even))


def test_a_telling_counts_sources_and_knows_the_others(article: MakeArticle) -> None:
    first, second = article(FIRST, outlet="Posten"), article(SECOND, outlet="Bladet")
    told = tell([first, second], even)
    assert (told.articles, told.sources) == ((first, second), 2)
    assert told.besides(first) == [second]
