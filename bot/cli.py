"""The command line: `newsdesk`, also as ``python -m bot``. Options in, one question to `Newsdesk`, lines out."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot import logs, progress, terminal
from bot.desks.importing import Imported
from bot.digest_lines import digest_json, digest_lines
from bot.doctor import Finding, examine
from bot.editions.tellings import tellings
from bot.errors import EX_DATAERR, NewsdeskError, Refused, UnreadableDocument
from bot.language.analysis import analyse
from bot.language.normal import clean, places
from bot.loose import loose_articles
from bot.model import SHARED
from bot.newsdesk import Newsdesk
from bot.reading.documents import body_of
from bot.reading.files import find_files, printable
from bot.reading.known import KnownDocuments
from bot.search.query import Query
from bot.settings import Settings, load

_log = logging.getLogger(__name__)

PROJECT_SEEDS = Path(__file__).resolve().parent.parent / "seeds"

T = TypeVar("T")

app = typer.Typer(
    name="newsdesk",
    help="The cuttings library of a team that follows the news in Discord.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
ask = typer.Typer(help="Ask the library from the terminal.", no_args_is_help=True)
app.add_typer(ask, name="ask")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Server = Annotated[
    int, typer.Option(help="A Discord server's id: its library and the shared one.", min=0, max=2**63 - 1)
]
Limit = Annotated[int, typer.Option(help="How many results at most.", min=1, max=1000)]
Source = Annotated[str | None, typer.Option(help="Only from this outlet.")]
Speaker = Annotated[str | None, typer.Option(help="Only where this person speaks.")]
Since = Annotated[str | None, typer.Option(help="Not before this date: 2025, 2025-05, 2025-05-12, last week.")]
Until = Annotated[str | None, typer.Option(help="Not after this date.")]
Batch = Annotated[
    Path | None, typer.Option(help="A file with one query a line; prints one JSON list a line.", dir_okay=False)
]


class LengthOption(StrEnum):
    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


class RankingOption(StrEnum):
    PLAIN = "plain"
    BEST = "best"


class PeriodOption(StrEnum):
    TODAY = "today"
    DAY = "24 hours"
    WEEK = "7 days"
    ALL = "all"


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


def main() -> None:
    """Entry point. A fault a person can mend is one line on standard error and a sysexits code."""
    try:
        app()
    except NewsdeskError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)


@app.command("try")
def try_(
    port: Annotated[int | None, typer.Option(help="Port of the page; any free one by default.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Try the bot in a browser, without Discord."""
    from bot import playground

    def announce(url: str, articles: int) -> None:
        typer.echo(
            f"Newsdesk is running with {articles} articles. Open this page, and press Ctrl+C here to stop:\n{url}"
        )
        if browser:
            playground.open_browser(url)

    async def serve(settings: Settings) -> None:
        from bot.discord_app.app import stop_signal
        from commands import ALL

        async with stop_signal() as stop:
            await playground.play(
                ALL,
                stop,
                known=known_documents(settings.seeds_dir),
                fill=lambda newsdesk: plant(newsdesk, _seeds_to_try(settings), stop),
                port=settings.try_port if port is None else port,
                announce=announce,
            )

    _start(serve)


@app.command()
def run() -> None:
    """Run the bot against Discord with the token from .env."""

    async def serve(settings: Settings) -> None:
        token = settings.require_token()
        from bot.discord_app.app import serve, stop_signal
        from commands import ALL

        async with stop_signal() as stop, _library(settings, bot=True) as newsdesk:
            if settings.seeds_dir is not None:
                planted = [one async for one in plant(newsdesk, settings.seeds_dir, stop)]
                _log.info("seeds: %s", terminal.imported_total(planted).lower())
            if stop.is_set():
                return
            await serve(newsdesk, ALL, token, stop)

    _start(serve, is_bot=True)


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders: .txt, .md, .jsonl and .zip of these.")],
    server: Server = SHARED,
    as_json: AsJson = False,
) -> None:
    """Read documents into the library.

    A text that is there already is not added again, so an import that was broken off is gone on with by starting it
    again. What `newsdesk export` wrote comes back with what admins have said; where the library is empty, with its
    numbers and dates too.
    """
    report = terminal.ImportReport(as_json)

    async def work(settings: Settings) -> None:
        files = find_files(paths)
        async with _library(settings) as newsdesk:
            outcome = newsdesk.import_files(server, files)
            async with aclosing(progress.importing(outcome, len(files))) as results:
                async for one in results:
                    report.note(one)

    try:
        _start(work)
    except typer.Exit:
        typer.echo(report.broken_off, err=True)
        raise
    if as_json:
        _print_json(report.records)
    else:
        _print_import(report)
    if report.faults:
        raise typer.Exit(EX_DATAERR)


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="A new .zip file, or a new folder.")],
    server: Server = SHARED,
) -> None:
    """Write a library to a .zip file or a folder, for keeping or for another Newsdesk.

    In it, as lines of JSON: every article of the library itself with its text, title, outlet, authors, link, date,
    number, its owner's id, when it was added and by which Discord user; corrected speakers; joined names; and each text
    once more as a .txt file to read. Not in it: articles that were removed, other libraries (with --server, the shared
    one), settings, schedules, watches, feeds and who did what.
    """

    async def work(settings: Settings) -> int:
        async with _library(settings) as newsdesk:
            with progress.bar("Exporting", "articles") as watch:
                return await newsdesk.export(server, path, watch)

    written = _start(work)
    typer.echo(f"Exported {written} article{'s' * (written != 1)} to {printable(path)}.")


@app.command()
def remove(
    article: Annotated[str, typer.Argument(help="An article's id, such as S3, or words of its title.")],
    server: Server = SHARED,
) -> None:
    """Take an article out of a library; importing it again brings it back."""

    async def work(settings: Settings) -> None:
        async with _library(settings) as newsdesk:
            removed = await newsdesk.remove(server, article)
        typer.echo(f"Removed: {terminal.source_line(removed)}")

    _start(work)


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

    _tell(ask, terminal.checks_json, terminal.checks_lines, as_json)


@app.command()
def stats(server: Server = SHARED, as_json: AsJson = False) -> None:
    """How much is in the library."""
    _tell(lambda newsdesk: newsdesk.counts(server), terminal.counts_json, terminal.counts_lines, as_json)


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

    _tell(ask, terminal.stories_json, terminal.stories_lines, as_json)


@app.command()
def duplicates(server: Server = SHARED, as_json: AsJson = False) -> None:
    """Which articles print mostly the same text, and which of them is the oldest."""
    _tell(lambda newsdesk: newsdesk.duplicates(server), terminal.duplicates_json, terminal.duplicates_lines, as_json)


def _tell_stories_of(path: Path, as_json: bool) -> None:
    """The stories of the documents at ``path``; what cannot be read goes to standard error."""
    read = list(loose_articles(find_files([path]), known_documents(load().seeds_dir), datetime.now(UTC)))
    names = {one.article.id: one.name for one in read if one.article}
    told = terminal.Told(tellings([one.article for one in read if one.article]), names)
    if as_json:
        _print_json(terminal.stories_json(told))
    else:
        typer.echo(terminal.stories_lines(told))
    faults = [f"{one.name}: not read: {one.fault}" for one in read if one.fault]
    if faults:
        typer.echo("\n".join(faults), err=True)
        raise typer.Exit(EX_DATAERR)


@app.command()
def forget(
    server: Annotated[int, typer.Option(help="A Discord server's id: its whole library, for good.")] = SHARED,
    person: Annotated[int, typer.Option(help="A Discord user's id: their own data in every server.")] = 0,
) -> None:
    """Delete for good what is kept of a server, or of a person."""
    if (server == SHARED) == (person == 0):
        raise Refused("Give --server ID or --person ID, one of them.")

    async def work(settings: Settings) -> None:
        async with _library(settings) as newsdesk:
            if server != SHARED:
                await newsdesk.departures.delete_library(server)
                typer.echo(f"Nothing is kept of server {server} any more, but that it was deleted and when.")
                return
            erased = await newsdesk.departures.delete_person(person)
            own = sum(erased.own.values())
            typer.echo(
                f"Deleted {own} entries of person {person}, and their id where it stood on {erased.signed} others."
            )

    _start(work)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look for damage, and compare a sample of every library with its texts and with rank-bm25."""

    async def work(settings: Settings) -> list[Finding]:
        async with _library(settings) as newsdesk:
            chance = random.Random()  # noqa: S311 - which articles are looked at is no secret
            return [finding async for finding in examine(newsdesk.corpus, chance)]

    found = _start(work)
    if as_json:
        _print_json([terminal.finding_json(one) for one in found])
    else:
        typer.echo("\n".join(terminal.finding_line(one) for one in found))
    if any(one.state == "fault" for one in found):
        raise typer.Exit(EX_DATAERR)


@app.command()
def reread() -> None:
    """Read every article anew: its passages, its speech, and the terms that search is made of."""

    async def work(settings: Settings) -> int:
        async with _library(settings) as newsdesk:
            with progress.bar("Reading anew", "articles") as watch:
                return await newsdesk.reread(watch)

    typer.echo(f"Read {_start(work)} articles anew.")


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
        _print_json([terminal.speech_json(text, one, place) for one in found])
    else:
        typer.echo("\n".join(terminal.speech_line(text, one) for one in found) or "Nobody is quoted in this text.")


@app.command()
def correct(
    quotation: Annotated[str, typer.Argument(help="The id of a quotation, such as q-s12-4h2k9x.")],
    speaker: Annotated[str | None, typer.Option(help="Who said it.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="The article does not say who.")] = False,
    server: Server = SHARED,
) -> None:
    """Say who said the words of a quotation, for one server or (without --server) for all."""
    if (speaker is None) is not nobody:
        raise Refused("Give --speaker NAME, or --nobody where the article does not say.")

    async def work(settings: Settings) -> None:
        async with _library(settings) as newsdesk:
            quoted = await newsdesk.spoken.recall(server, quotation)
            if not quoted.said:
                raise Refused("Nobody is quoted in these words: there is no speaker to correct.")
            for one in quoted.said:
                await newsdesk.spoken.correct(server, quoted.article, one.span, speaker, by=None)
        typer.echo(f"Corrected: {len(quoted.said)} quotation{'s' * (len(quoted.said) > 1)}.")

    _start(work)


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
    _tell(
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
    _ask(
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
    _ask(
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
        _tell(
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
        async with _library(settings) as newsdesk:
            made = await newsdesk.topic_summary(server, newsdesk.query(topic), length.value)
            if as_json:
                _print_json(terminal.topic_json(made))
            else:
                typer.echo(terminal.topic_lines(made) if made.found else await _nothing(newsdesk, server, topic))

    _start(work)


@ask.command()
def digest(
    period: PeriodOption = PeriodOption.DAY,
    topic: Annotated[str | None, typer.Option(help="Only what this query finds.")] = None,
    server: Server = SHARED,
    as_json: AsJson = False,
) -> None:
    """What came into the library lately."""
    _tell(
        lambda newsdesk: newsdesk.digest(server, period.value, topic=topic),
        digest_json,
        digest_lines,
        as_json,
    )


def known_documents(seeds: Path | None) -> KnownDocuments:
    """The documents known by the fingerprint of their text: the project's list and that of the host's seeds."""
    known = KnownDocuments.load(PROJECT_SEEDS / "documents.toml")
    if seeds is None:
        return known
    own = KnownDocuments.load(seeds / "documents.toml")
    return KnownDocuments({**known.by_fingerprint, **own.by_fingerprint})


def _seeds_to_try(settings: Settings) -> Path:
    """The host's seeds where there are any; from another folder than the project's, the starter library."""
    own = settings.seeds_dir
    return own if own is not None and own.is_dir() else PROJECT_SEEDS


async def plant(newsdesk: Newsdesk, folder: Path, stop: asyncio.Event | None = None) -> AsyncIterator[Imported]:
    """Read the seeds into the shared library until ``stop`` is set; what the host has removed stays removed."""
    try:
        files = find_files([folder])
    except UnreadableDocument as error:
        typer.echo(f"No seeds are read: {error}", err=True)
        return
    async with aclosing(newsdesk.import_files(SHARED, files, restore=False)) as results:
        async for _, imported in results:
            if imported.fault:
                typer.echo(terminal.imported_line(imported), err=True)
            else:
                yield imported
            if stop is not None and stop.is_set():
                return


@asynccontextmanager
async def _library(settings: Settings, *, bot: bool = False) -> AsyncIterator[Newsdesk]:
    known = known_documents(settings.seeds_dir)
    with progress.bar("Reading anew by the rules of this version", "articles") as watch:
        async with Newsdesk.open(settings.database_url, bot=bot, known=known, watch=watch) as newsdesk:
            yield newsdesk


def _start(work: Callable[[Settings], Coroutine[Any, Any, T]], *, is_bot: bool = False) -> T:
    """Run one command: settings, log, event loop. Only the bot logs what goes well: a verb prints its answer."""
    settings = load()
    logs.configure(settings.log_level if is_bot else "WARNING")
    try:
        return asyncio.run(work(settings))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _tell(
    ask: Callable[[Newsdesk], Awaitable[T]],
    as_record: Callable[[T], terminal.Json | list[terminal.Json]],
    as_lines: Callable[[T], str],
    as_json: bool,
) -> None:
    """Ask the library one thing and print the answer."""

    async def work(settings: Settings) -> None:
        async with _library(settings) as newsdesk:
            made = await ask(newsdesk)
        if as_json:
            _print_json(as_record(made))
        else:
            typer.echo(as_lines(made))

    _start(work)


def _ask(
    asked: Asked,
    work: Callable[[Newsdesk, Query], Awaitable[list[T]]],
    as_record: Callable[[T], terminal.Json],
    as_lines: Callable[[T], str],
    as_json: bool,
) -> None:
    """Answer one query, or every line of the batch with one JSON list a line."""
    questions = asked.questions()

    async def answer(settings: Settings) -> None:
        async with _library(settings) as newsdesk:
            for question in questions:
                query = newsdesk.query(question, **asked.limits)
                found = [] if asked.batch is not None and not query.text else await work(newsdesk, query)
                if asked.batch is not None:
                    typer.echo(json.dumps([as_record(one) for one in found], ensure_ascii=False))
                elif as_json:
                    _print_json([as_record(one) for one in found])
                else:
                    typer.echo("\n\n".join(map(as_lines, found)) or await _nothing(newsdesk, asked.server, question))

    _start(answer)


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


def _print_import(report: terminal.ImportReport) -> None:
    """Every document where there are few; else what went wrong, and the totals."""
    for is_fault, line in report.lines:
        typer.echo(line, err=is_fault)
    typer.echo(report.total)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
