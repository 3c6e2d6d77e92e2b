"""Queries that break search boxes: a table of more than 500, each different, built from what is known for trouble.

Operators alone, nested and unfinished, quotes unbalanced in every style, minus chains, other engines' syntax, controls,
lone surrogates, emoji, scripts that run the other way, piled marks, and the longest text that is taken. For tests of
the parser and of whole answers: each must be answered, or answered with nothing, and soon.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, permutations, product

LONGEST_CHARS = 6_000

_OPERATORS = ("source", "speaker", "since", "until", "after", "before")
_PAIRS = ('""', "“”", "„“", "”“", "«»", "»«", "‹›", "「」", "『』", "＂＂", "''", "‘’", "``", "„”", "❝❞")
_DASHES = ("-", "--", "---", "–", "—", "−", "‐", "‑", "－", "- -", "-–", "−−", "-" * 300)
_VALUES = (
    "", " ", '"', '""', '" "', '"""', "“", "x" * 300, ":", "::", "-", "--", "-x", "\0", "\ud800", "0", "0000",
    "9999", "10000", "2025-13", "2025-02-31", "0000-00-00", "-1", "٢٠٢٥", "２０２５", "1e9",
    "99999999999999999999 days ago", "last", "last last week", "(2025)", "source:", "since:2025",
    "http://", "🗞", "NaN", "null", "[2020 TO *]",
)  # fmt: skip
_OTHER_ENGINES = (
    "AND", "OR", "NOT", "NEAR", "AND OR NOT", "foo AND", "OR foo", "NOT NOT foo", "foo NEAR/3 bar",
    "NEAR(foo bar, 5)", "foo*", "*foo", "*", "**", "f?o", "foo~2", "foo^10", "^foo", '"foo bar"~5',
    '"foo" + "bar"', "+foo -bar", "+", "&&", "||", "!foo", "{foo bar}:baz", "title:foo",
    "title:(foo OR bar)", "-title:foo", "[2020 TO 2021]", "{a TO b}", "_:*", "foo\\", "\\", '\\"',
    "foo\\:bar", "/foo.*/", "/(a+)+$/", "(a+)+b", "((a*)*)*", "[", "[a-", "(?", "(?P<", "a{1,", "$",
    "(?i)foo", ".*", "^.*$", "\\b\\d+\\b", "'; DROP TABLE article; --", "' OR '1'='1", '" OR ""="',
    "1; SELECT 1", "%", "%%", "_", "%s%n", "{0}", "${jndi:ldap://x}", "{{7*7}}",
    "<script>alert(1)</script>", "&amp;", "../../etc/passwd", "foo' UNION SELECT NULL--",
    "passage MATCH 'x'", "rank:bm25(1,2)", "rowid:1", "*:*", "site:example.org", "a:b:c:d",
    "https://example.org/a?b=c&d=-e#f", "12:30", "::1", "C:\\path", "@everyone", "<@1>", "</quote:1>",
    "```", "||x||", "=1+1", "-2+3", "\r\nSet-Cookie: a=b", "null", "undefined", "None", "true", "NaN",
    "-0", "1/0", "0x41", "1e309",
)  # fmt: skip
_LETTERS = (
    "\0", "a\0b", "\0" * 50, "\x07\x1b[31m", "\x7f\x80\x9f", "\ud800", "\udc00\ud800", "a\udfffb",
    "\ufffe\uffff", "\U0010ffff", "\u200b", "a\u200bb", "\u200d", "\ufeff", "\u00ad", "ce\u00adase",
    "\u2060", "\u180e", "\u3164", "\u2800", "\u00a0", "\u3000", "\u2028", "\u2029", "\u0085", "\v\f",
    "\u202eevil\u202c", "\u2067שלום\u2069", "مرحبا بالعالم", "-مرحبا", '"שלום עולם"', "source:وكالة",
    "\u200f-foo", "\u061c", "e\u0301", "\u0301", "\u0301\u0323" * 500, "a" + "\u0301\u0323" * 2_000,
    "z\u0335\u0321\u0353", "\u0489" * 40, "ﷺ", "ﬁ", "İ", "ı", "ẞ", "ß", "K", "Å", "ǅ", "🗞", "🗞" * 100, "👩‍👩‍👧‍👦",
    "🏳️‍🌈", "🇺🇦", "👍🏽", "1️⃣", ":smile:", "-🗞", '"🗞"', "停戦", "-停戦", '"停戦 交渉"', "「停戦」", "뉴스", "क्षत्रिय",
    "ข่าว", "𝔉𝔯𝔞𝔨𝔱𝔲𝔯", "𠮷野家", "Ⅷ", "½", "²", "①", "٣", "𝟚", "ſource:x", "ﬆop", "\U000e0041\U000e007f",
)  # fmt: skip
_LONG = (
    "a", "a ", "-", "- ", "-a ", '"', '" ', '"a" ', "„", "„ ", "“", "”", "«", "»", "「", '-"', '-"a ',
    '-"a" ', ":", "a:", "source:", "source: ", "source:a ", 'source:"', 'source:"a" ', "since:",
    "since:may ", "since:x ", 'since:"may ', "since:last 10 ", "until:12 May 2025 ", "(", "([{", ")",
    "-(", "'", "’", "a'", "a-", "a.", "1,", ".", "*", "\\", "\0", "\ud800", "🗞", "停", "\u0301",
    "e\u0301", "\u200b", "\n", "\t a", "\u202e", "–a ", "−1 ", "a–", "speaker:“", "NOT ", "the ",
)  # fmt: skip


def hostile_queries() -> list[str]:
    """All of them, each once, in an order that does not change."""
    made = chain(_operators(), _quotes(), _minuses(), _OTHER_ENGINES, _LETTERS, _long(), _mixed())
    return list(dict.fromkeys(made))


def _operators() -> Iterator[str]:
    for name, value in product(_OPERATORS, _VALUES):
        yield f"{name}:{value}"
    for name in _OPERATORS:
        yield from (
            name.upper() + ":",
            f"{name} :",
            f"{name}：x",
            f"-{name}:x",
            f'-{name}:"x y"',
            f"({name}:x)",
            f"{name}:: x",
        )
    for one, other in permutations(_OPERATORS, 2):
        yield f"{one}:{other}:x"
        yield f'{one}:"{other}:x"'


def _quotes() -> Iterator[str]:
    for opening, closing in map(tuple, _PAIRS):
        yield from (opening, opening * 2, opening + closing, opening * 3 + closing, f"a{opening}b{closing}c")
        yield from (
            f"{opening}peace",
            f"peace{closing}",
            f"{opening}peace talks{closing}",
            f"-{opening}a b",
            f"-{opening}a b{closing}",
        )
        yield f"{opening}a {opening}b{closing} c{closing}"
    for (one, _), (_, other) in permutations(map(tuple, _PAIRS[:9]), 2):
        yield f"{one}peace talks{other}"


def _minuses() -> Iterator[str]:
    for dash in _DASHES:
        yield from (
            dash,
            f"{dash}foo",
            f"foo{dash}",
            f"foo{dash}bar",
            f"foo {dash} bar",
            f"foo {dash}bar",
            f"{dash}2025",
            f'{dash}"a b"',
        )


def _long() -> Iterator[str]:
    """The longest that is taken, of one piece again and again; and as many different words as fit."""
    for piece in _LONG:
        yield (piece * LONGEST_CHARS)[:LONGEST_CHARS]
    yield " ".join(f"w{number}" for number in range(LONGEST_CHARS))[:LONGEST_CHARS]
    yield " ".join(f'"w{number} x"' for number in range(LONGEST_CHARS))[:LONGEST_CHARS]
    yield " ".join(f"-w{number}" for number in range(LONGEST_CHARS))[:LONGEST_CHARS]


def _mixed() -> Iterator[str]:
    """What a person may really type, and then some."""
    yield from (
        'peace "ceasefire talks" -football source:"New York Times" speaker:Rubio since:"last week" until:2025-05',
        'SOURCE:reuters Speaker:“O’Brien” SINCE:March -"U.S.–China"',
        '-a -b -c -"d e"',
        '"to be or not to be"',
        "the of and",
        '12" vinyl and 7" single',
        "5'10\" tall",
        "2022-2023 1914–1918 -5 −5 –5",
        "House speaker: Mike Johnson",
        'he said: "we\'ll see", then left',
        "foo -foo",
        '"foo" -"foo"',
        "since:2030 until:2020",
    )
