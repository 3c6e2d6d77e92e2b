"""A document as it is stored: cleaned, and with what language made of it.

`bot.desks.preparing` makes it, in other processes too: what stands here and there loads nothing of the corpus.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import Refused
from bot.language.analysis import Analysis
from bot.model import Document


@dataclass(frozen=True, slots=True)
class Prepared:
    """What language made of a document. ``fingerprint`` is the same for texts that count as the same article.

    ``url_key`` is the same for links that lead to the same page; None where the document has none.
    """

    document: Document
    fingerprint: str
    words: int
    analysis: Analysis
    url_key: str | None = None


def check_storable(document: Document) -> None:
    """Raise `Refused` where no database could take a text of ``document``."""
    said = (document.title, document.text, document.outlet, document.url, document.source_id, *document.authors)
    try:
        "".join(part for part in said if part).encode()
    except UnicodeEncodeError as error:
        raise Refused(f"{document.name} holds half a character (a lone surrogate): save it as UTF-8 again.") from error
