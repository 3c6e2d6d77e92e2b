"""What a check found, and what it means for who has asked: a person who reads, a script that looks at the exit code.

`newsdesk doctor` looks at an installation, `newsdesk health` at a running bot. Loads next to nothing, so that a host
can ask often.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from bot.errors import EX_CONFIG, EX_DATAERR, EX_OK, CorpusError

STATE_CHARS: Final = 7


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in a sentence; a warning's and a fault's say what to do.

    ``about`` is a word or two that programs may rely on; ``exit_code`` is that of a fault, and 0 for anything else.
    """

    state: Literal["ok", "warning", "fault"]
    about: str
    said: str
    exit_code: int = EX_OK


def ok(about: str, said: str) -> Finding:
    """Something that is as it should be."""
    return Finding("ok", about, said)


def warning(about: str, said: str) -> Finding:
    """Something that works today and should be looked at: it does not fail a script."""
    return Finding("warning", about, said)


def misfit(about: str, said: str) -> Finding:
    """A fault of the settings, or of the machine: the bot cannot run, or not as it should."""
    return Finding("fault", about, said, EX_CONFIG)


def damage(about: str, said: str) -> Finding:
    """A fault of the library."""
    return Finding("fault", about, said, EX_DATAERR)


def exit_code(found: Iterable[Finding]) -> int:
    """What a program ends with that found this: 0 without a fault; damage of the library comes before settings."""
    codes = {one.exit_code for one in found}
    return next((code for code in (EX_DATAERR, EX_CONFIG) if code in codes), EX_OK)


async def careful(about: str, check: AsyncIterable[Finding]) -> AsyncIterator[Finding]:
    """What ``check`` finds. What it stumbles over is a finding, too: the checks after it still have their turn."""
    try:
        async for finding in check:
            yield finding
    except CorpusError as error:
        yield damage(about, str(error))
    except Exception as error:  # noqa: BLE001 - what a damaged file can lead to has no bounds
        said = (
            f"it cannot be examined ({type(error).__name__}): restore the newest backup; if it comes again, report it."
        )
        yield damage(about, said)


def finding_json(finding: Finding) -> dict[str, str]:
    """A finding for a program."""
    return {"state": finding.state, "about": finding.about, "said": finding.said}


def finding_line(finding: Finding) -> str:
    """On one line, its state in the first seven letters, and of a damaged file nothing that a terminal would obey."""
    said = "".join(letter if letter.isprintable() else "?" for letter in " ".join(finding.said.split()))
    return f"{finding.state:<{STATE_CHARS}} {finding.about}: {said}"
