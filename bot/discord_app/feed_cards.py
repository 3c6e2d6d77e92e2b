"""How feeds look: a line each in the list, what was found in one that is added, how one is, and that one has died."""

from __future__ import annotations

from collections.abc import Sequence

from discord.utils import format_dt

from bot.corpus import EntryState, Feed
from bot.dates import PartialDate
from bot.desks.feeds import FeedAdded, FeedReport, newest_first
from bot.discord_app.cards import Card, note
from bot.discord_app.markup import escape_within
from bot.reading.entries import Entry

FEEDS_A_PAGE = 10

_TITLE_CHARS, _URL_CHARS, _FAULT_CHARS, _ENTRY_CHARS = 120, 160, 300, 200
_STATES = {
    EntryState.ADDED: "came in",
    EntryState.QUEUED: "in the queue",
    EntryState.KNOWN: "known already",
    EntryState.PASSED: "passed over as older",
    EntryState.FAILED: "not to be read",
}


def list_card(feeds: Sequence[Feed], page: int) -> Card:
    """One page of a server's feeds, each with what comes next or what is wrong; past the last page, the last."""
    if not feeds:
        return note("No feed is followed here. `/feed add` takes articles from one as they come out.")
    pages = -(-len(feeds) // FEEDS_A_PAGE)
    page = min(page, pages)
    shown = feeds[(page - 1) * FEEDS_A_PAGE : page * FEEDS_A_PAGE]
    card = note("\n".join(map(line, shown)), title="Feeds")
    return card.text(f"-# Page {page} of {pages}: `/feed list page:`") if pages > 1 else card


def line(feed: Feed) -> str:
    """Its number, title and address, and below them when it is polled next or why it is not."""
    return f"{_name(feed)} · {escape_within(feed.url, _URL_CHARS)}\n-# {_next(feed)}"


def added_card(added: FeedAdded, *, may_write: bool) -> Card:
    """What was found in a feed that was added; ``may_write``: whether the bot can say here that it died."""
    content = added.content
    card = note(f"{_name(added.feed)} · {escape_within(added.feed.url, _URL_CHARS)}", title="Feed added")
    card.text(_found(added))
    if content.entries:
        card.text(f"Newest: {_entry(content.entries[newest_first(content)[0]])}")
    if may_write:
        return card.text("-# Should it no longer be readable, I say so once in this channel.")
    return card.text("-# I may not write in this channel: should it no longer be readable, `/feed list` says so.")


def report_card(report: FeedReport) -> Card:
    """When a feed was polled, when it will be, what became of its entries, and what went wrong."""
    feed, counts = report.feed, report.counts
    card = note(line(feed), title="Checked" if report.new is not None else "Feed")
    if report.new is not None:
        card.text(f"Read just now: {_number(report.new, 'new entry', 'new entries')}.")
    elif feed.polled_at is not None:
        card.text(f"Last poll: {format_dt(feed.polled_at, 'f')} ({format_dt(feed.polled_at, 'R')})")
    told = [f"{counts[state]} {said}" for state, said in _STATES.items() if counts.get(state)]
    card.text(f"Entries: {' · '.join(told) or 'none yet'}")
    if report.faults:
        shown = "\n".join(f"- {escape_within(fault, _FAULT_CHARS)}" for fault in report.faults)
        card.text(f"**Not read**\n{shown}")
    return card


def dead_card(feed: Feed) -> Card:
    """That a feed can no longer be read, why, and what to do."""
    text = (
        f"{_name(feed)} can no longer be read: {escape_within(feed.fault or '', _FAULT_CHARS)}\n"
        f"I go on trying about once a day, and say no more about it. If it has moved, add its new address with "
        f"`/feed add`; `/feed remove number:{feed.number}` ends it."
    )
    return note(text, title="A feed has stopped")


def _name(feed: Feed) -> str:
    return f"**{feed.number}.** **{escape_within(feed.title, _TITLE_CHARS)}**"


def _next(feed: Feed) -> str:
    if feed.paused_at:
        return f"Paused since {format_dt(feed.paused_at, 'f')}."
    due = f"Next poll: {format_dt(feed.due_at, 'R')}"
    if feed.fault is None:
        return due
    times = f" ({feed.failures} times)" if feed.failures > 1 else ""
    return f"**Could not be read**{times}: {escape_within(feed.fault, _FAULT_CHARS)} {due}"


def _found(added: FeedAdded) -> str:
    if not added.content.entries:
        return "It can be read and holds no entries yet."
    found = f"{_number(len(added.content.entries), 'entry', 'entries')} found: "
    if not added.passed:
        return f"{found}all of them come in now."
    return f"{found}the {added.taken} newest come in now, {added.passed} older ones are passed over."


def _entry(entry: Entry) -> str:
    title = escape_within(entry.title or entry.text or entry.link or entry.key, _ENTRY_CHARS)
    return f"“{title}”" + (f", {PartialDate.of(entry.published).written}" if entry.published else "")


def _number(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
