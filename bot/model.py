"""The nouns of Newsdesk: what flows from reading to the corpus, to search, to the editions, to a card.

Everything that is quoted is a `Span` of a stored article's text: offsets in characters (Python string indices),
half open. Nothing else in the program holds a quotation as loose text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from bot.dates import PartialDate

SHARED = 0
"""The library every server reads besides its own. Any other library is named by its Discord server id."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of an article's text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The words of ``text`` that it spans."""
        return text[self.start : self.end]

    def __len__(self) -> int:
        return self.end - self.start

    def holds(self, other: Span) -> bool:
        """Whether ``other`` lies within it."""
        return self.start <= other.start and other.end <= self.end


class Kind(StrEnum):
    """What a block of text is, which decides what may be done with it."""

    PROSE = "prose"
    ITEM = "item"  # one point of a bulleted or numbered list
    QUESTION = "question"  # an interviewer's turn: shown with its answer, never alone
    ANSWER = "answer"  # an interviewee's turn, quotable as that person's words
    HEADING = "heading"  # searched, never quoted
    BOILERPLATE = "boilerplate"  # an editor's note, a byline, "Comments": kept in the text, never searched or quoted

    @property
    def quotable(self) -> bool:
        """Whether such a passage can be a quote."""
        return self in (Kind.PROSE, Kind.ITEM, Kind.ANSWER)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list point, heading or interview turn.

    ``span`` leaves out a list marker and a turn's ``Name:`` label. ``speaker`` is set for questions and answers: the
    fullest form of the name used in the labels of this article. ``question`` is the turn an answer replies to.
    """

    span: Span
    kind: Kind
    speaker: str | None = None
    question: Span | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of search and quoting: one to three whole sentences of one block."""

    span: Span
    kind: Kind
    speaker: str | None = None
    question: Span | None = None


class SpeechKind(StrEnum):
    """What shape direct speech has in an article."""

    QUOTATION = "quotation"  # in quotation marks: a sentence, or a good part of one
    FRAGMENT = "fragment"  # a few words in quotation marks inside a sentence of the article's own
    TURN = "turn"  # an answer in an interview


class Method(StrEnum):
    """How it is known who said something."""

    TURN = "turn"  # the speaker's label in an interview
    CUE = "cue"  # a speaker and a verb of saying beside the quotation
    CONTINUED = "continued"  # it goes on with what was quoted just before
    CORRECTED = "corrected"  # an admin said so


class Confidence(StrEnum):
    """How far the article says who speaks. Below ``RESOLVED`` nobody is named."""

    STATED = "stated"  # it names the speaker beside these words, or says "he" where it tells of one man alone
    RESOLVED = "resolved"  # it says "he" or "the minister" there, and who that is elsewhere
    UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True)
class Speech:
    """Direct speech. ``span`` is what was said, without its quotation marks.

    ``mention`` is the speaker as written beside it ("he", "the ministry", "Mr. Vale"), ``speaker`` the name that stands
    for, the fullest in the article; None for a mention that names nobody ("a senior official"). ``cue`` is the verb of
    saying. ``evidence`` is what to read to see how it is known: from the mention that names the speaker to the cue.
    """

    span: Span
    kind: SpeechKind
    confidence: Confidence
    method: Method | None = None
    speaker: str | None = None
    mention: Span | None = None
    cue: Span | None = None
    evidence: Span | None = None

    @property
    def is_named(self) -> bool:
        """Whether the article, or an admin, names the speaker of these very words: they may be shown as theirs."""
        return self.speaker is not None and self.confidence is Confidence.STATED


@dataclass(frozen=True, slots=True)
class Statement:
    """Speech with its words and its article's row id, dates and outlet: what a list of what somebody said needs.

    ``filed`` is the day the article is listed under. ``repeats`` are the row ids of other articles that print nearly
    the same words.
    """

    article_id: int
    filed: date
    published: PartialDate | None
    outlet: str | None
    speech: Speech
    text: str
    repeats: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who speaks in a library: the fullest of their names, all of them, and how often they are quoted."""

    name: str
    names: tuple[str, ...]
    uses: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What an export says of an article beyond its document: see `bot.reading.exports`."""

    number: int
    added_at: datetime
    added_by: int | None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read, before it is an article. ``name`` says where it came from (a file name), for reports.

    ``title_in_text``: the title was taken from the text, so its words are counted there and not once more.
    """

    name: str
    title: str
    text: str
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    url: str | None = None
    published: PartialDate | None = None
    source_id: str | None = None  # the id its owner gave it
    title_in_text: bool = False
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article. ``number`` counts up within its library and is never used twice."""

    id: int
    library: int
    number: int
    title: str
    outlet: str | None
    authors: tuple[str, ...]
    url: str | None
    published: PartialDate | None
    added_at: datetime
    added_by: int | None
    source_id: str | None
    words: int
    text: str

    @property
    def ref(self) -> str:
        """What people call it: "12" in its own server, "S12" for the shared library. See `parse_ref`."""
        return f"S{self.number}" if self.library == SHARED else str(self.number)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of an article beside its text: what an admin may edit."""

    title: str
    outlet: str | None
    authors: tuple[str, ...]
    url: str | None
    published: PartialDate | None

    @classmethod
    def of(cls, article: Article) -> Self:
        """What is said of an article beside its text."""
        return cls(article.title, article.outlet, article.authors, article.url, article.published)

    @property
    def written(self) -> dict[str, str]:
        """Each as people read it, by its name; "" for what is not said."""
        return {
            "title": self.title,
            "outlet": self.outlet or "",
            "authors": ", ".join(self.authors),
            "link": self.url or "",
            "date": "" if self.published is None else self.published.written,
        }

    def changes(self, after: Facts) -> dict[str, tuple[str, str]]:
        """What differs in ``after``: before and after, by name."""
        now = after.written
        return {name: (before, now[name]) for name, before in self.written.items() if before != now[name]}


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with the article it belongs to (`Article.id`), as the index needs it."""

    id: int
    article_id: int
    passage: Passage


def parse_ref(ref: str, library: int) -> tuple[int, int] | None:
    """The (library, number) that ``ref`` means to somebody in ``library``; None where it is no reference.

    A reference cannot name another server's article: that is why people never see row ids.
    """
    ref = ref.strip().lstrip("#").upper()
    shared = ref.startswith("S")
    digits = ref[1:] if shared else ref
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        return None
    return (SHARED if shared else library), int(digits)


@dataclass(frozen=True, slots=True)
class Quote:
    """What `/quote` answers with: a passage, its article and how well it matched (a BM25 score, higher is better)."""

    article: Article
    passage: Passage
    score: float
    matched: tuple[Span, ...] = ()  # the query's words inside the passage, as spans of the article's text
    said: tuple[Speech, ...] = ()  # the speech in the passage, where it was asked for

    @property
    def text(self) -> str:
        """The words themselves, as they stand in the article."""
        return self.passage.span.of(self.article.text)


@dataclass(frozen=True, slots=True)
class Hit:
    """What `/search` answers with: an article and the passage in it that answers the query best."""

    article: Article
    score: float
    best: Quote


@dataclass(frozen=True, slots=True)
class Summary:
    """Sentences of one article in document order. ``too_short`` marks a text that is its own summary.

    ``speakers`` goes with ``sentences``: whose turn of an interview each is from, None for prose.
    """

    article: Article
    sentences: tuple[Span, ...]
    speakers: tuple[str | None, ...]
    words: int
    too_short: bool = False

    @property
    def lines(self) -> list[tuple[str | None, Span]]:
        """Each sentence with who says it, in the order of the article."""
        return list(zip(self.speakers, self.sentences, strict=True))

    @property
    def minutes_saved(self) -> int:
        """Reading time saved in minutes, at 238 words a minute (Brysbaert 2019, silent reading of non-fiction)."""
        return max(0, round((self.article.words - self.words) / 238))


@dataclass(frozen=True, slots=True)
class Story:
    """Articles on one event, the one that tells it first; ``line`` is a sentence of the lead article.

    ``sources`` counts those who tell it in words of their own. ``earlier`` is what the library held before that is like
    it: what it goes on from.
    """

    articles: tuple[Article, ...]
    line: Span
    quote: tuple[Article, Speech] | None
    sources: int = 1
    earlier: Article | None = None

    @property
    def lead(self) -> Article:
        """The article that tells most of it."""
        return self.articles[0]


@dataclass(frozen=True, slots=True)
class Rising:
    """A word that more articles use than before, as they write it: in how many it stands, and in how many it stood."""

    word: str
    articles: int
    before: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """How many articles somebody added: a Discord user, or for None an import, into the shared library or one's own."""

    user_id: int | None
    is_shared: bool
    articles: int


@dataclass(frozen=True, slots=True)
class Inflow:
    """How many articles came in when, by outlet: ``columns`` are a label and a count for each of ``outlets``."""

    unit: str  # day, month or year
    outlets: tuple[str, ...]  # most articles first; what is left over, if anything, last
    columns: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def totals(self) -> tuple[int, ...]:
        """By outlet."""
        return tuple(map(sum, zip(*(counts for _, counts in self.columns), strict=True)))


@dataclass(frozen=True, slots=True)
class Archived:
    """An article from the archive for a quiet period, and ``why`` this one."""

    article: Article
    line: Span
    quote: Speech | None
    why: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What came into a library in a period, on a topic if there is one. ``stories`` are the first of ``story_count``.

    ``archive`` is there when nothing came in, and the library holds anything at all (on the topic).
    """

    title: str
    stories: tuple[Story, ...]
    most_quoted: tuple[tuple[str, int], ...]
    article_count: int
    story_count: int
    topic: str | None = None
    rising: tuple[Rising, ...] = ()
    added: tuple[Contribution, ...] = ()
    inflow: Inflow | None = None
    archive: Archived | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came in."""
        return not self.article_count
