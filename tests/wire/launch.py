"""The bot, pointed at a double of Discord: ``python -m tests.wire.launch ADDRESS run`` is ``python -m bot run``.

discord.py has no setting for where Discord is. The undocumented attributes that say so are named here and nowhere
else; an import fails where a new version of discord.py no longer has them as they are expected.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot import cli
from tests.wire import rigging


def _expect(known: bool, what: str) -> None:
    if not known:
        raise RuntimeError(f"this version of discord.py has no {what}: tests/wire/launch.py must learn where it went")


_expect(isinstance(getattr(Route, "BASE", None), str), "discord.http.Route.BASE")
_expect(Route("GET", "/gateway").url == f"{Route.BASE}/gateway", "Route.url made from Route.BASE")
_expect(isinstance(getattr(DiscordWebSocket, "DEFAULT_GATEWAY", None), yarl.URL), "DiscordWebSocket.DEFAULT_GATEWAY")


@contextmanager
def pointed_at(address: str) -> Iterator[None]:
    """Every client started inside speaks to ``http://127.0.0.1:PORT`` instead of Discord."""
    known = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = f"{address}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address).with_scheme("ws") / "gateway"
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = known


def hasten(client: discord.Client) -> None:
    """Do not wait two seconds for more servers before saying ready: the double tells of one right after the other."""
    state = client._connection
    _expect(isinstance(getattr(state, "guild_ready_timeout", None), float), "ConnectionState.guild_ready_timeout")
    state.guild_ready_timeout = 0.05


def launch(address: str, *arguments: str) -> None:
    """The command line with these words, in this process, as its environment asks."""
    sys.argv = ["newsdesk", *arguments]
    rigging.apply(os.environ)
    with pointed_at(address):
        cli.main()


def bot(address: str) -> None:
    """What `tests.wire.process` forks where no other program is asked for."""
    launch(address, "run")


def answer(words: Sequence[str], address: str) -> None:
    """A verb whose standard output goes where its standard error goes."""
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    launch(address, *words)


def run(
    program: Callable[[str], None], stderr: Connection, address: str, folder: Path, environment: dict[str, str]
) -> None:
    """What a forked process does: all that the system does for one that is started, then the ``program``.

    It stands here, and so does what it runs, because the process loads the modules of both: with the double, which no
    bot needs, that would take longer than the life of a bot that posts one digest.
    """
    with stderr, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
        os.dup2(stderr.fileno(), sys.stderr.fileno())
    if "tests.wire.double" in sys.modules:
        raise RuntimeError("a forked bot has loaded the double: move what it runs into a module that does without")
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    program(address)


if __name__ == "__main__":
    launch(*sys.argv[1:])
