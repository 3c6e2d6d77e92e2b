"""Commands and presses as they are counted and timed: by name, from when they come in until their task ends.

interaction -> admission -> **measured** -> `bot.metering`. What became of one is written on the interaction where it is
told to the person, in `replies`. A form that is sent in is not counted: the command that opened it was.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import discord

from bot.metering import Outcome

_OUTCOME = "outcome"  # in an interaction's extras


async def admitted(interaction: discord.Interaction[Any]) -> bool:
    """Whether the running task may go on to answer ``interaction``: see `admission`. It is measured either way."""
    begun, task = time.perf_counter(), asyncio.current_task()

    def end(_: object) -> None:
        seconds = time.perf_counter() - begun
        outcome = interaction.extras.get(_OUTCOME, Outcome.ANSWERED)
        interaction.client.newsdesk.meter.answered(_name(interaction), outcome, seconds)

    if task is not None:
        task.add_done_callback(end)
    may_go_on = bool(await interaction.client.admission.admit(interaction))
    if not may_go_on:
        note_outcome(interaction, Outcome.SHED)
    return may_go_on


def note_outcome(interaction: discord.Interaction[Any], outcome: Outcome) -> None:
    """Say that ``interaction`` was not simply answered."""
    interaction.extras[_OUTCOME] = outcome


def _name(interaction: discord.Interaction[Any]) -> str:
    """A command's name. One that is not known has none, so that nobody can make up more and more names."""
    if interaction.type is discord.InteractionType.autocomplete:
        return "typing"
    if interaction.type is discord.InteractionType.component:
        return "button"
    return interaction.command.qualified_name if interaction.command else "unknown"
