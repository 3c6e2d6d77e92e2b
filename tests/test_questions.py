"""Questions as people write them, end to end: what is found, what is marked, and what is said when nothing is."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.cli.seeds import PROJECT_SEEDS
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.reading.files import find_files
from tests.search.hostile import hostile_queries
from tests.sizes import some
from tests.stored import store_many

NEWSROOM, RIVAL = 101, 202
TALKS = (
    "The peace talks were adjourned on Monday. Talks resume soon.\n\n"
    "“We want peace.” “Talks can wait,” the envoy said.\n\n"
    "Nobody spoke of peace. Football was on instead."
)


@pytest.fixture
async def newsdesk(library_url: str) -> AsyncIterator[Newsdesk]:
    now = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
    async with Newsdesk.open(library_url, bot=True, now=lambda: now, chance=random.Random(1)) as opened:
        yield opened


async def add(newsdesk: Newsdesk, *texts: str, title: str = "Untitled", library: int = NEWSROOM) -> None:
    for text in texts:
        await newsdesk.add(library, Document("typed", title, text))


async def quoted(newsdesk: Newsdesk, asked: str) -> list[str]:
    return [quote.text for quote in await newsdesk.quotes(NEWSROOM, newsdesk.query(asked), 50)]


async def searched(newsdesk: Newsdesk, asked: str) -> set[str]:
    return {hit.article.text for hit in await newsdesk.search(NEWSROOM, newsdesk.query(asked), 50)}


async def marked(newsdesk: Newsdesk, asked: str) -> set[str]:
    quotes = await newsdesk.quotes(NEWSROOM, newsdesk.query(asked), 50)
    return {span.of(quote.article.text) for quote in quotes for span in quote.matched}


# Phrases and what to leave out


@pytest.mark.parametrize(
    "asked", ['"peace talks were"', "“Peace Talks Were”", "„peace talks were“", "«PEACE talks were»"]
)
async def test_a_phrase_is_found_word_for_word_in_any_quotes(newsdesk: Newsdesk, asked: str) -> None:
    await add(newsdesk, TALKS, "Were the talks about peace? They were not peace talks at all.")
    (found,) = await quoted(newsdesk, asked)
    assert found.startswith("The peace talks were adjourned")
    assert await searched(newsdesk, asked) == {TALKS}
    assert await marked(newsdesk, asked) == {"peace talks were"}


async def test_a_phrase_runs_over_quotation_marks_and_the_end_of_a_sentence(newsdesk: Newsdesk) -> None:
    await add(newsdesk, TALKS)
    assert await marked(newsdesk, '"peace talks can wait"') == {"peace.” “Talks can wait"}


@pytest.mark.parametrize("asked", ['"talks peace"', '"peace talk were"', '"peace were"', '"talks were adjourned soon"'])
async def test_words_in_another_order_or_form_are_not_the_phrase(newsdesk: Newsdesk, asked: str) -> None:
    await add(newsdesk, TALKS)
    assert await quoted(newsdesk, asked) == []
    assert await searched(newsdesk, asked) == set()


async def test_a_phrase_over_two_passages_finds_the_article_and_no_quote(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "The harbour is quiet.\n\nFerries sail at dawn.")
    assert await quoted(newsdesk, '"quiet ferries"') == []
    assert len(await searched(newsdesk, '"quiet ferries"')) == 1


async def test_a_phrase_in_the_title_finds_the_article_and_no_quote(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "The lamp shone over the bay.", title="Lighthouse lit again")
    await add(newsdesk, "It was lit again, said the lighthouse keeper.", title="Bay")
    assert await searched(newsdesk, '"lighthouse lit"') == {"The lamp shone over the bay."}
    assert await quoted(newsdesk, '"lighthouse lit"') == []


async def test_a_phrase_behind_many_better_passages_is_found(newsdesk: Newsdesk) -> None:
    better = [Document("typed", "Untitled", f"Peace, peace and talks, talks number w{n}.") for n in range(120)]
    await store_many(newsdesk, NEWSROOM, better)
    wanted = "After all that was said on the day there were peace talks in the end for a long while after."
    await add(newsdesk, wanted)
    assert await quoted(newsdesk, '"peace talks"') == [wanted]
    assert await searched(newsdesk, '"peace talks"') == {wanted}


async def test_an_excluded_word_is_in_no_answer(newsdesk: Newsdesk) -> None:
    await add(newsdesk, TALKS, "Peace is near.")
    assert all("ootball" not in text for text in await quoted(newsdesk, "peace -football"))
    assert await searched(newsdesk, "peace -football") == {"Peace is near."}
    assert await searched(newsdesk, "peace -footballs") == {"Peace is near."}


async def test_an_excluded_phrase_leaves_out_what_holds_it_and_not_its_words(newsdesk: Newsdesk) -> None:
    apart = "Talks of peace went on."
    await add(newsdesk, TALKS, apart)
    assert await searched(newsdesk, 'peace -"peace talks"') == {apart}
    assert "The peace talks were" not in " ".join(await quoted(newsdesk, 'peace -"peace talks"'))
    assert apart in await quoted(newsdesk, 'peace -"peace talks"')


async def test_an_excluded_name_is_left_out_in_its_other_spellings(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "In Minsk Zelensky spoke of peace.", "In Minsk Lukashenko spoke of peace.")
    for spelling in ("Zelensky", "Zelenskyy", "Zelenskiy"):
        assert await quoted(newsdesk, f"peace -{spelling}") == ["In Minsk Lukashenko spoke of peace."]
        assert await searched(newsdesk, f"peace -{spelling}") == {"In Minsk Lukashenko spoke of peace."}


async def test_a_speaker_is_found_in_every_spelling_of_the_name(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "“We want a just peace,” Volodymyr Zelensky said on Monday in Kyiv.")
    for spelling in ("zelensk", "Zelensky", "Zelenskyy", "Zelenskiy"):
        assert len(await quoted(newsdesk, f"peace speaker:{spelling}")) == 1
    assert await quoted(newsdesk, "peace speaker:Lukashenko") == []


async def test_plain_ranking_looks_for_every_word_that_was_typed(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "Football only.", "Peace only.", "Neither of them.")
    found = await newsdesk.search(NEWSROOM, newsdesk.query('"peace" -football'), ranking="plain")
    assert {hit.article.text for hit in found} == {"Football only.", "Peace only."}


# Names


ZELENSKYS = ("Zelensky", "Zelenskyy", "Zelenskiy")


@pytest.mark.parametrize("asked", ZELENSKYS)
async def test_spellings_of_a_name_find_and_mark_each_other(newsdesk: Newsdesk, asked: str) -> None:
    await add(newsdesk, *(f"In Kyiv {name} spoke of w{n}." for n, name in enumerate(ZELENSKYS)))
    await add(newsdesk, *(f"A filler of w{n} and x{n}." for n in range(3, 9)))
    assert len(await quoted(newsdesk, asked)) == len(await searched(newsdesk, asked)) == 3
    assert await marked(newsdesk, asked) == set(ZELENSKYS)


async def test_spellings_find_each_other_between_the_shared_and_the_own_library(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "In Kiev Zelensky spoke.", library=SHARED)
    await add(newsdesk, "In Kyiv Zelenskyy spoke again.")
    for asked in ("Zelensky", "Zelenskyy", "Kiev", "Kyiv"):
        assert len(await searched(newsdesk, asked)) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [("Brown", "Braun"), ("Iran", "Iraq"), ("Sara", "Sarah"), ("Medvedev", "Medvedeva"), ("Austria", "Australia")],
)
async def test_different_names_do_not_find_each_other(newsdesk: Newsdesk, one: str, other: str) -> None:
    await add(newsdesk, f"Then {one} spoke.", f"Then {other} wrote.")
    assert await searched(newsdesk, one) == {f"Then {one} spoke."}
    assert await searched(newsdesk, other) == {f"Then {other} wrote."}


# As people type


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("The U.S. envoy left.", "US envoy"),
        ("The US army left.", "U.S."),
        ("A cease-fire holds.", "ceasefire"),
        ("A ceasefire holds.", "cease-fire"),
        ("Some 1,000 people fled.", "1000"),
        ("Some 1000 people fled.", "1,000"),
        ("Ukraine’s army left.", "ukraine"),
        ("Ukraine left.", "Ukraine's"),
        ("Don’t panic, O’Brien said.", "o'brien"),
        ("In São Paulo a café shut.", "sao paulo cafe"),
        ("In Sao Paulo a cafe shut.", "São"),
        ("NEGOTIATIONS FAILED.", "negotiation"),
        ("They negotiated.", "negotiate"),
    ],
)
async def test_a_word_is_found_however_it_is_spelled(newsdesk: Newsdesk, written: str, asked: str) -> None:
    await add(newsdesk, written, "Something else altogether.")
    assert await searched(newsdesk, asked) == {written}
    assert await quoted(newsdesk, asked) == [written]
    assert await marked(newsdesk, asked)


async def test_limits_in_the_text_and_as_options_are_the_same(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, Document("a", "A", "The ferry sails.", outlet="The Wire"))
    await newsdesk.add(NEWSROOM, Document("b", "B", "A ferry waits.", outlet="Evening Post"))
    assert await searched(newsdesk, "ferry source:wire") == {"The ferry sails."}
    asked = newsdesk.query("ferry", source="wire")
    assert [hit.article.title for hit in await newsdesk.search(NEWSROOM, asked)] == ["A"]


# Did you mean


async def test_what_was_meant_is_said_as_the_library_spells_it(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "In Kyiv Zelenskyy spoke.", "The negotiations failed.")
    assert await newsdesk.suggest(NEWSROOM, newsdesk.query("negotiatoins")) == ["negotiations"]
    assert await newsdesk.suggest(NEWSROOM, newsdesk.query("zelenskyx")) == ["Zelenskyy"]


async def test_a_word_of_another_server_is_never_suggested(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "The zeppelin flies.", library=RIVAL)
    await add(newsdesk, "The ferry sails.")
    for asked in ("zeppelim", "zepelin", "zeppelin"):
        assert await newsdesk.suggest(NEWSROOM, newsdesk.query(asked)) == []
        assert await searched(newsdesk, asked) == set()
    assert await newsdesk.suggest(RIVAL, newsdesk.query("zepelin")) == ["zeppelin"]


async def test_a_word_of_the_shared_library_is_suggested_to_everybody_until_it_is_removed(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "The zeppelin flies.", library=SHARED)
    await add(newsdesk, "The ferry sails.")
    assert await newsdesk.suggest(NEWSROOM, newsdesk.query("zepelin")) == ["zeppelin"]
    await newsdesk.remove(SHARED, "S1")
    assert await newsdesk.suggest(NEWSROOM, newsdesk.query("zepelin")) == []


async def test_words_that_are_there_have_no_suggestion(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "The zeppelin flies.", "The zeppelins fly.", "A zepelin flew.")
    assert await newsdesk.suggest(NEWSROOM, newsdesk.query("zepelin zeppelin flew")) == []


# Whatever is typed


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A library of the starter documents."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('seeded') / 'newsdesk.db'}"

    async def fill() -> None:
        async with Newsdesk.open(url, bot=True) as newsdesk:
            added = [one async for _, one in newsdesk.import_files(SHARED, find_files([PROJECT_SEEDS]))]
            assert any(one.added for one in added)
            await add(newsdesk, TALKS)

    asyncio.run(fill())
    return url


@pytest.mark.many
@pytest.mark.parametrize("part", some(range(4), few=1))
async def test_every_hostile_question_is_answered(seeded: str, part: int) -> None:
    async with Newsdesk.open(seeded, bot=True) as newsdesk:
        for text in hostile_queries()[part::4]:
            query = newsdesk.query(text)
            quotes = await newsdesk.quotes(NEWSROOM, query, 5)
            plain = await newsdesk.search(NEWSROOM, query, 5, ranking="plain")
            best = await newsdesk.search(NEWSROOM, query, 5)
            assert max(len(quotes), len(plain), len(best)) <= 5
            assert all(quote.text in quote.article.text for quote in quotes)
            if not quotes:
                assert all(isinstance(word, str) for word in await newsdesk.suggest(NEWSROOM, query))


@pytest.mark.many
async def test_hostile_limits_are_answered(seeded: str) -> None:
    async with Newsdesk.open(seeded, bot=True) as newsdesk:
        for text in some(hostile_queries()[::7], few=20):
            query = newsdesk.query("peace", source=text, speaker=text)
            assert isinstance(await newsdesk.quotes(NEWSROOM, query, 3), list)
            assert isinstance(await newsdesk.search(NEWSROOM, query, 3), list)
