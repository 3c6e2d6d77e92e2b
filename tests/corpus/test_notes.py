"""Notes: the last value set under a key."""

from __future__ import annotations

from bot.corpus import Corpus


async def test_a_note_keeps_the_last_value_set(url: str) -> None:
    async with Corpus.open(url, bot=True) as corpus:
        assert await corpus.notes.get("commands") is None
        await corpus.notes.set("commands", "first")
        await corpus.notes.set("commands", "second")
    async with Corpus.open(url, bot=True) as corpus:
        assert await corpus.notes.get("commands") == "second"
        assert await corpus.notes.get("other") is None
