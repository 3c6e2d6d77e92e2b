"""Answering an interaction: at once when the work is quick, with "thinking…" first when it is not, and once only.

Discord gives three seconds for the first response, and fixes then whether the answer is ephemeral. Nearly every
answer is ready in milliseconds, so `answer` waits a little before it defers: people see cards, not flicker.

Whatever goes wrong is told by `tell`: in its own sentence where a person can mend it, and with a reference where only
the host can. The reference stands in the log, in the line before the traceback.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import aiohttp
import discord
from discord import ui

from bot.discord_app import markup
from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction
from bot.discord_app.measured import note_outcome
from bot.errors import CorpusAway, CorpusError, NewsdeskError, Refused
from bot.metering import Outcome

_log = logging.getLogger(__name__)

_UNKNOWN_INTERACTION = 10062  # Discord's code for a first answer after more than three seconds
DEFER_AFTER_SECONDS = 1.5  # of Discord's 3: the rest is for the network
_FIRST: Final = "first response"  # in an interaction's extras
_TOO_SLOW: Final = "That took longer than Discord waits for a form: try again in a moment."
_LETTERS: Final = "23456789abcdefghjkmnpqrtuvwxyz"  # of a reference: none is taken for another, read aloud or typed
_REFERENCE_CHARS: Final = 7


async def answer(interaction: Interaction, making: Awaitable[Card], *, public: bool = False) -> None:
    """Send the card that ``making`` gives. What a person did wrong is answered with its sentence, to them alone."""

    async def made() -> list[Card]:
        return [await making]

    await answer_all(interaction, made(), public=public)


async def answer_all(interaction: Interaction, making: Awaitable[Sequence[Card]], *, public: bool = False) -> None:
    """The same for an answer of several cards, a message each, in order."""
    try:
        # Ephemerally even when the answer will be public: an error could not be told to one person alone any more.
        async with _deferred_when_slow(lambda: interaction.response.defer(ephemeral=True, thinking=True)):
            cards = await making
    except NewsdeskError as error:
        await explain(interaction, error)
    else:
        for card in cards[:1]:
            await send(interaction, card, public=public)
        for card in cards[1:]:
            await interaction.followup.send(view=card.view, files=card.files, ephemeral=not public)


@asynccontextmanager
async def _deferred_when_slow(defer: Callable[[], Coroutine[Any, Any, object]]) -> AsyncIterator[None]:
    """Where the block lasts `DEFER_AFTER_SECONDS`, Discord is told meanwhile that the answer comes later."""
    telling: asyncio.Task[object] | None = None

    def tell_discord() -> None:
        nonlocal telling
        telling = asyncio.create_task(defer())

    timer = asyncio.get_running_loop().call_later(DEFER_AFTER_SECONDS, tell_discord)
    try:
        yield
    finally:
        timer.cancel()
        if telling is not None:  # the answer comes after it
            await telling


async def open_form(interaction: Interaction, making: Awaitable[ui.Modal]) -> None:
    """Open the form that ``making`` gives. It can only be the first response: where it takes long, that is said."""
    work = asyncio.ensure_future(making)
    try:
        await asyncio.wait({work}, timeout=DEFER_AFTER_SECONDS)
        if not work.done():
            raise Refused(_TOO_SLOW)
        await show_form(interaction, await work)
    except NewsdeskError as error:
        await explain(interaction, error)
    finally:
        work.cancel()


async def show_form(interaction: Interaction, form: ui.Modal) -> None:
    """Open ``form`` as the first response. Raises `Refused` where `in_time` had to give another one."""
    async with _turn_of(interaction):
        if interaction.response.is_done():
            raise Refused(_TOO_SLOW)
        await interaction.response.send_modal(form)


async def in_time(interaction: Interaction, pressed: Awaitable[None]) -> None:
    """Do what a button is for. Where that takes long Discord is told so: the message stays until it is turned."""

    async def defer() -> None:
        async with _turn_of(interaction):
            if not interaction.response.is_done():
                await interaction.response.defer()

    async with _deferred_when_slow(defer):
        await pressed


def _turn_of(interaction: Interaction) -> asyncio.Lock:
    """Whoever gives the first response of a press has this meanwhile, so that there are not two."""
    turn: asyncio.Lock = interaction.extras.setdefault(_FIRST, asyncio.Lock())
    return turn


async def send(interaction: Interaction, card: Card, *, public: bool = False) -> None:
    """Send ``card`` as the interaction's response, as its deferred one, or as a follow-up, whichever is still open."""
    async with _turn_of(interaction):
        is_first = not interaction.response.is_done()
        if is_first:
            await interaction.response.send_message(view=card.view, files=card.files, ephemeral=not public)
    if is_first:
        return
    if not _is_deferred(interaction):
        await interaction.followup.send(view=card.view, files=card.files, ephemeral=not public)
    elif public:  # the first message after a defer is as ephemeral as the defer was; the next one need not be
        await interaction.edit_original_response(view=note("It took a little longer: here it is, for everyone.").view)
        await interaction.followup.send(view=card.view, files=card.files)
    else:
        await interaction.edit_original_response(view=card.view, attachments=card.files)


async def turn(interaction: Interaction, card: Card) -> None:
    """Put ``card`` in the place of the message whose button was pressed."""
    async with _turn_of(interaction):
        is_first = not interaction.response.is_done()
        if is_first:
            await interaction.response.edit_message(view=card.view, attachments=card.files)
    if not is_first:
        await interaction.edit_original_response(view=card.view, attachments=card.files)


async def tell(interaction: Interaction, error: BaseException) -> None:
    """Tell the person alone what went wrong: whatever a command, a button or a form raises ends here."""
    if isinstance(error, NewsdeskError):
        await explain(interaction, error)
    else:
        await apologise(interaction, error)


async def explain(interaction: Interaction, error: NewsdeskError) -> None:
    """Tell what happened in the error's own sentence; where only the host can mend it, with a reference to the log."""
    note_outcome(interaction, Outcome.REFUSED)
    await send(interaction, note(sentence(interaction, error)))


def sentence(interaction: Interaction, error: NewsdeskError, *, most: int | None = None) -> str:
    """What `explain` says, as Markdown, for a card that says more. ``most`` are characters of the error's own words."""
    said = markup.escape(str(error)) if most is None else markup.escape_within(str(error), most)
    if isinstance(error, CorpusError):
        said += f" If it stays, tell your host the reference `{_logged(interaction, error)}`."
    return said


async def apologise(interaction: Interaction, error: BaseException) -> None:
    """Something broke that the person could not help: one sentence with a reference to the log."""
    note_outcome(interaction, Outcome.ERROR)
    if _is_lost(error):
        where, server = _where(interaction), interaction.guild_id
        _log.warning("the answer to %s in server %s was lost: %s", where, server, type(error).__name__)
        return
    reference = _logged(interaction, error)
    text = f"Something went wrong on my side. Try again; if it stays, tell your host the reference `{reference}`."
    try:
        await send(interaction, note(text))
    except (discord.HTTPException, aiohttp.ClientError, OSError) as fault:
        _log.warning("error %s could not be told: %s", reference, type(fault).__name__)


def _logged(interaction: Interaction, error: BaseException) -> str:
    """Log a fault with its traceback; returns the reference by which its line is found.

    That the server of the library is away has nothing to be found in a traceback, and everybody who asks meets it.
    """
    reference = "".join(secrets.choice(_LETTERS) for _ in range(_REFERENCE_CHARS))
    where, server = _where(interaction), interaction.guild_id
    if isinstance(error, CorpusAway):
        _log.error("error %s in %s, server %s: %s", reference, where, server, error)
    else:
        _log.error("error %s in %s, server %s", reference, where, server, exc_info=error)
    return reference


def _where(interaction: Interaction) -> str:
    """The command, or what kind of button or form it was."""
    if interaction.command:
        return interaction.command.qualified_name
    data = cast("dict[str, object]", interaction.data or {})
    verb = re.match(r"newsdesk:[\w-]{1,30}", str(data.get("custom_id")))
    return verb[0] if verb else interaction.type.name


def _is_lost(error: BaseException) -> bool:
    """Whether Discord could not be reached, or no longer waits: nothing more can be said in this interaction."""
    too_late = isinstance(error, discord.NotFound) and error.code == _UNKNOWN_INTERACTION
    return too_late or isinstance(error, aiohttp.ClientError | ConnectionError)


def _is_deferred(interaction: Interaction) -> bool:
    return interaction.response.type is discord.InteractionResponseType.deferred_channel_message
