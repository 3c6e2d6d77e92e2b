"""Health: what a running bot writes down of itself every ten seconds, and what whoever reads it may conclude.

    event loop -> `bot.discord_app.heartbeat` -> `Beat` -> a file beside the database -> `judge` -> findings

The event loop's own task writes it, so a loop that stands still does not. Its date alone is by the wall clock, the rest
is lengths of time: a clock that is set makes a healthy bot look ill for one beat and no longer. Loads neither the
library nor Discord, since `newsdesk health` is asked every half a minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from bot.errors import NewsdeskError
from bot.findings import Finding, ok, warning

BEAT_SECONDS: Final = 10.0
STALE_SECONDS: Final = 60.0
"""A heartbeat that is older is that of a bot that stands still or has ended: five beats in a row were missed."""
MOST_SECONDS_DOWN: Final = 300.0
"""How long Discord may be away before it is a fault: discord.py is back in seconds, and after an outage in minutes."""
PROBE_SECONDS: Final = 60.0
MOST_SECONDS_UNSTORED: Final = 300.0
"""How long nothing may have reached the disk: four probes in a row failed, or writers have waited as long."""
LATE_SECONDS: Final = 90.0
"""A look for what is due that is late: two polls of `delivery`, and the longest that one message may take."""
MOST_SECONDS_UNLOOKED: Final = 600.0


class Connection(StrEnum):
    """What the bot's connection to Discord is."""

    CONNECTING = "connecting"  # it has not been ready yet
    READY = "ready"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Beat:
    """How the bot was at ``written_at``. Lengths of time are until then, in seconds; None for what was never."""

    written_at: datetime
    pid: int
    version: str
    running_seconds: float
    connection: Connection
    connection_seconds: float  # since it is so
    latency_seconds: float | None = None  # of the gateway's last heartbeat
    stored_seconds: float | None = None  # since something of the bot's own reached the disk
    store_fault: str | None = None  # why the last try did not
    looked_seconds: float | None = None  # since it was last looked for digests that are due
    last_digest: str | None = None  # how the last one that came to an end did: a state of `bot.corpus.deliveries`
    last_digest_at: datetime | None = None
    digests: Mapping[str, int] = field(default_factory=dict)  # how many of the last day are in which state
    shards: str | None = None  # which it has of how many, where there are several: 0-3 of 8
    shards_down: str | None = None  # those that were connected or never were, and are not
    processes: int | None = None  # that live on this database, where there may be several
    shards_absent: str | None = None  # which none of them is connected with


_BEATS: Final = TypeAdapter(Beat)


class NoHeartbeat(NewsdeskError):
    """There is no heartbeat, or none that this version can read."""


def file_of(database: Path) -> Path:
    """Where the heartbeat of the bot on this database file is."""
    return database.with_name(f"{database.name}.health")


def write(file: Path, beat: Beat) -> None:
    """Put ``beat`` in the place of the one before; whoever reads meanwhile reads one of the two. Blocks.

    Raises `OSError`.
    """
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(_BEATS.dump_json(beat, indent=1))
    part.replace(file)


def read(file: Path) -> Beat:
    """The heartbeat in ``file``. Blocks. Raises `NoHeartbeat`."""
    database = file.name.removesuffix(".health")
    try:
        return _BEATS.validate_json(file.read_bytes())
    except FileNotFoundError:
        raise NoHeartbeat(f"no bot runs on {database}, or it is still starting: see its log.") from None
    except OSError as error:
        raise NoHeartbeat(
            f"{file.name} cannot be read ({error.strerror}): ask as the user that the bot runs as."
        ) from error
    except ValueError:
        raise NoHeartbeat(f"{file.name} was written by another version of Newsdesk: restart the bot.") from None


def examine(file: Path, now: datetime) -> list[Finding]:
    """What the heartbeat in ``file`` says of a bot, `judge`d; a fault where there is none. Blocks."""
    try:
        return judge(read(file), now)
    except NoHeartbeat as error:
        return [Finding("fault", "event loop", str(error))]


def judge(beat: Beat, now: datetime) -> list[Finding]:
    """What ``beat`` says of the bot at ``now``. Where it is too old to say anything, that alone."""
    age = (now - beat.written_at).total_seconds()
    if age > STALE_SECONDS:
        said = f"the last heartbeat is {_length(age)} old: process {beat.pid} has ended or stands still. Restart it."
        return [Finding("fault", "event loop", said)]
    if age < -STALE_SECONDS:
        said = f"the last heartbeat is dated {_length(-age)} ahead: the clock was set back. Ask again in a minute."
        return [Finding("fault", "event loop", said)]
    said = f"beating for {_length(beat.running_seconds)} in process {beat.pid}, version {beat.version}."
    return [
        ok("event loop", said),
        _of_the_gateway(beat, max(age, 0.0)),
        _of_the_database(beat, max(age, 0.0)),
        _of_the_scheduler(beat, max(age, 0.0)),
        _of_the_digests(beat),
        *_of_the_processes(beat),
    ]


def _of_the_gateway(beat: Beat, age: float) -> Finding:
    seconds = beat.connection_seconds + age
    if beat.connection is Connection.READY:
        latency = "" if beat.latency_seconds is None else f", latency {beat.latency_seconds * 1000:.0f} ms"
        of = "" if beat.shards is None else f" with shards {beat.shards}"
        return ok("gateway", f"connected for {_length(seconds)}{of}{latency}.")
    which = "" if beat.shards_down is None else f"shards {beat.shards_down} "
    said = f"{which}not connected to Discord for {_length(seconds)}"
    if seconds > MOST_SECONDS_DOWN:
        return Finding("fault", "gateway", f"{said}: see https://discordstatus.com and this machine's network.")
    return warning("gateway", f"{said}: it is being tried again.")


def _of_the_database(beat: Beat, age: float) -> Finding:
    seconds = (beat.running_seconds if beat.stored_seconds is None else beat.stored_seconds) + age
    why = beat.store_fault or "other writers are at work."
    if seconds > MOST_SECONDS_UNSTORED:
        return Finding("fault", "database", f"nothing could be written for {_length(seconds)}: {why}")
    if beat.store_fault:
        return warning("database", f"the last try to write failed: {why}")
    return ok("database", f"written to {_length(seconds)} ago.")


def _of_the_scheduler(beat: Beat, age: float) -> Finding:
    if beat.looked_seconds is None:
        if beat.connection is not Connection.READY:
            return ok("scheduler", "begins once the bot is connected.")
        seconds = beat.connection_seconds + age
    else:
        seconds = beat.looked_seconds + age
    said = f"looked for digests that are due {_length(seconds)} ago"
    if seconds > MOST_SECONDS_UNLOOKED:
        return Finding("fault", "scheduler", f"{said}: see the log for what keeps it, and restart the bot.")
    if seconds > LATE_SECONDS:
        return warning("scheduler", f"{said}: Discord takes messages slowly, or the log says why.")
    return ok("scheduler", f"{said}.")


def _of_the_digests(beat: Beat) -> Finding:
    counted = ", ".join(f"{number} {state}" for state, number in sorted(beat.digests.items())) or "none"
    said = f"{counted} in the last 24 hours."
    if beat.last_digest in ("failed", "uncertain"):
        when = f" of {beat.last_digest_at:%Y-%m-%d %H:%M} UTC" if beat.last_digest_at else ""
        about = f"the last one{when} is {beat.last_digest}: `/schedule status` says why; {said}"
        return warning("digests", about)
    return ok("digests", said)


def _of_the_processes(beat: Beat) -> Iterator[Finding]:
    if beat.shards_absent is not None:
        said = f"none is connected with shards {beat.shards_absent}, where nobody is answered: start one for them."
        yield warning("processes", said)
    elif beat.processes is not None:
        yield ok("processes", f"{beat.processes} on this database, connected with every shard.")


def _length(seconds: float) -> str:
    """As a person says it, in the largest unit that leaves at least two of it: 90 s, 4 min, 36 h, 3 d."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
