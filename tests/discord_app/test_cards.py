"""Any document in, no card over a limit out: the article's own words, and nothing of them live.

Documents go through the real `Newsdesk.add` and come back as cards, each as the payload a message would carry.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.corpus import Added, Heading, Outcome
from bot.desks.preparing import prepare
from bot.desks.quoting import Answered
from bot.discord_app import cards, limits
from bot.discord_app.cards import HITS_A_PAGE, Card
from bot.discord_app.checks import checks_card
from bot.discord_app.digest_cards import digest_cards
from bot.discord_app.drafts import added_card
from bot.discord_app.found import Found, ResultKind
from bot.discord_app.markup import escape, escape_within
from bot.discord_app.pages import page_card, page_count
from bot.discord_app.records import FoundRecord, record_card
from bot.discord_app.summary_cards import topic_card
from bot.editions.digests import archived
from bot.editions.summaries import LENGTHS, summarize
from bot.editions.tellings import Telling
from bot.editions.topics import sum_up
from bot.errors import NotFound, Refused
from bot.model import Article, Digest, Document, Hit, Kind, Passage, Quote, Span, Summary
from bot.newsdesk import MAX_RESULTS, Newsdesk
from bot.search.highlights import matches
from bot.search.query import Query
from tests.contract import violations
from tests.sizes import cases, some
from tests.stored import passages_of
from tests.strangeness import any_documents, any_line, any_text

NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
MEMBER = 1
ALL_PUNCTUATION = "*_`~|[](<@#:>\\-+!{}.)1. -# > ### ```||"
HOSTILE_LINE = "[**@everyone**](https://evil.example) <@1> <#1> :cut: `# " + ALL_PUNCTUATION


class Desk:
    """A real Newsdesk, called from tests that are not coroutines; every example has a server of its own."""

    def __init__(self, newsdesk: Newsdesk, runner: asyncio.Runner) -> None:
        self.newsdesk = newsdesk
        self.run = runner.run
        self._servers = count(1)

    def keep(self, *documents: Document) -> tuple[int, list[Article]]:
        """Add documents to a new server's library: its id, and the articles of those that were not refused."""
        server, articles = next(self._servers), []
        for document in documents:
            try:
                articles.append(self.run(self.newsdesk.add(server, document)).article)
            except Refused:
                assert not document.text.strip() or not prepare_or_none(document)
        return server, list({article.id: article for article in articles}.values())

    def every_quote(self, server: int, asked: str) -> list[Quote]:
        """Each passage of the first and last of every article as a quote, with the words of ``asked`` found in it."""
        query = Query.of(asked, today=NOW.date())
        return [
            Quote(article, row.passage, 1.0, matches(article.text, row.passage.span, query))
            for article, stored in self.run(passages_of(self.newsdesk.corpus, server))
            for row in [*stored[:4], *stored[4:][-2:]]
        ]

    def pages(self, server: int, asked: str) -> Iterator[Card]:
        """Every page of what `/quote` and `/search` answer, and the quote by chance."""
        query = self.newsdesk.query(asked)
        quoting, by_chance = self.newsdesk.quoting, self.newsdesk.query("")
        results: list[tuple[ResultKind, Answered]] = [
            ("quotes", self.run(quoting.quotes(server, query, MAX_RESULTS, shown=1))),
            ("articles", self.run(quoting.hits(server, query, MAX_RESULTS, shown=HITS_A_PAGE))),
            ("quotes", self.run(quoting.quotes(server, by_chance, MAX_RESULTS, shown=1))),
        ]
        for kind, answered in results:
            if not answered.first:
                continue
            saved = self.run(Found.save(self.newsdesk, server, MEMBER, kind, asked, answered))
            for page in range(page_count(saved)):
                yield self.run(page_card(self.newsdesk, saved, page))

    def spoken(self, server: int, asked: str) -> Iterator[tuple[str, Card]]:
        """Every page of what the most quoted said, and the verdicts on what was asked and on some of their words."""
        newsdesk = self.newsdesk
        texts = [asked]
        for person in self.run(newsdesk.spoken.people(server))[:2]:
            made = self.run(newsdesk.spoken.record(server, person.name, newsdesk.query("")))
            texts += [f"“{one.text} {asked}” said {asked}." for one in made.statements[:2]]
            saved = self.run(FoundRecord.save(newsdesk, server, MEMBER, made, asked))
            for page in range(min(saved.pages, 2)):
                yield "record", self.run(record_card(newsdesk, saved, page))
        for text in texts:
            try:
                checks = self.run(newsdesk.check(server, text))
            except Refused:  # there is no word in it
                continue
            yield "checks", checks_card(checks, footer=f"Shared by {escape_within(asked, 80)}")[0]

    def digest(self, server: int, topic: str | None = None) -> Digest:
        return self.run(self.newsdesk.digest(server, "all", topic=topic))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('cards') / 'newsdesk.db'}"
    with asyncio.Runner() as runner:
        opening = Newsdesk.open(url, bot=True, now=lambda: NOW)
        yield Desk(runner.run(opening.__aenter__()), runner)
        runner.run(opening.__aexit__(None, None, None))


def prepare_or_none(document: Document) -> object:
    try:
        return prepare(document)
    except Refused:
        return None


def in_memory(document: Document, number: int) -> Article:
    """An article as the corpus would give it back, without the database."""
    made = prepare(document)
    kept = made.document
    fields = (kept.title, kept.outlet, kept.authors, kept.url, kept.published)
    return Article(number, 0, number, *fields, NOW, None, kept.source_id, made.words, kept.text)


def heading(article: Article) -> Heading:
    published = article.published
    return Heading(article.library, article.number, article.title, article.outlet, published, article.added_at)


def every_card(desk: Desk, asked: str, server: int, articles: list[Article]) -> Iterator[tuple[str, Card]]:
    """Every kind of card that the articles of a server and this question can bring about, each with its name."""
    quotes = desk.every_quote(server, asked)
    for quote in quotes:
        yield "quote", cards.quote_card(quote, footer=f"Shared by {escape_within(asked, 80)}")
        yield "context", cards.context_card(quote, desk.newsdesk.around(quote))
    for first in range(0, len(quotes), cards.HITS_A_PAGE):
        hits = [Hit(quote.article, 1.0, quote) for quote in quotes[first : first + cards.HITS_A_PAGE]]
        yield "hits", cards.hits_card(hits, first + 1, len(quotes), asked)
    for card in desk.pages(server, asked):
        yield "page", card
    yield from desk.spoken(server, asked)
    for topic in (None, asked):
        for made in digest_cards(desk.digest(server, topic), footer=f"Shared by {escape_within(asked, 80)}"):
            yield "digest", made
            yield "thawed", Card.thaw(made.freeze()).text("-# Posted daily by schedule 1")
    for length in LENGTHS:
        told = sum_up(asked, [(article, 1.0) for article in articles], [], length)
        yield f"{length} topic", topic_card(told, footer="Shared by a member")
    for article in articles:
        for length in LENGTHS:
            card = cards.summary_card(summarize(article, length)).buttons(cards.link_button(article))
            yield f"{length} summary", card
        yield "article", cards.article_card(article).buttons(cards.link_button(article))
        quiet = Digest("Today", (), (), 0, 0, topic=asked, archive=archived(article, (), "today's pick"))
        yield "quiet digest", digest_cards(quiet)[0]
        telling = Telling((article, *articles), 2, tuple(article.text.split()[:5]))
        yield "article of a story", cards.article_card(article, telling).buttons(cards.link_button(article))
        yield "added to a story", added_card(Added(article, Outcome.ADDED), telling)
        yield "list", cards.list_card([heading(article)] * 30, 2)
        yield "added", added_card(Added(article, Outcome.ADDED))
    yield "error", cards.note(escape(str(NotFound(f"There is no article “{asked}” here."))), title="Not found")


def payload(card: Card) -> dict[str, Any]:
    """What a message with this card carries."""
    components = card.view.to_components()  # type: ignore[no-untyped-call]
    return {"components": components, "flags": 32768, "allowed_mentions": {"parse": []}}


def broken(card: Card) -> list[str]:
    return violations("POST", "/channels/1/messages", payload(card))


def displays(card: Card) -> list[str]:
    """The Markdown of the card's text displays in order."""
    container = payload(card)["components"][0]
    return [part["content"] for part in container["components"] if "content" in part]


def plain(markdown: str) -> str:
    """What Discord shows of a line: bold without its asterisks, an escaped character without its backslash."""
    return re.sub(r"\\(.)|\*\*", lambda match: match[1] or "", markdown, flags=re.DOTALL)


def flat(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ")


def is_beginning(shown: str, original: str) -> bool:
    """Whether ``shown`` is all of ``original``, or its beginning with an ellipsis that marks the cut."""
    whole = flat(original)
    return shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1]))


def is_part(shown: str, original: str) -> bool:
    """Whether ``shown`` is all of ``original``, or a part of it with an ellipsis on each side that was cut."""
    whole = flat(original)
    if shown == whole:
        return True
    part = shown.removeprefix("…").removesuffix("…")
    begins, ends = shown.startswith("…") or whole.startswith(part), shown.endswith("…") or whole.endswith(part)
    return shown != part and part in whole and begins and ends


def quoted_lines(card: Card) -> list[str]:
    """What stands behind "> " on a card, as Discord shows it."""
    lines = "\n".join(displays(card)).split("\n")
    return [plain(line.removeprefix("> ")) for line in lines if line.startswith("> ")]


_OWN_LINE_START = re.compile(r"^(?:> |-# |### )")
_OWN_CODE = re.compile(r"`(?:#S?\d+|q-s?\d+-[0-9a-z]+|/[a-z ]+)`|<t:\d+:D>|<@\d+>")
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_LIVE = re.compile(r"[\[\]<>@#`_~|*]|:(?=[\w/])")
_LIVE_LINE_START = re.compile(r"\s*(?:[-+*]\s|-#|\d{1,9}[.)]|[#>])")


_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)+)\]\((https?://[^\s()<>]+)\)")


def _unless_it_hides(link: re.Match[str]) -> str:
    """Nothing of a link whose text is the host that its address leads to, or its end; any other as it is."""
    shown, host = plain(link[1]).casefold(), urlsplit(link[2]).hostname or ""
    return "" if shown == host or (shown[0] == "…" and host.endswith(shown[1:])) else link[0]


def live(card: Card) -> list[str]:
    """The lines of a card where something is Markdown, a mention, an emoji or a link that the bot did not write."""
    found = []
    for line in "\n".join(displays(card)).split("\n"):
        said = _LINK.sub(_unless_it_hides, _OWN_LINE_START.sub("", line))
        rest = _ESCAPED.sub("", _OWN_CODE.sub("", said))
        starts_live = _LIVE_LINE_START.match(said) and not said.startswith("**")
        own = rest.replace("**", "").replace("~~", "")
        if starts_live or rest.count("**") % 2 or rest.count("~~") % 2 or _LIVE.search(own):
            found.append(line)
    return found


def speaking(words: str, times: int) -> str:
    """Paragraphs of quoted speech, so that there is somebody to attribute."""
    return "\n\n".join(f"“{words} number {n},” said Elena Marsh, who runs the ferry." for n in range(times))


WORST = {
    "a megabyte on one line": Document("a", "A line", "zeppelin " * 40 + "the ferry sails at dawn " * 42_000),
    "a megabyte without a blank": Document("a", "A word", "a" * 1_000_000),
    "Chinese only": Document("a", "新聞" * 150, "市長は辞任した。新聞によると市民は驚いた" * 1_000, outlet="新聞" * 60),
    "Chinese without a full stop": Document("a", "新聞", "市長辞任新聞" * 3_334),
    "emoji only": Document("a", "👩‍👩‍👧‍👦" * 300, "👩‍👩‍👧‍👦🏳️‍🌈" * 1_500, outlet="🇺🇦" * 50),
    "four bytes a character": Document("a", "𠮷" * 300, "𠮷野家 " * 4_000, outlet="𠮷" * 100),
    "all punctuation": Document("a", ALL_PUNCTUATION * 10, (ALL_PUNCTUATION + "\n") * 600, outlet=ALL_PUNCTUATION),
    "backslashes only": Document("a", "\\" * 301, "\\" * 9_999, outlet="\\" * 99),
    "a title of 5,000 characters": Document("a", HOSTILE_LINE * 60, speaking("We sail on Monday", 30)),
    "an outlet of mentions": Document("a", "Ferry", speaking("We sail", 5), outlet="@everyone <@1> @here <@&2>" * 20),
    "500 authors": Document("a", "Ferry", "We sail on Monday.", authors=(HOSTILE_LINE,) * 500),
    "hostile speech": Document("a", "Ferry", speaking(HOSTILE_LINE, 40)),
    "turns of an interview": Document(
        "a", "Ferry", "\n\n".join(f"Q: {HOSTILE_LINE * 10}?\n\nElena Marsh: {HOSTILE_LINE * 40}." for _ in range(9))
    ),
    "a link of 3,000 characters": Document("a", "Ferry", "We sail.", url="https://example.org/" + "a" * 3_000),
    "no letter": Document("a", "\u200d", ". . . !\n\n?\n\n- \n\n1.", outlet="\u200d"),
}


@pytest.fixture(scope="module", params=some(WORST, few=3))
def worst(desk: Desk, request: pytest.FixtureRequest) -> tuple[int, list[Article], str]:
    """One of the worst documents, added once for all tests of it: its server, its article, and its first words."""
    document = WORST[request.param]
    return *desk.keep(document), document.text[:290]


@pytest.fixture(scope="module")
def worst_cards(desk: Desk, worst: tuple[int, list[Article], str]) -> list[tuple[str, Card]]:
    """Every card of one of the worst documents, made once for all tests of them."""
    server, articles, beginning = worst
    return list(every_card(desk, beginning, server, articles))


@pytest.mark.many
def test_the_worst_documents_keep_every_card_within_every_limit(worst_cards: list[tuple[str, Card]]) -> None:
    assert {kind: fault for kind, card in worst_cards if (fault := broken(card))} == {}


@pytest.mark.many
def test_the_worst_documents_have_nothing_live_on_any_card(worst_cards: list[tuple[str, Card]]) -> None:
    assert {kind: found for kind, card in worst_cards if (found := live(card))} == {}


@settings(max_examples=cases(15, few=5), deadline=None)
@given(documents=st.lists(any_documents(), min_size=1, max_size=4), asked=any_text(max_size=300))
def test_any_documents_keep_every_card_within_every_limit(desk: Desk, documents: list[Document], asked: str) -> None:
    for kind, card in every_card(desk, asked, *desk.keep(*documents)):
        assert broken(card) == [], kind


@settings(max_examples=cases(25, few=8), deadline=None)
@given(document=any_documents(), asked=any_text(max_size=300))
def test_nothing_of_a_document_or_a_question_is_live_on_a_card(desk: Desk, document: Document, asked: str) -> None:
    for kind, card in every_card(desk, asked, *desk.keep(document)):
        assert live(card) == [], kind


@pytest.mark.many
def test_a_quote_that_is_too_long_is_cut_with_a_mark_that_says_so(
    desk: Desk, worst: tuple[int, list[Article], str]
) -> None:
    for quote in desk.every_quote(worst[0], "市長 harbour"):
        (shown,) = quoted_lines(cards.quote_card(quote, footer="1 of 1"))
        assert is_part(shown, quote.text)
        assert shown == flat(quote.text) or len(shown) > 500


@settings(max_examples=cases(40, few=10), deadline=None)
@given(document=any_documents(), asked=any_line())
def test_every_quote_is_a_span_of_its_article_and_shown_as_one_part_of_it(
    desk: Desk, document: Document, asked: str
) -> None:
    server, _ = desk.keep(document)
    for quote in desk.every_quote(server, asked):
        span = quote.passage.span
        assert 0 <= span.start < span.end <= len(quote.article.text)
        assert quote.text in quote.article.text
        (shown,) = quoted_lines(cards.quote_card(quote, footer="1 of 1"))
        assert is_part(shown, quote.text)


@settings(max_examples=cases(25, few=8), deadline=None)
@given(document=any_documents())
def test_context_shows_one_stretch_of_the_article(desk: Desk, document: Document) -> None:
    server, _ = desk.keep(document)
    for quote in desk.every_quote(server, ""):
        around = desk.newsdesk.around(quote)
        assert around.holds(quote.passage.span)
        for line in quoted_lines(cards.context_card(quote, around)):
            assert line.strip("… ") in flat(around.of(quote.article.text))


@settings(max_examples=cases(25, few=8), deadline=None)
@given(document=any_documents())
def test_every_line_of_a_topic_is_a_sentence_from_its_beginning(desk: Desk, document: Document) -> None:
    articles = desk.keep(document)[1]
    made = sum_up("harbour", [(article, 1.0) for article in articles], [], "long")
    shown = quoted_lines(topic_card(made))
    for text, line in zip(shown, made.lines, strict=False):
        said = line.span.of(line.article.text)
        named = re.sub(r"^.{1,80}?: ", "", text) if line.speaker else text
        assert is_beginning(text, said) or is_beginning(named, said)
    assert bool(shown) is bool(made.lines)


@settings(max_examples=cases(25, few=8), deadline=None)
@given(document=any_documents())
def test_every_line_of_a_summary_is_a_sentence_from_its_beginning(desk: Desk, document: Document) -> None:
    for article in desk.keep(document)[1]:
        for length in LENGTHS:
            summary = summarize(article, length)
            for line, (speaker, span) in zip(quoted_lines(cards.summary_card(summary)), summary.lines, strict=False):
                said = span.of(article.text)
                named = re.sub(r"^.{1,80}?: ", "", line) if speaker else line  # a new turn begins with who speaks
                assert is_beginning(line, said) or is_beginning(named, said)


@settings(max_examples=cases(25, few=8), deadline=None)
@given(documents=st.lists(any_documents(), min_size=1, max_size=5))
def test_every_quotation_of_a_digest_is_what_a_person_said_in_an_article(desk: Desk, documents: list[Document]) -> None:
    made = desk.digest(desk.keep(*documents)[0])
    said = [flat(speech.span.of(article.text)) for article, speech in filter(None, (s.quote for s in made.stories))]
    for line in (line for card in digest_cards(made) for line in quoted_lines(card)):
        assert any(line.startswith("“") and is_beginning(line[1:].partition("” — ")[0], words) for words in said)


def test_a_card_cuts_what_is_too_much_and_drops_what_comes_after() -> None:
    card = Card().text("a" * 3_990).text("b" * 100).text("c" * 100)
    assert [len(text) for text in displays(card)] == [3_990, 10]
    assert displays(card)[1].endswith("…")


def test_a_card_keeps_count_of_bytes_over_all_its_texts() -> None:
    card = Card()
    for _ in range(8):
        card.text("市" * 490)  # 3,920 characters in all, and 11,760 bytes
    assert broken(card) == []
    assert displays(card)[-1].endswith("…")


def test_a_card_takes_no_more_components_than_discord_does() -> None:
    card = Card()
    for _ in range(60):
        card.rule().text("a")
    card.buttons(cards.link_button(in_memory(Document("a", "a", "a", url="https://example.org/"), 1)))
    assert broken(card) == []


LINKS = [
    "https://example.org/a_(b)?q=1#x",
    "HTTPS://EXAMPLE.ORG/%zz",
    "https://bücher.example/straße?q=ä b",
    "https://example.org/)](https://evil.example",
    "https://user:secret@bank.example@evil.example/",
    "https://[::1]/",
    "https://example.org/" + "é" * 80,
    "https://example.org/" + "a" * 492,
    "https://example.org/" + "a" * 493,
    "https://xn--a/",
    "https://xn--zzzzzz/",
    "https://exa mple.org/",
    "https://a..b/",
    "https://%00/",
    "https://x\u202eevil.example/",
    "https://a:99999/",
    "javascript:alert(1)",
    "http://",
    "https://[::1",
    "file:///etc/passwd",
    "",
]


@pytest.mark.parametrize("url", LINKS)
def test_a_link_is_a_button_that_discord_takes_or_none(url: str) -> None:
    article = in_memory(Document("a", "Ferry", "We sail.", url=url), 1)
    assert broken(cards.article_card(article).buttons(cards.link_button(article))) == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a", "example.org"),
        ("https://bank.example@evil.example/", "evil.example"),
        ("https://" + "www.bank.example.login." * 4 + "evil.example/", "evil.example"),
    ],
)
def test_a_link_button_says_where_it_goes(url: str, host: str) -> None:
    button = cards.link_button(in_memory(Document("a", "Ferry", "We sail.", url=url), 1))
    assert button is None or (button.label or "").endswith(host)


def test_a_link_button_names_a_lookalike_host_as_the_browser_will_ask_for_it() -> None:
    button = cards.link_button(in_memory(Document("a", "Ferry", "We sail.", url="https://аpple.com/"), 1))
    assert button is None or "xn--pple-43d.com" in (button.label or "")


def test_words_found_side_by_side_are_bold_together() -> None:
    """Discord reads ``**市****長**`` as bold "市**" and then plain asterisks."""
    article = in_memory(Document("a", "新聞", "新聞によると、市長は辞任した。"), 1)
    (passage,) = prepare(Document("a", "新聞", article.text)).analysis.passages
    query = Query.of("市長", today=NOW.date())
    quote = Quote(article, passage, 1.0, matches(article.text, passage.span, query))
    assert "**市長**" in displays(cards.quote_card(quote, footer="1 of 1"))[0]


def test_a_long_passage_is_shown_where_the_words_asked_for_are() -> None:
    text = "we met, " * 300 + "the ferry vote was lost, " + "and we left, " * 300
    article = in_memory(Document("a", "Ferry", text), 1)
    at = text.index("ferry vote")
    quote = Quote(article, Passage(Span(0, len(text)), Kind.PROSE), 1.0, (Span(at, at + 10),))
    for card in (cards.quote_card(quote, footer="1 of 1"), cards.hits_card([Hit(article, 1.0, quote)], 1, 1, "ferry")):
        (line,) = [line for line in "\n".join(displays(card)).split("\n") if line.startswith("> ")]
        assert line.startswith("> …")
        assert "the **ferry vote** was" in line
        assert line.endswith("…")
    (shown,) = quoted_lines(cards.context_card(quote, quote.passage.span))
    assert shown.startswith("…")
    assert "the ferry vote was" in shown


def test_a_long_passage_without_blanks_fills_the_card_although_a_word_of_it_is_bold() -> None:
    article = in_memory(Document("a", "新聞", "市" + "新聞辞任" * 1_000), 1)
    quote = Quote(article, prepare(Document("a", "新聞", article.text)).analysis.passages[0], 1.0, (Span(0, 1),))
    (shown,) = quoted_lines(cards.quote_card(quote, footer="1 of 1"))
    assert len(shown) > 1_000


def test_a_summary_that_overflows_its_card_is_cut_between_marks() -> None:
    """However much room is left: no line of a bare ">", no name whose bold is not closed."""
    for filling in range(300, 420):
        sentences = ["word " * 238 + "end."] * 3 + ["word " * (filling // 5) + "x" * (filling % 5) + "."] + ["[" * 700]
        text = "\n".join(sentences)
        starts = [sum(len(one) + 1 for one in sentences[:number]) for number in range(len(sentences))]
        spans = tuple(Span(start, start + len(one)) for start, one in zip(starts, sentences, strict=True))
        article = Article(1, 0, 1, "Title", None, (), None, None, NOW, None, None, 999, text)
        card = cards.summary_card(Summary(article, spans, (None,) * 4 + ("Elena Marsh",), 999))
        assert live(card) == [], f"the line before is {filling} characters long"


def test_a_page_of_the_list_too_high_shows_the_last() -> None:
    articles = [heading(in_memory(Document("a", f"Title {n}", "We sail."), n)) for n in range(1, 14)]
    assert displays(cards.list_card(articles, 9)) == displays(cards.list_card(articles, 2))
    assert "page 2 of 2" in displays(cards.list_card(articles, 9))[-1]


def test_an_article_without_anything_known_still_has_a_card() -> None:
    article = in_memory(Document("notes.txt", "", "We sail."), 1)
    shown = "\n".join(displays(cards.article_card(article)))
    assert "**notes.txt**" in shown
    assert "> We sail." in shown


def test_a_card_names_what_else_is_on_an_event_and_why() -> None:
    first, *others = (in_memory(Document("a", f"Title {n}", "We sail."), n) for n in range(1, 9))
    shown = "\n".join(displays(cards.article_card(first, Telling((first, others[0]), 2, ("Istanbul", "cease_fire")))))
    assert f"**Same event:** `#{others[0].ref}` (shared: Istanbul, cease\\_fire)" in shown
    assert cards.same_event(first, Telling((others[0], first), 1, ())) == f"**Same event:** `#{others[0].ref}`"
    many = cards.same_event(first, Telling((first, *others), 3, ("Istanbul",)))
    assert many.count("`#") == 5
    assert "and 2 more (shared: Istanbul)" in many


def test_an_article_that_is_alone_on_its_event_says_nothing_of_it() -> None:
    article = in_memory(Document("a", "Title", "We sail."), 1)
    assert displays(cards.article_card(article, Telling((article,), 1, ()))) == displays(cards.article_card(article))
    assert cards.same_event(article, None) == ""


# Cards are made on the event loop, where 100 ms are allowed. What works through a whole megabyte takes seconds; the
# rest is for coverage and slow machines.
AT_ONCE_SECONDS = 1.0


def seconds(make: Callable[[], object]) -> float:
    started = time.thread_time()
    make()
    return time.thread_time() - started


def test_a_card_of_very_many_sentences_is_made_at_once() -> None:
    text = "It is so. " * 50_000
    article = Article(1, 0, 1, "So", None, (), None, None, NOW, None, None, 150_000, text)
    spans = tuple(Span(at, at + 9) for at in range(0, len(text), 10))
    summary = Summary(article, spans, (None,) * len(spans), 150_000, too_short=True)
    assert seconds(lambda: cards.summary_card(summary)) < AT_ONCE_SECONDS


@pytest.mark.parametrize("words", ["word ", "a", "[", "市"])
def test_a_card_of_a_megabyte_is_made_at_once(words: str) -> None:
    text = words * (1_000_000 // len(words))
    article = Article(1, 0, 1, "So", None, (), None, None, NOW, None, None, 1, text)
    assert seconds(lambda: cards.article_card(article)) < AT_ONCE_SECONDS


def test_the_context_of_a_quote_in_a_megabyte_is_found_at_once(desk: Desk) -> None:
    text = "It was so. " * 90_000
    article = Article(1, 0, 1, "So", None, (), None, None, NOW, None, None, 1, text)
    passage = prepare(Document("a", "So", text[:660])).analysis.passages[0]
    assert seconds(lambda: desk.newsdesk.around(Quote(article, passage, 1.0))) < AT_ONCE_SECONDS


def test_a_quote_card_cuts_by_what_discord_counts() -> None:
    article = in_memory(Document("a", "Emoji", "🗞" * 5_000), 1)
    quote = Quote(article, prepare(Document("a", "Emoji", article.text)).analysis.passages[0], 1.0)
    shown = displays(cards.quote_card(quote, footer="1 of 1"))[0]
    assert limits.chars(shown) <= 1_900
    assert limits.size(shown) <= 4_900
