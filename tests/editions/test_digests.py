"""A digest tells the stories of a period, the one most sources tell first."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bot.editions.digests import MOST_STORIES, archived, digest, most_quoted
from bot.model import Article, Confidence, Method, Span, Speech, SpeechKind
from tests.editions.conftest import make_article

if TYPE_CHECKING:
    from tests.editions.conftest import MakeArticle

FERRY = (
    "The ferry Nordlys ran aground off Hvaler on Monday with 120 people aboard. Captain Erik Moe said the engine had "
    "failed near the lighthouse. “All passengers reached Fredrikstad before the storm came,” Moe said."
)
FERRY_AGAIN = (
    "All 120 passengers of the ferry Nordlys were safe in Fredrikstad on Tuesday after it ran aground off Hvaler. "
    "The engine failed near the lighthouse, said captain Erik Moe."
)
MUSEUM_AGAIN = "A hall for whaling photographs opens at the town museum of Lillesand: 900 glass plates were found."
MUSEUM = "The town museum of Lillesand opens a hall for whaling photographs. Curator Siri Dahl found 900 glass plates."


def _speech(article: Article, said: str, speaker: str) -> Speech:
    start = article.text.index(said)
    span = Span(start, start + len(said))
    return Speech(span, SpeechKind.QUOTATION, Confidence.STATED, Method.CUE, speaker, mention=span, evidence=span)


def test_no_articles_make_a_quiet_digest() -> None:
    empty = digest("Today", [], {})
    assert (empty.stories, empty.most_quoted, empty.article_count, empty.is_quiet) == ((), (), 0, True)


def test_the_story_of_more_outlets_comes_first(article: MakeArticle) -> None:
    articles = [
        article(MUSEUM, outlet="Posten", published="2026-03-02"),
        article(FERRY, outlet="Posten", published="2026-03-01"),
        article(FERRY_AGAIN, outlet="Bladet", published="2026-03-01"),
    ]
    made = digest("Today", articles, {})
    assert [{a.id for a in story.articles} for story in made.stories] == [{2, 3}, {1}]


def test_sources_count_more_than_articles(article: MakeArticle) -> None:
    same = [article(MUSEUM + f" Part {n}.", outlet="Posten") for n in range(3)]
    both = [article(FERRY, outlet="Posten"), article(FERRY_AGAIN, outlet="Bladet")]
    made = digest("Today", [*same, *both], {})
    assert {a.id for a in made.stories[0].articles} == {a.id for a in both}
    assert [story.sources for story in made.stories] == [2, 1]


def test_copies_of_one_text_are_one_source(article: MakeArticle) -> None:
    copies = [article(MUSEUM, outlet=outlet) for outlet in ("Posten", "Bladet", "Avisa")]
    own_words = [article(FERRY, outlet="Posten"), article(FERRY_AGAIN, outlet="Bladet")]
    made = digest("Today", [*copies, *own_words], {})
    assert [story.sources for story in made.stories] == [2, 1]
    assert {a.id for a in made.stories[0].articles} == {a.id for a in own_words}


def test_outlets_that_differ_in_case_are_one_source(article: MakeArticle) -> None:
    (story,) = digest("Today", [article(FERRY, outlet="Posten"), article(FERRY_AGAIN, outlet="POSTEN ")], {}).stories
    assert story.sources == 1


def test_a_new_story_comes_before_one_that_was_told_before(article: MakeArticle) -> None:
    known = article(FERRY, outlet="Posten", published="2026-03-02")
    new = article(MUSEUM, outlet="Posten", published="2026-03-01")
    made = digest("Today", [known, new], {}, told_before={known.id})
    assert [story.lead for story in made.stories] == [new, known]


def test_a_story_half_of_which_was_told_before_is_new(article: MakeArticle) -> None:
    ferry = [article(FERRY, outlet="Posten"), article(FERRY_AGAIN, outlet="Posten")]
    museum = article(MUSEUM, outlet="Posten")
    half = digest("Today", [*ferry, museum], {}, told_before={ferry[0].id, museum.id})
    assert {a.id for a in half.stories[0].articles} == {a.id for a in ferry}
    whole = digest("Today", [*ferry, museum], {}, told_before={a.id for a in ferry})
    assert whole.stories[0].lead == museum


def test_a_long_story_comes_before_a_newer_brief(article: MakeArticle) -> None:
    words = " ".join(f"The crew of boat {n} found nets near buoy {n * 7}." for n in range(40))
    long = article(words, outlet="Posten", published="2026-03-01")
    brief = article(MUSEUM, outlet="Posten", published="2026-03-20")
    assert [story.lead for story in digest("Week", [brief, long], {}).stories] == [long, brief]


def test_a_wire_copy_in_five_outlets_counts_as_one_source(article: MakeArticle) -> None:
    wire = [article(MUSEUM, outlet=f"Outlet {n}") for n in range(5)]
    both = [article(FERRY, outlet="Posten"), article(FERRY_AGAIN, outlet="Bladet")]
    made = digest("Today", [*wire, *both], {})
    assert {a.id for a in made.stories[0].articles} == {a.id for a in both}


def test_of_equal_stories_the_newest_comes_first(article: MakeArticle) -> None:
    old = article(FERRY, outlet="Posten", published="2026-02-01")
    new = article(MUSEUM, outlet="Posten", published="2026-02-20")
    assert [story.lead for story in digest("Week", [old, new], {}).stories] == [new, old]


def test_the_line_is_a_sentence_of_the_lead_article(article: MakeArticle) -> None:
    (story,) = digest("Today", [article(MUSEUM)], {}).stories
    assert story.line.of(story.lead.text) == "The town museum of Lillesand opens a hall for whaling photographs."


def test_an_article_with_nothing_to_quote_has_an_empty_line(article: MakeArticle) -> None:
    (story,) = digest("Today", [article("")], {}).stories
    assert len(story.line) == 0


def test_a_story_brings_a_quotation_with_its_speaker(article: MakeArticle) -> None:
    ferry = article(FERRY)
    speech = _speech(ferry, "All passengers reached Fredrikstad before the storm came,", "Erik Moe")
    (story,) = digest("Today", [ferry], {ferry.id: [speech]}).stories
    assert story.quote == (ferry, speech)


def test_the_quotation_is_not_the_line_again(article: MakeArticle) -> None:
    museum = article(MUSEUM)
    speech = _speech(museum, "The town museum of Lillesand opens a hall for whaling photographs.", "Siri Dahl")
    (story,) = digest("Today", [museum], {museum.id: [speech]}).stories
    assert story.quote is None


def test_a_part_of_the_line_is_no_quotation_for_it(article: MakeArticle) -> None:
    museum = article(MUSEUM)
    speech = _speech(museum, "museum of Lillesand opens a hall for whaling photographs", "Siri Dahl")
    (story,) = digest("Today", [museum], {museum.id: [speech]}).stories
    assert story.quote is None


def test_a_quotation_nobody_is_named_for_is_left_out(article: MakeArticle) -> None:
    ferry = article(FERRY)
    speech = _speech(ferry, "All passengers reached Fredrikstad before the storm came,", " ")
    (story,) = digest("Today", [ferry], {ferry.id: [speech]}).stories
    assert story.quote is None


def test_a_quotation_of_a_few_words_gives_way_to_a_sentence(article: MakeArticle) -> None:
    ferry = article(FERRY)
    words = _speech(ferry, "the engine", "Ada Lee")
    sentence = _speech(ferry, "All passengers reached Fredrikstad before the storm came,", "Erik Moe")
    (story,) = digest("Today", [ferry], {ferry.id: [words, sentence]}).stories
    assert story.quote == (ferry, sentence)


def test_a_long_statement_is_represented_by_one_of_its_sentences(article: MakeArticle) -> None:
    said = "The hall is ready for visitors. " + "Every plate was cleaned by hand in our workshop last winter. " * 6
    museum = article(f"{MUSEUM}\n\n“{said.strip()}” said Siri Dahl.")
    (story,) = digest("Today", [museum], {museum.id: [_speech(museum, said.strip(), "Siri Dahl")]}).stories
    assert story.quote is not None
    assert 6 <= len(story.quote[1].span.of(museum.text).split()) <= 12


def test_only_ten_stories_are_told_but_all_articles_counted(article: MakeArticle) -> None:
    places = [
        "Bergen",
        "Oslo",
        "Narvik",
        "Molde",
        "Halden",
        "Moss",
        "Hamar",
        "Horten",
        "Larvik",
        "Skien",
        "Lom",
        "Bodo",
    ]
    articles = [article(f"{place} news {place}opera {place}bridge {place}school.") for place in places]
    made = digest("Today", articles, {})
    assert (len(made.stories), made.article_count) == (MOST_STORIES, 12)


@given(order=st.permutations(range(8)), told_before=st.sets(st.integers(1, 8)))
def test_the_order_of_the_articles_makes_no_difference(order: list[int], told_before: set[int]) -> None:
    articles = [
        make_article(number, text, outlet=outlet)
        for number, (text, outlet) in enumerate(product((FERRY, MUSEUM, FERRY_AGAIN, ""), ("Posten", "Bladet")), 1)
    ]
    said = {a.id: [_speech(a, a.text[:30], name) for name in ("Erik Moe", "Moe", "Ada Lee")] for a in articles}
    made = digest("Today", articles, said, told_before=told_before)
    assert digest("Today", [articles[place] for place in order], said, told_before=told_before) == made


def test_the_same_words_in_several_articles_are_one_quotation(article: MakeArticle) -> None:
    text = "The engine had failed near the lighthouse on Monday. Nobody on board was hurt at all."
    articles = [article(text), article(text + " More.")]
    said = {a.id: [_speech(a, "The engine had failed near the lighthouse on Monday.", "Erik Moe")] for a in articles}
    said[articles[0].id].append(_speech(articles[0], "failed near the lighthouse on Monday", "Erik Moe"))
    said[articles[1].id].append(_speech(articles[1], "Nobody on board was hurt at all.", "Erik Moe"))
    assert most_quoted(articles, said) == [("Erik Moe", 2)]


def test_an_outlet_and_its_authors_are_not_quoted_as_people(article: MakeArticle) -> None:
    made = replace(article("The ferry was late again on Monday.", outlet="Posten"), authors=("Ada Lee",))
    said = [_speech(made, made.text, "POSTEN"), _speech(made, made.text, "Ada Lee")]
    assert most_quoted([made], {made.id: said}) == []


def test_one_person_is_counted_under_the_fullest_name(article: MakeArticle) -> None:
    made = article("The pier is new today. The ferry was late again. Nobody came to the museum.")
    said = {
        made.id: [
            _speech(made, "The pier is new today.", "Zelensky"),
            _speech(made, "The ferry was late again.", "Volodymyr Zelenskyy"),
            _speech(made, "Nobody came to the museum.", "Volodymyr Zelenskyy"),
        ]
    }
    assert most_quoted([made], said) == [("Volodymyr Zelenskyy", 3)]


def test_a_surname_of_two_people_is_nobody_elses(article: MakeArticle) -> None:
    made = article("The pier is new today. The ferry was late again. Nobody came to the museum.")
    said = {
        made.id: [
            _speech(made, "The pier is new today.", "Lund"),
            _speech(made, "The ferry was late again.", "Anna Lund"),
            _speech(made, "Nobody came to the museum.", "Erik Lund"),
        ]
    }
    assert most_quoted([made], said) == [("Anna Lund", 1), ("Erik Lund", 1), ("Lund", 1)]


def test_an_article_of_the_archive_has_its_line_and_its_quotation(article: MakeArticle) -> None:
    ferry = article(FERRY)
    speech = _speech(ferry, "All passengers reached Fredrikstad before the storm came,", "Erik Moe")
    picked = archived(ferry, [speech], "today's pick")
    assert (picked.article, picked.quote, picked.why) == (ferry, speech, "today's pick")
    assert picked.line.of(ferry.text).startswith("The ferry Nordlys ran aground")
