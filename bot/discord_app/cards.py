"""Cards: what a person in the channel sees, as Components V2 within Discord's limits.

A `Card` collects text and buttons, keeps count of characters, bytes and components, and makes the view that is sent.
The functions below it are the layouts, one for each kind of answer. Text of articles reaches a card only through
`markup`, so it is shown as written and pings nobody.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from io import BytesIO

import discord
import yarl
from discord import ui

from bot.corpus import Heading
from bot.discord_app import limits, markup
from bot.editions.tellings import Telling
from bot.model import SHARED, Article, Document, Hit, Kind, Method, Quote, Span, Summary
from bot.quote_ids import quote_id

ACCENT = discord.Colour(0xB3541E)  # the brown of a newspaper cutting

_QUOTE_CHARS, _QUOTE_BYTES = 1_800, 4_800
_TITLE_CHARS = 300
_LINE_CHARS = 340
_QUESTION_CHARS = 400
_PARAGRAPHS_AROUND = 2
_LIST_MARK = r"(?:[-*+•]|\d{1,3}[.)])"
_LINE = re.compile(rf"^[ \t]*(?!{_LIST_MARK}[ \t]*$)(?:{_LIST_MARK}[ \t]+)?(\S.*)$", re.MULTILINE)
_HOST = re.compile(r"[a-z0-9.:-]+", re.IGNORECASE)
_HOST_CHARS = 60
_LINK_CHARS = 200  # of an address in a text, where it counts as much as what is read
_SUMMARY_END_CHARS = 100
HITS_A_PAGE = 4
HEADINGS_A_PAGE = 12
_BEGINNING_CHARS, _BEGINNING_PARAGRAPHS = 2_000, 4
_OTHERS_SHOWN = 5


PICTURE = "picture.png"


class Card:
    """A message in the making. Text that no longer fits is cut with an ellipsis, never sent over a limit."""

    def __init__(self) -> None:
        self._parts: list[str | None] = []  # a block of Markdown, or None for a dividing line
        self._picture: tuple[bytes, str] | None = None
        self._attached: tuple[str, bytes] | None = None
        self._rows: list[list[ui.Button[ui.LayoutView]]] = []
        self._chars = limits.TEXT_CHARS
        self._bytes = limits.PAYLOAD_BYTES
        self._components = limits.COMPONENTS - 1  # the container

    def text(self, markdown: str) -> Card:
        """Add a block of Markdown; what came from an article must have gone through `markup`."""
        room = self._bytes - limits.BYTES_A_DISPLAY
        if self._components < 1 or self._chars < 1 or room < limits.size(limits.ELLIPSIS) or not markdown.strip():
            return self
        fitted = limits.fit(markdown, self._chars, room)
        self._parts.append(fitted)
        self._chars -= limits.chars(fitted)
        self._bytes -= limits.size(fitted) + limits.BYTES_A_DISPLAY
        self._components -= 1
        return self

    def fits(self, markdown: str, *, spare_chars: int) -> bool:
        """Whether `text` would take all of ``markdown`` and leave room for ``spare_chars`` more."""
        room = self._bytes - 2 * limits.BYTES_A_DISPLAY
        chars, size = limits.chars(markdown) + spare_chars, limits.size(markdown) + spare_chars * 3
        return self._components > 4 and chars <= self._chars and size <= room

    def rule(self) -> Card:
        """Add a dividing line."""
        if self._components > 1:
            self._parts.append(None)
            self._components -= 1
        return self

    def buttons(self, *buttons: ui.Button[ui.LayoutView] | None) -> Card:
        """Add a row of at most five buttons; None is left out."""
        shown = [button for button in buttons if button is not None]
        if shown and self._components > len(shown):
            self._rows.append(shown)
            self._components -= len(shown) + 1
        return self

    def picture(self, png: bytes, alt: str) -> Card:
        """Put a picture under the text; ``alt`` says the same in words."""
        if self._components > 1:
            self._picture = png, limits.fit(alt, limits.ALT_CHARS)
            self._components -= 1
        return self

    def attach(self, name: str, data: bytes) -> Card:
        """Put a file to be saved under the text; ``name`` is of letters, digits, hyphens and a dot."""
        if self._components > 1:
            self._attached = name, data
            self._components -= 1
        return self

    @property
    def files(self) -> list[discord.File]:
        """The files to send with the view: made anew each time, since sending one reads it to its end."""
        shown = [] if self._picture is None else [(PICTURE, self._picture[0])]
        attached = [] if self._attached is None else [self._attached]
        return [discord.File(BytesIO(data), name) for name, data in (*shown, *attached)]

    @property
    def view(self) -> ui.LayoutView:
        """The view to send. It is stopped: presses reach `buttons`, by custom id, before and after a restart alike."""
        view = ui.LayoutView(timeout=None)
        container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=ACCENT)
        for part in self._parts:
            container.add_item(ui.Separator() if part is None else ui.TextDisplay(part))
        if self._picture is not None:
            shown: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
            container.add_item(shown.add_item(media=f"attachment://{PICTURE}", description=self._picture[1]))
        view.add_item(container)
        if self._attached is not None:
            view.add_item(ui.File(f"attachment://{self._attached[0]}"))
        for row in self._rows:
            view.add_item(ui.ActionRow(*row))
        view.stop()
        return view

    def freeze(self) -> str:
        """The card without its buttons as JSON, to be posted later just as it is now."""
        frozen: dict[str, object] = {"parts": self._parts}
        if self._picture is not None:
            png, alt = self._picture
            frozen["picture"] = {"png": b64encode(png).decode("ascii"), "alt": alt}
        return json.dumps(frozen)

    @classmethod
    def thaw(cls, frozen: str) -> Card:
        """The card that `freeze` made this of. Before there were pictures it made a list of the parts."""
        kept = json.loads(frozen)
        parts, picture = (kept, None) if isinstance(kept, list) else (kept["parts"], kept.get("picture"))
        card = cls()
        for part in parts:
            card = card.rule() if part is None else card.text(part)
        return card if picture is None else card.picture(b64decode(picture["png"]), picture["alt"])


def note(text: str, *, title: str | None = None) -> Card:
    """A few words of the bot's own. ``text`` is Markdown."""
    return Card().text(f"### {title}\n{text}" if title else text)


def link_button(article: Article | Document) -> ui.Button[ui.LayoutView] | None:
    """A button to the article's page that says where it goes; None where there is no link that Discord takes."""
    link = _link(article)
    return None if link is None else ui.Button(label=f"Read at {link[1]}", url=link[0])


def link_text(article: Article | Document) -> str:
    """A link to the article's page in a text, which says where it goes; "" where there is none or it is long."""
    link = _link(article)
    if link is None or len(link[0]) > _LINK_CHARS:
        return ""
    url = link[0].replace("(", "%28").replace(")", "%29")  # a bracket would end the link
    return f"[{markup.escape(link[1])}]({url})"


def _link(article: Article | Document) -> tuple[str, str] | None:
    """The address of an article's page, and its host to be shown; None where there is no link that Discord takes.

    The host stands as a browser will ask for it (in ASCII), and by its end where it is long: that is who owns it.
    """
    try:
        url = yarl.URL(article.url or "")  # percent-encodes what Discord would refuse
        host = url.raw_host or ""
        host.encode("ascii").decode("idna")
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(host) or len(str(url)) > limits.BUTTON_URL_CHARS:
        return None
    return str(url), host if len(host) <= _HOST_CHARS else limits.ELLIPSIS + host[-_HOST_CHARS:]


def byline(article: Article | Heading, *, max_chars: int = _TITLE_CHARS) -> str:
    """``**Title** · Outlet · 12 May 2025 · `#S12` ``"""
    parts = [f"**{markup.escape_within(article.title, max_chars)}**"]
    if article.outlet:
        parts.append(markup.escape_within(article.outlet, 80))
    if article.published:
        parts.append(article.published.written)
    return " · ".join([*parts, f"`#{article.ref}`"])


def attribution(quote: Quote) -> str | None:
    """Who speaks in a passage and how that is known; None where nobody is quoted in it."""
    if quote.passage.speaker is None:
        return "**unattributed**: the article does not name the speaker beside these words" if quote.said else None
    name = f"**{markup.escape_within(quote.passage.speaker, 100)}**"
    if any(one.method is Method.CORRECTED for one in quote.said):
        return f"{name}, as corrected by an admin"
    if quote.passage.kind is Kind.ANSWER:
        return f"{name}, answering a question"
    return f"{name}, quoted in the article"


def quote_card(quote: Quote, *, footer: str) -> Card:
    """One quotation with everything needed to trust it."""
    card = Card()
    if quote.passage.question is not None:
        asked = markup.passage(quote.article.text, quote.passage.question, (), _QUESTION_CHARS)
        card.text(f"-# Asked: {asked}")
    shown = markup.excerpt(quote.article.text, quote.passage.span, quote.matched, _QUOTE_CHARS, _QUOTE_BYTES)
    card.text(f"> {shown}").text(f"— {speaker}" if (speaker := attribution(quote)) else "")
    card.rule().text(byline(quote.article))
    return card.text(f"-# {footer} · `{quote_id(quote.article, quote.passage.span)}`")


def context_card(quote: Quote, around: Span) -> Card:
    """The passage in bold with the sentences around it, which are the span ``around``."""
    article, span = quote.article, quote.passage.span
    before = _paragraphs(article.text, Span(around.start, span.start))[-_PARAGRAPHS_AROUND:]
    after = _paragraphs(article.text, Span(span.end, around.end))[:_PARAGRAPHS_AROUND]
    shown = [
        *(markup.passage(article.text, part, (), 500, 1_400) for part in before),
        f"**{markup.excerpt(article.text, span, quote.matched, 1_200, 3_000, bold=False)}**",
        *(markup.passage(article.text, part, (), 500, 1_400) for part in after),
    ]
    return Card().text("\n".join(f"> {part}" for part in shown)).rule().text(byline(article))


def _paragraphs(text: str, span: Span) -> list[Span]:
    """The lines of a stretch of text without their list marks, the blank ones left out."""
    lines = ((span.start + line.start(1), line[1].rstrip()) for line in _LINE.finditer(span.of(text)))
    return [Span(start, start + len(line)) for start, line in lines]


def hits_card(hits: Sequence[Hit], first: int, total: int, asked: str) -> Card:
    """A page of articles, ranked, each with the passage that answers best. ``first`` counts from 1."""
    card = Card().text(f"### Articles on {markup.escape_within(asked, 120)}")
    for number, hit in enumerate(hits, first):
        shown = markup.excerpt(hit.article.text, hit.best.passage.span, hit.best.matched, _LINE_CHARS, 1_200)
        speaker = attribution(hit.best)
        about = f"**{number}.** {byline(hit.article, max_chars=150)}" + (f"\n{speaker}:" if speaker else "")
        card.rule().text(f"{about}\n> {shown}")
    return card.rule().text(f"-# {first}–{first + len(hits) - 1} of {total}" if total > 1 else "-# The only match")


def summary_card(summary: Summary) -> Card:
    """The chosen sentences as paragraphs, with the time they save."""
    article = summary.article
    card = Card().text(f"### Summary\n{byline(article)}").rule()
    if summary.too_short:
        card.text("-# This text is too short to summarise: here it is.")
    shown = ""
    for line in _summary_lines(summary):
        if not card.fits(longer := f"{shown}\n{line}".strip(), spare_chars=_SUMMARY_END_CHARS):
            break
        shown = longer
    card.text(shown)
    saved = summary.minutes_saved
    length = f"{summary.words} of {article.words} words"
    return card.text(f"-# {length}" + (f" · saves about {saved} min of reading" if saved else ""))


def _summary_lines(summary: Summary) -> Iterator[str]:
    """The sentences, each turn of an interview with its speaker's name where the speaker changes."""
    previous = None
    for speaker, span in summary.lines:
        name = f"**{markup.escape_within(speaker, 80)}:** " if speaker and speaker != previous else ""
        yield f"> {name}{markup.passage(summary.article.text, span, (), 1_200, 3_200)}"
        previous = speaker


def article_card(article: Article, telling: Telling | None = None, *, above: str = "") -> Card:
    """Everything about one article, how it begins, and what else is on its event. ``above`` is Markdown."""
    facts = [f"{article.words:,} words", f"added {discord.utils.format_dt(article.added_at, 'D')}"]
    if article.authors:
        facts.insert(0, "by " + markup.escape_within(", ".join(article.authors[:20]), 200))
    whose = "the shared library" if article.library == SHARED else "this server's library"
    about = f"{byline(article)}\n-# {' · '.join(facts)} · {whose}"
    card = Card().text(above).rule() if above else Card()
    card.text(f"{about}\n{same_event(article, telling)}".rstrip())
    return card.rule().text(beginning(article.text))


def beginning(text: str) -> str:
    """The first paragraphs of a text, quoted."""
    first = _paragraphs(text, Span(0, min(_BEGINNING_CHARS, len(text))))[:_BEGINNING_PARAGRAPHS]
    return "\n".join(f"> {markup.passage(text, part, (), 320, 900)}" for part in first)


def same_event(article: Article, telling: Telling | None) -> str:
    """A line that names the other articles on the event of one, and what they share; empty where there are none."""
    others = telling.besides(article) if telling else []
    if telling is None or not others:
        return ""
    named = ", ".join(f"`#{other.ref}`" for other in others[:_OTHERS_SHOWN])
    more = f" and {len(others) - _OTHERS_SHOWN} more" if len(others) > _OTHERS_SHOWN else ""
    shared = ", ".join(markup.escape_within(part, 40) for part in telling.shared)
    return f"**Same event:** {named}{more}" + (f" (shared: {shared})" if shared else "")


def list_card(headings: Sequence[Heading], page: int) -> Card:
    """One page of the library's list, newest first. ``page`` counts from 1; one too high shows the last."""
    if not headings:
        return note("The library is empty. Add articles with `/article add` or `/article upload`.")
    pages = -(-len(headings) // HEADINGS_A_PAGE)
    page = min(page, pages)
    shown = headings[(page - 1) * HEADINGS_A_PAGE : page * HEADINGS_A_PAGE]
    lines = [f"• {byline(heading, max_chars=110)}" for heading in shown]
    own = sum(heading.library != SHARED for heading in headings)
    footer = f"{len(headings)} articles, {own} of them this server's own · page {page} of {pages}"
    return Card().text("### In the library\n" + "\n".join(lines)).text(f"-# {footer}")
