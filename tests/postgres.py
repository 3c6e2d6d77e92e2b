"""A throw-away PostgreSQL for the tests: one for all processes of a run, that ends when the last of them has ended.

    test -> `server` -> this file as a program, which starts PostgreSQL and stays -> the tests' databases

Whoever uses the server holds a shared lock on a file; the program waits for that file alone, and then stops the server
and deletes its folder. So nothing is left behind, however the tests end.
"""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

USER: Final = "newsdesk"
BLANK: Final = "blank"
"""The database that is migrated and empty."""
TOP: Final = Path(__file__).resolve().parents[1]

# Of a crash of the machine nothing needs to be left. A server that is killed loses the last half second of what it has
# acknowledged with `synchronous_commit` off: a test that kills one turns it on.
_QUICK: Final = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "256MB"}
_SMALL: Final = {"shared_buffers": "32MB", "max_connections": "200", "autovacuum": "off", "listen_addresses": ""}
_numbers = itertools.count(1)


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs, of the newest version; Debian keeps them out of PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    if debian:
        return debian[-1].parent
    return Path(found).parent if (found := shutil.which("initdb")) else None


def why_not() -> str | None:
    """Why there can be no PostgreSQL here; None where there can be."""
    if binaries() is None:
        return "PostgreSQL is not on this machine (apt-get install postgresql)"
    return None if find_spec("asyncpg") else "asyncpg is not installed (pip install newsdesk[postgres])"


def unprivileged() -> dict[str, Any]:
    """What `subprocess` needs to start a program as somebody else than root, as whom PostgreSQL does not run."""
    if os.geteuid() != 0:
        return {}
    names = {one.pw_name for one in pwd.getpwall()}
    other = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}


@dataclass(frozen=True)
class Server:
    """A running server, at the socket in ``folder``, with databases by name."""

    folder: Path
    port: int = 5432

    def url(self, database: str) -> str:
        """As DATABASE_URL names a database."""
        port = f"&port={self.port}" if self.port != 5432 else ""
        return f"postgresql+asyncpg://{USER}@/{database}?host={self.folder}{port}"

    async def rows(self, statement: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of a statement, which is run outside of any transaction."""
        import asyncpg  # noqa: PLC0415 - it is not everywhere

        connection = await asyncpg.connect(host=str(self.folder), port=self.port, user=USER, database=database)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    def query(self, statement: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """As `rows`, where no event loop runs."""
        return asyncio.run(self.rows(statement, database=database))

    def create(self, *, like: str = BLANK) -> str:
        """The name of a new database, a copy of another, by default of an empty library; see `query`."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        self.query(f"CREATE DATABASE {name} TEMPLATE {like}")
        return name

    def drop(self, database: str) -> None:
        """Delete a database, whoever is still connected to it; see `query`."""
        self.query(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


class Cluster:
    """A server of one's own in a folder: to be stopped, killed and started again. `Cluster.new` makes its data."""

    def __init__(self, folder: Path, port: int = 5432, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.server = Server(folder, port)
        self._settings = {
            **_QUICK,
            **_SMALL,
            "unix_socket_directories": str(folder),
            "port": str(port),
            **(settings or {}),
        }

    @classmethod
    def new(cls, settings: Mapping[str, str] | None = None) -> Cluster:
        """One without any data but PostgreSQL's own, in a folder with a short name, as sockets need it."""
        folder = Path(tempfile.mkdtemp(prefix="newsdesk-pg-", dir="/tmp"))
        if owner := unprivileged():
            os.chown(folder, owner["user"], owner["group"])
        made = cls(folder, settings=settings)
        made.run("initdb", "-D", made.data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        return made

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in self._settings.items())
        self.run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-o", settings, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: "fast" is how an administrator does it, "immediate" leaves what a crash leaves."""
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def delete(self) -> None:
        """Delete all that is there of it; it was stopped."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, program: str, *arguments: object) -> str:
        """One of PostgreSQL's programs, as the server's user; returns what it says."""
        command = [str((binaries() or Path()) / program), *map(str, arguments)]
        # To a file: the server that `pg_ctl` starts would keep a pipe open.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", check=False, **unprivileged()
            )
            said.seek(0)
            if done.returncode:
                raise RuntimeError(f"{program} ended with {done.returncode}: {said.read().strip()}")
            return said.read()


def shared_server(folder: Path) -> Server:
    """The server of the run whose common folder this is, started by whoever needs it first. Blocks for seconds then.

    It is there until this process ends.
    """
    with (folder / "postgres.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        users = os.open(folder / "postgres.users", os.O_CREAT | os.O_RDWR)  # held until the process ends
        fcntl.flock(users, fcntl.LOCK_SH)  # waits where a server that nobody used is being stopped
        said = folder / "postgres.folder"
        if not said.exists():
            subprocess.run(
                [sys.executable, __file__, str(folder)],
                check=True,
                cwd=TOP,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": str(TOP)},
            )
        return Server(Path(said.read_text()))


def _serve(folder: Path) -> None:
    """Start a server, let go of the caller, and stop it when nobody uses it any more."""
    cluster = Cluster.new()
    try:
        cluster.start()
        asyncio.run(_make_blank(cluster.server))
    except BaseException:
        with suppress(RuntimeError):
            cluster.stop()
        cluster.delete()
        raise
    (folder / "postgres.folder").write_text(str(cluster.folder))
    if os.fork():
        os._exit(0)
    os.setsid()  # Ctrl+C is for the tests
    with (folder / "postgres.users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        (folder / "postgres.folder").unlink()
        cluster.stop()
        cluster.delete()


async def _make_blank(server: Server) -> None:
    from bot.corpus import Corpus  # noqa: PLC0415 - whoever only asks for the server need not load it

    await server.rows(f"CREATE DATABASE {BLANK} TEMPLATE template0")
    async with Corpus.open(server.url(BLANK), bot=True):
        pass


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
