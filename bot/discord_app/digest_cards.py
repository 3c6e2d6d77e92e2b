"""Digest cards."""

from bot.discord_app.cards import Card, digest_card
from bot.model import Digest


def digest_cards(digest: Digest, *, archive: bool = True) -> list[Card]:
    return [digest_card(digest)]
