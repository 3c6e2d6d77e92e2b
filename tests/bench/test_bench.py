"""The bench measures what it says, on sizes that take no time: no figure is asserted here."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from hypothesis import given
from hypothesis import strategies as st

from bot.desks.preparing import prepare
from bot.discord_app.admission import BUSY
from bot.language.tokens import terms
from bot.model import Document
from bot.newsdesk import Newsdesk
from tests import postgres
from tests.bench import bulk, load, search, servers, speech, summaries, template, watches
from tests.bench.__main__ import main
from tests.bench.articles import article, article_count
from tests.bench.loop import Heartbeat, Lag
from tests.bench.measure import held_mb
from tests.bench.peers import PEERS, Found, Peer, RankBm25
from tests.bench.report import Report
from tests.bench.search import Given, Row, alone, failure
from tests.bench.store import StoreRow
from tests.bench.stories import StoriesRow
from tests.bench.targets import Target, targets
from tests.bench.text import PASSAGES_PER_ARTICLE, VOCABULARY, Passages, passages, queries, word
from tests.forks import FORKING
from tests.wire.answers import CHOICES, MESSAGE, Answer
from tests.wire.process import forked
from tests.wire.servers import Servers

SMALL = 400


@pytest.fixture(scope="module")
def news() -> Passages:
    """As many terms as the statistics in `tests.bench.text` were measured on."""
    return passages(23_300)


@pytest.fixture(scope="module")
def few() -> Passages:
    return passages(SMALL)


def distinct_share(of: Passages, passages_each: int) -> float:
    """How many of the terms of so many passages in a row are distinct."""
    groups = range(0, len(of), passages_each)
    cut = [of.ids[of.starts[first] : of.starts[min(first + passages_each, len(of))]] for first in groups]
    return sum(len(np.unique(ids)) for ids in cut) / len(of.ids)


# The text


def test_the_same_seed_gives_the_same_passages_and_another_seed_others() -> None:
    assert np.array_equal(passages(50).ids, passages(50).ids)
    assert not np.array_equal(passages(50).ids[:100], passages(50, seed=1).ids[:100])


def test_a_smaller_collection_is_the_beginning_of_a_larger_one() -> None:
    small, large = passages(123), passages(10_123)
    assert np.array_equal(small.starts, large.starts[:124])
    assert np.array_equal(small.ids, large.ids[: len(small.ids)])


def test_passages_are_as_long_as_those_of_news(news: Passages) -> None:
    assert news.lengths.min() >= 1
    assert news.lengths.mean() == pytest.approx(19.5, abs=0.3)
    assert news.lengths.std() == pytest.approx(9.4, abs=0.3)


def test_the_vocabulary_grows_as_that_of_news(news: Passages) -> None:
    for tokens, distinct in [(18_997, 4_509), (57_001, 8_151), (191_994, 14_997), (454_593, 22_028)]:
        assert len(np.unique(news.ids[:tokens])) == pytest.approx(distinct, rel=0.05)


def test_common_terms_stand_in_as_many_passages_as_in_news(news: Passages) -> None:
    owners = np.repeat(np.arange(len(news)), news.lengths)
    ranks = np.unique(owners * VOCABULARY + news.ids) % VOCABULARY
    shares = np.sort(np.bincount(ranks))[::-1] / len(news)
    for rank, share in [(1, 0.184), (11, 0.064), (51, 0.030), (541, 0.0072), (2_610, 0.0011)]:
        assert shares[rank - 1] == pytest.approx(share, rel=0.2)


def test_articles_repeat_their_terms_as_those_of_news_do(news: Passages) -> None:
    assert distinct_share(news, 1) == pytest.approx(0.948, abs=0.02)
    assert distinct_share(news, PASSAGES_PER_ARTICLE) == pytest.approx(0.741, abs=0.02)


@given(st.integers(0, VOCABULARY - 1))
def test_a_word_is_its_own_term(rank: int) -> None:
    assert terms(word(rank)) == [word(rank)]


def test_each_rank_has_a_word_of_its_own() -> None:
    assert len({word(rank) for rank in range(20_000)}) == 20_000


def test_a_query_is_two_to_five_distinct_terms_of_one_passage(few: Passages) -> None:
    documents = [set(document) for document in few.documents()]
    asked = queries(few, 200)
    assert {len(query) for query in asked} == {2, 3, 4, 5}
    for query in asked:
        assert any(set(query) <= document for document in documents)
        assert len(set(query)) == len(query)


def test_queries_are_the_same_each_time(few: Passages) -> None:
    assert queries(few, 20) == queries(few, 20)


def test_people_ask_with_terms_as_common_as_those_of_real_queries(news: Passages) -> None:
    documents = [set(document) for document in news.documents(0, 6_000)]
    frequencies = Counter(term for document in documents for term in document)
    asked = [frequencies[term] / 6_000 for query in queries(passages(6_000), 1_000) for term in query]
    assert np.percentile(asked, [25, 50, 75]) == pytest.approx([0.0058, 0.0127, 0.027], rel=0.4)


def test_collections_with_passages_of_one_term_have_queries() -> None:
    assert len(queries(Passages(np.array([0, 1, 3]), np.array([7, 8, 9], np.int32)), 5)) == 5


# Articles


def test_an_article_has_the_terms_of_its_ten_passages(few: Passages) -> None:
    for number in (0, article_count(few) - 1):
        first = number * PASSAGES_PER_ARTICLE
        expected = [term for document in few.documents(first, first + PASSAGES_PER_ARTICLE) for term in document]
        assert terms(article(few, number).text) == expected


def test_language_finds_about_ten_passages_in_an_article(few: Passages) -> None:
    found = [len(prepare(article(few, number)).analysis.passages) for number in range(article_count(few))]
    assert sum(found) / len(found) == pytest.approx(PASSAGES_PER_ARTICLE, rel=0.05)


def test_the_mark_of_an_article_is_a_term_of_it(few: Passages) -> None:
    marked = article(few, 0, "added17x")
    assert "added17x" in terms(marked.text)
    assert "added17x" in terms(marked.title)


# The peers


def keep_compiled() -> None:
    """Have numba keep what it compiles of bm25s beside that, as Python its bytecode: it takes seven seconds."""
    for compiled in vars(import_module("bm25s.numba.retrieve_utils")).values():
        if hasattr(compiled, "enable_caching"):
            compiled.enable_caching()


def built(name: str, folder: Path, documents: list[list[str]]) -> Peer:
    for package in PEERS[name].packages:
        if find_spec(package.replace("-", "_").replace("newsdesk", "bot")) is None:
            pytest.skip(f"{package} is not installed (extra bench)")
    folder.mkdir()
    peer = PEERS[name](folder)
    peer.load()
    if "numba" in peer.packages:
        keep_compiled()
    peer.build(iter(documents))
    return peer


def peers(of: Iterable[type[Peer]]) -> list[ParameterSet]:
    """Their names. What numba compiles takes longer than all else together."""
    return [pytest.param(one.name, marks=[pytest.mark.long] if "numba" in one.packages else []) for one in of]


def same_up_to_ties(found: Found, expected: Found) -> bool:
    """Whether the scores are equal (bm25s keeps them in 32 bits) and the numbers too, but where scores are."""
    if [score for _, score in found] != pytest.approx([score for _, score in expected], rel=1e-5):
        return False
    last = expected[-1][1] * (1 + 1e-5) if expected else 0.0
    return {number for number, score in found if score > last} == {number for number, score in expected if score > last}


@pytest.mark.parametrize("name", peers(PEERS.values()))
def test_a_peer_finds_documents_that_share_a_term(name: str, few: Passages, tmp_path: Path) -> None:
    documents = list(few.documents())
    peer = built(name, tmp_path / "index", documents)
    for query in queries(few, 30):
        found = peer.numbered(peer.search(query))
        assert 0 < len(found) <= 10
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
        assert all(set(documents[number]) & set(query) for number, _ in found)
    peer.close()


@pytest.mark.parametrize("name", peers(peer for peer in PEERS.values() if peer.rank_bm25_formula))
def test_peers_with_the_formula_of_rank_bm25_find_the_same_ten(name: str, few: Passages, tmp_path: Path) -> None:
    documents = list(few.documents())
    yardstick, peer = built(RankBm25.name, tmp_path / "a", documents), built(name, tmp_path / "b", documents)
    for query in queries(few, 50):
        expected = yardstick.numbered(yardstick.search(query))
        assert same_up_to_ties(peer.numbered(peer.search(query)), expected)


@pytest.mark.parametrize("name", peers(peer for peer in PEERS.values() if peer.opens))
def test_what_is_opened_again_answers_the_same(name: str, few: Passages, tmp_path: Path) -> None:
    peer = built(name, tmp_path / "index", list(few.documents()))
    asked = queries(few, 10)
    before = [peer.numbered(peer.search(query)) for query in asked]
    peer.close()
    peer.open()
    assert [peer.numbered(peer.search(query)) for query in asked] == before
    peer.close()


@pytest.mark.parametrize("name", peers(peer for peer in PEERS.values() if peer.adds))
def test_what_a_peer_adds_it_finds(name: str, few: Passages, tmp_path: Path) -> None:
    peer = built(name, tmp_path / "index", list(few.documents()))
    peer.add([["one", "new"], ["new"]])
    assert {number for number, _ in peer.numbered(peer.search(["new"]))} == {SMALL, SMALL + 1}
    peer.close()


# Measuring


@pytest.fixture
def forking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measurements begin with all loaded: what they come to is not looked at, and each start takes a second."""
    monkeypatch.setattr(search, "get_context", lambda _: FORKING)
    monkeypatch.setattr(load, "running", forked)


def test_work_runs_in_a_process_of_its_own() -> None:
    assert alone(os.getpid) != os.getpid()


def test_a_process_that_dies_ends_its_row_only() -> None:
    with pytest.raises(BrokenProcessPool) as death:
        alone(os._exit, 3)
    assert failure(death.value) == "failed: its process died"


def test_what_fails_says_so_in_its_row(few: Passages, tmp_path: Path) -> None:
    nothing_there = Given(tmp_path, SMALL, 1.0)
    assert search.measure("sqlite-fts5", nothing_there).note.startswith("failed: FileNotFoundError")


def test_a_peer_is_skipped_where_memory_is_short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(search, "available_mb", lambda: 100.0)
    row = search.measure("rank-bm25", Given(tmp_path, 1_000_000, 1.0))
    assert row.note.startswith("skipped: building takes some 977 MB")
    assert row.query_ms == []


def test_a_slow_peer_answers_the_first_queries_only(few: Passages, tmp_path: Path) -> None:
    row = search.measure("sqlite-fts5", Given.write(tmp_path, few, queries(few, 40), seconds=0.0))
    assert len(row.query_ms) == search.FEWEST_QUERIES
    assert row.note == "asked 20 of 40 queries"


def test_ratios_are_over_the_queries_that_both_answered() -> None:
    slow, fast = Row("slow", 1, query_ms=[10.0, 20.0]), Row("fast", 1, query_ms=[1.0, 2.0, 500.0])
    assert fast.times_faster(slow, 50) == pytest.approx(10)
    assert slow.times_faster(Row("none", 1), 50) is None


def test_the_size_of_objects_counts_what_a_view_keeps_alive() -> None:
    whole = np.zeros(1_000_000, np.int8)
    assert held_mb({"a": whole[:0], "b": whole}) == pytest.approx(1, abs=0.01)


async def test_a_beat_is_late_by_as_long_as_the_loop_is_held() -> None:
    async with Heartbeat() as heart:
        await asyncio.sleep(0.01)
        time.sleep(0.03)  # noqa: ASYNC251 - this is what a heartbeat is to notice
        await asyncio.sleep(0.01)
    held = heart.lag("held")
    assert held.max_ms is not None
    assert held.max_ms >= 25
    assert held.beats > 2


async def test_holding_the_loop_to_the_end_is_noticed() -> None:
    async with Heartbeat() as heart:
        time.sleep(0.03)  # noqa: ASYNC251 - as above
    assert max(heart.late_ms) >= 25


# Reporting


@pytest.mark.parametrize(
    ("figure", "at_least", "verdict"),
    [
        (9.9, False, "met"),
        (10.0, False, "not met"),
        (10.0, True, "met"),
        (9.9, True, "not met"),
        (None, True, "not measured"),
    ],
)
def test_a_target_is_met_on_the_right_side_of_its_bound(figure: float | None, at_least: bool, verdict: str) -> None:
    assert Target(1, "what", figure, 10.0, at_least).verdict == verdict


def test_every_target_finds_its_figure() -> None:
    rows = [
        Row(peer, size, used_mb=40.0, query_ms=[took])
        for size in (100_000, 1_000_000)
        for peer, took in (("rank-bm25", 100.0), ("newsdesk", 0.25))
    ]
    stores = [
        StoreRow(
            size,
            first_open_seconds=0.5,
            open_seconds=0.1,
            stored_ms=[3.0],
            check_ms=[20.0],
            lags=[Lag("adding", 9, 1.0, 4.0)],
        )
        for size in (100_000, 1_000_000)
    ]
    found = targets(rows, stores, [StoriesRow(10_000, story_ms=[12.0])])
    assert [target.figure for target in found] == [400, 400, 40, 0.5, 3, 20, 12, 0.25, 0.25, 40, 0.1, 4, 4]
    assert {target.verdict for target in found} == {"met"}
    assert {target.verdict for target in targets([], [], [])} == {"not measured"}


def test_beats_of_an_idle_loop_are_no_fault_of_the_product() -> None:
    row = StoreRow(1, lags=[Lag("idle", 1, 90.0, 90.0), Lag("adding", 1, 2.0, 3.0)])
    assert row.longest_lag_ms == 3.0


@pytest.mark.long
@pytest.mark.usefixtures("forking")
def test_a_run_prints_and_writes_every_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for repeating in (summaries, watches):
        monkeypatch.setattr(repeating, "ROUNDS", 1)
    names = ["rank-bm25", "newsdesk", "sqlite-fts5", "store", "summaries", "watches", "stories"]
    given = ["--sizes", "200", "--queries", "25", "--seconds", "1", "--only", *names, "--json", str(tmp_path / "b")]
    assert main(given) == 0
    written = json.loads((tmp_path / "b").read_text(encoding="utf-8"))
    assert [(row["peer"], row["passages"], row["note"].partition(":")[0]) for row in written["peers"]] == [
        (name, 200, "") for name in names[:3]
    ]
    assert all(row["median_ms"] > 0 and row["p99_ms"] >= row["p95_ms"] for row in written["peers"])
    (product,) = written["store"]
    assert product["add_p99_ms"] > 0
    assert {"idle", "articles added while questions are asked"} < {lag["scenario"] for lag in product["lags"]}
    assert product["check_p99_ms"] > 0
    (growing,) = written["stories"]
    assert growing["note"] == ""
    assert growing["both_p99_ms"] >= growing["story_median_ms"] > 0
    assert growing["together"] > 0
    assert len(written["targets"]) == 12
    assert written["machine"]["packages"]["rank-bm25"]
    shown = capsys.readouterr().out
    assert all(name in shown for name in names[:3])
    assert "not measured" in shown
    assert "Newsdesk on a file" in shown
    assert written["summaries"]["p99_ms"] >= written["summaries"]["median_ms"] > 0
    assert written["watches"]["p99_ms"] >= written["watches"]["median_ms"] > 0
    assert written["watches"]["matched"] > 10
    assert "Summaries of 14 articles of 1,0" in shown
    assert "which others tell of its event" in shown


def test_nothing_measured_is_null_in_json() -> None:
    written = json.loads(json.dumps(Report({}, {}, [Row("newsdesk", 5)]).as_json(), allow_nan=False))
    assert written["peers"][0]["median_ms"] is None


def test_the_speech_bench_prints_articles_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text(json.dumps({"text": "“We will talk,” Dana Ruiz said."}) + "\n", encoding="utf-8")
    assert speech.main([str(file)]) == 0
    assert "a second" in capsys.readouterr().out


@pytest.mark.long
@pytest.mark.usefixtures("forking")
def test_questions_at_a_steady_rate_are_all_counted(tmp_path: Path) -> None:
    few = passages(SMALL)
    given = Given.write(tmp_path, few, queries(few, 40), seconds=1.0)
    (row,) = load.measure(given, [load.Stage(30, 1.0)])
    assert row.note == ""
    assert (row.asked, row.answered, row.refused, row.late) == (30, 30, 0, 0)
    assert len(row.answer_ms) == row.answered
    assert row.lag_max_ms is not None
    assert row.digests > 0


def test_rates_that_are_chosen_are_asked_alone_and_as_long_as_always() -> None:
    assert load.stages([]) == load.STAGES
    assert load.stages([300, 77]) == [load.Stage(300, load.SECONDS), load.Stage(77)]


def test_what_nobody_waits_for_any_more_is_late_and_what_was_refused_is_not() -> None:
    def answer(text: str, seconds: float | None) -> Answer:
        said = {"flags": 0, "content": text, "components": []}
        return Answer({}, kind=MESSAGE, seconds=seconds or 0.0, message=said, given_seconds=seconds)

    typed = [Answer({}, kind=CHOICES, data={"choices": some}, given_seconds=0.1) for some in ([], [{"name": "a"}])]
    row = load.LoadRow(SMALL, 300, 1.0, shedding=True)
    load.count(row, [answer("found", 0.2), answer(BUSY, 0.01), answer("", None), *typed])
    assert (row.asked, row.answered, row.refused, row.late) == (5, 2, 2, 1)
    verdicts = {target.what: target.verdict for target in targets([], [], loads=[row]) if "a second" in target.what}
    assert verdicts == {
        "300 questions a second: without an answer": "not met",
        "300 questions a second: answered, of all": "not met",
        "300 questions a second: answer, p99, ms": "met",
        "300 questions a second: event loop held, longest, ms": "not measured",
    }
    (written,) = Report({}, {}, loads=[row]).as_json()["load"]
    assert (written["refused"], written["answer_median_ms"]) == (2, pytest.approx(150))


@pytest.mark.long
@pytest.mark.parametrize("processes", [1, 2])
def test_many_servers_are_started_and_asked(processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """By one process on SQLite, and by several on PostgreSQL."""
    setting = servers.Setting(processes, on_server=processes > 1)
    if setting.on_server and (missing := postgres.why_not()):
        pytest.skip(missing)
    monkeypatch.setattr(servers, "SHARDS", 2)
    monkeypatch.setattr(servers, "WARM", False)
    monkeypatch.setattr(servers, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(servers, "POLLS", 3)
    (row,) = servers.measure(50, [20], step_seconds=0.5, asking=5, settings=[setting], start=forked)
    assert row.note == ""
    assert (row.few.servers, row.all.servers, row.asking) == (5, 50, 5)
    for started in (row.few, row.all):
        figures = (started.ready_seconds, started.idle_mb, started.database_mb, started.first_poll_ms, started.poll_ms)
        assert None not in figures
    assert (row.server_disk_kb or 0) > 1
    (step,), (cores,) = row.steps, row.cores
    assert (step.asked, step.answered + step.refused + step.late) == (10, 10)
    assert cores.bots > 0
    assert row.passages == 50 * 15 + 300
    its = [target for target in targets([], [], servers=[row]) if target.what.startswith(setting.name)]
    assert [target.figure is not None for target in its] == [True, True]
    (written,) = Report({"cores": 2}, {}, servers=[row]).as_json()["servers"]
    assert written["setting"] == setting.name


def test_where_there_is_no_postgresql_the_row_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "why_not", lambda: "not here")
    (row,) = servers.measure(50, [20], settings=[servers.Setting(4, on_server=True)])
    assert (row.note, row.steps, row.server_kb) == ("not here", [], None)
    assert Report({"cores": 2}, {}, servers=[row]).as_json()["servers"][0]["rate"] is None


def test_a_rate_is_kept_up_with_until_its_answers_take_too_long_or_fail() -> None:
    steps = [load.LoadRow(0, rate, 1.0, shedding=True, asked=100, answered=100) for rate in (50, 100)]
    steps[0].answer_ms, steps[1].answer_ms = [20.0] * 100, [300.0] * 100
    row = servers.ServersRow("one", 1, servers.Started(10), servers.Started(100), steps=steps)
    assert (row.rate, row.end) == (50, "at 100 a second: p99 300 ms")
    steps[0].answered, steps[0].refused, steps[0].late = 90, 4, 6
    assert (row.rate, row.end) == (None, "at 50 a second: p99 20 ms, 4% refused, 6% late")


async def test_a_template_has_what_an_import_leaves_in_every_server(tmp_path: Path) -> None:
    guilds = Servers().populate(45)
    url = f"sqlite+aiosqlite:///{tmp_path / 'newsdesk.db'}"
    await template.fill(url, guilds)
    async with Newsdesk.open(url, bot=True) as desk:
        assert len(await desk.corpus.schedules.live()) == 45
        for guild in map(int, (guilds[0], guilds[44])):
            own = [one for one in await desk.headings(guild) if one.library == guild]
            assert [one.number for one in own] == [5, 4, 3, 2, 1]
            article = await desk.article(guild, "3")
            title = await desk.search(guild, desk.query(article.title))
            assert title[0].article.id == article.id
        added = await desk.add(int(guilds[44]), Document("a.txt", "New", "Something that nobody has told before."))
        assert added.article.number == 6
        assert (await desk.corpus.schedules.list(int(guilds[44])))[0].channel_id == int(guilds[44]) + 1


@pytest.mark.long
async def test_a_library_filled_and_kept_in_order_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "favouring_the_event_loop", nullcontext)  # for good: other tests are run after it
    monkeypatch.setattr(bulk, "TYPED", 100)
    monkeypatch.setattr(bulk, "ADDED", 10)
    found = {line.what: line.figure for line in await bulk.measure(60, tmp_path)}
    del found["event loop held right after, longest"]  # not measured where no answer takes as long as a beat
    assert found["articles"] == 60
    assert 400 < (found["words an article"] or 0) < 650
    assert found["groups of duplicates found"] == 1
    assert all(figure is not None for figure in found.values())
