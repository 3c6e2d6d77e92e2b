"""`newsdesk doctor` on the command line: its lines, its JSON, and the code that a script sees."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot import progress
from bot.doctor import Finding, exit_code
from bot.doctor.round import Means, Now
from bot.errors import EX_CONFIG, EX_DATAERR, CorpusError
from bot.findings import careful, damage, misfit, ok, warning
from bot.settings import read
from tests.doctor import patient
from tests.doctor.conftest import Run
from tests.doctor.patient import NOWHERE, SERVER, Usage, examined, execute, swap_tallies
from tests.test_settings import TOKEN


def test_damage_comes_before_settings_and_a_warning_is_no_fault() -> None:
    every = [ok("a", "."), warning("b", "."), misfit("c", "."), damage("d", ".")]
    assert [exit_code(every[:most]) for most in range(5)] == [0, 0, 0, EX_CONFIG, EX_DATAERR]
    assert (EX_DATAERR, EX_CONFIG) == (65, 78)


async def test_what_a_check_stumbles_over_is_a_finding_after_those_it_made() -> None:
    async def stumble(error: Exception) -> AsyncIterator[Finding]:
        yield ok("a", "first")
        raise error

    known = [one async for one in careful("a", stumble(CorpusError("The disk is full: make room.")))]
    assert known == [ok("a", "first"), damage("a", "The disk is full: make room.")]
    unknown = [one async for one in careful("a", stumble(KeyError("a secret")))]
    assert [one.state for one in unknown] == ["ok", "fault"]
    assert "cannot be examined (KeyError)" in unknown[1].said


def test_a_machine_that_cannot_be_examined_is_a_finding_and_not_the_end(
    filled: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> Usage:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", fail)
    found = {one.about: one for one in patient.findings(url)}
    assert (found["host"].state, "OSError" in found["host"].said) == ("fault", True)
    assert found["texts"].state == "ok"


def test_a_sound_library_ends_with_0(filled: Path, cli: Run) -> None:
    code, out = cli("doctor", "--offline")
    assert code == 0
    assert {line.split()[0] for line in out.splitlines()} <= {"ok", "warning"}
    assert "ok      texts: 12 are what was stored." in out.splitlines()


@pytest.mark.parametrize("fault", [swap_tallies, patient.damage])
def test_a_fault_of_the_library_ends_with_65(filled: Path, cli: Run, fault: Callable[[Path], None]) -> None:
    fault(filled)
    code, out = cli("doctor", "--offline")
    assert code == EX_DATAERR
    assert [line.split()[0] for line in out.splitlines()].count("fault") == 1


def test_a_fault_of_the_settings_ends_with_78(filled: Path, cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRY_PORT", "99999")
    code, out = cli("doctor", "--offline")
    assert code == EX_CONFIG
    assert "fault   settings: TRY_PORT" in out
    assert "ok      texts" in out


def test_dotenv_is_read_where_it_stands(filled: Path, cli: Run) -> None:
    filled.with_name(".env").write_text("DISCORD_TOKE=x\n", encoding="utf-8")
    assert "did you mean DISCORD_TOKEN?" in cli("doctor", "--offline")[1]


def test_json_says_the_same(filled: Path, cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 1 << 40))
    swap_tallies(filled)
    code, out = cli("doctor", "--offline", "--json")
    found: list[dict[str, Any]] = json.loads(out)
    assert code == EX_DATAERR
    assert {tuple(one) for one in found} == {("state", "about", "said")}
    assert [one["about"] for one in found] == [
        *("settings", "token", "seeds", "backups", "SQLite", "time zones", "data folder", "disk"),
        *("bot", "schema", "pragmas", "database", "texts", "shared library", f"library {SERVER}"),
        *("schedules", "deliveries"),
    ]
    assert [one["about"] for one in found if one["state"] == "fault"] == [f"library {SERVER}"]
    lines = cli("doctor", "--offline")[1].splitlines()
    assert lines == [f"{one['state']:<7} {one['about']}: {one['said']}" for one in found]


def test_a_library_that_is_not_there_is_neither_made_nor_a_fault(path: Path, cli: Run) -> None:
    path.unlink()
    code, out = cli("doctor", "--offline")
    assert (code, "the first start makes it" in out) == (0, True)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_overwritten_the_round_is_made_to_its_end(filled: Path, cli: Run, seed: int) -> None:
    """Bytes anywhere in the file, from a seed: at worst it is no database any more, and that is one line."""
    patient.overwrite(filled, seed)
    code, out = cli("doctor", "--offline")
    lines = out.splitlines()
    assert code in (0, EX_DATAERR)
    assert {line.split()[0] for line in lines} <= {"ok", "warning", "fault"}
    assert any(line.startswith(("ok      clock", "ok      deliveries", "fault")) for line in lines[8:])


def test_a_bar_shows_how_many_texts_are_read(filled: Path, cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[int, int]] = []
    monkeypatch.setattr(progress.Bar, "__call__", lambda self, done, total, note=None: shown.append((done, total)))
    assert cli("doctor", "--offline")[0] == 0
    assert shown[-1] == (12, 12)


# Discord, which is handed in


def test_discord_is_asked_with_the_token_of_the_settings_and_the_channels_of_schedules(filled: Path, url: str) -> None:
    execute(
        filled,
        "INSERT INTO schedule (guild, number, channel_id, at, zone, period, created_at, since)"
        " VALUES (7, 3, 99, '07:30', 'UTC', 'today', ?, ?)",
        *["2026-05-12T08:00:00.000000+00:00"] * 2,
    )
    asked: list[tuple[str | None, Mapping[int, str]]] = []

    async def reach(
        token: str | None, channels: Mapping[int, str], now: Now, _count: int | None
    ) -> AsyncIterator[Finding]:
        asked.append((token, channels))
        yield ok("Discord", f"asked at {now():%Y}.")

    for token in (TOKEN, "", "hunter2-hunter2"):
        found = examined(read(NOWHERE, {"DATABASE_URL": url, "DISCORD_TOKEN": token}), Means(reach))
        assert found[-1].about == "Discord"
    assert asked == [(one, {99: "schedule 3 of server 7"}) for one in (TOKEN, None, None)]
