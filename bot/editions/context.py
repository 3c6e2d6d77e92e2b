"""Context: can a sentence be read without the one before it?

sentences -> **context** -> summaries, digests. Cut out of its article, "But he insists" is about nobody. The checks
here know words, not grammar: they look at how a sentence opens, at pronouns that come before anything they could stand
for, and at quotation marks that do not close. In doubt a sentence leans: there are others to choose from.
"""

from __future__ import annotations

import re
from typing import Final

_PRONOUN_WORDS = """
    he she it they him her them his its their hers theirs himself herself itself themselves
    he's she's it's they're they've he'd she'd it'd they'd he'll she'll it'll they'll
"""
_OPENING_WORDS = """
    this that these those such both neither either another other others some many most each none all one here there then
    that's there's which whose whom who only even rather not
    and but or nor so yet because still thus hence therefore however meanwhile moreover furthermore besides instead
    otherwise nevertheless nonetheless likewise similarly consequently accordingly additionally also too again indeed
    afterwards afterward later earlier elsewhere overall finally ultimately conversely alternatively plus though
    yes no yeah yep nope well sure exactly right absolutely definitely certainly correct maybe perhaps ok okay oh ah
"""
_OPENING_PHRASES = """
    in addition; in response; in contrast; by contrast; in turn; in fact; in that; in this; in these; in those
    in doing so; in return; in particular; in short; in other words; in all; in both; at that; at this; at the time
    at the same; as a result; as such; as for; as it stands; as i; for example; for instance; for that; for this
    for those; for its part; for his part; for her part; for their part; on that; on this; on the other hand
    on the contrary; on top of; after that; after this; before that; before this; since then; until then; by then
    back then; just then; of course; of those; of these; of them; once again; with that; with this; if so; if not
    if that; if this; because of that; because of this; despite this; despite that; to that; to this; more than that
    above all; the same; the latter; the former; the other; the others; the two; the three; the pair; the duo; the trio
    the couple; the announcement; the move; the comment; the comments; the remarks; the decision; the statement
    the findings; the news; the incident; the question now; the following; what follows; just one; a day later
    a week later; a month later; a year later; days later; weeks later; months later; hours later; years later
    the next day; the following day; i think so; i don't think so; i do; i did; you know; let's say; similar to
"""
# Not a noun or name a pronoun could stand for, though it opens the sentence with a capital.
_FUNCTION_WORDS = """
    i i'm i've i'd i'll we we're we've we'll you you're what when why how where if asked although while as since after
    before in on at by for from with like unlike recently today yesterday tomorrow now currently sometimes often under
    through throughout according despite among amid over against without within upon during once until because
    speaking born having being
"""
_DETERMINER_WORDS = "a an the our two three four five several many"

_NOBODY = frozenset({"no", "any", "every", "nothing", "nobody", "everything", "everyone", "let", "let's", "does", "do"})

_PRONOUNS: Final = frozenset(_PRONOUN_WORDS.split())
_OPENERS: Final = frozenset(_OPENING_WORDS.split()) | _PRONOUNS
_PHRASES: Final = frozenset(
    tuple(phrase.split()) for line in _OPENING_PHRASES.splitlines() for phrase in line.split(";")
) - {()}
_LONGEST_PHRASE_WORDS = max(map(len, _PHRASES))
_FUNCTIONS: Final = frozenset(_FUNCTION_WORDS.split())
_DETERMINERS: Final = frozenset(_DETERMINER_WORDS.split())
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_QUOTED = re.compile(r'“[^“”]*”|"[^"]*"')
_POINTING = re.compile(
    r"\b(?:such|these|those|that|this|here)\b(?!\s(?:war|year|week|month|time|country|city)\b)", re.IGNORECASE
)
_MARKS_BEFORE = " \t\n“\"'‘’[—–-•*·"
_POINTERS = frozenset({"that", "this", "it", "them", "these", "those", "so", "no", "yes"})  # "We support that."
_SIDES = r"(?:(?:far |top |bottom |second |back |front )?(?:left|right|cent(?:re|er)|above|below|inset|top|bottom))"
_PICTURED = re.compile(
    r"\([^()]{0,60}\bpictured\b[^()]{0,60}\)"
    rf"|\((?:seen |shown )?(?:{_SIDES}|here|file (?:photo|picture))(?:\s[^()]{{0,40}})?\)"
    rf"|,\s(?:pictured|seen here|shown here|{_SIDES}),"
    r"|(?<!was )(?<!were )(?<!be )\bpictured (?:is|are|here|above|below|left|right|with)\b"
    r"|^(?:Pictured|Above|Below|Left|Right|Inset|Top|Bottom)\b[,:]"
)
_SLUG = re.compile(r"[“‘'\"]?[A-Z][^.:?!,;“”\"()]{1,40}[’'”\"]?:\s(?=[A-Z])")
_MOST_SLUG_WORDS = 6
_FEWEST_QUESTION_WORDS = 4  # "How so?"
_MOST_CHARS = 2_000


def leans_back(text: str) -> bool:
    """Whether ``text``, a sentence, needs what stood before it: its opening, a pronoun or a quotation says so."""
    text = text[:_MOST_CHARS]
    words = [_plain(word) for word in _WORD.findall(text)[:_LONGEST_PHRASE_WORDS]]
    return (
        not words
        or words[0] in _OPENERS
        or any(tuple(words[:length]) in _PHRASES for length in range(1, len(words) + 1))
        or _opens_as_aside(text)
        or _plain(_last_word(text)) in _POINTERS
        or _pronoun_comes_first(text)
        or _quotes_nobody(text)
    )


def is_question(text: str) -> bool:
    """Whether a sentence asks. Said of somebody ("Why now?" she asked), it tells that somebody asked."""
    return text.rstrip(" \t\n”\"’')]").endswith("?")


def is_unfinished(text: str) -> bool:
    """Whether a sentence needs what follows it: it ends in a colon, or opens a quotation it does not close."""
    text = text.rstrip()
    return text.endswith((":", ",", ";")) or text.count("“") > text.count("”") or text.count('"') % 2 == 1


def points_at_picture(text: str) -> bool:
    """Whether a sentence is of a picture that stood beside it: "(pictured)", "Anna Lund (left)", "Above, ..."."""
    return _PICTURED.search(text[:_MOST_CHARS]) is not None


def has_slug(text: str) -> bool:
    """Whether a sentence opens with a few words and a colon, as captions do: "Landmark: The old pier of Hvaler"."""
    slug = _SLUG.match(text)
    return slug is not None and len(slug[0].split()) <= _MOST_SLUG_WORDS


def asks_alone(question: str) -> bool:
    """Whether a question can be read without the conversation before it: stricter than for a statement, since what an
    interviewer says next to nothing of ("What would you tell them?") is what was just spoken of.
    """
    words = [_plain(word) for word in _WORD.findall(question[:_MOST_CHARS])]
    return (
        len(words) >= _FEWEST_QUESTION_WORDS
        and _PRONOUNS.isdisjoint(words)
        and not _POINTING.search(question)
        and not leans_back(question)
    )


def stands_inside_quotation_after(text: str, inside: bool) -> bool:
    """Whether what follows a sentence is still quoted, ``inside`` telling whether the sentence began so."""
    opened, closed = text.rfind("“"), text.rfind("”")
    if opened == closed == -1:
        return inside != (text.count('"') % 2 == 1)
    return opened > closed


def _last_word(text: str) -> str:
    """The last word of a sentence, or "" where it is too long to be looked at whole."""
    words = _WORD.findall(text[-40:])
    return words[-1] if words and len(text) < _MOST_CHARS else ""


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")


def _opens_as_aside(text: str) -> bool:
    """In brackets, or in small letters: a remark on the sentence before, or its second half."""
    bare = text.lstrip(_MARKS_BEFORE)
    return bare.startswith("(") or bare[:1].islower()


def _quotes_nobody(text: str) -> bool:
    """Whether all of a sentence is a quotation, so that nothing says whose; or ends one that began before."""
    outside = _QUOTED.sub(" ", text)
    return "”" in outside or (outside != text and not _WORD.search(outside))


def _pronoun_comes_first(text: str) -> bool:
    """Whether "he" and the like, outside quotations, come before any name or noun they could stand for.

    "In his address, he said" leans; "After his call, Zelensky wrote" explains itself; so does "The bishop said he".
    """
    outside = _QUOTED.sub(" ", text)
    for at, match in enumerate(_WORD.finditer(outside)):
        word = _plain(match[0])
        if word in _PRONOUNS:
            return not _named_after_comma(outside, match.end())
        if at == 0 and outside[match.end() : match.end() + 1] == ",":
            continue  # "Feelings, he says, are not the point"
        if (
            word in _DETERMINERS
            or (match[0][0].isupper() and word not in _FUNCTIONS | _NOBODY)
            or match[0][0].isdigit()
        ):
            return False
    return False


def _named_after_comma(text: str, start: int) -> bool:
    """Whether a name or "the ..." opens the main clause after a pronoun at ``start``: "After his call, Trump said"."""
    comma = text.find(", ", start)
    following = _WORD.match(text, comma + 2) if comma >= 0 else None
    if following is None:
        return False
    word = _plain(following[0])
    return word == "the" or (following[0][0].isupper() and word not in _PRONOUNS | _FUNCTIONS | _NOBODY)
