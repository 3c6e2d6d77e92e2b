"""Digests that were posted with words an article no longer has, and the correction notes under them.

frozen payloads of `bot.corpus.deliveries` -> what they show of an article -> a reply in the channel, once a digest

A note is posted under a nonce made of the revision and the digest, and written down in the audit: a second press, or a
press after a fault, posts none again.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import aiohttp
import discord

from bot.corpus import Delivery
from bot.dates import PartialDate
from bot.desks.editing import KEEP_REMOVED
from bot.discord_app.cards import Card, byline
from bot.discord_app.checks import compared
from bot.discord_app.markup import escape_within
from bot.model import Article, Speech
from bot.newsdesk import Newsdesk
from bot.search.revisions import Revised, squeezed

WHAT: Final = "digest corrected"
LEGEND: Final = "-# ~~struck~~: as it was · **bold**: as it is now"
_MOST_SHOWN: Final = 5
_QUOTE_CHARS: Final = 600
_POST_SECONDS: Final = 45.0
_ESCAPED = re.compile(r"\\(.)")
_QUOTED = re.compile(r"^> “(.*)” — \*\*", re.MULTILINE)
_FEWEST_CUT_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Misquoted:
    """A digest that was posted, its first message that shows words which are gone, and those quotations."""

    delivery: Delivery
    said: tuple[Speech, ...]


async def misquoting(newsdesk: Newsdesk, article: Article, revised: Revised) -> list[Misquoted]:
    """The digests of the last thirty days that showed a quotation of ``article`` in words it no longer has."""
    if not revised.gone:
        return []
    since = newsdesk.now() - KEEP_REMOVED
    posted = await newsdesk.corpus.deliveries.posted(article.library, since, f"`#{article.ref}`")
    return await asyncio.to_thread(_misquoting, posted, article, revised)


def _misquoting(posted: Sequence[Delivery], article: Article, revised: Revised) -> list[Misquoted]:
    found: dict[tuple[int, str], Misquoted] = {}
    for delivery in posted:
        said = tuple(_shown(delivery.payload, article.ref, revised))
        digest = (delivery.schedule_id, delivery.local_date.isoformat())
        if said and digest not in found:
            found[digest] = Misquoted(delivery, said)
    return list(found.values())


def _shown(payload: str, ref: str, revised: Revised) -> Iterator[Speech]:
    """The quotations whose words are gone that a frozen card shows where it tells of the article."""
    kept = json.loads(payload)
    parts = kept if isinstance(kept, list) else kept["parts"]
    blocks = [part for part in parts if part and f"`#{ref}`" in part]
    pieces = [piece for block in blocks for piece in _pieces(block)]
    text = squeezed(revised.after)
    for speech in revised.gone:
        words = squeezed(speech.span.of(revised.before))
        if any(_is_of(piece, words, text) for piece in pieces):
            yield speech


def _pieces(block: str) -> Iterator[tuple[str, bool]]:
    """What a block shows in plain words: its quotation, and its lines; with whether it is nothing but quoted words."""
    for match in _QUOTED.finditer(block):
        yield _plain(match[1]), True
    for line in block.split("\n"):
        yield _plain(line), False


def _plain(markdown: str) -> str:
    return squeezed(_ESCAPED.sub(r"\1", markdown))


def _is_of(piece: tuple[str, bool], words: str, now: str) -> bool:
    """Whether a piece shows the words of a quotation, or some of them, which are not in the text any more."""
    shown, is_quotation = piece
    if is_quotation:
        part = shown.removesuffix("…").rstrip()
        return bool(part) and part in words and part not in now
    if words in shown:
        return words not in now
    if not shown.endswith("…") or "“" not in shown:
        return False
    begun = shown.rpartition("“")[2].removesuffix("…").rstrip()  # a sentence that was cut inside the quotation
    return len(begun.split()) >= _FEWEST_CUT_WORDS and words.startswith(begun) and begun not in now


# The notes


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of the notes: links to those posted now, how many had been before, and why others could not be."""

    links: tuple[str, ...]
    before: int
    faults: tuple[str, ...]


async def post_notes(
    client: discord.Client, newsdesk: Newsdesk, after: Article, revised: Revised, *, by: int | None
) -> Noted:
    """Say under each digest that showed words which ``after`` no longer has what it says now."""
    links, faults, before = list[str](), list[str](), 0
    events, _ = await newsdesk.corpus.audit.of_article(after.library, after.number, limit=1_000, offset=0)
    told = {event.details.get("nonce") for event in events if event.what == WHAT}
    for one in await misquoting(newsdesk, after, revised):
        nonce = _nonce(after, one.delivery)
        if nonce in told:
            before += 1
            continue
        try:
            message = await _post(client, after, revised, one, nonce, newsdesk)
        except discord.HTTPException as error:
            faults.append(f"<#{one.delivery.channel_id}>: {_reason(error)}")
        except (aiohttp.ClientError, OSError, TimeoutError):
            faults.append(f"<#{one.delivery.channel_id}>: Discord did not confirm it; press again")
        else:
            links.append(message.jump_url)
            details = {"nonce": nonce, "digest": one.delivery.local_date.isoformat()}
            await newsdesk.corpus.audit.note(after.library, WHAT, after.ref, who=by, at=newsdesk.now(), details=details)
    return Noted(tuple(links), before, tuple(faults))


async def _post(
    client: discord.Client, after: Article, revised: Revised, one: Misquoted, nonce: str, newsdesk: Newsdesk
) -> discord.Message:
    delivery = one.delivery
    channel = client.get_partial_messageable(delivery.channel_id, guild_id=after.library)
    day = PartialDate.of(newsdesk.now().date()).written
    card = correction_card(after, revised, one, day)
    async with asyncio.timeout(_POST_SECONDS):
        if delivery.message_id is None:
            return await channel.send(view=card.view, nonce=nonce)
        reference = discord.MessageReference(
            message_id=delivery.message_id,
            channel_id=delivery.channel_id,
            guild_id=after.library,
            fail_if_not_exists=False,
        )
        return await channel.send(view=card.view, nonce=nonce, reference=reference)


def correction_card(after: Article, revised: Revised, one: Misquoted, day: str) -> Card:
    """What the digest of a day quoted, and what the article says now."""
    digest = PartialDate.of(one.delivery.local_date).written
    card = Card().text(
        f"### Correction to the digest of {digest}\n{byline(after)} was revised on {day}. "
        "The digest quoted words that it no longer has:"
    )
    reworded = {other.before: other for other in revised.changed}
    for speech in one.said[:_MOST_SHOWN]:
        changed = reworded.get(speech)
        if changed is None:
            words = escape_within(squeezed(speech.span.of(revised.before)), _QUOTE_CHARS)
            card.rule().text(f"> ~~{words}~~\n-# no longer quoted in the article")
        else:
            card.rule().text(f"> {compared(revised.before, revised.after, changed.edits, _QUOTE_CHARS)}")
    if more := len(one.said) - _MOST_SHOWN:
        card.text(f"-# and {more} more" if more > 0 else "")
    return card.text(LEGEND)


def _nonce(after: Article, delivery: Delivery) -> str:
    """The same for the same revision and digest, whoever presses however often."""
    return "nc" + blake2b(f"{after.id}|{delivery.nonce}".encode(), digest_size=10).hexdigest()


def _reason(error: discord.HTTPException) -> str:
    if isinstance(error, discord.Forbidden | discord.NotFound):
        return "it is gone, or I may not write there"
    return f"Discord refused the note (HTTP {error.status})"
