"""Markdown to the words a reader sees: emphasis, links and code marks taken off, blocks left alone.

What is stored is what is quoted, so a cutting should hold "never again", not "**never again**". Headings, list
markers and `>` stay: `bot.language.blocks` reads them. Every pattern stops at the mark it starts with, which keeps
hostile text linear.
"""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_KEPT = re.compile("[\ue000-\ue0ff]")
_INLINE = (
    (re.compile(r"!\[[^\[\]\n]*\]\([^()\n]*\)"), ""),  # a picture
    (re.compile(r"\[([^\[\]\n]+)\]\([^()\n]*\)"), r"\1"),  # a link: its words
    (re.compile(r"<(https?://[^<>\s]+)>"), r"\1"),
    (re.compile(r"\*\*(?=\S)([^*\n]+)(?<=\S)\*\*"), r"\1"),
    (re.compile(r"(?<!\w)__(?=\S)([^_\n]+)(?<=\S)__(?!\w)"), r"\1"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<!\w)_(?=\S)([^_\n]+)(?<=\S)_(?!\w)"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
)


def plain(markdown: str) -> str:
    """``markdown`` without inline marks; what a backslash escapes stays as the character it shows."""
    # Escaped characters wait in the private use area while the marks around them are taken off.
    text = _ESCAPED.sub(lambda match: chr(0xE000 + ord(match[1])), _KEPT.sub("", markdown))
    for mark, words in _INLINE:
        text = mark.sub(words, text)
    return _KEPT.sub(lambda match: chr(ord(match[0]) - 0xE000), text)
