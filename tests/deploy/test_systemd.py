"""What the unit for systemd promises, and what systemd's own tools say of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import EX_CONFIG, EX_DATAERR, EX_USAGE
from bot.reading import confined, sandbox
from tests.deploy.containerfile import ROOT
from tests.deploy.test_containerfile import BOT_BYTES, SESSIONS_A_DAY

UNIT = ROOT / "deploy" / "newsdesk.service"
EXPOSURE = 1.2  # of systemd 252's scale of ten; what is left is the network, and limits for what parses documents

# Each of what closes something was tried with the bot and with the processes it parses documents in.
WANTED = {
    "Type": ["notify"], "Restart": ["on-failure"], "RestartPreventExitStatus": [f"{EX_USAGE} {EX_DATAERR} {EX_CONFIG}"],
    "StateDirectory": ["newsdesk"], "StateDirectoryMode": ["0700"], "WorkingDirectory": ["/var/lib/newsdesk"],
    "LoadCredential": ["discord_token:/etc/newsdesk/discord_token"], "LimitCORE": ["0"], "UMask": ["0077"],
    "NoNewPrivileges": ["yes"], "CapabilityBoundingSet": [""], "ProtectSystem": ["strict"], "ProtectHome": ["yes"],
    "PrivateTmp": ["yes"], "PrivateDevices": ["yes"], "PrivateUsers": ["yes"], "ProtectProc": ["invisible"],
    "RestrictNamespaces": ["yes"], "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6"],
    "MemoryDenyWriteExecute": ["yes"], "SystemCallArchitectures": ["native"],
    # Without setrlimit, one of @resources, the sandbox would have no limits, and would not say so.
    "SystemCallFilter": ["@system-service", "~@privileged"],
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
    """What is wrong with a unit, each by the name of the setting."""
    unit = read(text)
    yield from (name for name, wanted in WANTED.items() if unit[name] != wanted)
    if unit["User"] in ([], ["root"]):
        yield "User"
    if "DISCORD_TOKEN_FILE=%d/discord_token" not in unit["Environment"] or "DISCORD_TOKEN=" in text:
        yield "Environment"
    if not unit["WatchdogSec"]:
        yield "WatchdogSec"
    if 86_400 / float((unit["RestartSec"] or ["0.1"])[0]) >= SESSIONS_A_DAY:
        yield "RestartSec"
    most = re.fullmatch(r"(\d)G", "".join(unit["MemoryMax"]))
    if most is None or int(most[1]) << 30 < sandbox.LANES * confined.MEMORY_BYTES + BOT_BYTES:
        yield "MemoryMax"


def test_the_unit_keeps_its_promises() -> None:
    assert list(unit_faults(UNIT.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("kept", "broken", "fault"),
    [
        ("User=newsdesk\n", "", "User"),
        ("User=newsdesk\n", "User=root\n", "User"),
        ("ProtectSystem=strict\n", "ProtectSystem=full\n", "ProtectSystem"),
        ("MemoryDenyWriteExecute=yes\n", "", "MemoryDenyWriteExecute"),
        ("SystemCallFilter=~@privileged", "SystemCallFilter=~@privileged @resources", "SystemCallFilter"),
        ("SystemCallFilter=.*\n", "", "SystemCallFilter"),
        ("LoadCredential=.*\n", "", "LoadCredential"),
        ("Environment=DISCORD_TOKEN_FILE=.*", "Environment=DISCORD_TOKEN=x", "Environment"),
        ("Type=notify", "Type=simple", "Type"),
        ("WatchdogSec=.*\n", "", "WatchdogSec"),
        ("Restart=on-failure", "Restart=always", "Restart"),
        ("64 65 78\n", "65 78\n", "RestartPreventExitStatus"),
        ("RestartSec=90", "RestartSec=5", "RestartSec"),
        ("RestartSec=90\n", "", "RestartSec"),
        ("MemoryMax=.*\n", "MemoryMax=1G\n", "MemoryMax"),
        ("StateDirectory=newsdesk\n", "", "StateDirectory"),
    ],
)
def test_a_unit_that_breaks_a_promise_is_found(kept: str, broken: str, fault: str) -> None:
    text, count = re.subn(kept, broken, UNIT.read_text(encoding="utf-8"))
    assert count
    assert list(unit_faults(text)) == [fault]


def test_the_verbs_run_as_the_service_does() -> None:
    unit, script = read(UNIT.read_text(encoding="utf-8")), (ROOT / "deploy" / "newsdesk").read_text(encoding="utf-8")
    program = unit["ExecStart"][0].removesuffix(" run")
    wanted = f'cd {unit["WorkingDirectory"][0]} && exec runuser -u {unit["User"][0]} -- {program} "$@"'
    assert script.splitlines()[-1] == wanted


def test_the_template_gives_each_process_its_shards_and_a_folder() -> None:
    unit, shards = (read((ROOT / "deploy" / name).read_text(encoding="utf-8")) for name in (UNIT.name, "shards.conf"))
    assert shards == {
        "StateDirectory": [f"{unit['StateDirectory'][0]}/%i"],
        "WorkingDirectory": [f"{unit['WorkingDirectory'][0]}/%i"],
        "Environment": ["SHARD_IDS=%i"],
    }


def test_systemd_finds_no_fault_in_the_template(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8").replace("/opt/newsdesk/.venv/bin/newsdesk", "/bin/true")
    (tmp_path / "newsdesk@.service").write_text(text, encoding="utf-8")
    (tmp_path / "newsdesk@.service.d").mkdir()
    shutil.copy(ROOT / "deploy" / "shards.conf", tmp_path / "newsdesk@.service.d")
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(tmp_path / "newsdesk@0-3.service"))
    assert (done.returncode, done.stderr) == (0, "")


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
