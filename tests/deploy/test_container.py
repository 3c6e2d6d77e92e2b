"""The image that the container file makes, and the bot in it as it is run: not root, its root file system read-only."""

from __future__ import annotations

import asyncio
import os
import signal
import tomllib
from pathlib import Path

import pytest

from tests.deploy import container
from tests.deploy.containerfile import ROOT
from tests.wire.double import PATIENCE_SECONDS, TOKEN, Double
from tests.wire.process import Bot

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
BUILD_SECONDS = 400  # five seconds where the packages are here, and the machine has time
PAGE = """<html><head><title>The bridge is open</title></head><body><article><h1>The bridge is open</h1>
<p>The mayor opened the bridge on Monday. “It is a good bridge,” said Anna Lind, the mayor.</p>
<p>People came from far away to see it and to walk on it, in spite of the rain that fell all day.</p>
</article></body></html>"""

# Where the program is, its version, and which modules of its own and of Python have no bytecode.
COMPILED_ANEW = """
import importlib.metadata, os, sys, sysconfig, bot.cli
own = "/app/", sysconfig.get_path("stdlib")
files = {name: (module.__file__, module.__cached__) for name, module in sys.modules.items()
         if getattr(module, "__file__", None) and getattr(module, "__cached__", None)}
print(bot.__file__, importlib.metadata.version("newsdesk"))
print([name for name, (file, cached) in files.items()
       if file.startswith(own) and "site-packages" not in file and not os.path.exists(cached)])
"""


@pytest.mark.long
@pytest.mark.parametrize("from_registry", [False, True], ids=["from here", "from the registry"])
async def test_the_image_runs_as_it_is_meant_to(tmp_path: Path, from_registry: bool) -> None:
    if from_registry and not os.environ.get("TEST_REGISTRY"):
        pytest.skip("set TEST_REGISTRY=1 to install the lock file from the package registry, for a minute or two")
    for name in ("probe", "scratch", "data"):
        (tmp_path / name).mkdir()
    container.need_namespaces(tmp_path / "probe")
    (tmp_path / "data" / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "data" / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    async with Double() as double:
        command = ["env", "DISCORD_TOKEN_FILE=/data/token", "python3", "-m", "tests.wire.launch", double.address, "run"]
        script = container.script(tmp_path / "scratch", tmp_path / "data", command, from_registry=from_registry)
        process = await asyncio.create_subprocess_exec(
            *("unshare", "--mount", "--propagation=private", "sh", "-c", script),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stderr is not None
        bot = Bot(process, process.stderr, tmp_path)
        try:
            assert process.stdout is not None
            async with asyncio.timeout(BUILD_SECONDS):
                assert await process.stdout.readline() == b"built\n"
            await _is_as_meant(bot, tmp_path / "data")
        except Exception as error:
            error.add_note("It said:\n" + "\n".join(bot.lines))
            raise
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)  # what it builds with, too
            await bot.ended()


async def _is_as_meant(bot: Bot, data: Path) -> None:
    await bot.line("seeds: added 14")
    await bot.line("ready in 1 servers")

    _, said = await _inside(bot, ["cat", f"/proc/{bot.pid}/status"])
    status = dict(line.split(":\t", 1) for line in said.splitlines())
    assert set(status["Uid"].split()) == {"10001"}
    assert {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd")} == {0}
    assert (data / "newsdesk.db").stat().st_uid == 10001

    tried = (
        "for folder in / /app/bot /venv/bin /etc /tmp /data; do touch $folder/x 2>/dev/null && echo $folder; done; true"
    )
    assert await _inside(bot, ["sh", "-c", tried]) == (0, "/tmp\n/data\n")
    assert await _inside(bot, ["python3", "-c", COMPILED_ANEW]) == (0, f"/app/bot/__init__.py {VERSION}\n[]\n")

    program = container.command("ENTRYPOINT")
    code, said = await _inside(bot, [*program, "--help"])
    assert code == 0
    assert "cuttings library" in said
    code, said = await _inside(bot, [*program, "import", "/data/page.html"])  # parsed in the sandbox
    assert code == 0, said
    assert "The bridge is open" in said
    await _becomes_healthy(bot)

    code, seconds = await bot.signalled(signal.SIGTERM)
    assert code == 0
    assert seconds < 10  # after that an engine kills


async def _becomes_healthy(bot: Bot) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (asked := await _inside(bot, container.command("HEALTHCHECK")))[0]:
            bot.lines.append(f"health: {asked}")


async def _inside(bot: Bot, command: list[str]) -> tuple[int, str]:
    """Exit code and output of a command beside the bot."""
    process = await asyncio.create_subprocess_exec(
        *container.beside(bot.pid, command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()
