"""Lines a publication puts around its articles: bylines, notes, dates, credits, "Comments". Used by `blocks`.

They stay in the stored text but are never quoted, so a pattern here must not match a sentence of the article itself.
"""

from __future__ import annotations

import re
from typing import Final

_LONGEST_NOTE_CHARS, _LONGEST_LINE_CHARS = 900, 240

# Notes that say what they are: may run to a paragraph.
_NOTE = re.compile(
    r"\W{0,3}(?:editor(?:[’']s|s[’'])?\s+note\b|ed\.\s+note\b"
    r"|(?:correction|clarification|disclaimer|disclosure|trigger warning)\s?:"
    r"|this (?:story|article|interview|conversation|post|report|column|transcript|piece)\s"
    r"(?:has been|was|is|will be|may be)\s"
    r"(?:\w+ly\s)?(?:updated|edited|condensed|originally|first|corrected|produced|translated|published|part of|"
    r"being updated|developing)"
    r"|(?:edited|condensed) for (?:length|clarity)|the (?:associated press|ap|new york times) contributed"
    r"|copyright\b|©|\(c\)\s?\d|all rights reserved)",
    re.IGNORECASE,
)
# Invitations and furniture: a line of their own.
_INVITATION = re.compile(
    r"\W{0,3}(?:read (?:more|also|next|the (?:full|rest|original)|our)\b|(?:also|must|further)[ -]read\b"
    r"|(?:related|see also|more|watch|listen|video|photos?|images?|pictures?|credits?|tags?|topics?|filed under|source|"
    r"share|follow us|sign up|subscribe|categories|category|advertisement|sponsored|promoted)\s?(?::|…|\.\.\.)"
    r"|sign up (?:for|to)\b|subscribe (?:to|for|now|today)\b|follow (?:us|me|him|her|@|the author)\b|click here\b"
    r"|like us on\b|join our\b|share this\b|share on\b|support our (?:work|journalism)\b|leave a comment\b"
    r"|(?:photo(?:graph)?|image|picture|illustration|video)s? (?:by|credit|courtesy|via)\b"
    r"|(?:additional )?reporting by\b|(?:editing|compiled|translated) by\b|with files from\b)",
    re.IGNORECASE,
)
_WHOLE_LINE = re.compile(
    r"\W*(?:\d+\s+)?(?:comments?|shares?|advertisement|ad|sponsored|share|tweet|print|e-?mail|save|subscribe|"
    r"loading|read more|more|menu|search|log ?in|sign ?up|skip to (?:main )?content|listen to this article|"
    r"associated press|ap|reuters|afp|upi|getty images|shutterstock|ap photo|file photo|"
    r"related (?:stories|articles|content)|most (?:read|popular)|trending|newsletter)\W*",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"[^.!?]{0,120}(?:getty images|shutterstock|ap photo|/reuters|/afp|via ap)\W{0,3}", re.IGNORECASE)
_CONTRIBUTED = re.compile(r"[^.!?]{3,160} contributed (?:to (?:this|the)|reporting)\b[^.!?]{0,60}[.]?", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_BYLINE = re.compile(r"\W{0,3}(?:by|written by|reported by|story by|text by|interview by)\s*:?\s+(?=\S)", re.IGNORECASE)
_SMALL_WORDS = "and of for the in & de van von der la le el al bin | - – — • at"
_BYLINE_SMALL_WORDS: Final = frozenset(_SMALL_WORDS.split())
_MOST_BYLINE_WORDS = 25

_DATE_WORDS = """
january february march april may june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
published updated posted last modified on at first am pm a.m p.m et est edt gmt utc bst cet pt pst pdt ist ago hours
hour minutes min read of st nd rd th date
"""
_DATES: Final = frozenset(_DATE_WORDS.split())
_DIGIT = re.compile(r"\d")
_DATE_PART = re.compile(r"[\d:./-]*\d(?:st|nd|rd|th|am|pm)?$")
_DATELINE = re.compile(r"[A-Z][A-Z.' -]{2,30}(?:,\s[\w. ]{2,30})?\s?(?:\((?:AP|Reuters|AFP|UPI)\)\s?)?[—–-]+$")


def is_boilerplate(paragraph: str) -> bool:
    """Whether a paragraph (one line, trimmed) belongs to the publication and not to the article."""
    if len(paragraph) > _LONGEST_NOTE_CHARS:
        return False
    if _NOTE.match(paragraph):
        return True
    if len(paragraph) > _LONGEST_LINE_CHARS:
        return False
    return (
        any(form.fullmatch(paragraph) for form in (_WHOLE_LINE, _CREDIT, _CONTRIBUTED, _LINK, _DATELINE))
        or _INVITATION.match(paragraph) is not None
        or is_byline(paragraph)
        or _is_date(paragraph)
    )


def is_byline(paragraph: str) -> bool:
    """Whether a line names its authors and says nothing else: "By Ana Ruiz and Tom Vale, Staff Writers"."""
    opening = _BYLINE.match(paragraph)
    if opening is None:
        return False
    words = re.split(r"[\s,]+", paragraph[opening.end() :].rstrip(" .*_,"))
    capitals = [word for word in words if word[:1].isupper()]
    return (
        len(words) <= _MOST_BYLINE_WORDS
        and len(capitals) >= 2
        and all(word[:1].isupper() or word in _BYLINE_SMALL_WORDS or word.startswith("@") for word in words if word)
        and not any(word.endswith((".", "!", "?")) and len(word) > 4 for word in words)
    )


def _is_date(paragraph: str) -> bool:
    if not _DIGIT.search(paragraph):
        return False
    words = [word.strip("|•·–—()").rstrip(".,:") for word in re.split(r"[\s,]+", paragraph)]
    words = [word for word in words if word]
    return (
        1 < len(words) <= 14
        and any(_DATE_PART.match(word) for word in words)
        and any(word.lower() in _DATES for word in words)
        and all(word.lower() in _DATES or _DATE_PART.match(word) for word in words)
    )
