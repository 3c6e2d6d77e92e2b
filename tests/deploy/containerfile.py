"""A container file, read: its stages with their instructions. Strict: what it does not know, it does not guess."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"

_KNOWN = {"RUN", "COPY", "ENV", "WORKDIR", "USER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


@dataclass(frozen=True)
class Instruction:
    """One instruction: ``word`` in capitals, ``rest`` on one line."""

    word: str
    rest: str

    def exec_form(self) -> list[str] | None:
        """The words of a command that no shell reads; None where one would."""
        try:
            words = json.loads(self.rest[self.rest.index("[") :])
        except ValueError:
            return None
        return [str(word) for word in words]


@dataclass(frozen=True)
class Stage:
    """What is made from ``base``: an image, or an earlier stage by its name."""

    base: str
    name: str
    steps: tuple[Instruction, ...]

    def all(self, word: str) -> list[Instruction]:
        """Its instructions of one kind."""
        return [step for step in self.steps if step.word == word]

    def last(self, word: str) -> Instruction | None:
        """The one that counts where an instruction replaces the one before it."""
        return next(iter(reversed(self.all(word))), None)

    def environment(self) -> dict[str, str]:
        """What ENV sets, as written."""
        return dict(pair.split("=", 1) for step in self.all("ENV") for pair in step.rest.split())


def stages(text: str) -> list[Stage]:
    """The stages of a container file in their order. Raises `ValueError` for what it does not know."""
    found: list[Stage] = []
    for word, rest in _instructions(text):
        if word == "FROM":
            if not (named := re.fullmatch(r"(\S+)(?: AS (\S+))?", rest)):
                raise ValueError(f"unknown form: FROM {rest}")
            found.append(Stage(named[1], named[2] or "", ()))
        elif word in _KNOWN and found:
            stage = found.pop()
            found.append(Stage(stage.base, stage.name, (*stage.steps, Instruction(word, rest))))
        else:
            raise ValueError(f"unknown instruction, or before the first FROM: {word}")
    return found


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\s*\\\n\s*", " ", lines).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word, rest.strip()
