"""Who said what, through the real corpus and indexes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.errors import NotFound, Refused
from bot.model import SHARED, Confidence, Document, Method
from bot.newsdesk import Newsdesk
from bot.quote_ids import quote_id

HERE, ELSEWHERE = 7, 8
WORDS = "We sail at dawn whatever the weather brings"
TEXT = f"The ferry was late on Monday.\n\n“{WORDS},” said Elena Marsh, who runs it. “We always did.”"


@pytest.fixture
async def newsdesk(library_url: str) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(library_url, bot=True) as opened:
        yield opened


async def add(newsdesk: Newsdesk, text: str = TEXT, library: int = HERE) -> int:
    return (await newsdesk.add(library, Document("typed", "Ferry", text))).article.id


async def names(newsdesk: Newsdesk, library: int = HERE) -> dict[str, int]:
    return {person.name: person.uses for person in await newsdesk.spoken.people(library)}


async def test_people_follow_every_change(newsdesk: Newsdesk) -> None:
    assert await names(newsdesk) == {}
    await add(newsdesk)
    before = await names(newsdesk)
    assert list(before) == ["Elena Marsh"]
    await newsdesk.remove(HERE, "1")
    assert await names(newsdesk) == {}
    await newsdesk.restore(HERE, "1")
    assert await names(newsdesk) == before
    assert await names(newsdesk, ELSEWHERE) == {}


async def test_a_text_of_both_libraries_is_counted_once(newsdesk: Newsdesk) -> None:
    await add(newsdesk, library=HERE)
    once = await names(newsdesk)
    await add(newsdesk, library=SHARED)
    assert await names(newsdesk) == once


async def test_a_correction_changes_who_is_counted_found_and_recorded_here_alone(newsdesk: Newsdesk) -> None:
    await add(newsdesk, library=SHARED)
    (quote,) = await newsdesk.quotes(HERE, newsdesk.query("sail dawn"))
    said = await newsdesk.spoken.of(HERE, quote.article)
    made = await newsdesk.spoken.correct(HERE, quote.article, said[0].span, " Omar  Haddad ", by=1)
    assert (await names(newsdesk))["Omar Haddad"] == 1
    assert "Omar Haddad" not in await names(newsdesk, ELSEWHERE)
    corrected = (await newsdesk.spoken.of(HERE, quote.article))[0]
    assert (corrected.speaker, corrected.method, corrected.confidence) == (
        "Omar Haddad", Method.CORRECTED, Confidence.STATED
    )  # fmt: skip
    record = await newsdesk.spoken.record(HERE, "Omar Haddad", newsdesk.query(""))
    assert [one.text for one in record.statements] == [said[0].span.of(quote.article.text)]
    await newsdesk.spoken.undo(HERE, made, by=1)
    assert await newsdesk.spoken.of(HERE, quote.article) == said
    assert "Omar Haddad" not in await names(newsdesk)


async def test_what_the_host_corrects_holds_for_all_until_a_server_says_otherwise(newsdesk: Newsdesk) -> None:
    await add(newsdesk, library=SHARED)
    (quote,) = await newsdesk.quotes(SHARED, newsdesk.query("sail dawn"))
    span = (await newsdesk.spoken.of(SHARED, quote.article))[0].span
    await newsdesk.spoken.correct(SHARED, quote.article, span, "Omar Haddad", by=None)
    await newsdesk.spoken.correct(HERE, quote.article, span, "Bo Vale", by=1)
    assert (await newsdesk.spoken.of(ELSEWHERE, quote.article))[0].speaker == "Omar Haddad"
    assert (await newsdesk.spoken.of(HERE, quote.article))[0].speaker == "Bo Vale"


async def test_a_correction_of_a_correction_is_undone_to_the_first(newsdesk: Newsdesk) -> None:
    await add(newsdesk)
    article = await newsdesk.article(HERE, "1")
    span = (await newsdesk.spoken.of(HERE, article))[0].span
    await newsdesk.spoken.correct(HERE, article, span, "Omar Haddad", by=1)
    second = await newsdesk.spoken.correct(HERE, article, span, None, by=1)
    assert (await newsdesk.spoken.of(HERE, article))[0].speaker is None
    await newsdesk.spoken.undo(HERE, second, by=1)
    assert (await newsdesk.spoken.of(HERE, article))[0].speaker == "Omar Haddad"


async def test_a_correction_lasts_when_everything_is_read_anew(newsdesk: Newsdesk) -> None:
    await add(newsdesk, f"“{WORDS},” said Elena Marsh, who runs it.")
    article = await newsdesk.article(HERE, "1")
    span = (await newsdesk.spoken.of(HERE, article))[0].span
    await newsdesk.spoken.correct(HERE, article, span, "Omar Haddad", by=1)
    assert await newsdesk.reread(lambda _done, _total: None) == 1
    assert (await newsdesk.spoken.of(HERE, article))[0].speaker == "Omar Haddad"
    (quote,) = await newsdesk.quotes(HERE, newsdesk.query("sail", speaker="haddad"))
    assert quote.article.id == article.id


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
async def test_a_name_of_no_or_too_many_letters_is_refused(newsdesk: Newsdesk, name: str) -> None:
    await add(newsdesk)
    article = await newsdesk.article(HERE, "1")
    span = (await newsdesk.spoken.of(HERE, article))[0].span
    with pytest.raises(Refused):
        await newsdesk.spoken.correct(HERE, article, span, name, by=1)


async def test_every_passage_and_all_speech_is_recalled_by_its_id(newsdesk: Newsdesk) -> None:
    await add(newsdesk)
    article = await newsdesk.article(HERE, "1")
    passages = await newsdesk.corpus.articles.passages(HERE, article.id)
    said = await newsdesk.spoken.of(HERE, article)
    spans = [*(one.span for one in passages), *(one.span for one in said)]
    assert len(spans) >= 3
    for span in spans:
        quote = await newsdesk.spoken.recall(HERE, quote_id(article, span))
        assert quote.passage.span == span


async def test_an_id_names_whole_sentences_and_never_a_part_of_one(newsdesk: Newsdesk) -> None:
    await add(newsdesk)
    article = await newsdesk.article(HERE, "1")
    (passage, *_) = await newsdesk.corpus.articles.passages(HERE, article.id)
    part = type(passage.span)(passage.span.start, passage.span.end - 8)
    with pytest.raises(NotFound, match="no longer in article"):
        await newsdesk.spoken.recall(HERE, quote_id(article, part))


@pytest.mark.parametrize("typed", ["q-1-0", "nothing", "q-99-0abc", "q-s1-0abc"])
async def test_an_id_of_nothing_is_one_sentence(newsdesk: Newsdesk, typed: str) -> None:
    await add(newsdesk)
    with pytest.raises(NotFound, match="There is no quotation"):
        await newsdesk.spoken.recall(HERE, typed)


async def test_joined_names_are_one_person_in_every_answer(newsdesk: Newsdesk) -> None:
    await add(newsdesk)
    await add(newsdesk, "“Let us all go home before the storm,” said Nell Storm.")
    await newsdesk.spoken.join(HERE, "Nell Storm", "Elena Marsh", by=1)
    record = await newsdesk.spoken.record(HERE, "Elena Marsh", newsdesk.query(""))
    assert any("before the storm" in one.text for one in record.statements)
    found = await newsdesk.quotes(HERE, newsdesk.query("home storm", speaker="Elena Marsh"))
    assert [quote.passage.speaker for quote in found] == ["Nell Storm"]
    await newsdesk.spoken.part(HERE, "Nell Storm", by=1)
    assert set(await names(newsdesk)) == {"Elena Marsh", "Nell Storm"}


async def test_parting_a_name_nobody_bears_is_one_sentence(newsdesk: Newsdesk) -> None:
    with pytest.raises(NotFound, match="Nobody is quoted under the name"):
        await newsdesk.spoken.part(HERE, "Nell Storm", by=1)
