"""The cards of a digest: its stories in parts that each fit into a message, and the front page's overview.

`Digest` -> `digest_cards` -> `/digest`, a page at a time (`digest_pages`), and scheduled posts, all of them. The first
part is a page by itself: the first stories, who was quoted most, what rises, who added what, and the chart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from bot.discord_app import limits, markup
from bot.discord_app.cards import Card, byline, link_text
from bot.editions.charts import SERIES, inflow_in_words, stacked_chart
from bot.editions.digests import MOST_GROUPED
from bot.editions.wording import counted
from bot.model import Archived, Article, Contribution, Digest, Rising, Speech, Story

MOST_PARTS: Final = 5
FOOTER_CHARS: Final = 200
"""Every card has room for so much more text below, in characters."""
_TITLE_CHARS, _LINE_CHARS, _QUOTE_CHARS, _TOPIC_CHARS = 150, 340, 260, 120
_NAME_CHARS, _WORD_CHARS, _OUTLET_CHARS = 60, 40, 40
_MOST_ALSO = 4
_MOST_PEOPLE = 5


def digest_cards(digest: Digest, *, archive: bool = True, footer: str = "") -> list[Card]:
    """The digest in parts, at most `MOST_PARTS`, none of them without need and no story in two.

    Of a quiet period one card that says so, with an article from the archive unless ``archive`` is False. ``footer``,
    Markdown, stands below each part. Draws the chart, which takes some 10 ms: use a thread.
    """
    if digest.is_quiet:
        return [_with_footer(_quiet_card(digest, archive=archive), footer)]
    overview = _overview(digest)
    parts = _parts(digest, [_story_block(story) for story in digest.stories], overview)
    told = sum(map(len, parts))
    cards = []
    for number, blocks in enumerate(parts, 1):
        card = _begun(digest, number, len(parts))
        for block in blocks:
            card.rule().text(block)
        if number == len(parts) and (untold := digest.story_count - told):
            card.text(f"-# and {counted(untold, 'more story', 'more stories')}: `/search` finds them")
        if number == 1 and overview:
            card.rule().text(overview)
        if number == 1 and digest.inflow is not None:
            card.picture(stacked_chart(digest.inflow), inflow_in_words(digest.inflow))
        cards.append(_with_footer(card, footer))
    return cards


def _with_footer(card: Card, footer: str) -> Card:
    return card.text(f"-# {footer}") if footer else card


def _begun(digest: Digest, number: int, of: int) -> Card:
    """A part with its heading, and on the first how much there is."""
    topic = f": {markup.escape_within(digest.topic, _TOPIC_CHARS)}" if digest.topic else ""
    heading = f"### {digest.title}{topic}" + (f" ({number}/{of})" if of > 1 else "")
    return Card().text(f"{heading}\n{_amount(digest)}" if number == 1 else heading)


def _amount(digest: Digest) -> str:
    articles, stories = counted(digest.article_count, "article"), counted(digest.story_count, "story", "stories")
    newest = f" among the newest {MOST_GROUPED}" if digest.article_count > MOST_GROUPED else ""
    return f"{articles}, {stories}{newest}"


def _parts(digest: Digest, blocks: Sequence[str], overview: str) -> list[list[str]]:
    """The blocks in as few parts as hold them, about as many in each; what would be more than `MOST_PARTS` is left."""
    filled = _split(digest, blocks, overview, len(blocks))
    evenly = _split(digest, blocks, overview, -(-len(blocks) // len(filled)))
    return (evenly if len(evenly) == len(filled) else filled)[:MOST_PARTS]


def _split(digest: Digest, blocks: Sequence[str], overview: str, most: int) -> list[list[str]]:
    """The blocks in order, a new part for what no longer fits or would be more than ``most`` in one."""
    parts: list[list[str]] = [[]]
    card, spare = _begun(digest, 1, 99), limits.chars(overview) + FOOTER_CHARS
    for block in blocks:
        if parts[-1] and (len(parts[-1]) == most or not card.fits(block, spare_chars=spare)):
            parts.append([])
            card, spare = _begun(digest, len(parts), 99), FOOTER_CHARS
        card.rule().text(block)
        parts[-1].append(block)
    return parts


def _story_block(story: Story) -> str:
    """Where it stands, one line, one quotation; the quotation last, so that nothing reads as a part of it."""
    told = [
        _source(story.lead),
        f"-# {about}" if (about := " · ".join(_about(story))) else "",
        markup.passage(story.lead.text, story.line, (), _LINE_CHARS, 1_000),
        _said(*story.quote) if story.quote else "",
    ]
    return "\n".join(filter(None, told))


def _about(story: Story) -> Iterator[str]:
    """In how many sources and in which articles else a story stands, and what it goes on from."""
    if others := story.articles[1:]:
        rest = f" and {len(others) - _MOST_ALSO} more" if len(others) > _MOST_ALSO else ""
        yield counted(story.sources, "source")
        yield f"also in {', '.join(map(_place, others[:_MOST_ALSO]))}{rest}"
    if story.earlier is not None:
        yield f"goes on from `#{story.earlier.ref}`"


def _place(article: Article) -> str:
    link = link_text(article)
    return f"`#{article.ref}`" + (f" at {link}" if link else "")


def _source(article: Article) -> str:
    link = link_text(article)
    return byline(article, max_chars=_TITLE_CHARS) + (f" · {link}" if link else "")


def _said(article: Article, speech: Speech) -> str:
    said = markup.passage(article.text, speech.span, (), _QUOTE_CHARS, 800)
    return f"> “{said}” — **{markup.escape_within(speech.speaker or '', 80)}**"


# The overview


def _overview(digest: Digest) -> str:
    lines = [_most_quoted(digest), _rising(digest.rising), _added(digest.added), _legend(digest)]
    return "\n".join(filter(None, lines))


def _most_quoted(digest: Digest) -> str:
    names = [f"{markup.escape_within(name, _NAME_CHARS)} ({count})" for name, count in digest.most_quoted]
    return f"**Most quoted:** {', '.join(names)}" if names else ""


def _rising(rising: Sequence[Rising]) -> str:
    """The first with what its numbers are."""
    words = [
        f"{markup.escape_within(one.word, _WORD_CHARS)} ({'' if number else 'in '}{one.articles}"
        f"{'' if number else ' articles'}, was {one.before})"
        for number, one in enumerate(rising)
    ]
    return f"**Rising:** {', '.join(words)}" if words else ""


def _added(added: Sequence[Contribution]) -> str:
    """Who added how many; people by a mention, which pings nobody."""
    people = [f"{one.articles} by <@{one.user_id}>" for one in added if one.user_id is not None]
    rest = [counted(len(people) - _MOST_PEOPLE, "more person", "more people")] if len(people) > _MOST_PEOPLE else []
    imported = [
        f"{one.articles:,} {'to the shared library' if one.is_shared else 'by feeds, imports and others'}"
        for one in added
        if one.user_id is None
    ]
    told = [*people[:_MOST_PEOPLE], *rest, *imported]
    return f"**Added:** {', '.join(told)}" if told else ""


def _legend(digest: Digest) -> str:
    """What the colours of the chart are, with each outlet's total."""
    if digest.inflow is None:
        return ""
    outlets = zip(SERIES, digest.inflow.outlets, digest.inflow.totals, strict=False)
    shown = [f"{emoji} {markup.escape_within(name, _OUTLET_CHARS)} {total}" for (_, emoji), name, total in outlets]
    return f"**Articles a {digest.inflow.unit}:** {' · '.join(shown)}"


# Quiet periods


def _quiet_card(digest: Digest, *, archive: bool) -> Card:
    topic = f" on “{markup.escape_within(digest.topic, _TOPIC_CHARS)}”" if digest.topic else ""
    card = Card().text(f"### {digest.title}\nNothing new{topic} was added in this period.")
    if archive and digest.archive is not None:
        card.rule().text(_archived(digest.archive))
    return card


def _archived(picked: Archived) -> str:
    told = [
        f"**From the archive**, {picked.why}",
        _source(picked.article),
        markup.passage(picked.article.text, picked.line, (), _LINE_CHARS, 1_000),
        _said(picked.article, picked.quote) if picked.quote else "",
    ]
    return "\n".join(filter(None, told))
