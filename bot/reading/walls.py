"""Pages that show something else in the place of an article, and what to say of each.

A page is told by its words and by how much prose it has: a short article is one all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from lxml.html import HtmlElement

from bot.errors import UnreadableDocument
from bot.reading.pagefacts import costs_money

_PASTE = "open it, copy the article and paste it with /article add."
_LEAST_WORDS = 20  # a news flash has more
_WALL_WORDS = 220  # what stands before a wall: a teaser, never a story
_LEAST_PROSE_SHARE = 0.35
_PROSE_WORDS = 4  # in a line that ends a sentence: a headline in a list has no end
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][”’\"')»\]]*\s*(?:$|\s)")
_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

_CONSENT = re.compile(
    r"\b(?:accept (?:all )?cookies|we (?:and our (?:\d+ )?partners )?(?:use|store)[^.]{0,40} cookies|manage (?:my )?"
    r"(?:choices|preferences|cookies)|your privacy (?:choices|matters)|before you continue|cookie (?:policy|settings)|"
    r"(?:wir|wir und unsere partner) (?:verwenden|nutzen)[^.]{0,40} cookies|alle akzeptieren|einwilligung|datenschutz-?"
    r"einstellungen|nous (?:utilisons|et nos partenaires)[^.]{0,60} (?:cookies|traceurs)|tout accepter|aceptar "
    r"(?:todas? )?(?:las )?cookies|utilizamos cookies|accetta (?:tutti )?i cookie|legitimate interest)",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"\b(?:subscribe (?:now )?to (?:continue|keep|read|unlock)|to continue reading|continue reading (?:with|by|for)|"
    r"already (?:a subscriber|subscribed|have an account)|(?:this|the) (?:article|story|content) is (?:for|only "
    r"available to|reserved for|available exclusively to) (?:our )?(?:paying )?(?:subscribers|members)|"
    r"(?:register|sign in|log in) to (?:continue|keep|read)|unlock (?:this|the) (?:article|story)|you have "
    r"reached your (?:article )?limit|(?:jetzt|weiterlesen mit) (?:abonnieren|abo|plus)|article réservé "
    r"(?:à nos|aux) abonnés|il vous reste [\d.,]+ ?% de cet article|contenido exclusivo para suscriptores|"
    r"bereits abonnent)",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"\b(?:verify(?:ing)? (?:that )?you are (?:a )?human|checking your browser|just a moment\.\.\.|are you a robot|"
    r"unusual traffic|access (?:to this page has been )?denied|complete the (?:captcha|security check)|"
    r"attention required)",
    re.IGNORECASE,
)
_SCRIPT = re.compile(
    r"\b(?:(?:please )?(?:enable|turn on|activate) javascript|(?:needs|requires) javascript|javascript (?:is )?"
    r"(?:disabled|required))",
    re.IGNORECASE,
)


class _Seen(NamedTuple):
    """A page as it is judged: the text taken from it, all its text, and whether it says that it costs money."""

    text: str
    whole: str
    paid: bool

    def says(self, words: re.Pattern[str]) -> bool:
        return words.search(self.whole) is not None


def refuse_what_is_no_article(name: str, tree: HtmlElement, text: str, whole: str) -> None:
    """Raises `UnreadableDocument` where ``text``, taken from a page with the words ``whole``, is no article."""
    seen = _Seen(text, " ".join(whole.split())[:200_000], costs_money(tree))
    for holds, reason in _REASONS:
        if holds(seen):
            raise UnreadableDocument(name, f"{reason}: {_PASTE}")


def size(text: str) -> int:
    """How many words ``text`` has; two signs of a script without spaces count as one."""
    wide = len(_WIDE.findall(text))
    return len(_WIDE.sub(" ", text).split()) + wide // 2


def prose(text: str) -> int:
    """How many words of ``text`` stand in lines that read as sentences do."""
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
    return sum(size(line) for line in lines if size(line) >= _PROSE_WORDS and _SENTENCE_END.search(line))


def _is_stub(seen: _Seen) -> bool:
    return size(seen.text) < _WALL_WORDS and (seen.says(_PAYWALL) or (seen.paid and size(seen.text) < _WALL_WORDS / 2))


def _is_consent(seen: _Seen) -> bool:
    """Words of consent that make up the text that was found, or stand on a page without any."""
    own = len(_CONSENT.findall(seen.text))
    return (own > 0 and size(seen.text) < _WALL_WORDS and own * 60 >= size(seen.text)) or (
        size(seen.text) < _LEAST_WORDS and seen.says(_CONSENT)
    )


def _is_challenge(seen: _Seen) -> bool:
    return size(seen.whole) < _WALL_WORDS and seen.says(_CHALLENGE)


def _is_list(seen: _Seen) -> bool:
    return prose(seen.text) < _LEAST_PROSE_SHARE * size(seen.text)


_REASONS: tuple[tuple[Callable[[_Seen], bool], str], ...] = (
    (_is_challenge, "the site asks for a proof of being human before it shows this page"),
    (_is_consent, "the page shows a notice about cookies in the place of the article"),
    (_is_stub, "the page shows only the beginning of the article, the rest is for subscribers"),
    (
        lambda seen: size(seen.text) < _LEAST_WORDS and seen.says(_SCRIPT),
        "the article is put on the page by a script, so none was found",
    ),
    (lambda seen: size(seen.text) < _LEAST_WORDS, "no article was found on the page"),
    (_is_list, "the page is a list of links, not an article"),
)
