"""The counts that search is made of: what is wrong with them is found and named, and `newsdesk reread` repairs it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.search.index import Index
from tests.doctor.conftest import Run
from tests.doctor.patient import SERVER, about, execute, faults, findings, swap_tallies


def test_each_library_of_a_sound_file_has_an_ok(filled: Path, url: str) -> None:
    found = [one for one in findings(url) if "library" in one.about]
    assert [(one.state, one.about) for one in found] == [("ok", "shared library"), ("ok", f"library {SERVER}")]
    assert "5 articles are counted as they read" in found[0].said
    assert "6 articles are counted as they read" in found[1].said


def test_an_empty_file_has_no_library(url: str) -> None:
    assert [one for one in findings(url) if "librar" in one.about] == []


def test_articles_that_older_rules_have_read_are_not_taken_for_damage(filled: Path, url: str) -> None:
    execute(filled, "UPDATE tally SET version = 0 WHERE article_id = 2")
    found = about("libraries", url)
    assert found.state == "warning"
    assert "1 articles are read anew at the next start" in found.said
    assert faults(url) == {}


async def test_a_library_of_which_all_was_removed_is_sound(url: str) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        await newsdesk.add(SHARED, Document("a.txt", "Ferry", "The ferry sails."))
        await newsdesk.remove(SHARED, "S1")
    assert (await asyncio.to_thread(faults, url)) == {}


def test_counts_that_are_another_articles_are_a_fault(filled: Path, url: str) -> None:
    swap_tallies(filled)
    found = faults(url)
    assert list(found) == [f"library {SERVER}"]
    assert found[f"library {SERVER}"].startswith("2 of 6 articles are counted otherwise than they read")
    assert "newsdesk reread" in found[f"library {SERVER}"]


def test_a_text_that_was_changed_by_hand_is_a_fault(filled: Path, url: str) -> None:
    execute(
        filled, "UPDATE article SET text = replace(text, 'ferry', 'whale') WHERE library = ? AND number = 2", SERVER
    )
    found = faults(url)
    assert found[f"library {SERVER}"].startswith("1 of 6 articles")


def test_a_vocabulary_that_was_changed_by_hand_is_a_fault(filled: Path, url: str) -> None:
    execute(filled, "UPDATE vocabulary SET term = 'whale' WHERE library = 0 AND term = 'ferri'")
    assert faults(url)["shared library"].startswith("5 of 5 articles")


@pytest.mark.parametrize("counts", [b"", b"t1", b"not a tally", b"t1\x01\x00\x00\x00\xff\xff\x00\x00"])
def test_counts_that_are_damaged_are_a_fault(filled: Path, url: str, counts: bytes) -> None:
    execute(filled, "UPDATE tally SET counts = ? WHERE article_id = 2", counts)
    assert "newsdesk reread" in faults(url)[f"library {SERVER}"]


def test_scores_that_differ_from_rank_bm25s_are_a_fault(
    filled: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = Index.get_scores
    monkeypatch.setattr(Index, "get_scores", lambda self, query: scores(self, query) + 1e-6)
    found = faults(url)
    assert set(found) == {"shared library", f"library {SERVER}"}
    assert all("differ from rank-bm25's by 1e-06" in said for said in found.values())


def test_no_more_articles_are_examined_than_a_sample(filled: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.doctor.index.SAMPLE_ARTICLES", 3)
    found = [one.said for one in findings(url) if "library" in one.about]
    assert ["3 articles" in said for said in found] == [True, True]


@pytest.mark.parametrize("counts", ["swapped", "damaged"])
def test_reread_repairs_what_is_counted_wrong(filled: Path, cli: Run, counts: str) -> None:
    if counts == "swapped":
        swap_tallies(filled)
    else:
        execute(filled, "UPDATE tally SET counts = x'00'")
    assert cli("reread") == (0, "Read 12 articles anew.\n")
    assert cli("doctor", "--offline")[0] == 0
    code, out = cli("ask", "search", "w3", "--server", str(SERVER), "--json")
    assert (code, [hit["title"] for hit in json.loads(out)]) == (0, ["Crossing 3"])


def test_reread_of_an_empty_library_counts_nothing(cli: Run) -> None:
    assert cli("reread") == (0, "Read 0 articles anew.\n")
