"""Answers as lines in a terminal, and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import typer

from bot.corpus import Counts, Outcome
from bot.desks.importing import Imported
from bot.editions.duplicates import Duplicates, Printed
from bot.editions.statements import Record
from bot.editions.tellings import Telling
from bot.editions.topics import TopicSummary
from bot.model import Article, Hit, Kind, Quote, Span, Speech, Summary
from bot.quote_ids import quote_id
from bot.search.checks import Checked, Checks, Found, Verdict
from bot.search.differences import Edit, EditKind, Splice
from bot.search.highlights import window
from bot.settings import in_colour

Json = dict[str, Any]

_SHOWN_CHARS = 800  # of a passage: ten lines; its three sentences are longer only in legal texts

_FEW_IMPORTED = 20  # a line each

_SKIPPED_CHARS = 120  # of words left out

_ABOUT_FOUND = (
    *("text", "start", "end", "article_id", "source_id", "title", "outlet", "published", "url"),
    *("speaker", "confidence", "words", "context"),
)

_OUTCOMES = {
    Outcome.ADDED: "added",
    Outcome.UNCHANGED: "already there",
    Outcome.RESTORED: "brought back",
    Outcome.REMOVED: "left out: it was removed",
}


def article_json(article: Article) -> Json:
    """An article without its text."""
    return {
        "article_id": article.ref,
        "source_id": article.source_id,
        "title": article.title,
        "outlet": article.outlet,
        "published": str(article.published) if article.published else None,
    }


def quote_json(quote: Quote) -> Json:
    """A quote with its article."""
    return {
        **span_json(quote.article, quote.passage.span),
        **article_json(quote.article),
        "id": quote_id(quote.article, quote.passage.span),
        "speaker": quote.passage.speaker,
        "score": quote.score,
    }


def hit_json(hit: Hit) -> Json:
    """An article; ``passage`` is the text of its best passage, ``start`` and ``end`` where that stands."""
    best = span_json(hit.article, hit.best.passage.span)
    return {
        **article_json(hit.article),
        "score": hit.score,
        "passage": best.pop("text"),
        **best,
        "speaker": hit.best.passage.speaker,
    }


def speech_json(text: str, speech: Speech, place: Callable[[int], int] = int) -> Json:
    """One quotation of ``text``; ``place`` says where each character of it stands in the file it was read from.

    ``speaker`` is the speaker as written, ``name`` whom that stands for.
    """
    mention = speech.mention
    return {
        "text": speech.span.of(text),
        "start": place(speech.span.start),
        "end": place(speech.span.end - 1) + 1,
        "speaker": mention.of(text) if mention else None,
        "speaker_start": place(mention.start) if mention else None,
        "speaker_end": place(mention.end - 1) + 1 if mention else None,
        "name": speech.speaker,
        "method": speech.method.value if speech.method else None,
        "confidence": speech.confidence.value,
        "kind": speech.kind.value,
    }


def speech_line(text: str, speech: Speech) -> str:
    """A line that says who says what."""
    written = f" (“{flat(speech.mention.of(text))}” there)" if speech.mention else ""
    who = f"{speech.speaker}{written}" if speech.speaker else f"unattributed{written}"
    return f"“{flat(speech.span.of(text))}”\n    {who}, {speech.confidence.value}"


def record_json(record: Record) -> Json:
    """What one person said."""
    return {
        "speaker": record.person.name,
        "names": list(record.person.names),
        "quoted": record.quoted,
        "statements": [
            {
                "text": one.text,
                "published": str(one.published) if one.published else None,
                "filed": one.filed.isoformat(),
                "outlet": one.outlet,
                "method": one.speech.method.value if one.speech.method else None,
                "confidence": one.speech.confidence.value,
                "repeats": len(one.repeats),
            }
            for one in record.statements
        ],
    }


def record_lines(record: Record) -> str:
    """What somebody said, newest first, with the day and the outlet."""
    lines = [f"{record.person.name}: {record.quoted} quotations"]
    for one in record.statements:
        day = one.published.written if one.published else f"added {one.filed.isoformat()}"
        also = f", also in {len(one.repeats)} more" if one.repeats else ""
        known = "" if one.speech.is_named else f", {one.speech.confidence.value}"
        about = ", ".join(part for part in (day, one.outlet) if part)
        lines += ["", f"  “{flat(one.text)}”", f"    {about}{also}{known}"]
    return "\n".join(lines)


def summary_json(summary: Summary) -> Json:
    """A summary: its sentences with their spans."""
    return {
        **article_json(summary.article),
        "sentences": [{**span_json(summary.article, span), "speaker": speaker} for speaker, span in summary.lines],
        "words": summary.words,
        "too_short": summary.too_short,
        "minutes_saved": summary.minutes_saved,
    }


def topic_json(made: TopicSummary) -> Json:
    """``also_in`` are the ids of other articles that print the line, ``question`` what it answers."""
    return {
        "topic": made.asked,
        "lines": [
            {
                **span_json(line.article, line.span),
                **article_json(line.article),
                "speaker": line.speaker,
                "question": span_json(line.article, line.question) if line.question else None,
                "also_in": [other.ref for other in line.also],
            }
            for line in made.lines
        ],
        "words": made.words,
    }


class Told(NamedTuple):
    """Stories, and the names of the articles that are not stored, by their ids."""

    tellings: Sequence[Telling]
    names: Mapping[int, str]


def stories_json(told: Told) -> list[Json]:
    """An object a story. ``sources`` counts outlets with a text of their own: a wire copy in five of them is one."""
    return [
        {
            "articles": [_told_json(article, told.names) for article in telling.articles],
            "sources": telling.sources,
            "shared": list(telling.shared),
        }
        for telling in told.tellings
    ]


def _told_json(article: Article, names: Mapping[int, str]) -> Json:
    """``article_id`` is null for an article that is not stored; ``name`` says which document it is."""
    if article.id in names:
        return article_json(article) | {"article_id": None, "name": names[article.id]}
    return article_json(article)


def stories_lines(told: Told) -> str:
    """Stories with their articles; what was told once alone stands together at the end."""
    lines = []
    for telling in told.tellings:
        articles, sources = len(telling.articles), telling.sources
        if articles > 1:
            about = f"{articles} articles, {sources} source{'s' * (sources > 1)}"
            lines.append(f"{about}; shared: {', '.join(telling.shared)}" if telling.shared else about)
            lines += [f"  {_told_line(article, told.names)}" for article in telling.articles] + [""]
    alone = [telling.articles[0] for telling in told.tellings if len(telling.articles) == 1]
    if alone:
        lines += ["In one article each:", *(f"  {_told_line(article, told.names)}" for article in alone)]
    return "\n".join(lines).rstrip() or "There are no articles."


def _told_line(article: Article, names: Mapping[int, str]) -> str:
    known = source_line(article)
    return f"{known.rpartition(' #')[0]} {names[article.id]}" if article.id in names else known


def duplicates_json(found: Sequence[Duplicates]) -> list[Json]:
    """An object a group. ``common`` is the share of the text, 0 to 1, that an article has in common with the oldest."""
    return [
        {
            "oldest": _printed_json(group.oldest),
            "others": [_printed_json(copy.printed) | {"common": round(copy.common, 3)} for copy in group.others],
        }
        for group in found
    ]


def _printed_json(printed: Printed) -> Json:
    published = str(printed.published) if printed.published else None
    about = {"article_id": printed.ref, "title": printed.title, "outlet": printed.outlet}
    return about | {"published": published, "words": printed.words}


def duplicates_lines(found: Sequence[Duplicates]) -> str:
    """Each group with its oldest article first, and how to remove one of the others."""
    if not found:
        return "No two articles print mostly the same text."
    how = "Take one out with `newsdesk remove S3`; one of a server's own with --server, too."
    return "\n\n".join([*map(_group_lines, found), how])


def _group_lines(group: Duplicates) -> str:
    others = [
        f"  {_printed_line(copy.printed)}, {copy.common:.0%} in common, {copy.printed.words} words"
        for copy in group.others
    ]
    return "\n".join([f"{_printed_line(group.oldest)}, the oldest, {group.oldest.words} words", *others])


def _printed_line(printed: Printed) -> str:
    known = ", ".join(part for part in (printed.outlet, printed.published and printed.published.written) if part)
    return f"#{printed.ref} {flat(printed.title)}{f' ({known})' if known else ''}"


class Shown(NamedTuple):
    """Checks, and for each claim that was found the span of its words with a sentence before and after them."""

    checks: Checks
    contexts: Sequence[Span | None]


def checks_json(shown: Shown) -> list[Json]:
    """An object a claim, in the order of the text."""
    return [_checked_json(one, context) for one, context in zip(shown.checks, shown.contexts, strict=True)]


def _checked_json(checked: Checked, context: Span | None) -> Json:
    """Offsets of a claim's side count in the text as it was typed, cleaned; those of the stored side in the article."""
    about: Json = {
        "verdict": checked.verdict.value,
        "claim": checked.text,
        "claimed_speaker": checked.claim.speaker,
        "complete": checked.is_complete,
    }
    if (found := checked.found) is None:
        return about | dict.fromkeys(_ABOUT_FOUND) | {"differences": [], "splices": [], "also_in": []}
    article = found.quote.article
    return {
        **about,
        **span_json(article, found.quote.passage.span),
        **article_json(article),
        "url": article.url,
        "speaker": found.speaker,
        "confidence": found.speech.confidence.value if found.speech else None,
        "words": "exact" if found.is_exact else "near",
        "context": span_json(article, context) if context else None,
        "differences": [
            {
                "kind": edit.kind.value,
                "claimed": edit.claimed.of(checked.typed),
                "stored": edit.stored.of(article.text),
                "start": edit.stored.start,
                "end": edit.stored.end,
            }
            for edit in found.edits
            if edit.kind is not EditKind.SAME
        ],
        "splices": [
            {
                "start": splice.stored.start,
                "end": splice.stored.end,
                "words": splice.words,
                "sentences_apart": splice.sentences_apart,
                "marked": splice.claimed is not None,
            }
            for splice in found.splices
        ],
        "also_in": [other.ref for other in found.also_in],
    }


def imported_json(imported: Imported) -> Json:
    """What became of a document."""
    article = imported.added.article if imported.added else None
    return {
        "name": imported.name,
        "source_id": imported.source_id,
        "article_id": article.ref if article else None,
        "outcome": imported.added.outcome.value if imported.added else "failed",
        "reason": imported.fault,
    }


def counts_json(counts: Counts) -> Json:
    """How much is in a library."""
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
    """An article with its best passage."""
    return f"{source_line(hit.article)}\n    {_excerpt(hit.best)}"


def summary_lines(summary: Summary) -> str:
    """A summary to read."""
    head = source_line(summary.article)
    said = ((f"{speaker}: " if speaker else "", span) for speaker, span in summary.lines)
    body = "\n".join(f"  {name}{flat(span.of(summary.article.text))}" for name, span in said)
    if summary.too_short:
        return f"{head}\nToo short to summarise; here it is:\n{body}"
    saved = f", saves about {summary.minutes_saved} min" if summary.minutes_saved else ""
    return f"{head}\n{body}\n({summary.words} of {summary.article.words} words{saved})"


def topic_lines(made: TopicSummary) -> str:
    """The lines in order of time, those of an article under its title."""
    lines = []
    for article, told in groupby(made.lines, key=lambda line: line.article):
        lines += ["", source_line(article)]
        for line in told:
            asked = f"  Asked: {flat(line.question.of(article.text))}" if line.question else None
            also = f" (also in {', '.join(f'#{other.ref}' for other in line.also)})" if line.also else ""
            name = f"{line.speaker}: " if line.speaker else ""
            lines += [*([asked] if asked else []), f"  {name}{flat(line.span.of(article.text))}{also}"]
    return "\n".join(lines[1:]) or "The articles on it have no sentence that can be read by itself."


def checks_lines(shown: Shown) -> str:
    """A verdict a claim: its words, how they differ from those found ([-left out-], {+added+}), whose and where."""
    lines = [_checked_lines(one) for one in shown.checks]
    if shown.checks.left_out:
        lines.append(f"{shown.checks.left_out} more quotations were not looked at: check them by themselves.")
    return "\n\n".join(lines)


def _checked_lines(checked: Checked) -> str:
    found = checked.found
    if found is None:
        where = (
            "" if checked.is_complete else ", as far as was looked: its words are too common to read all that hold them"
        )
        return f"{checked.verdict.value}{where}: “{flat(checked.text)}”"
    words = "" if checked.verdict is not Verdict.OTHER_SPEAKER else ", exact" if found.is_exact else ", near"
    lines = [f"{checked.verdict.value}{words}: “{_compared(checked, found)}”", f"    {_said_by(checked, found)}"]
    lines += [f"    {_splice_line(splice)}" for splice in found.splices]
    lines.append(f"    {source_line(found.quote.article)}")
    if found.also_in:
        lines.append("    also in " + ", ".join(f"#{article.ref}" for article in found.also_in))
    return "\n".join(lines)


def _compared(checked: Checked, found: Found) -> str:
    parts = [
        _edit(edit, edit.claimed.of(checked.typed), edit.stored.of(found.quote.article.text)) for edit in found.edits
    ]
    return " ".join(part for part in parts if part)


def _edit(edit: Edit, claimed: str, stored: str) -> str:
    claimed, stored = flat(claimed), flat(stored)
    if edit.kind in (EditKind.SAME, EditKind.ELLIPSIS):
        return claimed
    if edit.kind is EditKind.ASIDE:
        return "[…]"
    if len(stored) > _SKIPPED_CHARS:
        stored = f"{stored[: _SKIPPED_CHARS // 2].rstrip()} … {stored[-_SKIPPED_CHARS // 2 :].lstrip()}"
    return (f"[-{stored}-]" if stored else "") + (f"{{+{claimed}+}}" if claimed else "")


def _said_by(checked: Checked, found: Found) -> str:
    if checked.verdict is Verdict.OTHER_SPEAKER:
        return f"said by {found.speaker}, not by {checked.claim.speaker}"
    if found.speaker:
        return f"said by {found.speaker}"
    return "whose words these are is not said there" if found.speech else "in the article's own words"


def _splice_line(splice: Splice) -> str:
    if splice.sentences_apart is None:
        return "puts first what comes later there"
    far = {0: "in the same sentence", 1: "to the next sentence"}.get(
        splice.sentences_apart, f"to a sentence {splice.sentences_apart} sentences on"
    )
    return f"passes over {splice.words} words, {far}{'' if splice.claimed else ', without saying so'}"


def imported_line(imported: Imported) -> str:
    """A line that says what became of a document."""
    if imported.added is None:
        return f"{imported.name}: not read: {imported.fault}"
    return f"{imported.name}: {_OUTCOMES[imported.added.outcome]}: {source_line(imported.added.article)}"


def imported_total(imported: Iterable[Imported]) -> str:
    """ "Added 3, already there 1, not read 1"; what there was none of is left out, but for added."""
    return _total(Counter(one.added.outcome if one.added else None for one in imported))


def _total(counts: Mapping[Outcome | None, int]) -> str:
    """``counts`` by outcome; None is for what was not read."""
    names = {Outcome.ADDED: "Added"} | {one: _OUTCOMES[one] for one in Outcome if one is not Outcome.ADDED}
    said = [(names[one], counts.get(one, 0)) for one in names] + [("not read", counts.get(None, 0))]
    return ", ".join(f"{name} {count}" for name, count in said if count or name == "Added")


class ImportReport:
    """What became of an import's documents, without keeping all of them in memory."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._counts: Counter[Outcome | None] = Counter()
        self._lines: list[tuple[bool, str]] = []
        self.records: list[Json] = []

    def note(self, imported: Imported) -> None:
        """Take account of what became of one document."""
        is_fault = imported.added is None
        self._counts[imported.added.outcome if imported.added else None] += 1
        if self._as_json:
            self.records.append(imported_json(imported))
        elif is_fault or self._counts.total() <= _FEW_IMPORTED:
            self._lines.append((is_fault, imported_line(imported)))

    @property
    def faults(self) -> int:
        """How many documents could not be read."""
        return self._counts[None]

    @property
    def lines(self) -> list[tuple[bool, str]]:
        """A line a document where there are few, else one for each that was not read; which of the two it is for."""
        few = self._counts.total() <= _FEW_IMPORTED
        return [(is_fault, line) for is_fault, line in self._lines if few or is_fault]

    @property
    def total(self) -> str:
        """One line that counts what was added, known and not read."""
        return _total(self._counts)

    @property
    def broken_off(self) -> str:
        """What to tell a person who has stopped it."""
        return f"Stopped. {self.total}: these stay. Start the same import again to go on where it was."


def counts_lines(counts: Counts) -> str:
    """How much is in a library, a line each."""
    return "\n".join(f"{name:<10} {count:>9,}" for name, count in counts_json(counts).items())


def source_line(article: Article) -> str:
    """``Title (Outlet, May 2025) #S3``"""
    about = [article.outlet, article.published.written if article.published else None]
    known = ", ".join(part for part in about if part)
    return f"{article.title}{f' ({known})' if known else ''} #{article.ref}"


def span_json(article: Article, span: Span) -> Json:
    """The words at ``span``, and where they stand."""
    return {"text": span.of(article.text), "start": span.start, "end": span.end}


def _excerpt(quote: Quote) -> str:
    """The passage, a long one where most matched words are; these in bold where a person looks on."""
    text, span = quote.article.text, quote.passage.span
    part = window(text, span, quote.matched, _SHOWN_CHARS)
    marked = [match for match in quote.matched if part.holds(match)] if in_colour() else []
    edges = [part.start, *(edge for match in marked for edge in (match.start, match.end)), part.end]
    pieces = [text[start:end] for start, end in pairwise(edges)]
    pieces[1::2] = [typer.style(piece, bold=True) for piece in pieces[1::2]]
    before, after = "…" if part.start > span.start else "", "…" if part.end < span.end else ""
    return f"{before}{flat(''.join(pieces))}{after}"


def flat(text: str) -> str:
    """``text`` on one line."""
    return " ".join(text.split())
