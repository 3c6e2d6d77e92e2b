"""The answer to /check: a verdict on each quotation, word by word, with its source; kept so that its buttons last.

text -> `Newsdesk.check` -> card; Context and Share ask again, and so tell what the library holds then
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import discord
from discord import ui

from bot.discord_app import markup
from bot.discord_app.cards import Card, byline, context_card
from bot.discord_app.pages import GONE
from bot.errors import Refused
from bot.newsdesk import Newsdesk
from bot.quote_ids import quote_id
from bot.search.checks import Checked, Checks, Found, Verdict
from bot.search.differences import Edit, EditKind, Splice

KIND: Final = "check"
CHECKED_CHARS: Final = 4_000
_CLAIM_CHARS, _EDIT_CHARS = 700, 160
_END_CHARS = 300  # what follows the verdicts must fit too
_MOST_REFS, _MOST_SPLICES = 4, 3
_IN_A_ROW = 5
_MOST_CONTEXTS = 5
_SIGNS = {
    Verdict.EXACT: "✅ **Exact**",
    Verdict.NEAR: "🟡 **Near**: not these very words",
    Verdict.OTHER_SPEAKER: "🟠 **Said by someone else**",
    Verdict.NOT_FOUND: "⚪ **Not in the library**",
}
_LEGEND = "-# ~~struck~~: not in the article · **bold**: what the article has there"


@dataclass(frozen=True, slots=True)
class FoundChecks:
    """Who asked in which server whether a text's quotations are in the library."""

    answer_id: str
    library: int
    user_id: int
    text: str

    @classmethod
    async def save(cls, newsdesk: Newsdesk, library: int, user_id: int, text: str) -> Self:
        """Keep a text that was checked, so that its buttons work."""
        payload = json.dumps({"text": text})
        return cls(
            await newsdesk.corpus.answers.save(library, user_id, KIND, payload, now=newsdesk.now()),
            library,
            user_id,
            text,
        )

    @classmethod
    async def load(cls, newsdesk: Newsdesk, answer_id: str) -> Self | None:
        """What was kept under an id; None where it is forgotten by now."""
        stored = await newsdesk.corpus.answers.load(answer_id)
        if stored is None or stored.kind != KIND:
            return None
        return cls(stored.id, stored.guild, stored.user_id, json.loads(stored.payload)["text"])

    async def check(self, newsdesk: Newsdesk) -> Checks:
        """Check the text again, in the library as it is now."""
        return await newsdesk.check(self.library, self.text)

    async def context(self, newsdesk: Newsdesk, number: int) -> Card:
        """The sentences around the words of a verdict. Raises `Refused` where they are gone."""
        found = next((one.found for one in list(await self.check(newsdesk))[number:]), None)
        if found is None:
            raise Refused(GONE)
        return context_card(found.quote, newsdesk.around(found.quote))


def checks_card(checks: Checks, *, footer: str = "") -> tuple[Card, int]:
    """The verdicts in order, and how many of them fitted on the card."""
    card = Card()
    shown = 0
    for checked in checks:
        words, source = _verdict(checked), _source(checked)
        if shown and not card.fits(f"{words}\n{source}", spare_chars=_END_CHARS):
            break
        (card.rule() if shown else card).text(words).text(source)
        shown += 1
    if untold := len(checks.checked) - shown + checks.left_out:
        card.text(f"-# and {untold} more quotations: check them by themselves")
    if any(one.found and _differs(one.found) for one in checks.checked[:shown]):
        card.text(_LEGEND)
    return card.text(f"-# {footer}" if footer else ""), shown


def with_buttons(card: Card, kept: FoundChecks, checks: Checks, shown: int) -> Card:
    """Context for each verdict that has a source, and Share."""
    found = [number for number, one in enumerate(checks.checked[:shown]) if one.found is not None][:_MOST_CONTEXTS]
    labels = {number: f"Context {number + 1}" if shown > 1 else "Context" for number in found}
    contexts = [_button("context", kept, number, label) for number, label in labels.items()]
    share = _button("share", kept, 0, "Share")
    return card.buttons(*contexts, share) if len(contexts) < _IN_A_ROW else card.buttons(*contexts).buttons(share)


def _button(verb: str, kept: FoundChecks, number: int, label: str) -> ui.Button[ui.LayoutView]:
    """A button that `buttons.CheckButton` answers."""
    return ui.Button(
        label=label,
        custom_id=f"newsdesk:check-{verb}:{kept.answer_id}:{number}",
        style=discord.ButtonStyle.secondary,
    )


def _verdict(checked: Checked) -> str:
    sign = _SIGNS[checked.verdict]
    found = checked.found
    if found is None:
        return f"{sign}\n> {_cut(checked.text, _CLAIM_CHARS)}"
    if checked.verdict is Verdict.OTHER_SPEAKER:
        sign += ", in these very words" if found.is_exact else ", nearly in these words"
    return f"{sign}\n> {_compared(checked, found)}"


def _source(checked: Checked) -> str:
    """Whose words they are, what was passed over, and where they stand; empty for a claim that was not found."""
    found = checked.found
    if found is None:
        said = "-# Its words are so common that only the likeliest articles were read."
        return "" if checked.is_complete else said
    quote = found.quote
    lines = [f"— {_speaker(checked, found)}", *(f"-# {_splice(splice)}" for splice in found.splices[:_MOST_SPLICES])]
    known = [f"`{quote_id(quote.article, found.speech.span)}`"] if found.speech else []
    if found.also_in:
        known.append(f"also in {', '.join(f'`#{other.ref}`' for other in found.also_in[:_MOST_REFS])}")
    lines.append(byline(quote.article, max_chars=150))
    return "\n".join([*lines, f"-# {' · '.join(known)}"] if known else lines)


def _differs(found: Found) -> bool:
    return any(edit.kind not in (EditKind.SAME, EditKind.ELLIPSIS, EditKind.ASIDE) for edit in found.edits)


def _compared(checked: Checked, found: Found) -> str:
    """The claim word by word; as much of it as there is room for."""
    return compared(checked.typed, found.quote.article.text, found.edits, _CLAIM_CHARS)


def compared(typed: str, stored: str, edits: Sequence[Edit], room: int) -> str:
    """``typed`` word by word against ``stored``: what only it has is struck, what only the other has is in bold."""
    parts = list[str]()
    for edit in edits:
        part = _edit(edit, edit.claimed.of(typed), edit.stored.of(stored))
        room -= len(part) + 1
        if room < 0:
            return " ".join([*parts, "…"])
        parts.append(part)
    return " ".join(part for part in parts if part)


def _edit(edit: Edit, claimed: str, stored: str) -> str:
    if edit.kind in (EditKind.SAME, EditKind.ELLIPSIS):
        return _cut(claimed, _CLAIM_CHARS)
    if edit.kind is EditKind.ASIDE:
        return "\\[…\\]"
    struck = f"~~{_cut(claimed, _EDIT_CHARS)}~~" if claimed.strip() else ""
    bold = f"**{_cut(stored, _EDIT_CHARS)}**" if stored.strip() else ""
    return " ".join(filter(None, (struck, bold)))


def _cut(text: str, max_chars: int) -> str:
    return markup.escape_within(" ".join(text.split()), max_chars)


def _speaker(checked: Checked, found: Found) -> str:
    if found.speaker is None:
        return "**unattributed**" if found.speech else "the article's own words"
    name = f"**{_cut(found.speaker, 100)}**"
    if checked.verdict is Verdict.OTHER_SPEAKER:
        return f"{name}, not {_cut(checked.claim.speaker or '', 100)}"
    return name


def _splice(splice: Splice) -> str:
    if splice.sentences_apart is None:
        return "Puts first what comes later in the article"
    where = {0: "within a sentence", 1: "from a sentence to the next"}.get(
        splice.sentences_apart, f"to {splice.sentences_apart} sentences further on"
    )
    words = "1 word" if splice.words == 1 else f"{splice.words} words"
    return f"Passes over {words}, {where}{'' if splice.claimed else ', and does not say so'}"
