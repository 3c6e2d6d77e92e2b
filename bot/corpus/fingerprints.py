"""What `article.fingerprint` holds beside the plain hash of a text, and whether a text is the one it was stored for."""

from __future__ import annotations

from typing import Final

from bot.language.normal import fingerprint_of_clean

PURGED: Final = "purged "
"""How the fingerprint of an article begins whose text was purged; its row id follows."""


def is_as_stored(text: bytes, fingerprint: str) -> bool:
    """Whether a stored text, as bytes, has its fingerprint. That of an earlier text has more behind a point.

    As bytes, because a damaged text may be no text at all.
    """
    if fingerprint.startswith(PURGED):
        return not text
    try:
        return fingerprint_of_clean(text.decode()) == fingerprint.partition(".")[0]
    except UnicodeDecodeError:
        return False
