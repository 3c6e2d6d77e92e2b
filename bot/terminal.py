"""Answers as lines in a terminal, and as JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import typer

from bot.corpus import Counts, Outcome
from bot.doctor import Finding
from bot.model import Article, Digest, Hit, Kind, Quote, Span, Summary
from bot.newsdesk import Imported
from bot.search.highlights import window
from bot.settings import no_colour

Json = dict[str, Any]

_SHOWN_CHARS = 800  # of a passage: ten lines; its three sentences are longer only in legal texts

_OUTCOMES = {
    Outcome.ADDED: "added",
    Outcome.UNCHANGED: "already there",
    Outcome.RESTORED: "brought back",
    Outcome.REMOVED: "left out: it was removed",
}


def article_json(article: Article) -> Json:
    return {
        "article_id": article.ref,
        "source_id": article.source_id,
        "title": article.title,
        "outlet": article.outlet,
        "published": str(article.published) if article.published else None,
    }


def quote_json(quote: Quote) -> Json:
    return {
        **_span_json(quote.article, quote.passage.span),
        **article_json(quote.article),
        "speaker": quote.passage.speaker,
        "score": quote.score,
    }


def hit_json(hit: Hit) -> Json:
    """An article; ``passage`` is the text of its best passage, ``start`` and ``end`` where that stands."""
    best = _span_json(hit.article, hit.best.passage.span)
    return {
        **article_json(hit.article),
        "score": hit.score,
        "passage": best.pop("text"),
        **best,
        "speaker": hit.best.passage.speaker,
    }


def summary_json(summary: Summary) -> Json:
    return {
        **article_json(summary.article),
        "sentences": [{**_span_json(summary.article, span), "speaker": speaker} for speaker, span in summary.lines],
        "words": summary.words,
        "too_short": summary.too_short,
        "minutes_saved": summary.minutes_saved,
    }


def digest_json(digest: Digest) -> Json:
    return {
        "title": digest.title,
        "article_count": digest.article_count,
        "story_count": digest.story_count,
        "stories": [
            {
                "articles": [article_json(article) for article in story.articles],
                "line": _span_json(story.lead, story.line),
                "quote": _said_json(story.quote[0], story.quote[1].span, story.quote[1].speaker)
                if story.quote
                else None,
            }
            for story in digest.stories
        ],
        "most_quoted": [{"speaker": name, "count": count} for name, count in digest.most_quoted],
        "fallback": article_json(digest.fallback) if digest.fallback else None,
    }


def imported_json(imported: Imported) -> Json:
    article = imported.added.article if imported.added else None
    return {
        "name": imported.name,
        "source_id": imported.source_id,
        "article_id": article.ref if article else None,
        "outcome": imported.added.outcome.value if imported.added else "failed",
        "reason": imported.fault,
    }


def counts_json(counts: Counts) -> Json:
    return {name: getattr(counts, name) for name in ("articles", "passages", "speeches", "words", "outlets")}


def quote_lines(quote: Quote) -> str:
    """A quotation with its source, as two or three lines."""
    said = _excerpt(quote)
    lines = [f"“{said}”" if quote.passage.kind is Kind.ANSWER else f"  {said}"]
    if quote.passage.speaker:
        how = "answering a question" if quote.passage.kind is Kind.ANSWER else "quoted there"
        lines.append(f"    {quote.passage.speaker}, {how}")
    return "\n".join([*lines, f"    {source_line(quote.article)}"])


def hit_lines(hit: Hit) -> str:
    return f"{source_line(hit.article)}\n    {_excerpt(hit.best)}"


def summary_lines(summary: Summary) -> str:
    head = source_line(summary.article)
    said = ((f"{speaker}: " if speaker else "", span) for speaker, span in summary.lines)
    body = "\n".join(f"  {name}{_flat(span.of(summary.article.text))}" for name, span in said)
    if summary.too_short:
        return f"{head}\nToo short to summarise; here it is:\n{body}"
    saved = f", saves about {summary.minutes_saved} min" if summary.minutes_saved else ""
    return f"{head}\n{body}\n({summary.words} of {summary.article.words} words{saved})"


def digest_lines(digest: Digest) -> str:
    lines = [f"{digest.title}: {digest.article_count} articles, {digest.story_count} stories"]
    for story in digest.stories:
        lines += ["", source_line(story.lead), f"  {_flat(story.line.of(story.lead.text))}"]
        if story.quote:
            article, speech = story.quote
            lines.append(f"  “{_flat(speech.span.of(article.text))}” - {speech.speaker or 'unattributed'}")
        if len(story.articles) > 1:
            lines.append("  also in " + ", ".join(f"#{article.ref}" for article in story.articles[1:]))
    if digest.most_quoted:
        lines += ["", "Most quoted: " + ", ".join(f"{name} ({count})" for name, count in digest.most_quoted)]
    if digest.fallback:
        lines += ["", f"Nothing was added in this period. The newest there is: {source_line(digest.fallback)}"]
    return "\n".join(lines)


def imported_line(imported: Imported) -> str:
    if imported.added is None:
        return f"{imported.name}: not read: {imported.fault}"
    return f"{imported.name}: {_OUTCOMES[imported.added.outcome]}: {source_line(imported.added.article)}"


def imported_total(imported: Iterable[Imported]) -> str:
    """ "Added 3, already there 1, not read 1"; what there was none of is left out, but for added."""
    every = list(imported)
    counts = {"Added": sum(one.added is not None and one.added.outcome is Outcome.ADDED for one in every)}
    for outcome in (Outcome.UNCHANGED, Outcome.RESTORED, Outcome.REMOVED):
        counts[_OUTCOMES[outcome]] = sum(one.added is not None and one.added.outcome is outcome for one in every)
    counts["not read"] = sum(one.added is None for one in every)
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count or name == "Added")


def finding_json(finding: Finding) -> Json:
    return {"state": finding.state, "about": finding.about, "said": finding.said}


def finding_line(finding: Finding) -> str:
    return f"{finding.state:<6} {finding.about}: {finding.said}"


def counts_lines(counts: Counts) -> str:
    return "\n".join(f"{name:<10} {count:>9,}" for name, count in counts_json(counts).items())


def source_line(article: Article) -> str:
    """``Title (Outlet, May 2025) #S3``"""
    about = [article.outlet, article.published.written if article.published else None]
    known = ", ".join(part for part in about if part)
    return f"{article.title}{f' ({known})' if known else ''} #{article.ref}"


def _said_json(article: Article, span: Span, speaker: str | None) -> Json:
    return {**_span_json(article, span), "article_id": article.ref, "speaker": speaker}


def _span_json(article: Article, span: Span) -> Json:
    return {"text": span.of(article.text), "start": span.start, "end": span.end}


def _excerpt(quote: Quote) -> str:
    """The passage, a long one where most matched words are; these in bold where a person looks on."""
    text, span = quote.article.text, quote.passage.span
    part = window(text, span, quote.matched, _SHOWN_CHARS)
    marked = [match for match in quote.matched if part.holds(match)] if _in_colour() else []
    edges = [part.start, *(edge for match in marked for edge in (match.start, match.end)), part.end]
    pieces = [text[start:end] for start, end in pairwise(edges)]
    pieces[1::2] = [typer.style(piece, bold=True) for piece in pieces[1::2]]
    before, after = "…" if part.start > span.start else "", "…" if part.end < span.end else ""
    return f"{before}{_flat(''.join(pieces))}{after}"


def _in_colour() -> bool:
    """Whether what is printed goes to a terminal whose user has not asked for plain text (no-color.org)."""
    return sys.stdout.isatty() and not no_colour()


def _flat(text: str) -> str:
    return " ".join(text.split())
