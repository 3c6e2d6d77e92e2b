"""How many questions are taken on: more where answers are quick than where somebody waits long."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import discord
import pytest

from bot.discord_app import admission
from bot.discord_app.admission import Admission


class _Asked:
    """An interaction, as far as a refusal needs one; it counts the refusals."""

    type = discord.InteractionType.application_command

    def __init__(self) -> None:
        self.refused = 0
        self.response = self

    async def send_message(self, **_told: Any) -> None:
        self.refused += 1


@pytest.mark.parametrize(("slow_seconds", "taken"), [(60.0, 6), (0.0, 2)])
async def test_fewer_are_taken_on_while_somebody_waits_long(
    monkeypatch: pytest.MonkeyPatch, slow_seconds: float, taken: int
) -> None:
    monkeypatch.setattr(admission, "SLOW_SECONDS", slow_seconds)
    desk, asked, answered = Admission(6, 2), _Asked(), asyncio.Event()

    async def ask() -> bool:
        if not await desk.admit(cast(Any, asked)):
            return False
        await answered.wait()
        return True

    tasks = [asyncio.create_task(ask()) for _ in range(9)]
    while asked.refused < 9 - taken:  # noqa: ASYNC110 - until all have been heard
        await asyncio.sleep(0)
    answered.set()
    assert sum(await asyncio.gather(*tasks)) == taken
    assert await asyncio.create_task(ask()), "nobody is in hand any more"
