"""The verbs that ask and change nothing: `ask` as the commands in Discord do, and what the terminal alone has."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bot import terminal
from bot.cli.options import (
    AsJson,
    Batch,
    LengthOption,
    Limit,
    PeriodOption,
    RankingOption,
    Server,
    Since,
    Source,
    Speaker,
    Until,
)
from bot.cli.printing import print_json
from bot.cli.seeds import known_documents
from bot.cli.verbs import library, start, tell
from bot.digest_lines import digest_json, digest_lines
from bot.editions.tellings import tellings
from bot.errors import EX_DATAERR, Refused, UnreadableDocument
from bot.language.analysis import analyse
from bot.language.normal import clean, places
from bot.loose import loose_articles
from bot.model import SHARED
from bot.newsdesk import Newsdesk
from bot.reading.documents import body_of
from bot.reading.files import find_files, printable
from bot.search.query import Query
from bot.settings import Settings, load

T = TypeVar("T")

app = typer.Typer()
ask = typer.Typer(help="Ask the library from the terminal.", no_args_is_help=True)
app.add_typer(ask, name="ask")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was given to `ask quote` and `ask search`: one query or a batch, its limits, and whose library."""

    query: str
    limits: dict[str, str | None]
    batch: Path | None
    server: int

    def questions(self) -> list[str]:
        """The queries to answer. Raises `Refused` for two sources of them, `UnreadableDocument`."""
        if self.batch is None:
            return [self.query]
        if self.query:
            raise Refused("Give a query or --batch, not both.")
        return _lines(self.batch)


@app.command()
def check(
    text: Annotated[str, typer.Argument(help="What is said to have been said; - reads it from standard input.")],
    server: Server = SHARED,
    as_json: AsJson = False,
) -> None:
    """Whether a quotation stands in the library word for word: each one in a text, or the text itself."""
    typed = typer.get_binary_stream("stdin").read().decode(errors="replace") if text == "-" else text

    async def ask(newsdesk: Newsdesk) -> terminal.Shown:
        checks = await newsdesk.check(server, typed)
        return terminal.Shown(checks, [newsdesk.around(one.found.quote, 1) if one.found else None for one in checks])

    tell(ask, terminal.checks_json, terminal.checks_lines, as_json)


@app.command()
def stats(server: Server = SHARED, as_json: AsJson = False) -> None:
    """How much is in the library."""
    tell(lambda newsdesk: newsdesk.counts(server), terminal.counts_json, terminal.counts_lines, as_json)


@app.command()
def stories(
    path: Annotated[
        Path | None, typer.Argument(help="A file or folder of documents, which are not stored; none: the library.")
    ] = None,
    server: Server = SHARED,
    as_json: AsJson = False,
) -> None:
    """Which articles tell of one event, from how many sources, and what they share."""
    if path is not None:
        _tell_stories_of(path, as_json)
        return

    async def ask(newsdesk: Newsdesk) -> terminal.Told:
        return terminal.Told(await newsdesk.stories(server), {})

    tell(ask, terminal.stories_json, terminal.stories_lines, as_json)


def _tell_stories_of(path: Path, as_json: bool) -> None:
    """The stories of the documents at ``path``; what cannot be read goes to standard error."""
    read = list(loose_articles(find_files([path]), known_documents(load().seeds_dir), datetime.now(UTC)))
    names = {one.article.id: one.name for one in read if one.article}
    told = terminal.Told(tellings([one.article for one in read if one.article]), names)
    if as_json:
        print_json(terminal.stories_json(told))
    else:
        typer.echo(terminal.stories_lines(told))
    faults = [f"{one.name}: not read: {one.fault}" for one in read if one.fault]
    if faults:
        typer.echo("\n".join(faults), err=True)
        raise typer.Exit(EX_DATAERR)


@app.command()
def duplicates(server: Server = SHARED, as_json: AsJson = False) -> None:
    """Which articles print mostly the same text, and which of them is the oldest."""
    tell(lambda newsdesk: newsdesk.duplicates(server), terminal.duplicates_json, terminal.duplicates_lines, as_json)


@app.command()
def speech(
    file: Annotated[Path, typer.Argument(help="A .txt or .md file.", dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Who says what in a text: nothing is stored."""
    name = printable(file)
    try:
        body = body_of(name, file.read_bytes())
    except OSError as error:
        raise UnreadableDocument(name, f"it cannot be opened ({error.strerror or 'no reason given'}).") from error
    text = clean(body)
    place = places(body, text).__getitem__
    found = analyse("", text).speeches
    if as_json:
        print_json([terminal.speech_json(text, one, place) for one in found])
    else:
        typer.echo("\n".join(terminal.speech_line(text, one) for one in found) or "Nobody is quoted in this text.")


@ask.command()
def speaker(
    name: Annotated[str, typer.Argument(help="A name, or part of one.")],
    about: Annotated[str, typer.Option(help="Only what has these words.")] = "",
    since: Since = None,
    until: Until = None,
    server: Server = SHARED,
    as_json: AsJson = False,
) -> None:
    """What one person said, newest first."""
    tell(
        lambda newsdesk: newsdesk.spoken.record(server, name, newsdesk.query(about, since=since, until=until)),
        terminal.record_json,
        terminal.record_lines,
        as_json,
    )


@ask.command()
def quote(
    query: Annotated[str, typer.Argument(help="Words to look for; none: a quote by chance.")] = "",
    source: Source = None,
    speaker: Speaker = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 5,
    batch: Batch = None,
    server: Server = SHARED,
    as_json: AsJson = False,
) -> None:
    """What exactly was said: the best verbatim passages."""
    answer(
        Asked(query, {"source": source, "speaker": speaker, "since": since, "until": until}, batch, server),
        lambda newsdesk, asked: newsdesk.quotes(server, asked, limit),
        terminal.quote_json,
        terminal.quote_lines,
        as_json,
    )


@ask.command()
def search(
    query: Annotated[str, typer.Argument(help="Words to look for.")] = "",
    source: Source = None,
    speaker: Speaker = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 5,
    ranking: Annotated[
        RankingOption, typer.Option(help="plain: BM25Okapi over whole articles, to the digit.")
    ] = RankingOption.BEST,
    batch: Batch = None,
    server: Server = SHARED,
    as_json: AsJson = False,
) -> None:
    """Which articles are about it, each with its best passage."""
    answer(
        Asked(query, {"source": source, "speaker": speaker, "since": since, "until": until}, batch, server),
        lambda newsdesk, asked: newsdesk.search(server, asked, limit, ranking=ranking.value),
        terminal.hit_json,
        terminal.hit_lines,
        as_json,
    )


@ask.command()
def summary(
    article: Annotated[str | None, typer.Argument(help="An article's id, such as S3, or words of its title.")] = None,
    topic: Annotated[str | None, typer.Option(help="Words: what several articles tell about it.")] = None,
    length: LengthOption = LengthOption.MEDIUM,
    server: Server = SHARED,
    as_json: AsJson = False,
) -> None:
    """What an article, or several on a topic, tell: in their own sentences."""
    if article is not None and topic is None:
        tell(
            lambda newsdesk: newsdesk.summary(server, article, length.value),
            terminal.summary_json,
            terminal.summary_lines,
            as_json,
        )
    elif topic is not None and article is None:
        _sum_up(topic, length, server, as_json)
    else:
        raise Refused("Give either an article or --topic: one of the two is summed up at a time.")


def _sum_up(topic: str, length: LengthOption, server: int, as_json: bool) -> None:
    async def work(settings: Settings) -> None:
        async with library(settings) as newsdesk:
            made = await newsdesk.topic_summary(server, newsdesk.query(topic), length.value)
            if as_json:
                print_json(terminal.topic_json(made))
            else:
                typer.echo(terminal.topic_lines(made) if made.found else await _nothing(newsdesk, server, topic))

    start(work)


@ask.command()
def digest(
    period: PeriodOption = PeriodOption.DAY,
    topic: Annotated[str | None, typer.Option(help="Only what this query finds.")] = None,
    server: Server = SHARED,
    as_json: AsJson = False,
) -> None:
    """What came into the library lately."""
    tell(
        lambda newsdesk: newsdesk.digest(server, period.value, topic=topic),
        digest_json,
        digest_lines,
        as_json,
    )


def answer(
    asked: Asked,
    work: Callable[[Newsdesk, Query], Awaitable[list[T]]],
    as_record: Callable[[T], terminal.Json],
    as_lines: Callable[[T], str],
    as_json: bool,
) -> None:
    """Answer one query, or every line of the batch with one JSON list a line."""
    questions = asked.questions()

    async def answer(settings: Settings) -> None:
        async with library(settings) as newsdesk:
            for question in questions:
                query = newsdesk.query(question, **asked.limits)
                found = [] if asked.batch is not None and not query.text else await work(newsdesk, query)
                if asked.batch is not None:
                    typer.echo(json.dumps([as_record(one) for one in found], ensure_ascii=False))
                elif as_json:
                    print_json([as_record(one) for one in found])
                else:
                    typer.echo("\n\n".join(map(as_lines, found)) or await _nothing(newsdesk, asked.server, question))

    start(answer)


async def _nothing(newsdesk: Newsdesk, server: int, question: str) -> str:
    if not (await newsdesk.counts(server)).articles:
        return "The library is empty: read documents into it with `newsdesk import seeds` or your own folder."
    query = newsdesk.query(question)
    if not query.terms:
        return "There is nothing to look for: every word is too common, or only says what to leave out."
    nearest = await newsdesk.suggest(server, query)
    return "Nothing in the library matches." + (f" The nearest words in it: {', '.join(nearest)}." if nearest else "")


def _lines(path: Path) -> list[str]:
    try:
        # Only a line feed parts two questions: `str.splitlines` would also split at U+2028 and the like.
        text = path.read_text(encoding="utf-8").removesuffix("\n")
        return text.split("\n") if text else []
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is not UTF-8 text"
        raise UnreadableDocument(str(path), f"cannot be read: {reason}.") from error
