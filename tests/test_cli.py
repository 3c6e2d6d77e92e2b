"""The command line, as a person or a program sees it: what is printed where, and the exit code.

Most tests call `main` in this process; those about several processes start ``python -m bot``.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.dates import PartialDate
from bot.errors import EX_DATAERR
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from tests.events import reports

ROOT = Path(__file__).resolve().parents[1]
# Shaped like a token, and none: the parts say so in base64.
TOKEN = "bm90LWEtcmVhbC10b2tlbi1hdC1hbGw.bm90YXQ.bm90LWEtcmVhbC10b2tlbi1hdC1hbGw"

FERRY = """\
---
title: The ferry sails all winter
outlet: Harbour Gazette
authors: [Tom Vale, Mara Lind]
published: 2025-05-12
source: https://harbour.example/ferry
---
The ferry to the islands will run all winter, the harbour office said on Monday.

“We could not leave four villages without a doctor,” said Ines Duarte, who runs the line.

Two crossings a day are planned until March, with freight on Thursdays.
"""
MARKET = """\
---
title: Market hall to close for repairs
outlet: Evening Post
published: 2024-11
---
The market hall closes for repairs in spring, and its ninety traders will move to the old bus depot.

“Nobody asked us,” said Omar Haddad, who sells cheese there.
"""
RECORD = {
    "id": "wire-7",
    "title": "Lighthouse lit again",
    "text": "The lighthouse was lit again.",
    "outlet": "The Wire",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The one line on standard error of a command that printed nothing else."""
        (line,) = self.err.splitlines()
        assert self.out == ""
        return line


Run = Callable[..., Ended]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder to work in, with its own database and without a token; no settings from outside."""
    for name in ("DISCORD_TOKEN", "DATABASE_URL", "SEEDS_DIR", "LOG_LEVEL", "TRY_PORT"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    monkeypatch.setenv("DATABASE_URL", url(tmp_path))
    monkeypatch.setenv("SEEDS_DIR", "")
    monkeypatch.chdir(tmp_path)


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'newsdesk.db'}"


@pytest.fixture
def newsdesk(environment: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs the command line in this process; the log is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*words: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["newsdesk", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int | None)
        return Ended(code or 0, printed.out, printed.err)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def library(newsdesk: Run, tmp_path: Path, blank_library: Path) -> Path:
    """A folder with three documents, imported."""
    shutil.copy(blank_library, tmp_path / "newsdesk.db")
    folder = tmp_path / "cuttings"
    (folder / "deeper").mkdir(parents=True)
    (folder / "ferry.md").write_text(FERRY, encoding="utf-8")
    (folder / "deeper" / "market.txt").write_text(MARKET, encoding="utf-8")
    (folder / "wire.jsonl").write_text(json.dumps(RECORD) + "\n", encoding="utf-8")
    (folder / "README.md").write_text("About this folder.", encoding="utf-8")
    assert newsdesk("import", folder).code == 0
    return folder


def apart(*words: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, in the folder this one is in."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


# Import


def test_import_reads_folders_all_levels_down_and_says_what_became_of_each(newsdesk: Run, library: Path) -> None:
    again = newsdesk("import", library)
    assert "ferry.md: already there: The ferry sails all winter (Harbour Gazette, 12 May 2025) #S" in again.out
    assert "README" not in again.out
    assert again.out.splitlines()[-1] == "Added 0, already there 3"


def test_importing_twice_changes_nothing(newsdesk: Run, library: Path) -> None:
    before = newsdesk("stats", "--json").json
    again = newsdesk("import", library, library / "ferry.md", "--json")
    assert again.code == 0
    assert {one["outcome"] for one in again.json} == {"unchanged"}
    assert newsdesk("stats", "--json").json == before
    assert before["articles"] == 3


def test_the_id_of_a_record_is_kept_and_returned(newsdesk: Run, library: Path) -> None:
    (record,) = newsdesk("import", library / "wire.jsonl", "--json").json
    assert record["source_id"] == "wire-7"
    assert record["name"].endswith("wire.jsonl:1")
    (hit,) = newsdesk("ask", "search", "lighthouse", "--json").json
    assert hit["source_id"] == "wire-7"
    assert hit["article_id"] == record["article_id"]


def test_bad_files_are_reported_by_name_with_the_reason_and_the_rest_goes_on(newsdesk: Run, tmp_path: Path) -> None:
    bad = {
        "binary.txt": bytes(range(256)) * 20,
        "empty.md": b"",
        "latin.txt": "Die Fähre fährt wieder.".encode("latin-1"),
        "broken.md": b"---\ntitle: [unclosed\n---\nA text.\n",
        "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(50),
        "records.jsonl": b'{"id": 1, "text": "The first record is fine."}\nnot json\n{"id": 3}\n',
    }
    reasons = {
        "binary.txt": "binary data",
        "empty.md": "the file is empty",
        "latin.txt": "is not UTF-8",
        "broken.md": "front matter, line",
        "picture.txt": "this is a picture",
        "records.jsonl:2": "the line is not JSON",
        "records.jsonl:3": "“text” is missing",
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "ferry.md").write_text(FERRY, encoding="utf-8")
    ended = newsdesk("import", *(tmp_path / name for name in bad), tmp_path / "ferry.md")
    assert ended.code == os.EX_DATAERR
    lines = ended.err.splitlines()
    assert len(lines) == len(reasons)
    for line, (name, reason) in zip(lines, reasons.items(), strict=True):
        assert line.startswith(f"{tmp_path / name}: not read: ")
        assert reason in line
    assert ended.out.splitlines()[-1] == "Added 2, not read 7"
    assert newsdesk("ask", "quote", "ferry", "--json").json


@pytest.mark.parametrize("name", ["huge.txt", "huge.jsonl"])
def test_a_file_of_50_megabytes_is_refused_at_once(newsdesk: Run, tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as huge:
        huge.truncate(50 * 1024 * 1024)
    started = time.monotonic()
    ended = newsdesk("import", tmp_path / name)
    assert time.monotonic() - started < 5
    assert ended.code == os.EX_DATAERR
    assert name in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_path_that_is_not_there_is_one_line(newsdesk: Run, tmp_path: Path) -> None:
    ended = newsdesk("import", tmp_path / "gone")
    assert ended.refusal.endswith("gone: there is no such file or folder.")
    assert ended.code == os.EX_DATAERR


def test_a_failed_document_is_in_the_json_with_its_reason(newsdesk: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.md").touch()
    ended = newsdesk("import", tmp_path / "empty.md", "--json")
    (failed,) = ended.json
    assert failed == {
        "name": str(tmp_path / "empty.md"),
        "source_id": None,
        "article_id": None,
        "outcome": "failed",
        "reason": "the file is empty.",
    }
    assert ended.code == os.EX_DATAERR


def test_many_documents_are_summed_up(newsdesk: Run, tmp_path: Path) -> None:
    records = [json.dumps({"id": n, "text": f"Crossing number {n} was on time."}) for n in range(30)]
    (tmp_path / "many.jsonl").write_text("\n".join(records), encoding="utf-8")
    assert newsdesk("import", tmp_path / "many.jsonl").out == "Added 30\n"


def test_an_import_for_a_server_is_not_in_the_shared_library(newsdesk: Run, tmp_path: Path) -> None:
    (tmp_path / "ferry.md").write_text(FERRY, encoding="utf-8")
    newsdesk("import", tmp_path / "ferry.md", "--server", "42")
    assert newsdesk("ask", "quote", "ferry", "--json").json == []
    assert newsdesk("ask", "quote", "ferry", "--server", "43", "--json").json == []
    (found, *_) = newsdesk("ask", "quote", "ferry", "--server", "42", "--json").json
    assert found["article_id"] == "1"


def test_an_import_reads_the_facts_of_an_article_from_its_file(newsdesk: Run, library: Path) -> None:
    (found, *_) = newsdesk("ask", "quote", "doctor villages", "--json").json
    facts = {key: found[key] for key in ("title", "outlet", "published", "speaker")}
    assert facts == {
        "title": "The ferry sails all winter",
        "outlet": "Harbour Gazette",
        "published": "2025-05-12",
        "speaker": "Ines Duarte",
    }


# Ask


def test_a_quote_in_json_has_the_fields_that_programs_rely_on(newsdesk: Run, library: Path) -> None:
    found = newsdesk("ask", "quote", "ferry", "--json").json
    fields = {"text", "start", "end", "article_id", "title", "outlet", "published", "speaker", "score"}
    for quote in found:
        assert fields <= quote.keys()
        assert quote["text"] in FERRY
        assert quote["end"] - quote["start"] == len(quote["text"])
        assert isinstance(quote["score"], float)
    assert [quote["score"] for quote in found] == sorted((quote["score"] for quote in found), reverse=True)


def test_an_article_hit_in_json_has_the_fields_that_programs_rely_on(newsdesk: Run, library: Path) -> None:
    (hit,) = newsdesk("ask", "search", "market traders", "--json").json
    assert {"article_id", "title", "outlet", "published", "score", "passage"} <= hit.keys()
    assert hit["passage"] in MARKET
    assert hit["published"] == "2024-11"


def test_a_quote_on_the_terminal_has_its_words_and_its_source(newsdesk: Run, library: Path) -> None:
    ended = newsdesk("ask", "quote", "doctor")
    assert "“We could not leave four villages without a doctor,” said Ines Duarte, who runs the line." in ended.out
    assert "The ferry sails all winter (Harbour Gazette, 12 May 2025) #S" in ended.out
    assert ended.err == ""


def test_search_on_the_terminal_names_articles_with_a_passage(newsdesk: Run, library: Path) -> None:
    first, second = newsdesk("ask", "search", "traders").out.splitlines()
    assert first.startswith("Market hall to close for repairs (Evening Post, November 2024) #S")
    assert "ninety traders" in second


def test_without_a_query_there_is_one_quote_by_chance(newsdesk: Run, library: Path) -> None:
    (found,) = newsdesk("ask", "quote", "--json").json
    assert found["text"] in FERRY + MARKET + RECORD["text"]


def test_limit_is_the_most_that_is_answered(newsdesk: Run, library: Path) -> None:
    every = newsdesk("ask", "quote", "the", "ferry", "--json")
    assert every.code == 2  # two words without quotation marks: a usage error, not half a question
    asked = ("ferry said closes lighthouse", "--json")
    assert len(newsdesk("ask", "quote", *asked).json) >= 3
    assert len(newsdesk("ask", "quote", *asked, "--limit", "2").json) == 2
    assert len(newsdesk("ask", "search", *asked, "--limit", "1").json) == 1
    assert newsdesk("ask", "quote", *asked, "--limit", "0").code == 2


@pytest.mark.parametrize("verb", ["quote", "search"])
def test_source_since_and_until_limit_the_answer(newsdesk: Run, library: Path, verb: str) -> None:
    def titles(*options: str) -> set[str]:
        found = newsdesk("ask", verb, "said closes lighthouse ferry", "--json", *options).json
        return {hit["title"] for hit in found}

    ferry, market = "The ferry sails all winter", "Market hall to close for repairs"
    assert titles() == {ferry, market, "Lighthouse lit again"}
    assert titles("--source", "evening post") == {market}
    assert titles("--since", "2025") == {ferry}
    assert titles("--until", "30 November 2024") == {market}
    assert titles("--since", "2024-11-30", "--until", "2025-05-11") == {market}


def test_a_date_that_cannot_be_read_is_one_line(newsdesk: Run, library: Path) -> None:
    ended = newsdesk("ask", "quote", "ferry", "--since", "the other day")
    assert "“the other day” is not a date I can read" in ended.refusal
    assert ended.code == os.EX_USAGE


@pytest.mark.parametrize("verb", ["quote", "search"])
def test_a_batch_answers_every_line_of_the_file_with_one_line(newsdesk: Run, library: Path, verb: str) -> None:
    questions = library / "questions.txt"
    questions.write_text("lighthouse\n\nnothing-of-the-kind\nmarket traders\n", encoding="utf-8")
    ended = newsdesk("ask", verb, "--batch", questions)
    answers = [json.loads(line) for line in ended.out.splitlines()]
    assert [type(answer) for answer in answers] == [list] * 4
    assert answers[0][0]["source_id"] == "wire-7"
    assert answers[2] == []
    assert answers[3] == newsdesk("ask", verb, "market traders", "--json").json


def test_only_line_ends_part_the_questions_of_a_batch(newsdesk: Run, library: Path) -> None:
    questions = library / "questions.txt"
    questions.write_bytes("lighthouse\u2028lit\nferry\x0cdoctor\x85\r\nmarket\x1ehall".encode())
    assert len(newsdesk("ask", "search", "--batch", questions).out.splitlines()) == 3


def test_a_batch_takes_the_limits_too(newsdesk: Run, library: Path) -> None:
    questions = library / "questions.txt"
    questions.write_text("said closes\nferry\n", encoding="utf-8")
    ended = newsdesk("ask", "search", "--batch", questions, "--source", "post", "--limit", "1")
    first, second = map(json.loads, ended.out.splitlines())
    assert [hit["title"] for hit in first] == ["Market hall to close for repairs"]
    assert second == []


def test_a_batch_file_that_cannot_be_read_is_one_line(newsdesk: Run, library: Path) -> None:
    assert "gone.txt: cannot be read" in newsdesk("ask", "quote", "--batch", library / "gone.txt").refusal
    (library / "latin.txt").write_bytes(b"F\xe4hre\n")
    assert "it is not UTF-8 text" in newsdesk("ask", "quote", "--batch", library / "latin.txt").refusal


def test_no_match_names_the_nearest_words_of_the_library(newsdesk: Run, library: Path) -> None:
    ended = newsdesk("ask", "quote", "lighthuose")
    assert ended.out == "Nothing in the library matches. The nearest words in it: lighthouse.\n"
    assert newsdesk("ask", "search", "zzzzzzzz").out == "Nothing in the library matches.\n"
    assert newsdesk("ask", "search", "zzzzzzzz", "--json").json == []


@pytest.mark.parametrize("words", [("quote", "ferry"), ("quote",), ("search", "ferry")])
def test_an_empty_library_says_how_to_fill_it(newsdesk: Run, words: tuple[str, ...]) -> None:
    ended = newsdesk("ask", *words)
    assert ended.code == 0
    assert ended.out == (
        "The library is empty: read documents into it with `newsdesk import seeds` or your own folder.\n"
    )


def test_a_summary_is_found_by_id_and_by_words_of_the_title(newsdesk: Run, library: Path) -> None:
    (hit,) = newsdesk("ask", "search", "traders", "--json").json
    by_id = newsdesk("ask", "summary", hit["article_id"], "--json").json
    assert by_id == newsdesk("ask", "summary", "market HALL", "--json").json
    assert by_id["title"] == hit["title"]
    assert by_id["too_short"] is True
    assert all(sentence["text"] in MARKET for sentence in by_id["sentences"])


def test_a_summary_on_the_terminal_says_when_there_is_nothing_to_shorten(newsdesk: Run, library: Path) -> None:
    ended = newsdesk("ask", "summary", "lighthouse")
    assert "Too short to summarise; here it is:\n  The lighthouse was lit again." in ended.out


def test_a_topic_is_summed_up_from_the_articles_that_tell_of_it(newsdesk: Run, library: Path) -> None:
    made = newsdesk("ask", "summary", "--topic", "lighthouse", "--json").json
    (line,) = made["lines"]
    assert (made["topic"], line["text"]) == ("lighthouse", "The lighthouse was lit again.")
    assert {"article_id", "title", "outlet", "published", "start", "end", "speaker", "question", "also_in"} <= set(line)
    lines = newsdesk("ask", "summary", "--topic", "lighthouse").out.splitlines()
    assert lines[0].endswith(f"#{line['article_id']}")
    assert lines[1:] == [f"  {line['text']}"]


def test_a_topic_nobody_tells_of_is_one_line_and_no_lines_in_json(newsdesk: Run, library: Path) -> None:
    assert newsdesk("ask", "summary", "--topic", "zeppelin").out.startswith("Nothing in the library matches.")
    assert newsdesk("ask", "summary", "--topic", "zeppelin", "--json").json["lines"] == []


@pytest.mark.parametrize("given", [(), ("S1", "--topic", "lighthouse")])
def test_a_summary_is_of_an_article_or_of_a_topic(newsdesk: Run, library: Path, given: tuple[str, ...]) -> None:
    ended = newsdesk("ask", "summary", *given)
    assert ended.refusal.startswith("Give either an article or --topic")
    assert ended.code == os.EX_USAGE


def test_a_topic_without_a_word_is_refused(newsdesk: Run, library: Path) -> None:
    assert "no word to look for" in newsdesk("ask", "summary", "--topic", "since:2025").refusal


def test_the_length_of_a_summary_is_chosen(newsdesk: Run, tmp_path: Path) -> None:
    crossings = (f"Crossing {n} of the ferry carried {n * 7} people and {n} goats to the island." for n in range(60))
    (tmp_path / "crossings.txt").write_text("\n\n".join(crossings), encoding="utf-8")
    newsdesk("import", tmp_path / "crossings.txt")

    def words(length: str) -> int:
        made: int = newsdesk("ask", "summary", "S1", "--length", length, "--json").json["words"]
        return made

    assert words("short") < words("medium") < words("long")
    assert newsdesk("ask", "summary", "S1", "--length", "endless").code == 2


@pytest.mark.parametrize("ref", ["S99", "99", "no such title", "", " ", "S0", "🗞"])
def test_an_unknown_article_is_one_line(newsdesk: Run, library: Path, ref: str) -> None:
    ended = newsdesk("ask", "summary", ref)
    assert ended.refusal.startswith("There is no article ")
    assert ended.code == os.EX_DATAERR


def test_a_digest_tells_what_came_in(newsdesk: Run, library: Path) -> None:
    ended = newsdesk("ask", "digest")
    assert ended.out.startswith("The last 24 hours: 3 articles, 3 stories")
    assert "  “We could not leave four villages without a doctor,” - Ines Duarte" in ended.out.splitlines()
    assert ended.out.splitlines()[-2:] == [
        "Most quoted: Ines Duarte (1), Omar Haddad (1)",
        "Added: 3 to the shared library",
    ]
    made = newsdesk("ask", "digest", "--period", "7 days", "--json").json
    assert made["article_count"] == 3
    assert [one["speaker"] for one in made["most_quoted"]] == ["Ines Duarte", "Omar Haddad"]
    for story in made["stories"]:
        assert story["line"]["text"] in FERRY + MARKET + RECORD["text"]
    assert newsdesk("ask", "digest", "--period", "last year").code == 2


def test_a_digest_on_a_topic_has_its_links_and_says_who_added_what(newsdesk: Run, library: Path) -> None:
    ended = newsdesk("ask", "digest", "--topic", '"two crossings" -cheese')
    assert ended.out.splitlines() == [
        'The last 24 hours, "two crossings" -cheese: 1 article, 1 story',
        "",
        "The ferry sails all winter (Harbour Gazette, 12 May 2025) #S2",
        "  The ferry to the islands will run all winter, the harbour office said on Monday.",
        "  “We could not leave four villages without a doctor,” - Ines Duarte",
        "  https://harbour.example/ferry",
        "",
        "Most quoted: Ines Duarte (1)",
        "Added: 1 to the shared library",
    ]
    made = newsdesk("ask", "digest", "--topic", "ferry", "--json").json
    assert made["topic"] == "ferry"
    assert made["stories"][0]["sources"] == 1
    assert made["stories"][0]["earlier"] is None
    assert made["stories"][0]["articles"][0]["url"] == "https://harbour.example/ferry"
    assert made["added"] == [{"user_id": None, "shared_library": True, "articles": 1}]
    assert (made["rising"], made["inflow"], made["archive"]) == ([], None, None)


def test_a_quiet_digest_is_one_line(newsdesk: Run, library: Path) -> None:
    assert (
        newsdesk("ask", "digest", "--topic", "zeppelin").out == "The last 24 hours, zeppelin: nothing new was added.\n"
    )
    made = newsdesk("ask", "digest", "--topic", "zeppelin", "--json").json
    assert (made["article_count"], made["stories"], made["archive"]) == (0, [], None)


def test_stats_count_what_is_there(newsdesk: Run, library: Path) -> None:
    assert newsdesk("stats", "--json").json["outlets"] == 3
    lines = newsdesk("stats").out.splitlines()
    assert [line.split()[0] for line in lines] == ["articles", "passages", "speeches", "words", "outlets"]
    assert lines[0].split()[1] == "3"


# Settings and the database


def test_wrong_settings_are_all_reported_at_once(newsdesk: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LOG_LEVEL": "loud", "TRY_PORT": "99999", "DATABASE_URL": "newsdesk.db"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DISCORD_TOKEN", "hunter2-hunter2")
    ended = newsdesk("stats")
    assert ended.code == os.EX_CONFIG
    assert ended.out == ""
    assert all(name in ended.err for name in ("LOG_LEVEL", "TRY_PORT", "DATABASE_URL", "DISCORD_TOKEN"))
    assert "hunter2" not in ended.err
    assert "Traceback" not in ended.err


def test_settings_are_read_from_dotenv_in_the_folder(newsdesk: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=loud\n", encoding="utf-8")
    ended = newsdesk("stats")
    assert ended.code == os.EX_CONFIG
    assert "LOG_LEVEL" in ended.err


def test_run_without_a_token_is_one_line_that_says_what_to_do(newsdesk: Run, tmp_path: Path) -> None:
    ended = newsdesk("run")
    assert ended.code == os.EX_CONFIG
    assert "No DISCORD_TOKEN is set" in ended.refusal
    assert "make try" in ended.refusal
    assert not (tmp_path / "newsdesk.db").exists()


@pytest.mark.parametrize("place", ["gone/newsdesk.db", "file/newsdesk.db", "folder"])
@pytest.mark.parametrize("words", [("stats",), ("ask", "quote", "ferry"), ("import", "ferry.md")])
def test_a_database_that_cannot_be_made_is_one_line(
    newsdesk: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "ferry.md").write_text(FERRY, encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / place}")
    ended = newsdesk(*words)
    assert ended.refusal.endswith(".")
    assert ended.code == (os.EX_CONFIG if place == "folder" else os.EX_IOERR)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_one_line(
    newsdesk: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'closed' / 'newsdesk.db'}")
    assert "cannot be written" in newsdesk("stats").refusal


def test_a_file_that_is_no_database_is_left_as_it_is(newsdesk: Run, tmp_path: Path) -> None:
    (tmp_path / "newsdesk.db").write_text("my diary, " * 200, encoding="utf-8")
    assert "is not a database" in newsdesk("stats").refusal
    assert (tmp_path / "newsdesk.db").read_text(encoding="utf-8") == "my diary, " * 200


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_bot_on_a_damaged_library_ends_with_one_line_and_a_code_that_says_not_to_start_it_again(
    newsdesk: Run, tmp_path: Path, blank_library: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    broken = bytearray(blank_library.read_bytes())
    broken[:16] = bytes(16)
    (tmp_path / "newsdesk.db").write_bytes(broken)
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("LOG_FORMAT", form)
    ended = newsdesk("run")
    assert ended.code == os.EX_DATAERR
    line = json.loads(ended.refusal)["message"] if form == "json" else ended.refusal
    assert line.startswith("newsdesk.db is not a database, or its beginning is damaged: restore the newest backup")


def test_a_fault_of_newsdesk_is_logged_without_what_it_quotes_and_has_a_code_of_its_own(
    newsdesk: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "Elena Marsh"

    async def broken(*_: Any) -> None:
        raise KeyError(name)

    monkeypatch.setattr(Newsdesk, "counts", broken)
    ended = newsdesk("stats")
    assert ended.code == os.EX_SOFTWARE
    first, *trace = ended.err.splitlines()
    assert first.endswith("ERROR bot.logs: ended by a fault of Newsdesk: KeyError")
    assert all(line.startswith("  ") for line in trace)
    assert name not in ended.err


def test_without_a_command_there_is_help_that_names_them_all(newsdesk: Run) -> None:
    ended = newsdesk("--help")
    assert ended.code == 0
    assert all(name in ended.out for name in ("try", "run", "import", "stats", "ask"))


# Beside a running bot


async def test_what_is_imported_beside_a_running_bot_is_found_by_it_at_once(environment: None, tmp_path: Path) -> None:
    (tmp_path / "ferry.md").write_text(FERRY, encoding="utf-8")
    async with Newsdesk.open(url(tmp_path), bot=True) as running:
        await running.add(SHARED, Document("market", "Market", "The market hall closes."))
        assert await running.quotes(5, running.query("ferry")) == []
        ended = apart("import", tmp_path / "ferry.md")
        assert (ended.returncode, ended.stderr) == (0, "")
        started = time.monotonic()
        (found, *_) = await running.quotes(5, running.query("ferry doctor"))
        assert time.monotonic() - started < 2
        assert found.article.title == "The ferry sails all winter"
        assert found.article.published == PartialDate(2025, 5, 12)


async def test_a_second_bot_on_the_same_library_is_refused_with_one_line(environment: None, tmp_path: Path) -> None:
    async with Newsdesk.open(url(tmp_path), bot=True):
        ended = apart("run", DISCORD_TOKEN=TOKEN)
    assert ended.returncode == os.EX_TEMPFAIL
    assert ended.stderr.splitlines()[-1] == "Another Newsdesk already runs on newsdesk.db: stop it first."
    assert "Traceback" not in ended.stderr
    assert TOKEN not in ended.stderr


async def test_the_bot_can_be_asked_from_the_terminal_while_it_runs(environment: None, tmp_path: Path) -> None:
    async with Newsdesk.open(url(tmp_path), bot=True) as running:
        await running.add(SHARED, Document("ferry", "Ferry", "The ferry sails at dawn. 🗞"))
        ended = apart("ask", "quote", "ferry", "--json")
    assert json.loads(ended.stdout)[0]["text"] == "The ferry sails at dawn. 🗞"


def test_a_blank_line_of_a_batch_has_no_answer_and_an_empty_batch_none(newsdesk: Run, library: Path) -> None:
    questions = library / "questions.txt"
    questions.write_text("\nferry\n", encoding="utf-8")
    blank, ferry = map(json.loads, newsdesk("ask", "quote", "--batch", questions).out.splitlines())
    assert blank == []
    assert ferry
    questions.write_text("", encoding="utf-8")
    assert newsdesk("ask", "quote", "--batch", questions).out == ""


def test_a_query_beside_a_batch_is_refused(newsdesk: Run, library: Path) -> None:
    questions = library / "questions.txt"
    questions.write_text("ferry\n", encoding="utf-8")
    assert "not both" in newsdesk("ask", "quote", "harbour", "--batch", questions).refusal


def test_the_host_takes_an_article_out_of_the_shared_library(newsdesk: Run, library: Path) -> None:
    before = json.loads(newsdesk("stats", "--json").out)["articles"]
    assert newsdesk("remove", "S1").out.startswith("Removed: ")
    assert json.loads(newsdesk("stats", "--json").out)["articles"] == before - 1
    assert "There is no article" in newsdesk("remove", "S1").refusal


CHECKED = "“We could not leave three villages without a doctor,” said Omar Haddad. “Cheese rains on the hall.”"


def test_a_check_on_the_terminal_shows_verdict_differences_speaker_and_source(newsdesk: Run, library: Path) -> None:
    lines = newsdesk("check", CHECKED).out.splitlines()
    assert lines == [
        "said by someone else, near: “We could not leave [-four-]{+three+} villages without a doctor”",
        "    said by Ines Duarte, not by Omar Haddad",
        "    The ferry sails all winter (Harbour Gazette, 12 May 2025) #S2",
        "",
        "not in the library: “Cheese rains on the hall”",
    ]


def test_a_check_says_what_an_ellipsis_passes_over(newsdesk: Run, library: Path) -> None:
    said = newsdesk("check", "The ferry to the islands … with freight on Thursdays").out.splitlines()
    assert said[0].startswith("near: “The ferry to the islands … with freight")
    assert "    passes over 34 words, to a sentence 2 sentences on" in said
    said = newsdesk("check", "the ferry … will run all winter").out.splitlines()
    assert (said[0], "in the same sentence" in said[2]) == ("exact: “the ferry … will run all winter”", True)


def test_a_check_in_json_has_the_fields_that_programs_rely_on(newsdesk: Run, library: Path) -> None:
    near, absent = newsdesk("check", CHECKED, "--json").json
    assert near.keys() == absent.keys()
    assert {name: near[name] for name in ("verdict", "claim", "claimed_speaker", "text", "speaker", "also_in")} == {
        "verdict": "said by someone else",
        "claim": "We could not leave three villages without a doctor",
        "claimed_speaker": "Omar Haddad",
        "text": "We could not leave four villages without a doctor",
        "speaker": "Ines Duarte",
        "also_in": [],
    }
    assert (near["url"], near["published"]) == ("https://harbour.example/ferry", "2025-05-12")
    (difference,) = near["differences"]
    assert (difference["kind"], difference["claimed"], difference["stored"]) == ("changed", "three", "four")
    assert FERRY.partition("---\n")[2].partition("---\n")[2][difference["start"] : difference["end"]] == "four"
    assert "Two crossings" in near["context"]["text"]
    assert (absent["verdict"], absent["text"], absent["splices"]) == ("not in the library", None, [])


def test_a_check_reads_its_text_from_standard_input(
    newsdesk: Run, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO("“nobody asked us” — Haddad\n".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert newsdesk("check", "-").out.splitlines()[:2] == ["exact: “nobody asked us”", "    said by Omar Haddad"]


def test_a_check_of_nothing_is_one_line(newsdesk: Run, library: Path) -> None:
    ended = newsdesk("check", "…")
    assert (ended.code, ended.refusal) == (
        64,
        "There is nothing to check: give the words that are said to have been said.",
    )


# Speech


@pytest.fixture
def ferry(tmp_path: Path) -> Path:
    """A file that cleaning changes: its first line is blank, others end in blanks."""
    path = tmp_path / "ferry.txt"
    path.write_text("\n\nThe ferry was late.   \n\n“We sail at dawn tomorrow,” said Elena Marsh.  \n", encoding="utf-8")
    return path


def test_speech_prints_who_says_what_with_offsets_of_the_file(newsdesk: Run, ferry: Path) -> None:
    ended = newsdesk("speech", ferry, "--json")
    text = ferry.read_text(encoding="utf-8")
    (found,) = ended.json
    assert ended.code == 0
    assert set(found) == {
        "text", "start", "end", "speaker", "speaker_start", "speaker_end", "name", "method", "confidence", "kind"
    }  # fmt: skip
    assert text[found["start"] : found["end"]] == found["text"] == "We sail at dawn tomorrow,"
    assert text[found["speaker_start"] : found["speaker_end"]] == found["speaker"] == found["name"] == "Elena Marsh"
    assert (found["confidence"], found["kind"]) == ("stated", "quotation")


def test_speech_on_the_terminal_names_the_speaker_and_how_surely(newsdesk: Run, ferry: Path) -> None:
    assert newsdesk("speech", ferry).out == (
        "“We sail at dawn tomorrow,”\n    Elena Marsh (“Elena Marsh” there), stated\n"
    )


def test_a_text_without_speech_says_so(newsdesk: Run, tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("The ferry was late.")
    assert newsdesk("speech", str(tmp_path / "plain.txt")).out == "Nobody is quoted in this text.\n"


@pytest.mark.parametrize("name", ["missing.txt", "empty.txt"])
def test_speech_of_a_file_that_cannot_be_read_is_one_line(newsdesk: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.txt").touch()
    ended = newsdesk("speech", tmp_path / name)
    assert (ended.code, ended.out) == (65, "")
    assert name in ended.err
    assert ended.err.count("\n") == 1


def test_what_one_person_said_is_told_in_json_and_on_the_terminal(newsdesk: Run, ferry: Path) -> None:
    newsdesk("import", ferry)
    assert "“We sail at dawn tomorrow,”" in newsdesk("ask", "speaker", "marsh").out
    told = newsdesk("ask", "speaker", "marsh", "--json").json
    assert (told["speaker"], told["quoted"]) == ("Elena Marsh", 1)
    assert told["statements"][0]["confidence"] == "stated"
    ended = newsdesk("ask", "speaker", "Nobody")
    assert (ended.code, ended.err.count("\n")) == (65, 1)


def test_the_host_corrects_a_speaker_by_the_id_of_the_quote(newsdesk: Run, ferry: Path) -> None:
    newsdesk("import", ferry)
    (quote,) = newsdesk("ask", "quote", "sail dawn", "--json").json
    assert newsdesk("correct", quote["id"], "--speaker", "Omar Haddad").out == "Corrected: 1 quotation.\n"
    assert newsdesk("ask", "quote", "sail dawn", "--json").json[0]["speaker"] == "Omar Haddad"
    newsdesk("correct", quote["id"], "--nobody")
    assert newsdesk("ask", "quote", "sail dawn", "--json").json[0]["speaker"] is None


@pytest.mark.parametrize("said", [(), ("--speaker", "Omar Haddad", "--nobody")])
def test_a_correction_says_one_thing(newsdesk: Run, said: tuple[str, ...]) -> None:
    ended = newsdesk("correct", "q-s1-0abc", *said)
    assert ended.code == 64
    assert "--nobody" in ended.err


# Stories


@pytest.fixture
def events(tmp_path: Path, blank_library: Path) -> Path:
    """A folder with three reports on one event, one of them a wire copy in two outlets, and one on another."""
    shutil.copy(blank_library, tmp_path / "newsdesk.db")
    first, second, _ = reports(0, 3, "2026-03-02")
    copied = replace(first, outlet="The Wire", name="wire", text=first.text + " More soon.")
    folder = tmp_path / "events"
    folder.mkdir()
    for one in (first, second, copied, *reports(1, 1, "2026-03-02")):
        head = f"---\ntitle: {one.title}\noutlet: {one.outlet}\npublished: {one.published}\n---\n\n"
        (folder / f"{one.name}.md").write_text(head + one.text, encoding="utf-8")
    return folder


def test_stories_of_a_folder_are_told_without_storing_it(newsdesk: Run, events: Path) -> None:
    told = newsdesk("stories", events, "--json")
    assert told.code == 0
    together, alone = told.json
    assert {Path(one["name"]).stem for one in together["articles"]} == {"0-0", "0-1", "wire"}
    assert together["sources"] == 2
    assert {"Erik Moe", "Hvaler"} <= set(together["shared"])
    assert {one["article_id"] for one in together["articles"]} == {None}
    assert together["articles"][0]["published"] == "2026-03-02"
    assert ([Path(one["name"]).stem for one in alone["articles"]], alone["sources"], alone["shared"]) == (
        ["1-0"],
        1,
        [],
    )
    assert newsdesk("stats", "--json").json["articles"] == 0


def test_stories_of_the_library_are_those_of_its_articles(newsdesk: Run, events: Path) -> None:
    assert newsdesk("stories").out == "There are no articles.\n"
    assert newsdesk("stories", "--json").json == []
    newsdesk("import", events)
    together, alone = newsdesk("stories", "--json").json
    assert ({one["article_id"] for one in together["articles"]}, together["sources"]) == ({"S1", "S2", "S4"}, 2)
    assert [one["article_id"] for one in alone["articles"]] == ["S3"]
    newsdesk("import", events, "--server", "7")
    assert len(newsdesk("stories", "--server", "7", "--json").json) == 2


def test_stories_on_the_terminal_say_where_from_when_and_why(newsdesk: Run, events: Path) -> None:
    told = newsdesk("stories", events).out
    assert told.startswith("3 articles, 2 sources; shared: ")
    assert "(The Wire, 2 March 2026) " in told
    assert told.splitlines()[-2] == "In one article each:"
    newsdesk("import", events)
    assert "(The Wire, 2 March 2026) #S4" in newsdesk("stories").out


def test_a_document_that_cannot_be_read_is_named_and_the_rest_is_told(newsdesk: Run, events: Path) -> None:
    (events / "bad.txt").write_bytes(b"\x00\x01\x02PK")
    (events / "blank.md").write_text("---\ntitle: Blank\n---\n\n", encoding="utf-8")
    told = newsdesk("stories", events, "--json")
    assert told.code == EX_DATAERR
    assert len(told.json) == 2
    assert [line.split(": not read: ")[0].rpartition("/")[2] for line in told.err.splitlines()] == [
        "bad.txt",
        "blank.md",
    ]
    assert "there is no such file" in newsdesk("stories", events / "nothing").refusal


# Deleting for good


def test_forgetting_a_server_leaves_no_word_of_its_library(newsdesk: Run, library: Path, tmp_path: Path) -> None:
    async def fill() -> None:
        async with Newsdesk.open(url(tmp_path), bot=False) as opened:
            await opened.add(5, Document("typed", "Blocks", "The xylographer carved blocks."), added_by=77)

    asyncio.run(fill())
    assert newsdesk("ask", "quote", "xylographer", "--server", 5, "--json").json
    told = newsdesk("forget", "--server", 5).out
    assert told == "Nothing is kept of server 5 any more, but that it was deleted and when.\n"
    assert newsdesk("ask", "quote", "xylographer", "--server", 5, "--json").json == []
    assert b"xylograph" not in (tmp_path / "newsdesk.db").read_bytes()
    assert newsdesk("ask", "quote", "doctor", "--json").json


def test_forgetting_a_person_says_how_much_it_was(newsdesk: Run, library: Path, tmp_path: Path) -> None:
    async def fill() -> None:
        async with Newsdesk.open(url(tmp_path), bot=False) as opened:
            for guild in (5, 6):
                await opened.add(guild, Document("typed", "Blocks", "The xylographer carved blocks."), added_by=77)
                await opened.corpus.answers.save(guild, 77, "quote", "{}", now=opened.now())

    asyncio.run(fill())
    told = newsdesk("forget", "--person", 77).out
    assert told == "Deleted 2 entries of person 77, and their id where it stood on 4 others.\n"


@pytest.mark.parametrize("words", [(), ("--server", "5", "--person", "77")])
def test_forgetting_takes_a_server_or_a_person(newsdesk: Run, library: Path, words: tuple[str, ...]) -> None:
    assert newsdesk("forget", *words).refusal == "Give --server ID or --person ID, one of them."


def test_an_archive_is_imported_and_what_is_wrong_in_it_is_named(newsdesk: Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("a/ferry.md", FERRY)
        archive.writestr("../market.md", MARKET)
    ended = newsdesk("import", tmp_path / "in.zip")
    assert ended.code == EX_DATAERR
    assert ended.out.endswith("Added 1, not read 1\n")
    assert ended.err.startswith(f"{tmp_path / 'in.zip'}/../market.md: not read: its name leads out of the archive")


def test_an_export_brings_a_library_to_another_database(
    newsdesk: Run, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.zip"
    assert newsdesk("export", out).out == f"Exported 3 articles to {out}.\n"
    before = newsdesk("ask", "search", "ferry", "--json").json
    refused = newsdesk("export", out)
    assert refused.refusal.startswith("out.zip is there already")
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'second.db'}")
    assert newsdesk("import", out).out.endswith("Added 3\n")
    assert newsdesk("ask", "search", "ferry", "--json").json == before


def test_the_help_of_an_export_says_what_is_in_it_and_what_is_not(newsdesk: Run) -> None:
    said = " ".join(newsdesk("export", "--help").out.split())
    for part in ("corrected speakers", "joined names", "Not in it", "removed", "schedules"):
        assert part in said


def test_duplicates_are_shown_with_the_oldest_first(newsdesk: Run, library: Path, tmp_path: Path) -> None:
    assert newsdesk("duplicates").out == "No two articles print mostly the same text.\n"
    again = FERRY.replace("2025-05-12", "2025-05-13").replace("Two crossings", "Three crossings")
    (tmp_path / "again.md").write_text(again, encoding="utf-8")
    newsdesk("import", tmp_path / "again.md")
    (group,) = newsdesk("duplicates", "--json").json
    assert group["oldest"]["published"] == "2025-05-12"
    assert [one["published"] for one in group["others"]] == ["2025-05-13"]
    assert 0.5 < group["others"][0]["common"] < 1
    said = newsdesk("duplicates").out
    assert "the oldest" in said
    assert "% in common" in said
    assert "`newsdesk remove S3`" in said
