"""What the unit for systemd promises, and what systemd's own tools say of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import EX_CONFIG, EX_DATAERR
from bot.reading import confined, sandbox
from tests.deploy.containerfile import ROOT
from tests.deploy.test_containerfile import BOT_BYTES, SESSIONS_A_DAY

UNIT = ROOT / "deploy" / "newsdesk.service"
EXPOSURE = 1.2  # of systemd 252's scale of ten; what is left is the network, and limits for what parses documents

# Each closes something that the bot and the processes it parses documents in were tried without.
CLOSED = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "UMask": "0077",
    "PrivateDevices": "yes", "PrivateUsers": "yes", "ProtectProc": "invisible", "RestrictNamespaces": "yes",
    "MemoryDenyWriteExecute": "yes", "CapabilityBoundingSet": "", "StateDirectoryMode": "0700", "LimitCORE": "0",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6", "SystemCallArchitectures": "native",
}  # fmt: skip


def read(text: str) -> dict[str, list[str]]:
    """A unit's settings by name; a name may stand several times."""
    settings = defaultdict(list)
    for line in text.splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            settings[name].append(value)
    return settings


def unit_faults(text: str) -> Iterator[str]:
    """What is wrong with a unit."""
    unit = read(text)
    for name, wanted in CLOSED.items():
        if unit[name] != [wanted]:
            yield f"{name} is not {wanted}"
    if unit["SystemCallFilter"] != ["@system-service", "~@privileged"]:
        yield "system calls"  # without setrlimit the sandbox would have no limits, and would not say so
    if unit["User"] in ([], ["root"]):
        yield "user"
    if unit["StateDirectory"] != ["newsdesk"] or unit["WorkingDirectory"] != ["/var/lib/newsdesk"]:
        yield "folder"
    if unit["LoadCredential"] != ["discord_token:/etc/newsdesk/discord_token"]:
        yield "token"
    if "DISCORD_TOKEN_FILE=%d/discord_token" not in unit["Environment"] or "DISCORD_TOKEN=" in text:
        yield "token"
    if unit["Type"] != ["notify"] or not unit["WatchdogSec"]:
        yield "watchdog"
    if unit["Restart"] != ["on-failure"] or set(" ".join(unit["RestartPreventExitStatus"]).split()) != {
        str(EX_CONFIG),
        str(EX_DATAERR),
    }:
        yield "restarts"
    if 86_400 / float((unit["RestartSec"] or ["0.1"])[0]) >= SESSIONS_A_DAY:
        yield "restarts too often"
    most = re.fullmatch(r"(\d)G", "".join(unit["MemoryMax"]))
    if most is None or int(most[1]) << 30 < sandbox.LANES * confined.MEMORY_BYTES + BOT_BYTES:
        yield "memory"


def test_the_unit_keeps_its_promises() -> None:
    assert list(unit_faults(UNIT.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("kept", "broken", "fault"),
    [
        ("User=newsdesk\n", "", "user"),
        ("User=newsdesk\n", "User=root\n", "user"),
        ("ProtectSystem=strict\n", "ProtectSystem=full\n", "ProtectSystem"),
        ("MemoryDenyWriteExecute=yes\n", "", "MemoryDenyWriteExecute"),
        ("SystemCallFilter=~@privileged", "SystemCallFilter=~@privileged @resources", "system calls"),
        ("SystemCallFilter=.*\n", "", "system calls"),
        ("LoadCredential=.*\n", "", "token"),
        ("Environment=DISCORD_TOKEN_FILE=.*", "Environment=DISCORD_TOKEN=x", "token"),
        ("Type=notify", "Type=simple", "watchdog"),
        ("WatchdogSec=.*\n", "", "watchdog"),
        ("Restart=on-failure", "Restart=always", "restarts"),
        ("65 78\n", "78\n", "restarts"),
        ("RestartSec=90", "RestartSec=5", "restarts too often"),
        ("RestartSec=90\n", "", "restarts too often"),
        ("MemoryMax=.*\n", "MemoryMax=1G\n", "memory"),
        ("StateDirectory=newsdesk\n", "", "folder"),
    ],
)
def test_a_unit_that_breaks_a_promise_is_found(kept: str, broken: str, fault: str) -> None:
    text, count = re.subn(kept, broken, UNIT.read_text(encoding="utf-8"))
    assert count
    assert [found for found in unit_faults(text) if found.startswith(fault)]


def test_the_verbs_run_as_the_service_does() -> None:
    unit, script = read(UNIT.read_text(encoding="utf-8")), (ROOT / "deploy" / "newsdesk").read_text(encoding="utf-8")
    program = unit["ExecStart"][0].removesuffix(" run")
    wanted = f'cd {unit["WorkingDirectory"][0]} && exec runuser -u {unit["User"][0]} -- {program} "$@"'
    assert script.splitlines()[-1] == wanted


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    if (program := shutil.which("systemd-analyze")) is None:
        pytest.skip("systemd-analyze is not on this machine (Debian's package systemd)")
    done = subprocess.run([program, "--no-pager", *arguments], capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip(f"this systemd-analyze is too old: {done.stderr.strip()}")
    return done


def test_systemd_finds_little_exposed() -> None:
    done = analyze("security", "--offline=true", f"--threshold={int(EXPOSURE * 10)}", str(UNIT))
    assert done.returncode == 0, done.stdout


def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8").replace("/opt/newsdesk/.venv/bin/newsdesk", "/bin/true")
    (tmp_path / UNIT.name).write_text(text, encoding="utf-8")
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(tmp_path / UNIT.name))
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_finds_a_fault_where_there_is_one(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8").replace("ProtectHome=", "ProtectHouse=")
    (tmp_path / UNIT.name).write_text(text, encoding="utf-8")
    assert "ProtectHouse" in analyze("verify", "--man=no", str(tmp_path / UNIT.name)).stderr
