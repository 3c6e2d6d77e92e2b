"""What tells the event of an article, and how alike two are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.editions.bags import LEAD_SHARE, READ_CHARS, Vectors, bag, shingles

if TYPE_CHECKING:
    from tests.editions.conftest import MakeArticle

TEXT = "The ferry stopped. The captain, Erik Moe, saw 120 rocks. Nobody was hurt. The harbour stayed open."


def test_names_and_numbers_weigh_more_than_other_words(article: MakeArticle) -> None:
    made = bag(article(TEXT))
    weights = dict(zip(made.terms, made.text.tolist(), strict=True))
    assert weights["moe"] == weights["120"] == pytest.approx(1 + np.log(3))
    assert weights["ferri"] == 1


def test_the_lead_is_the_title_and_two_sentences(article: MakeArticle) -> None:
    made = bag(article(TEXT, "Aground"))
    leading = {term for term, weight in zip(made.terms, made.lead.tolist(), strict=True) if weight}
    assert {"aground", "ferri", "moe", "120"} <= leading
    assert not {"hurt", "harbour"} & leading


def test_a_title_taken_from_the_text_counts_once(article: MakeArticle) -> None:
    untitled, titled = bag(article(TEXT)), bag(article(TEXT, "The ferry stopped."))
    assert titled.text.tolist() == untitled.text.tolist()
    assert titled.lead.tolist() == untitled.lead.tolist()


def test_only_the_beginning_of_a_long_text_is_read(article: MakeArticle) -> None:
    assert "zeppelin" not in bag(article("The ferry sails. " * (READ_CHARS // 10) + " zeppelin")).terms


def test_an_article_is_wholly_like_itself_and_unlike_another(article: MakeArticle) -> None:
    bags = [bag(article(TEXT)), bag(article(TEXT)), bag(article("A museum shows paintings. Children pay nothing."))]
    assert Vectors.among(bags).cosines(0).tolist() == pytest.approx([1, 1, 0])


def test_likeness_is_that_of_the_texts_and_that_of_the_leads(article: MakeArticle) -> None:
    """The same words, but for the leads: only the part of the text counts."""
    first = article("Cats sleep. Dogs bark. Owls hoot at night. Larks sing at dawn.")
    second = article("Owls hoot at night. Larks sing at dawn. Cats sleep. Dogs bark.")
    assert Vectors.among([bag(first), bag(second)]).cosines(0)[1] == pytest.approx(1 - LEAD_SHARE)


def test_a_bag_without_words_is_like_nothing_not_even_itself(article: MakeArticle) -> None:
    assert Vectors.among([bag(article("")), bag(article("…"))]).cosines(0).tolist() == [0, 0]


def test_shingles_are_runs_of_four_each_once() -> None:
    assert len(shingles(["a", "b", "c", "d", "a", "b", "c", "d"])) == 4
    assert len(shingles(["a", "b"])) == 1
    assert len(shingles([])) == 0


def test_bags_are_ordered_by_what_articles_say(article: MakeArticle) -> None:
    first, second = article(TEXT, published="2026"), article("Other words.")
    assert (bag(first).mark < bag(second).mark) == (bag(first).order < bag(second).order)
    assert bag(first).mark != bag(article(TEXT)).mark  # of another day
