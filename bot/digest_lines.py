"""A digest as lines in a terminal, whole, and as JSON for programs. `bot.terminal` has all other answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.editions.charts import inflow_in_words
from bot.editions.wording import counted
from bot.model import Archived, Article, Contribution, Digest, Inflow, Span, Story
from bot.terminal import Json, article_json, flat, source_line, span_json


def digest_json(digest: Digest) -> Json:
    """A digest for a program: articles by their ids, lines and quotes as spans."""
    return {
        "title": digest.title,
        "topic": digest.topic,
        "article_count": digest.article_count,
        "story_count": digest.story_count,
        "stories": [_story_json(story) for story in digest.stories],
        "most_quoted": [{"speaker": name, "count": count} for name, count in digest.most_quoted],
        "rising": [{"word": one.word, "articles": one.articles, "before": one.before} for one in digest.rising],
        "added": [
            {"user_id": one.user_id, "shared_library": one.is_shared, "articles": one.articles} for one in digest.added
        ],
        "inflow": _inflow_json(digest.inflow) if digest.inflow else None,
        "archive": _archived_json(digest.archive) if digest.archive else None,
    }


def _story_json(story: Story) -> Json:
    quote = story.quote
    return {
        "sources": story.sources,
        "articles": [_linked_json(article) for article in story.articles],
        "line": span_json(story.lead, story.line),
        "quote": _said_json(quote[0], quote[1].span, quote[1].speaker) if quote else None,
        "earlier": article_json(story.earlier) if story.earlier else None,
    }


def _archived_json(picked: Archived) -> Json:
    article, quote = picked.article, picked.quote
    return {
        **_linked_json(article),
        "why": picked.why,
        "line": span_json(article, picked.line),
        "quote": _said_json(article, quote.span, quote.speaker) if quote else None,
    }


def _inflow_json(inflow: Inflow) -> Json:
    columns = [
        {inflow.unit: label, **dict(zip(inflow.outlets, counts, strict=True))} for label, counts in inflow.columns
    ]
    return {"unit": inflow.unit, "columns": columns}


def _linked_json(article: Article) -> Json:
    return {**article_json(article), "url": article.url}


def _said_json(article: Article, span: Span, speaker: str | None) -> Json:
    return {**span_json(article, span), "article_id": article.ref, "speaker": speaker}


def digest_lines(digest: Digest) -> str:
    """Heading, stories, and what a card's overview has; the chart in words."""
    topic = f", {flat(digest.topic)}" if digest.topic else ""
    heading = f"{digest.title}{topic}"
    if digest.is_quiet:
        return "\n".join([f"{heading}: nothing new was added.", *_archived_lines(digest.archive)])
    articles, stories = counted(digest.article_count, "article"), counted(digest.story_count, "story", "stories")
    lines = [f"{heading}: {articles}, {stories}"]
    for story in digest.stories:
        lines += ["", *_story_lines(story)]
    if untold := digest.story_count - len(digest.stories):
        lines += ["", f"and {counted(untold, 'more story', 'more stories')}"]
    about = list(_overview(digest))
    return "\n".join([*lines, *([""] if about else []), *about])


def _story_lines(story: Story) -> list[str]:
    lines = [source_line(story.lead), *_told(story.lead, story.line)]
    if story.quote:
        lines += _quoted(story.quote[0], story.quote[1].span, story.quote[1].speaker)
    if len(story.articles) > 1:
        others = ", ".join(f"#{article.ref}" for article in story.articles[1:])
        lines.append(f"  {counted(story.sources, 'source')}, also in {others}")
    lines += [f"  {article.url}" for article in story.articles if article.url]
    if story.earlier:
        lines.append(f"  goes on from {source_line(story.earlier)}")
    return lines


def _archived_lines(picked: Archived | None) -> list[str]:
    if picked is None:
        return []
    lines = ["", f"From the archive, {picked.why}:", source_line(picked.article), *_told(picked.article, picked.line)]
    if picked.quote:
        lines += _quoted(picked.article, picked.quote.span, picked.quote.speaker)
    return lines + ([f"  {picked.article.url}"] if picked.article.url else [])


def _told(article: Article, span: Span) -> list[str]:
    return [f"  {flat(span.of(article.text))}"] if len(span) else []


def _quoted(article: Article, span: Span, speaker: str | None) -> list[str]:
    return [f"  “{flat(span.of(article.text))}” - {speaker or ''}"]


def _overview(digest: Digest) -> Iterable[str]:
    if digest.most_quoted:
        yield "Most quoted: " + ", ".join(f"{name} ({count})" for name, count in digest.most_quoted)
    if digest.rising:
        words = ", ".join(f"{one.word} (in {one.articles}, was in {one.before})" for one in digest.rising)
        yield f"Rising: {words}"
    if digest.added:
        yield f"Added: {_added(digest.added)}"
    if digest.inflow:
        yield inflow_in_words(digest.inflow)


def _added(added: Sequence[Contribution]) -> str:
    return ", ".join(f"{one.articles:,} {_by(one)}" for one in added)


def _by(one: Contribution) -> str:
    if one.user_id is not None:
        return f"by user {one.user_id}"
    return "to the shared library" if one.is_shared else "by feeds, imports and others"
