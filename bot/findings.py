"""What is found when something is looked at: `newsdesk doctor` looks at a library, `newsdesk health` at a running bot.

Loads nothing, so that a host can ask often.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in a sentence; a fault's says what to do. A warning is for a person to see, no failure."""

    state: Literal["ok", "warning", "fault"]
    about: str
    said: str


def any_fault(found: Iterable[Finding]) -> bool:
    """Whether a script should take it for a failure."""
    return any(one.state == "fault" for one in found)


def finding_json(finding: Finding) -> dict[str, str]:
    return {"state": finding.state, "about": finding.about, "said": finding.said}


def finding_line(finding: Finding) -> str:
    return f"{finding.state:<7} {finding.about}: {finding.said}"
