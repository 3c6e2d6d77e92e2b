"""Newsdesk, asked to check a text: against all that a server sees and nothing else, whatever is typed, soon."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings

from bot.errors import Refused
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.search.checks import Checked, Verdict
from bot.search.claims import MOST_CLAIMS
from tests.search.claimed import FERRY
from tests.search.hostile import hostile_queries
from tests.sizes import cases, some
from tests.stored import store_many
from tests.strangeness import any_text

NEWSROOM, RIVAL = 101, 202  # two servers
SECRET = "“The zeppelin contract was signed in Novgorod before anybody asked,” said Anna Quillfeather."
SAID = "The zeppelin contract was signed in Novgorod before anybody asked"


@pytest.fixture
async def newsdesk(library_url: str) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(library_url, bot=True) as opened:
        yield opened


def document(text: str, title: str = "Untitled") -> Document:
    return Document("typed", title, text)


async def only(newsdesk: Newsdesk, typed: str, library: int = SHARED) -> Checked:
    (checked,) = await newsdesk.check(library, typed)
    return checked


async def test_every_quotation_of_a_text_has_its_verdict(newsdesk: Newsdesk) -> None:
    await newsdesk.add(SHARED, document(FERRY, "Ferry"))
    checks = await newsdesk.check(
        SHARED,
        "“We could not leave four villages without a doctor,” said Omar Haddad. “Freight goes on Mondays.” And then "
        "she said: “Two crossings a day are planned until March.” “No such thing was ever printed by the gazette.”",
    )
    assert [one.verdict.value for one in checks] == ["said by someone else", "near", "exact", "not in the library"]
    assert checks.left_out == 0


async def test_a_claim_is_checked_against_ones_own_and_the_shared_library_alone(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document(SECRET))
    await newsdesk.add(SHARED, document(FERRY))
    for typed in (SAID, SAID.replace("signed", "sealed"), "before anybody asked", "zeppelin", "in"):
        assert (await only(newsdesk, typed, NEWSROOM)).found is not None
        for stranger in (RIVAL, SHARED):
            found = (await only(newsdesk, typed, stranger)).found
            assert found is None or found.quote.article.library == SHARED
    assert (await only(newsdesk, "Two crossings a day are planned", NEWSROOM)).verdict is Verdict.EXACT


async def test_the_same_words_elsewhere_are_counted_and_another_servers_are_not(newsdesk: Newsdesk) -> None:
    for library in (SHARED, NEWSROOM, RIVAL):
        await newsdesk.add(library, document(f"{FERRY} Printed for {library}."))
    found = (await only(newsdesk, "“We could not leave four villages without a doctor”", NEWSROOM)).found
    assert found is not None
    assert {article.library for article in (found.quote.article, *found.also_in)} == {SHARED, NEWSROOM}


async def test_what_was_removed_is_no_longer_in_the_library(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document(SECRET))
    assert (await only(newsdesk, SAID, NEWSROOM)).verdict is Verdict.EXACT
    await newsdesk.remove(NEWSROOM, "1")
    assert (await only(newsdesk, SAID, NEWSROOM)).verdict is Verdict.NOT_FOUND


async def test_a_correction_of_the_speaker_counts_where_it_was_made(newsdesk: Newsdesk) -> None:
    added = await newsdesk.add(SHARED, document(SECRET))
    found = (await only(newsdesk, f"“{SAID}”", NEWSROOM)).found
    assert found is not None
    assert found.speech is not None
    await newsdesk.spoken.correct(NEWSROOM, added.article, found.speech.span, "Mara Lind", by=None)
    typed = f"“{SAID},” said Anna Quillfeather."
    assert (await only(newsdesk, typed, NEWSROOM)).verdict is Verdict.OTHER_SPEAKER
    assert (await only(newsdesk, typed, RIVAL)).verdict is Verdict.EXACT


async def test_the_quote_of_a_claim_can_be_shown_in_its_context(newsdesk: Newsdesk) -> None:
    await newsdesk.add(SHARED, document(FERRY))
    found = (await only(newsdesk, "Freight goes on Thursdays")).found
    assert found is not None
    context = newsdesk.around(found.quote, 1).of(FERRY)
    assert context.startswith("Two crossings")
    assert context.endswith("$5.")


async def test_an_empty_library_holds_nothing(newsdesk: Newsdesk) -> None:
    for typed in (SAID, "in", "it is what it is"):
        checked = await only(newsdesk, typed)
        assert (checked.verdict, checked.is_complete) == (Verdict.NOT_FOUND, True)


@pytest.mark.parametrize("typed", ["", "  \n", "“”", "…", "👍", "\0", "\ud800"])
async def test_a_text_without_a_word_is_refused_with_one_sentence(newsdesk: Newsdesk, typed: str) -> None:
    with pytest.raises(Refused, match="nothing to check"):
        await newsdesk.check(SHARED, typed)


async def test_so_many_quotations_are_looked_at_and_the_others_counted(newsdesk: Newsdesk) -> None:
    typed = " ".join(f"“Quotation number {number} here”" for number in range(MOST_CLAIMS + 4))
    checks = await newsdesk.check(SHARED, typed)
    assert (len(checks.checked), checks.left_out) == (MOST_CLAIMS, 4)


@pytest.mark.many
async def test_words_that_very_many_articles_hold_are_looked_for_in_some_and_that_is_said(newsdesk: Newsdesk) -> None:
    chance = random.Random(3)
    words = [["harbour", "was", "it", f"number{number}", "the"] for number in range(230)]
    await store_many(newsdesk, SHARED, [document(" ".join(chance.sample(one, len(one)))) for one in words])
    checked = await only(newsdesk, "harbour the the")
    assert (checked.verdict, checked.is_complete) == (Verdict.NOT_FOUND, False)
    assert not (await only(newsdesk, "was was")).is_complete
    assert (await only(newsdesk, "number7 was never there at all")).is_complete


@settings(max_examples=cases(40, few=10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=any_text(max_size=6_000, surrogates=True))
async def test_any_text_is_checked_or_refused(newsdesk: Newsdesk, typed: str) -> None:
    await newsdesk.add(SHARED, document(FERRY))
    try:
        checks = await newsdesk.check(SHARED, typed)
    except Refused:
        return
    for one in checks:
        assert one.text
        assert (one.found is None) == (one.verdict is Verdict.NOT_FOUND)


@pytest.mark.many
@pytest.mark.sqlite  # what takes long has nothing to do with the database
async def test_no_hostile_text_takes_long(newsdesk: Newsdesk) -> None:
    await newsdesk.add(SHARED, document(FERRY))
    await newsdesk.add(SHARED, document("the a w1 source x " * 5_000))
    for typed in some(hostile_queries(), few=40):
        begun = time.process_time()
        try:
            await newsdesk.check(SHARED, typed)
        except Refused:
            continue
        assert time.process_time() - begun < 4, typed[:60]  # the longest takes some 60 ms, ten claims at once
