"""The pages of an answer: which card stands on page N, and the buttons under it."""

from __future__ import annotations

import discord
from discord import ui

from bot.discord_app.cards import HITS_A_PAGE, Card, hits_card, link_button, note, quote_card
from bot.discord_app.found import Found
from bot.discord_app.markup import escape_within
from bot.model import Article, Hit, Quote
from bot.newsdesk import Newsdesk

GONE = "This article has been removed from the library or revised since: ask again for what it says now."


def button(
    verb: str, found: Found, page: int, label: str, *, disabled: bool = False, emoji: str | None = None
) -> ui.Button[ui.LayoutView]:
    """A button that `buttons.ResultButton` answers."""
    return ui.Button(
        label=label,
        emoji=emoji,
        disabled=disabled,
        custom_id=f"newsdesk:{verb}:{found.answer_id}:{page}",
        style=discord.ButtonStyle.secondary,
    )


def article_button(article: Article) -> ui.Button[ui.LayoutView]:
    """A button to everything about an article, that anybody who sees it may press."""
    return ui.Button(
        label=f"Article #{article.ref}",
        custom_id=f"newsdesk:article:{article.ref}",
        style=discord.ButtonStyle.secondary,
    )


def page_count(found: Found) -> int:
    """How many pages an answer has."""
    return len(found.places) if found.kind == "quotes" else -(-len(found.places) // HITS_A_PAGE)


async def page_card(newsdesk: Newsdesk, found: Found, page: int) -> Card:
    """Page ``page`` (from 0) of an answer, with the buttons that lead on from it."""
    page = max(0, min(page, page_count(found) - 1))
    if found.kind == "articles":
        return await _articles_page(newsdesk, found, page)
    return await _quote_page(newsdesk, found, page)


async def quote_at(newsdesk: Newsdesk, found: Found, page: int) -> Quote | None:
    """The quote of one page; None where its article is gone."""
    return (await found.quotes(newsdesk, page, page + 1) or [None])[0]


async def _quote_page(newsdesk: Newsdesk, found: Found, page: int) -> Card:
    quote = await quote_at(newsdesk, found, page)
    turn = _turners(found, page)
    if quote is None:
        return note(GONE).buttons(*turn)
    card = quote_card(quote, footer=_footer(found, page))
    if not found.asked:
        turn = [button("another", found, page, "Another", emoji="🎲")]
    correct = found.editor and quote.said
    return card.buttons(
        *turn, button("context", found, page, "Context"), button("share", found, page, "Share")
    ).buttons(
        article_button(quote.article),
        button("wrong", found, page, "Wrong speaker?") if correct else None,
        link_button(quote.article),
    )


async def _articles_page(newsdesk: Newsdesk, found: Found, page: int) -> Card:
    first = page * HITS_A_PAGE
    quotes = await found.quotes(newsdesk, first, first + HITS_A_PAGE)
    hits = [Hit(quote.article, quote.score, quote) for quote in quotes if quote is not None]
    turn = _turners(found, page)
    if not hits:
        return note(GONE).buttons(*turn)
    return hits_card(hits, first + 1, len(found.places), found.asked).buttons(*turn)


def _turners(found: Found, page: int) -> list[ui.Button[ui.LayoutView]]:
    last = page_count(found) - 1
    if last == 0:
        return []
    return [
        button("prev", found, page, "Previous", disabled=page == 0),
        button("next", found, page, "Next", disabled=page == last),
    ]


def _footer(found: Found, page: int) -> str:
    if not found.asked:
        return "A quote by chance"
    return f"{page + 1} of {len(found.places)} for “{escape_within(found.asked, 120)}”"
