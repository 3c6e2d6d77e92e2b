"""`newsdesk doctor`: looks for what is wrong before anybody is given a wrong answer, or a digest is missed.

    settings   what the host has set, and what it names: .env, token, seeds, backups
    host       what Newsdesk stands on: folder, disk, SQLite, time zones
    database   the file itself: schema, bot, pragmas, damage, texts, clock
    index      each library's counts and scores against its texts and rank-bm25
    digests    schedules and deliveries
    round      all of these in their order, and Discord, which is asked by `bot.discord_app.reach`
    findings   what each says: ok, warning or fault, and what to do

The checks change nothing, and may be made beside a running bot. One that stumbles over what is broken says so, and the
next goes on.
"""

from bot.doctor.round import examine
from bot.findings import Finding, exit_code

__all__ = ["Finding", "examine", "exit_code"]
