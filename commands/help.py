"""/help: what Newsdesk can do, on one card."""

from __future__ import annotations

from discord import app_commands

from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.replies import answer

TEXT = """\
This channel's cuttings library: it answers with the articles' own words, each with its source.

`/quote` what exactly was said, and where. Without words: a quote by chance
`/speaker` what one person said, in time order
`/check` is this quote real: word by word, in which article, whose
`/search` which articles are about something
`/summary` an article in a few of its own sentences, or what several tell about a topic
`/digest` what came into the library lately, on a topic if you like
`/catchup` what came in since you last asked
`/watch add`, `list`, `pause`, `resume`, `remove` be told when something comes in

**In a query**
`"exact words"`, `-word` to leave out, `speaker:zelensky`, `source:reuters`, `since:"last week"`, `until:2025-05`

**In the menu of a message** (Apps)
*Check quote* as `/check`, for what is quoted in it
*Find related* the articles nearest to it
*Save as article* (admins) the page its first link leads to, or its text

**For admins**
`/article add`, `fetch`, `upload`, `list`, `show`, `remove`, `restore`, `purge` this server's articles
`/article edit`, `revise`, `history`, `duplicates` change one after seeing what changes; who did what; copies
`/feed add`, `list`, `check`, `pause`, `resume`, `remove` articles that come in by themselves
`/people list`, `join`, `part` whose names are one person's; *Wrong speaker?* stands under a quote
`/schedule set`, `edit`, `pause`, `resume`, `remove` digests in a channel, on the days you choose
`/schedule list`, `preview`, `run`, `status` what comes next, what it would say, what became of the last
`/setup` what a daily digest needs, and what of it is there

**Your data**
`/privacy` what is kept, of whom, how long. `/data export`, `delete` have it, or be rid of it

-# Answers are for your eyes only: choose `public`, or press Share, to show them to everyone."""


@app_commands.command(name="help", description="What Newsdesk can do")
async def help_command(interaction: Interaction) -> None:
    await answer(interaction, _answer(interaction))


async def _answer(interaction: Interaction) -> Card:
    counts = await interaction.client.newsdesk.counts(library_of(interaction))
    held = f"{counts.articles:,} articles and {counts.speeches:,} quotations are in the library now."
    return note(f"{TEXT}\n-# {held}", title="Newsdesk")
