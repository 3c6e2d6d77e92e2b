"""One article and one claim, without an index: what the tests of checking compare."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.dates import PartialDate
from bot.language.blocks import blocks
from bot.language.speech import speeches
from bot.language.tokens import STOP_WORDS
from bot.model import Article, Kind, Passage, Quote, Speech
from bot.search.checks import Checked, Place, judge, places
from bot.search.claims import Claim, claims_in
from bot.search.differences import EditKind

FERRY = (
    "The ferry to the islands will run all winter, the harbour office said on Monday.\n\n"
    "“We could not leave four villages without a doctor,” said Ines Duarte, who runs the line. "
    "“That would have been wrong.”\n\n"
    "Two crossings a day are planned until March. Freight goes on Thursdays. Dogs travel free, and a goat pays $5. "
    "A ticket for the season costs 1,000 crowns. Nobody at the harbour knows yet what next winter will bring."
)


def article(text: str, number: int = 1, published: str | None = None) -> Article:
    added = datetime(2026, 1, 1, tzinfo=UTC)
    day = PartialDate.parse(published) if published else None
    return Article(number, 0, number, f"Article {number}", None, (), None, day, added, None, None, 0, text)


def rarity(claim: Claim) -> dict[str, float]:
    """As if every word that is no stop word were equally rare."""
    return {word.term: 3.0 for word in claim.words if word.term not in STOP_WORDS}


def found(typed: str, *texts: str) -> list[Place]:
    """Where the only claim of ``typed`` stands in articles with these texts."""
    (claim,) = claims_in(typed)
    return places(typed, claim, rarity(claim), [article(text, number) for number, text in enumerate(texts, 1)])


def checked(typed: str, *articles: Article) -> Checked:
    """The verdict on the only claim of ``typed``."""
    (claim,) = claims_in(typed)
    said = {one.id: speeches(one.text, blocks(one.text)) for one in articles}
    return judge(typed, claim, places(typed, claim, rarity(claim), articles), said, _quote)


def edits(typed: str, text: str) -> list[tuple[EditKind, str, str]]:
    """The edits that are not the same words: what is typed and what is stored."""
    place = found(typed, text)[0]
    return [
        (edit.kind, edit.claimed.of(typed), edit.stored.of(text))
        for edit in place.differences.edits
        if edit.kind is not EditKind.SAME
    ]


def _quote(place: Place, speech: Speech | None) -> Quote:
    return Quote(place.article, Passage(place.span, Kind.PROSE, speech.speaker if speech else None), place.score)
