"""The starter library keeps its promises: readable, complete, in our own words, with real and short quotations."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from bot.errors import UnreadableDocument
from bot.language.normal import fingerprint
from bot.model import Document
from bot.reading.files import find_files, read_file
from bot.reading.known import KnownDocuments

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
MAX_QUOTED_WORDS = 12
SHARED_RUN_WORDS = 8
QUOTATION = re.compile("“([^”]*)”")


@cache
def starter_articles() -> tuple[Document, ...]:
    read = [document for path in find_files([SEEDS]) for document in read_file(path)]
    assert not [str(fault) for fault in read if isinstance(fault, UnreadableDocument)]
    return tuple(document for document in read if isinstance(document, Document))


def article_id(article: Document) -> str:
    return Path(article.name).stem


each_article = pytest.mark.parametrize("article", starter_articles(), ids=article_id)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", re.sub("[’']", "", text.lower()))


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[at : at + length]) for at in range(len(found) - length + 1)}


def originals(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))]


def test_there_are_at_least_ten_articles() -> None:
    assert len(starter_articles()) >= 10


@each_article
def test_an_article_says_where_it_comes_from(article: Document) -> None:
    assert article.outlet == "Newsdesk Starter Library"
    assert article.authors == ("Newsdesk",)
    assert article.published is not None
    assert article.title[0].isupper()
    assert not article.title.endswith(("…", "."))


@each_article
def test_an_article_has_150_to_400_words(article: Document) -> None:
    assert 150 <= len(article.text.split()) <= 400


@each_article
def test_a_quotation_has_at_most_twelve_words(article: Document) -> None:
    assert not [said for said in QUOTATION.findall(article.text) if len(words(said)) > MAX_QUOTED_WORDS]
    assert article.text.count("“") == article.text.count("”") == len(QUOTATION.findall(article.text))
    assert '"' not in article.text


def test_no_two_articles_share_a_title_or_a_text() -> None:
    articles = starter_articles()
    assert len({article.title for article in articles}) == len(articles)
    assert len({fingerprint(article.text) for article in articles}) == len(articles)


def test_two_articles_tell_of_the_february_call_at_different_dates() -> None:
    about = {article_id(article): article for article in starter_articles()}
    then, later = about["01-trump-putin-call"], about["13-the-call-a-year-on"]
    assert "Peskov" in then.text
    assert "Peskov" in later.text
    assert (str(then.published), str(later.published)) == ("2025-02", "2026")


def test_the_shapes_differ() -> None:
    texts = [article.text for article in starter_articles()]
    assert any(text.count("\nReader: ") >= 5 and text.count("\nNewsdesk: ") >= 5 for text in texts)
    assert sum("\n- " in text for text in texts) >= 3
    assert any("\n## " in text for text in texts)


def test_the_example_of_front_matter_in_the_readme_works(tmp_path: Path) -> None:
    readme = (SEEDS / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    (tmp_path / "a.md").write_text(examples[0], encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(examples[1], encoding="utf-8")
    for path in find_files([tmp_path]):
        (document,) = read_file(path)
        assert isinstance(document, Document)
        assert document.title == "Council Approves New Tram Line"
        assert str(document.published) == "2025-05-12"


@each_article
def test_no_run_of_eight_words_comes_from_the_originals(article: Document, documents_dir: Path) -> None:
    taken = set().union(*(runs(text, SHARED_RUN_WORDS) for text in originals(documents_dir)))
    own = QUOTATION.sub("\0", article.text).split("\0")
    assert not [run for part in own for run in runs(part, SHARED_RUN_WORDS) & taken]


@each_article
def test_a_quotation_is_verbatim(article: Document, documents_dir: Path) -> None:
    texts = originals(documents_dir)
    invented = [
        said for said in QUOTATION.findall(article.text) if not any(said.rstrip(".,?") in text for text in texts)
    ]
    assert not invented


def test_the_original_documents_get_their_metadata_by_being_read(documents_dir: Path) -> None:
    known = KnownDocuments.load(SEEDS / "documents.toml")
    read = [document for path in find_files([documents_dir]) for document in read_file(path, known)]
    assert [
        (document.outlet, document.authors, str(document.published))
        for document in read
        if isinstance(document, Document)
    ] == [
        ("The Atlantic", ("Simon Shuster",), "2026"),
        (None, (), "2025"),
        (None, (), "2025-05"),
        (None, ("Maggie Haberman", "Zolan Kanno-Youngs", "Anton Troianovski"), "2025-02"),
    ]


def test_the_original_documents_get_titles_in_our_words(documents_dir: Path) -> None:
    known = KnownDocuments.load(SEEDS / "documents.toml")
    for path in find_files([documents_dir]):
        (document,) = read_file(path, known)
        assert isinstance(document, Document)
        assert document.title in {fields.title for fields in known.by_fingerprint.values()}
        assert document.title not in document.text


def test_an_original_document_is_known_with_other_line_ends_and_another_name(
    documents_dir: Path, tmp_path: Path
) -> None:
    text = originals(documents_dir)[3]
    (tmp_path / "untitled.md").write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    (document,) = read_file(tmp_path / "untitled.md", KnownDocuments.load(SEEDS / "documents.toml"))
    assert isinstance(document, Document)
    assert str(document.published) == "2025-02"
