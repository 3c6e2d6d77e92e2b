"""What a publication puts around its articles: bylines, notes, dates, credits, "Comments". Used by `blocks`.

It stays in the stored text but is never quoted, so a pattern here must not match a sentence of the article itself.
What stands before the article's words on their own line (a dateline) is passed over by who quotes whole sentences.
"""

from __future__ import annotations

import re
from typing import Final

_LONGEST_NOTE_CHARS, _LONGEST_LINE_CHARS = 900, 240

# Notes that say what they are: may run to a paragraph. None opens with a quotation mark: somebody says that.
_NOTE = re.compile(
    r"[^\w“\"'‘]{0,3}(?:editor(?:[’']s|s[’'])?\s+note\b|ed\.\s+note\b|note to (?:our )?readers\b"
    r"|(?:correction|clarification|disclaimer|disclosure|trigger warning)\s?:"
    r"|this (?:story|article|interview|conversation|post|report|column|transcript|piece)\s"
    r"(?:has been|was|is|will be|may be)\s"
    r"(?:\w+ly\s)?(?:updated|edited|condensed|originally|first|corrected|produced|translated|published|part of|"
    r"being updated|developing)"
    r"|the (?:opinions|views) (?:and opinions )?expressed (?:in|here|by|are|on)\b"
    r"|(?:edited|condensed) for (?:length|clarity)|the (?:associated press|ap|new york times) contributed"
    r"|copyright\b|©|\(c\)\s?\d|all rights reserved)",
    re.IGNORECASE,
)
# Invitations and furniture: a line of their own.
_NETWORKS = r"(?:twitter|x|facebook|instagram|bluesky|threads|mastodon|youtube|tiktok|linkedin|telegram|whatsapp)"
_INVITATION = re.compile(
    r"[^\w“\"'‘]{0,3}(?:read (?:more|also|next|the (?:full|rest|original)|our)\b|(?:also|must|further)[ -]read\b"
    r"|(?:related|see also|more|watch|listen|video|photos?|images?|pictures?|credits?|tags?|topics?|filed under|source|"
    r"share|follow us|sign up|subscribe|categories|category|advertisement|sponsored|promoted)\s?(?::|…|\.\.\.)"
    r"|sign up (?:for|to)\b|subscribe (?:to|for|now|today)\b|follow (?:us|the author)\b|(?:you can )?follow @"
    rf"|(?:you can )?(?:follow|like|find)\s[^.!?]{{1,80}}\son {_NETWORKS}\b"
    r"|(?:please )?click (?:here|through|on the (?:link|image))\b"
    r"|(?:please )?click to (?:read|watch|see|listen|view|enlarge|subscribe|play)\b"
    r"|scroll (?:down|up|through|across) (?:for|to)\b|(?:watch|see|play) (?:the|our|this) (?:video|clip|gallery)\b"
    r"|for (?:more|all the latest|the latest)\b[^.!?]{0,100}\b(?:click|visit|follow|go to|head to|check out)\b"
    r"|for confidential (?:support|help)\b|download (?:the|our) (?:\w+ )?app\b|(?:got|have) a (?:news )?tip\b"
    r"|join our\b|share (?:this (?:article|story|post|page|video)|on)\b|support our (?:work|journalism)\b"
    r"|leave a comment\b|(?:photo(?:graph)?|image|picture|illustration|video)s? (?:by|credit|courtesy|via)\b"
    r"|(?:additional )?reporting by\b|(?:editing|compiled|translated) by\b|with files from\b)",
    re.IGNORECASE,
)
# A word in capitals that says what the line leads to: "VIDEO Harbour reopens"; a heading all in capitals is none.
_SHOUTED = re.compile(
    r"\W{0,3}(?:VIDEO|WATCH|LISTEN|READ|GALLERY|PICTURES|PHOTOS|IN PICTURES|RELATED)\b:?\s(?=\S*[a-z])"
)
_WHOLE_LINE = re.compile(
    r"\W*(?:\d+\s+)?(?:comments?|shares?|advertisement|ad|sponsored|share|tweet|print|e-?mail|save|subscribe|"
    r"loading|read more|more|menu|search|log ?in|sign ?up|skip to (?:main )?content|listen to this article|"
    r"by|(?:first |last )?(?:published|updated|posted|modified)|scroll (?:down|up)|(?:play|related) video|recommended|"
    r"(?:hide|toggle) caption|enlarge this image|image (?:source|caption)|(?:story|article) highlights|"
    r"associated press|ap|reuters|afp|upi|getty images|shutterstock|ap photo|file photo|"
    r"related (?:stories|articles|content)|most (?:read|popular)|trending|newsletter)\W*",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"[^.!?]{0,120}(?:getty images|shutterstock|ap photo|/reuters|/afp|via ap)\W{0,3}", re.IGNORECASE)
# "Divers clear the wreck. (AP Photo/Bo Li)": a caption, which is of the picture and not of the article.
_CREDITED = re.compile(
    r"(?:\((?:AP |AFP |File )?(?:[Pp]hoto|[Ii]mage|[Pp]icture|Credit|Getty)\b[^()]{0,80}\)"
    r"|[.!?”\")]\s+(?:Photo(?:graph)?|Image|Picture|(?:Photo )?[Cc]redit):\s[^.!?]{2,80}"
    r"|(?:Getty Images|AP Photo)/[\w .]{2,60})\W{0,3}$"
)
_CREDIT_CHARS = 140
_CONTRIBUTED = re.compile(
    r"[^.!?]{3,160} contributed (?:to (?:this|the) (?:report|reporting|story|article|piece|post|column|coverage)"
    r"|reporting)\b[^.!?]{0,60}[.]?",
    re.IGNORECASE,
)
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

# "OSLO, Norway (AP) — ", "(CNN) -- ", "BERGEN — ": the words after it are the article's.
_PLACE = r"[A-Z][\w.'’-]*(?: [\w.'’-]+){0,3}(?:, [A-Z][\w.'’]*(?: [\w.'’]+){0,2})?"
_AGENCY = r"\((?:[A-Z]{2,8}[a-z]{0,5}|Reuters|Bloomberg|Xinhua|Interfax|Tass|dpa)(?: [A-Z]\w+){0,2}\)"
_CAPITALS = r"[A-Z][A-Z.'’-]{2,}(?: [A-Z.'’-]{2,}){0,3}(?:, [A-Z][\w.'’]*(?: [\w.'’]+){0,2})?"
_DASH = r"\s{0,2}(?:—|–|--|-)\s{0,2}"
_BEFORE_TEXT = re.compile(
    rf"(?:(?:{_PLACE},? )?{_AGENCY}{_DASH}|(?:{_PLACE} )?\(CNN\)\s?|{_CAPITALS}(?:\s?(?:—|–|--)\s?| - ))(?=[A-Z“\"'‘])"
)
# "By . Ana Ruiz . PUBLISHED: . 07:21 EST, 28 December 2012 . | . UPDATED: . ...": a head of several lines run into one.
_MARKS = r"[\s.|:]*"
_STAMP = (
    rf"(?:(?:first |last )?(?:published|updated|posted|modified)(?: at| on)?{_MARKS}"
    r"(?:\d{1,2}[:.]\d{2}\s?(?:[ap]\.?m\.?)?\s?(?:[a-z]{2,4}\b)?,?\s?)?(?:on\s)?"
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s(?!on\b)[a-z]{{3,9}},?\s\d{{4}}{_MARKS})"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = rf"(?:[a-z]{{3,6}}day,\s)?(?:{_MONTH}\s\d{{1,2}}|\d{{1,2}}\s{_MONTH}),?\s\d{{4}}{_MARKS}"
_DAY_BEFORE = re.compile(rf"(?i:{_DAY})(?=[A-Z“\"])")
_OPENS = r"(?=[^\W\d]|[“\"'‘(]|$)"
_HEAD = re.compile(rf"(?:by\b{_MARKS}[^\W\d][^|:\n]{{1,120}}?{_MARKS})?{_STAMP}+{_OPENS}", re.IGNORECASE)
# The same without a date: lines that were run together have blanks before their marks.
_RUN_BYLINE = re.compile(
    r"By\s[.|]\s[A-Z][^.|:\n]{1,80}\s[.|]\s(?:(?:and|Follow)\s[^.|:\n]{1,80}\s[.|]\s){0,3}"
    r"|By (?:[A-Z][\w.'’-]+ ){2,4}\|\s"
)
_AFTER_NOTE = re.compile(rf"(?<=[\s.!?”)]){_AGENCY}{_DASH}(?=[A-Z“\"'‘])")
_LINES: Final = (_WHOLE_LINE, _CREDIT, _CONTRIBUTED, _LINK, _DATELINE, _HEAD)
_HIGHLIGHTS = re.compile(r"\W*(?:story|article) highlights\W*", re.IGNORECASE)


def is_boilerplate(paragraph: str) -> bool:
    """Whether a paragraph (one line, trimmed) belongs to the publication and not to the article."""
    if len(paragraph) > _LONGEST_NOTE_CHARS:
        return False
    if _NOTE.match(paragraph):
        return not before_text(paragraph)
    if _CREDITED.search(paragraph, max(0, len(paragraph) - _CREDIT_CHARS)):
        return True
    if len(paragraph) > _LONGEST_LINE_CHARS:
        return False
    return (
        any(form.fullmatch(paragraph) for form in _LINES)
        or any(form.match(paragraph) for form in (_INVITATION, _SHOUTED))
        or is_byline(paragraph)
        or _is_date(paragraph)
    )


def opens_highlights(paragraph: str) -> bool:
    """Whether a line announces the list of points that a site puts above its article, which repeat it."""
    return _HIGHLIGHTS.fullmatch(paragraph) is not None


def before_text(paragraph: str) -> int:
    """How many characters of a paragraph stand before the article's own words: a dateline, a head run into one line."""
    start = 0
    if _NOTE.match(paragraph):
        after = _AFTER_NOTE.search(paragraph)
        return after.end() if after else 0
    for form in (_HEAD, _RUN_BYLINE, _DAY_BEFORE, _BEFORE_TEXT):
        if found := form.match(paragraph, start):
            start = found.end()
    return start


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
