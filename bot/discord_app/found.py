"""Results that outlive their card: what Previous, Next, Context and Share need, kept in the corpus.

A card's custom ids hold only the id of the stored answer and a page number, so the buttons work after a restart, and
turn the pages of the list as it was found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, Self

from bot.desks.quoting import Answered, Place
from bot.model import Kind, Passage, Quote, Span
from bot.newsdesk import Newsdesk
from bot.search.catalogue import Ranked

ResultKind = Literal["quotes", "articles"]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer with pages: who asked what in which server, and the results in order."""

    answer_id: str
    library: int
    user_id: int
    kind: ResultKind
    asked: str
    limits: dict[str, str]  # as `Query.limits`
    places: tuple[Place | Ranked, ...]
    editor: bool = False  # whether who asked may correct what is stored
    fresh: tuple[Quote, ...] = ()  # the first results themselves, where the question was answered just now

    @classmethod
    async def save(
        cls,
        newsdesk: Newsdesk,
        library: int,
        user_id: int,
        kind: ResultKind,
        asked: str,
        answered: Answered,
        *,
        limits: dict[str, str] | None = None,
        editor: bool = False,
    ) -> Self:
        """Store the results of a question and the limits it was asked with."""
        places = answered.places
        kept = {"asked": asked, "limits": limits or {}, "editor": editor, "places": [_pack(place) for place in places]}
        payload = json.dumps(kept)
        answer_id = await newsdesk.corpus.answers.save(library, user_id, kind, payload, now=newsdesk.now())
        return cls(answer_id, library, user_id, kind, asked, limits or {}, places, editor, answered.first)

    @classmethod
    async def load(cls, newsdesk: Newsdesk, answer_id: str) -> Self | None:
        """The answer kept under an id; None where it is forgotten by now."""
        stored = await newsdesk.corpus.answers.load(answer_id)
        if stored is None or stored.kind not in ("quotes", "articles"):
            return None
        payload = json.loads(stored.payload)
        places = tuple(_unpack(place) for place in payload["places"])
        kind: ResultKind = "articles" if stored.kind == "articles" else "quotes"
        limits = {name: value for name, value in payload["limits"].items() if value}
        editor = payload.get("editor", False)
        return cls(stored.id, stored.guild, stored.user_id, kind, payload["asked"], limits, places, editor)

    async def quotes(self, newsdesk: Newsdesk, start: int, end: int) -> list[Quote | None]:
        """The quotes from ``start`` to before ``end``, with what is known of their speakers now; None where the article
        was removed."""
        if end <= len(self.fresh) or len(self.fresh) == len(self.places):
            return list(self.fresh[start:end])
        asked = newsdesk.query(self.asked, **self.limits)
        return await newsdesk.quoting.again(self.library, asked, self.places[start:end])


def _pack(place: Place | Ranked) -> dict[str, Any]:
    if isinstance(place, Ranked):
        return {"article": place.article_id, "position": place.positions[0], "score": place.score}
    passage = place.passage
    question = passage.question
    return {
        "article": place.article_id,
        "span": [passage.span.start, passage.span.end],
        "kind": passage.kind.value,
        "speaker": passage.speaker,
        "question": [question.start, question.end] if question else None,
        "score": place.score,
        "matched": [[span.start, span.end] for span in place.matched],
    }


def _unpack(packed: dict[str, Any]) -> Place | Ranked:
    if "position" in packed:
        return Ranked(packed["article"], (packed["position"],), packed["score"])
    question = Span(*packed["question"]) if packed["question"] else None
    passage = Passage(Span(*packed["span"]), Kind(packed["kind"]), packed["speaker"], question)
    return Place(packed["article"], passage, packed["score"], tuple(Span(*span) for span in packed["matched"]))
