"""/setup: what a new server needs for its daily digest, on one card."""

from __future__ import annotations

from discord import app_commands
from discord.app_commands import Range

from bot.discord_app.desk import Interaction
from bot.discord_app.places import PlaceOption
from bot.discord_app.replies import answer
from bot.discord_app.setups import set_up
from commands import choices


@app_commands.command(description="What is there and what is missing for a daily digest; give all three to set it up")
@app_commands.describe(
    channel="Where to post the digest: a channel, a thread or a forum",
    time="Local time of day, such as 08:30",
    zone="Time zone: type a city, such as Berlin",
)
@app_commands.autocomplete(zone=choices.time_zones)
@app_commands.default_permissions(manage_guild=True)
async def setup(
    interaction: Interaction,
    channel: PlaceOption | None = None,
    time: Range[str, 1, 20] | None = None,
    zone: Range[str, 1, 60] | None = None,
) -> None:
    typed = {name: value for name, value in (("time", time), ("zone", zone)) if value is not None}
    await answer(interaction, set_up(interaction, channel, typed))
