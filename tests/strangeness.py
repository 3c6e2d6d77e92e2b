"""Strange input for property tests: any text, and any document as reading hands it on.

Strategies mix plain prose with what breaks bots: characters that are not seen, scripts that run the other way, marks
piled on letters, Discord's markdown and mentions, words without end. Each alphabet stands in ``_FRAGMENTS`` under the
name of its trouble, so that one more is one more line. Shrinking leads to short, plain text.
"""

from __future__ import annotations

from hypothesis import strategies as st

from bot.dates import PartialDate
from bot.model import Document

LONGEST_WORD_CHARS = 20_000
LONGEST_TEXT_CHARS = 3_000  # of a document: enough for several cards, and quick to search

_PROSE = (
    "The council voted nine to four to keep the harbour ferry running through the winter",
    "Prices rose by 3.4 per cent in March, Dr. Elena Marsh said, and may rise again",
    "Nobody at the U.S. depot answered the phone on Jan. 5",
    "It will be reviewed in May",
)
_SPOKEN = (
    "“{0},” said Elena Marsh, the mayor.",
    '"{0}", Mr Okafor told reporters. "We are not done."',
    "‘{0}’ — the ministry",
    "«{0}», сказал министр.",
    "“{0}",  # never closed
    "“She told me ‘{0}’ and left,” he said.",
)
_FRAGMENTS: dict[str, tuple[str, ...]] = {
    "unseen": ("\0", "\x07", "\x1b[31m", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u2060", "\ufffe", "\U000e0041"),
    "blank": (" ", "\u00a0", "\u3000", "\t", "\r\n", "\r", "\n", "\v", "\f", "\u0085", "\u2028", "\u2029"),
    "right to left": ("\u202eevil\u202c", "\u2067שלום\u2069", "مرحبا بالعالم", "\u200f", "\u061c"),
    "piled": ("z\u0335\u0321\u0353a\u0300\u0301\u0302" + "\u0489" * 40, "e\u0301", "ﷺ", "ﬁ", "İ", "ẞ", "K"),
    "emoji": ("👩‍👩‍👧‍👦", "🏳️‍🌈", "🇺🇦", "👍🏽", "1️⃣", "<:cut:1234567890>", ":smile:"),
    "scripts": ("新聞によると、市長は辞任した。", "뉴스", "क्षत्रिय", "ข่าว", "Zoë Ærøskøbing", "𝔉𝔯𝔞𝔨𝔱𝔲𝔯", "𠮷野家"),
    "markdown": ("**", "__", "~~", "||", "`", "```", "```py\n", "> ", ">>> ", "# ", "-# ", "* ", "1. ", "\\", "\\*"),
    "mentions": ("@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "</quote:1>", "<t:0:R>", "<id:browse>"),
    "links": (
        "[bank.example](https://evil.example/)",
        "<https://example.org/a_(b)>",
        "[a](<https://evil.example>)",
        "https://example.org/*a*_b_",
        "discord.gg/invite",
        "javascript:alert(1)",
        "www.example.org",
    ),
    "markup": ("<script>alert(1)</script>", "&amp;&lt;", "---\n", "title: x\n", "%s{0}{}", "'; DROP TABLE article; --"),
    "query": ('"', "speaker:", "since:2025", "-", "AND", "*", "(", "NEAR/3", "U.S.", "cease-fire", "…", "—"),
}


def any_character(*, surrogates: bool = False) -> st.SearchStrategy[str]:
    """One code point of any kind, NUL, controls and unassigned ones included.

    With ``surrogates`` also lone halves of UTF-16 pairs, which Python holds in a string but UTF-8 cannot encode:
    only for code that stands where such a string can come in.
    """
    whole = st.characters(exclude_categories=["Cs"])
    return whole | st.characters(categories=["Cs"]) if surrogates else whole


def any_fragment() -> st.SearchStrategy[str]:
    """A piece of text that is known for trouble, or of plain prose."""
    return st.one_of(*map(st.sampled_from, [_PROSE, *_FRAGMENTS.values()]))


def endless_words() -> st.SearchStrategy[str]:
    """One word of up to 20,000 characters without a place to break it: a letter, a mark or a fragment repeated."""
    piece = st.sampled_from(["a", "字", "é", "*", "[", "](", "<@", "\u0301", "👩‍", "“", "\\", "|", "`", ">", "a.", "1"])
    sizes = st.sampled_from([90, 1_000, 2_001, 4_097, LONGEST_WORD_CHARS])
    return st.builds(lambda part, size: (part * size)[:size], piece, sizes)


def any_text(*, max_size: int | None = None, surrogates: bool = False) -> st.SearchStrategy[str]:
    """Any text a person, a web page or a file could hand in; the empty one included.

    Any Unicode, fragments known for trouble strung together, words of up to 20,000 characters, or plain prose.
    ``max_size`` cuts at so many characters, wherever that falls. ``surrogates`` as in `any_character`.
    """
    raw = st.text(any_character(surrogates=surrogates), max_size=200)
    piece = st.one_of(st.sampled_from(_PROSE), any_fragment(), raw)
    strung = st.builds(str.join, st.sampled_from(["", " ", "\n"]), st.lists(piece, max_size=12))
    text = st.one_of(strung, raw, endless_words())
    return text if max_size is None else text.map(lambda whole: whole[:max_size])


def any_line(*, max_size: int = 400) -> st.SearchStrategy[str]:
    """Text for a title, a name or an option: `any_text` on one line, blanks at its ends off, never empty."""
    return any_text(max_size=max_size).map(lambda text: " ".join(text.split()) or "Untitled")


def any_partial_date() -> st.SearchStrategy[PartialDate]:
    """A year, a month or a day from the year 1 to 9999, leap days included."""
    return st.builds(
        lambda day, parts: PartialDate(*(day.year, day.month, day.day)[:parts]), st.dates(), st.integers(1, 3)
    )


def any_url() -> st.SearchStrategy[str]:
    """An address as documents give it: good ones, long ones, other schemes, and what is none at all."""
    good = st.from_regex(r"https?://[a-z]{1,12}\.example/[a-z0-9/_()*-]{0,40}", fullmatch=True)
    long = st.integers(1, 3_000).map(lambda size: "https://example.org/" + "a" * size)
    odd = st.sampled_from(
        [
            "",
            "example.org/no-scheme",
            "javascript:alert(1)",
            "http://",
            "https://[::1",
            "https://user:secret@example.org/",
            "https://bücher.example/straße?q=ä b",
            "https://example.org/)](https://evil.example",
            "file:///etc/passwd",
            "HTTPS://EXAMPLE.ORG/%zz",
        ]
    )
    return st.one_of(good, long, odd, any_text(max_size=100))


def any_paragraph() -> st.SearchStrategy[str]:
    """A block of a document: prose, quoted speech, a list, interview turns, a heading, boilerplate, or any text."""
    sentence = st.sampled_from(_PROSE) | any_line(max_size=120)
    prose = st.lists(sentence, min_size=1, max_size=5).map(lambda parts: ". ".join(parts) + ".")
    speech = st.builds(lambda form, words: form.replace("{0}", words), st.sampled_from(_SPOKEN), sentence)
    points = st.builds(
        lambda mark, items: "\n".join(f"{mark} {item}" for item in items),
        st.sampled_from(["-", "*", "•", "1.", "a)"]),
        st.lists(sentence, min_size=1, max_size=6),
    )
    label = st.sampled_from(["Q", "A", "Elena Marsh", "Marsh", "Interviewer", "**Q.**"]) | any_line(max_size=30)
    turns = st.lists(st.builds("{}: {}".format, label, sentence), min_size=1, max_size=6).map("\n\n".join)
    furniture = st.sampled_from(["# Winter ferry", "Comments", "By Elena Marsh", "Editor's note: corrected.", "* * *"])
    return st.one_of(prose, speech, points, turns, furniture, any_text(max_size=600))


def any_article_text(*, max_size: int = LONGEST_TEXT_CHARS) -> st.SearchStrategy[str]:
    """The text of a document, 0 to ``max_size`` characters: blocks of every kind between line breaks of every kind."""
    breaks = st.sampled_from(["\n\n", "\n", "\r\n\r\n", "\n \n", "\n\n\n\n"])
    return st.builds(str.join, breaks, st.lists(any_paragraph(), max_size=10)).map(lambda text: text[:max_size])


def any_documents(*, max_text: int = LONGEST_TEXT_CHARS) -> st.SearchStrategy[Document]:
    """A `Document` as strange as reading could make one, its text of up to ``max_text`` characters.

    The text may be empty or blank and the title is any line: what the corpus refuses, it has to refuse politely.
    """
    return st.builds(
        Document,
        name=any_line(max_size=60),
        title=any_line(),
        text=any_article_text(max_size=max_text),
        outlet=st.none() | any_line(max_size=120),
        authors=st.lists(any_line(max_size=80), max_size=4).map(tuple),
        url=st.none() | any_url(),
        published=st.none() | any_partial_date(),
        source_id=st.none() | any_line(max_size=60),
    )
