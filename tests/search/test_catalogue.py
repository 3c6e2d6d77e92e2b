"""What one server can search: limits, twins, names and ties, over its own shelf and the shared one together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from bot.dates import PartialDate
from bot.language.tokens import terms
from bot.search.catalogue import ARTICLE_WEIGHT, Catalogue, combined
from bot.search.joint import Link
from bot.search.names import name_key, named_by, part_of
from bot.search.query import Query
from bot.search.shelf import Known, Names, Shelf
from bot.tallies import pack
from tests.search.shelves import Writer
from tests.threads import at_once

TODAY = date(2026, 5, 12)
FILLER = [[f"filler{n}", f"more{n}"] for n in range(8)]  # so that idf is above zero


def query(text: str = "", **limits: str) -> Query:
    return Query.of(text, today=TODAY, **limits)


class Library:
    """A shelf and the writer that numbers its articles; ``first`` is the row id before the first one."""

    def __init__(self, first: int = 0) -> None:
        self.writer = Writer()
        self.writer.articles = first
        self.shelf = Shelf.empty()

    def add(self, *passages: Sequence[str], **fields: object) -> int:
        self.shelf = self.shelf.after(self.writer.added(passages, **fields))  # type: ignore[arg-type]
        return self.writer.articles

    def remove(self, *ids: int) -> None:
        self.shelf = self.shelf.after(self.writer.removed(*ids))

    def fill(self) -> None:
        for words in FILLER:
            self.add(words)

    def alone(self) -> Catalogue:
        return Catalogue([self.shelf])

    def beside(self, shared: Library) -> Catalogue:
        return combined(self.shelf, shared.shelf, Link(self.shelf.vocabulary, shared.shelf.vocabulary))


@pytest.fixture
def library() -> Library:
    made = Library()
    made.fill()
    return made


def ids(catalogue: Catalogue, asked: Query, limit: int = 50) -> list[int]:
    """The articles found: the same ones by their passages and as a whole."""
    quoted = {found.article_id for found in catalogue.quotes(asked, limit)}
    best = [found.article_id for found in catalogue.articles(asked, limit)]
    assert quoted == set(best)
    return best


def used(known: Sequence[Known]) -> list[tuple[str, int]]:
    return [(one.name, one.uses) for one in known]


# Limits


@pytest.mark.parametrize(
    ("source", "found"),
    [("wire", {"The Wire", "Wire Service"}), ("THE WIRE", {"The Wire"}), ("evening", {"Évening Post"}), ("x", set())],
)
def test_a_source_is_any_part_of_an_outlets_name(library: Library, source: str, found: set[str]) -> None:
    added = {library.add(["vote"], outlet=name): name for name in ("The Wire", "Wire Service", "Évening Post")}
    library.add(["vote", "once"])
    assert {added[id_] for id_ in ids(library.alone(), query("vote", source=source))} == found


def test_a_speaker_limits_passages_to_theirs_and_articles_to_those_they_speak_in(library: Library) -> None:
    both = library.add(["vote"], ["vote", "line"], speakers={1: "Ines Duarte"})
    library.add(["vote", "talks"], speakers={0: "Omar Haddad"})
    library.add(["vote", "talks", "line"])
    asked = query("vote", speaker="duarte")
    assert ids(library.alone(), asked) == [both]
    assert [found.positions for found in library.alone().quotes(asked, 9)] == [(1,)]
    assert [found.positions for found in library.alone().articles(asked, 9)] == [(1,)]


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        ({"since": "2025-06"}, {"2025", "2025-07", "2025-06-30"}),
        ({"since": "2025-07-01"}, {"2025", "2025-07"}),
        ({"until": "2025-06-29"}, {"2025", "2024"}),
        ({"until": "2025-06-30"}, {"2025", "2024", "2025-06-30"}),
        ({"since": "2025-07-31", "until": "2025-07-31"}, {"2025", "2025-07"}),
        ({"since": "2027"}, set()),
    ],
)
def test_a_partial_date_is_within_a_limit_when_a_day_it_may_mean_is(
    library: Library, limits: dict[str, str], found: set[str]
) -> None:
    dates = ("2025", "2024", "2025-07", "2025-06-30")
    added = {library.add(["vote"], published=PartialDate.parse(day)): day for day in dates}
    library.add(["vote", "undated"], published=None)
    catalogue = library.alone()
    assert {added[id_] for id_ in ids(catalogue, query("vote", **limits))} == found
    assert len(ids(catalogue, query("vote"))) == 5


def within(asked: Query, outlet: str | None, published: PartialDate | None, speaker: str | None) -> bool:
    """Whether an article of one passage lies within the limits of a query, by the rules in words."""
    if asked.source and not (outlet and part_of(asked.source)(name_key(outlet))):
        return False
    if asked.speaker and not (speaker and named_by(asked.speaker)(name_key(speaker))):
        return False
    if asked.since is None and asked.until is None:
        return True
    since, until = asked.since or date.min, asked.until or date.max
    return published is not None and since <= published.last_day and published.first_day <= until


@given(data=st.data())
def test_limits_hold_together_as_they_hold_one_by_one(data: st.DataObject) -> None:
    days = st.none() | st.sampled_from(["2024", "2025", "2025-02", "2025-03", "2025-02-28", "2025-03-01"])
    outlets = st.none() | st.sampled_from(["The Wire", "Wire Service", "Évening Post", "🗞"])
    speakers = st.none() | st.sampled_from(["Ines Duarte", "Omar Haddad", "Inès O’Brien"])
    library, expected = Library(), []
    limits = {
        "since": data.draw(days),
        "until": data.draw(days),
        "source": data.draw(st.sampled_from([None, "wire", "THE", "évening", "🗞"])),
        "speaker": data.draw(st.sampled_from([None, "ines", "duarte ines", "o'brien", "omar x"])),
    }
    asked = query("vote", **{name: value for name, value in limits.items() if value})
    for outlet, day, speaker in data.draw(st.lists(st.tuples(outlets, days, speakers), max_size=6)):
        published = PartialDate.parse(day) if day else None
        said = {0: speaker} if speaker else {}
        id_ = library.add(["vote"], outlet=outlet, published=published, speakers=said)
        if within(asked, outlet, published, speaker):
            expected.append(id_)
    assert sorted(ids(library.alone(), asked)) == expected


def test_an_excluded_word_leaves_out_the_passages_and_the_articles_that_hold_it(library: Library) -> None:
    clean = library.add(["vote"])
    mixed = library.add(["vote"], terms("football"))
    asked = query("vote -football")
    assert sorted(found.article_id for found in library.alone().quotes(asked, 9)) == [clean, mixed]
    for ranking in ("plain", "best"):
        assert [found.article_id for found in library.alone().articles(asked, 9, ranking=ranking)] == [clean]


def test_an_excluded_phrase_is_left_to_the_text(library: Library) -> None:
    added = library.add(["vote", "peac", "talk"])
    assert ids(library.alone(), query('vote -"peace talks"')) == [added]


def test_a_phrase_narrows_down_to_what_holds_all_its_words(library: Library) -> None:
    apart = library.add(["peac", "vote"], ["talk"])
    together = library.add(["peac", "line", "talk"])
    library.add(["peac"])
    asked = query('"peace talks"')
    assert [found.article_id for found in library.alone().quotes(asked, 9)] == [together]
    assert sorted(found.article_id for found in library.alone().articles(asked, 9)) == [apart, together]


# Both shelves


def test_a_shared_article_whose_text_the_own_library_holds_is_found_once_as_its_own() -> None:
    own, shared = Library(100), Library()
    twin, other = shared.add(["vote"]), shared.add(["vote", "line"])
    mine = own.add(["vote"])
    assert sorted(ids(own.beside(shared), query("vote"))) == [other, mine]
    assert twin not in ids(own.beside(shared), query("vote"))
    own.remove(mine)
    assert sorted(ids(own.beside(shared), query("vote"))) == [twin, other]


DOCUMENT = st.lists(st.sampled_from(["peac", "talk", "line", "vote", "kyiv", "moscow"]), min_size=1, max_size=6)
ARTICLE = st.lists(DOCUMENT, min_size=1, max_size=3)
ARTICLES = st.lists(ARTICLE, max_size=5)


@given(own=ARTICLES, shared=ARTICLES, gone=st.sets(st.integers(0, 5)), asked=st.lists(DOCUMENT, max_size=1))
def test_own_and_shared_score_as_rank_bm25_over_all_that_is_seen(
    own: list[list[list[str]]], shared: list[list[list[str]]], gone: set[int], asked: list[list[str]]
) -> None:
    wanted = query(" ".join(asked[0] if asked else ["vote"]))
    mine, theirs = Library(100), Library()
    seen = [(mine.add(*article), article) for article in own]
    added = [(theirs.add(*article), article) for article in shared]
    theirs.remove(*(id_ for number, (id_, _) in enumerate(added) if number in gone))
    mine.shelf = mine.shelf.compacted()
    texts = [article for _, article in seen]
    kept = [one for number, one in enumerate(added) if number not in gone and one[1] not in texts]
    documents = [[term for passage in article for term in passage] for _, article in seen + kept]
    found = mine.beside(theirs).articles(wanted, 50, ranking="plain")
    matching = {
        id_: score
        for (id_, _), document, score in zip(
            seen + kept, documents, BM25Okapi(documents).get_scores(wanted.terms) if documents else [], strict=True
        )
        if set(document) & set(wanted.terms)
    }
    assert {one.article_id: one.score for one in found} == pytest.approx(matching, abs=1e-9)


def test_the_score_of_a_quote_is_its_own_and_a_share_of_its_articles(library: Library) -> None:
    library.add(["vote", "vote"], ["line", "talk"])
    (found,) = library.alone().quotes(query("vote line -talks"), 9)
    passages = [*FILLER, ["vote", "vote"], ["line", "talk"]]
    articles = [*FILLER, ["vote", "vote", "line", "talk"]]
    own = BM25Okapi(passages).get_scores(["vote", "line"])[-2]
    whole = BM25Okapi(articles).get_scores(["vote", "line"])[-1]
    assert found.score == pytest.approx(own + ARTICLE_WEIGHT * whole)


def test_what_was_removed_is_not_found_and_what_came_back_is(library: Library) -> None:
    first, second = library.add(["vote"]), library.add(["vote", "line"])
    library.remove(first)
    assert ids(library.alone(), query("vote")) == [second]
    library.writer.articles = first - 1  # restored: it comes again under its row id
    library.add(["vote"])
    assert sorted(ids(library.alone(), query("vote"))) == [first, second]


def test_a_revised_article_is_found_by_its_new_words_only(library: Library) -> None:
    first = library.add(["vote"], ["kyiv"], outlet="The Wire", speakers={1: "Ines Duarte"})
    library.writer.articles = first - 1
    change = library.writer.added([["line"]], outlet="Evening Post")
    library.shelf = library.shelf.after(change)
    catalogue = library.alone()
    assert ids(catalogue, query("vote kyiv")) == []
    assert ids(catalogue, query("line")) == [first]
    assert used(catalogue.outlets) == [("Evening Post", 1)]


# Names


@pytest.fixture
def named() -> Library:
    made = Library()
    made.fill()
    names = dict.fromkeys(("zelenski", "zelenskyy"), "zelenski")
    made.shelf = made.shelf.after(made.writer.added([["zelenski", "vote"]], [["zelenskyy", "line"]], names=names))
    return made


def test_spellings_of_a_name_find_each_other_both_ways(named: Library) -> None:
    assert sorted(ids(named.alone(), query("Zelensky"))) == sorted(ids(named.alone(), query("Zelenskyy"))) == [9, 10]
    assert named.alone().spellings("zelenskyy") == ("zelenskyy", "zelenski")


def test_plain_knows_no_spellings(named: Library) -> None:
    found = named.alone().articles(query("Zelenskyy"), 9, ranking="plain")
    assert [one.article_id for one in found] == [10]


def test_two_spellings_in_one_question_count_as_one_term_asked_twice(named: Library) -> None:
    once, twice = named.alone().quotes(query("Zelensky"), 9), named.alone().quotes(query("Zelensky Zelenskyy"), 9)
    assert [one.score for one in twice] == pytest.approx([2 * one.score for one in once])


def test_a_word_that_is_no_name_here_has_no_other_spelling() -> None:
    library = Library()
    library.fill()
    library.add(["kiev", "vote"])
    library.shelf = library.shelf.after(library.writer.added([["kyiv", "line"]], names={"kyiv": "kiev"}))
    assert library.alone().spellings("kiev") == ("kiev",)
    assert library.alone().spellings("kyiv") == ("kyiv",)


def test_a_spelling_that_nobody_here_uses_finds_the_one_they_use(named: Library) -> None:
    assert sorted(ids(named.alone(), query("Zelenskiy"))) == [9, 10]


def test_a_name_that_is_only_in_removed_articles_is_no_spelling(named: Library) -> None:
    named.remove(9)
    assert named.alone().spellings("zelenskyy") == ("zelenskyy",)


def test_a_name_of_the_shared_shelf_is_a_spelling_of_the_own(named: Library) -> None:
    own = Library(100)
    own.shelf = own.shelf.after(own.writer.added([["zelenskyi", "gull"]], names={"zelenskyi": "zelenski"}))
    mine = own.add(["zelenskyi", "harbour"], ["tide"]) - 1
    assert sorted(ids(own.beside(named), query("Zelenskyi"))) == [9, 10, mine, mine + 1]
    assert sorted(ids(own.beside(named), query("Zelensky"))) == [9, 10, mine, mine + 1]


# Counts, ties, chance


def test_outlets_are_counted_over_both_shelves_most_first() -> None:
    own, shared = Library(100), Library()
    shared.add(["vote"], ["line"], outlet="The Wire", speakers={0: "Omar Haddad", 1: "Omar Haddad"})
    gone = shared.add(["kyiv"], outlet="Gone Post", speakers={0: "Gone Person"})
    own.add(["talk"], outlet="The Wire", speakers={0: "Ines Duarte"})
    own.add(["peac"], outlet="A Gazette", speakers={0: "Anna Abel"})
    shared.remove(gone)
    catalogue = own.beside(shared)
    assert used(catalogue.outlets) == [("The Wire", 2), ("A Gazette", 1)]


def test_equal_scores_are_ordered_newest_first_and_then_by_the_later_row(library: Library) -> None:
    days = [date(2026, 1, 1), date(2026, 3, 1), date(2026, 1, 1), date(2025, 1, 1)]
    added = [library.add(["vote", f"w{n}"], filed=day) for n, day in enumerate(days)]
    expected = [added[1], added[2], added[0], added[3]]
    catalogue = library.alone()
    assert [found.article_id for found in catalogue.quotes(query("vote"), 9)] == expected
    assert [found.article_id for found in catalogue.articles(query("vote"), 9, ranking="plain")] == expected
    assert [found.article_id for found in catalogue.quotes(query("vote"), 2)] == expected[:2]


def test_an_article_is_shown_with_the_passages_that_match_best_best_first(library: Library) -> None:
    library.add(["line"], ["vote", "line", "talk"], ["vote", "vote"], ["kyiv"])
    catalogue = library.alone()
    for count, expected in ((1, (2,)), (2, (2, 1)), (9, (2, 1, 0, 3))):
        (found,) = catalogue.articles(query("vote"), 9, positions=count)
        assert found.positions == expected


def test_no_more_is_found_than_asked_for(library: Library) -> None:
    for number in range(5):
        library.add(["vote", f"w{number}"])
    catalogue = library.alone()
    for limit in (1, 3, 5, 9):
        assert len(catalogue.quotes(query("vote"), limit)) == min(limit, 5)
        assert len(catalogue.articles(query("vote"), limit)) == min(limit, 5)


def test_an_article_without_passages_takes_no_other_ones_place(library: Library) -> None:
    shown = library.add(["vote", "line", "talk", "kyiv"])
    heading = library.writer.added([], filed=date(2026, 6, 1))
    whole = library.writer._tally([["vote", "vote"]])  # an article of headings only
    filed = [replace(one, counts=pack(whole)) for one in heading.filed]
    library.shelf = library.shelf.after(replace(heading, filed=filed))
    assert [one.article_id for one in library.alone().articles(query("vote"), 1)] == [shown]


def test_a_quote_by_chance_keeps_to_the_limits_and_prefers_speakers(library: Library) -> None:
    spoken = library.add(["vote"], ["line"], outlet="The Wire", speakers={1: "Ines Duarte"})
    silent = library.add(["vote"], ["talk"], outlet="Evening Post")
    gone = library.add(["kyiv"], speakers={0: "Gone Person"})
    library.remove(gone)
    catalogue, chance = library.alone(), random.Random(1)

    def drawn(**limits: str) -> set[tuple[int, tuple[int, ...]] | None]:
        found = [catalogue.any_quote(query("", **limits), chance) for _ in range(30)]
        return {(one.article_id, one.positions) if one else None for one in found}

    assert drawn() == {(spoken, (1,))}
    assert drawn(source="evening") == {(silent, (0,)), (silent, (1,))}
    assert drawn(speaker="gone") == {None}
    assert drawn(source="nobody") == {None}


def test_an_empty_library_answers_nothing() -> None:
    catalogue = Catalogue([Shelf.empty()])
    asked = query("vote")
    assert catalogue.any_quote(query(), random.Random(1)) is None
    assert (catalogue.quotes(asked, 9), catalogue.articles(asked, 9), catalogue.suggest(asked)) == ([], [], [])
    assert catalogue.outlets == []


def test_only_words_that_a_visible_article_holds_are_suggested(library: Library) -> None:
    gone = library.add(terms("parliament"))
    library.add(terms("ceasefire harbour"))
    library.remove(gone)
    assert library.alone().suggest(query("ceasfire parlament harbour")) == terms("ceasefire")


def test_a_catalogue_answers_from_what_it_was_made_of(library: Library) -> None:
    added = library.add(["vote"])
    before = library.alone()
    library.add(["vote", "line"])
    library.remove(added)
    library.shelf = library.shelf.compacted()
    assert ids(before, query("vote")) == [added]


@given(steps=st.lists(st.tuples(st.booleans(), ARTICLE), max_size=12))
def test_one_link_serves_two_growing_vocabularies(steps: list[tuple[bool, list[list[str]]]]) -> None:
    own, shared = Library(100), Library()
    link = Link(own.shelf.vocabulary, shared.shelf.vocabulary)
    for is_own, article in steps:
        (own if is_own else shared).add(*article)
        ids_ = link.ids()
        expected = [own.shelf.vocabulary.id_of(term) for term, _ in _ordered(shared)]
        assert ids_.tolist() == [-1 if id_ is None else id_ for id_ in expected]


def _ordered(library: Library) -> list[tuple[str, int]]:
    return sorted(library.shelf.vocabulary.items(), key=lambda item: item[1])


def test_a_link_is_right_whoever_asks_for_it_at_once() -> None:
    words = [f"w{number}" for number in range(2_000)]
    for _ in range(8):
        own, shared = Library(), Library()
        own.add(words)
        shared.add(words)
        link, found = Link(own.shelf.vocabulary, shared.shelf.vocabulary), list[list[int]]()
        at_once(*[lambda link=link, found=found: found.append(link.ids().tolist())] * 4)
        shared.add(["late", "w0"])
        own.add(["late"])
        assert found == [list(range(2_000))] * 4
        assert link.ids().tolist() == list(range(2_001))


def test_the_keys_of_names_are_right_whoever_asks_for_them_at_once() -> None:
    for _ in range(8):
        names = Names(f"Person {number}" for number in range(500))
        at_once(*[names.keys] * 4)
        assert names.keys() == [f"person {number}" for number in range(500)]
