"""Who speaks in an interview: finds the labels ("Name:", "Q:") and tells the asker from those who answer.

Used by `blocks`, which knows where the paragraphs are.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.language.names import full_names, without_titles
from bot.model import Span

_LABEL = re.compile(
    r"(?P<bold>\*\*|__)?(?P<name>[^\W\d_a-z][^\n:*_“”\"()]{0,59}?)(?:\s?\([^()\n]{1,40}\))?"
    r"(?:(?(bold)(?:\*\*|__))\s?[:：](?(bold)|)|[:：](?(bold)(?:\*\*|__)))\s*(?=\S)"
)
_LETTER_LABEL = re.compile(r"(?P<bold>\*\*|__)?(?P<name>[QA])(?(bold)[.:]?(?:\*\*|__)[.:]?|[.:])\s+(?=\S)")
_NAME_WORD = re.compile(r"(?:[^\W\d_a-z][\w.’'-]*|de|van|von|der|den|bin|al|la|le|du|di|of|the|and|&)$")
_NOT_SPEAKER_WORDS = """
source sources note notes photo photos update updated location date published image video correction related read more
tags topics credit editor editors warning disclaimer example result results total time place when where what why how
who summary background context conclusion p.s ps re subject from to cc address phone email website price rating
director cast genre verdict here there now today yesterday tomorrow monday tuesday wednesday thursday friday saturday
sunday yes no first second third finally but and so plus bottom key contact
"""
NOT_SPEAKERS: Final = frozenset(_NOT_SPEAKER_WORDS.split())
"""Words before a colon that name nobody."""
_ASKS_SHARE = 0.4  # of the asker's turns end as a question; in ten Wikinews interviews the asker's do in 0.5 or more
_MOST_LABEL_WORDS = 5


@dataclass(frozen=True, slots=True)
class Label:
    """A label at the start of a paragraph: who speaks, and where the words begin."""

    name: str
    span: Span
    text_start: int

    @property
    def key(self) -> str:
        """What stays the same when a full name becomes a surname."""
        return self.name.split()[-1].casefold()


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of a text by the start of their paragraph. ``speakers``: key of a label -> fullest name or None."""

    labels: Mapping[int, Label]
    speakers: Mapping[str, str | None]
    asker: str | None

    def speaker(self, label: Label) -> str | None:
        """Who speaks under a label; None where it is not known."""
        return self.speakers.get(label.key, label.name)

    def asks(self, label: Label) -> bool:
        """Whether it is the label of who asks the questions."""
        return label.key == self.asker


def find_turns(text: str, paragraphs: Iterable[Span]) -> Turns:
    """The interview turns among ``paragraphs``; none where the labels are not those of a conversation."""
    labels = {span.start: label for span in paragraphs if (label := _label(text, span)) is not None}
    ends = {span.start: span.end for span in paragraphs}
    counts = Counter(label.key for label in labels.values())
    letters = {"q", "a"} <= counts.keys()
    if not letters and not (len(counts) >= 2 and len(labels) >= 3 and max(counts.values()) >= 2):
        return Turns({}, {}, None)
    if letters:
        labels = {start: label for start, label in labels.items() if label.key in {"q", "a"} or counts[label.key] > 1}
    return Turns(labels, _speakers(text, labels.values()), _asker(text, labels, ends))


def _label(text: str, paragraph: Span) -> Label | None:
    match = _LETTER_LABEL.match(text, paragraph.start, paragraph.end) or _LABEL.match(
        text, paragraph.start, paragraph.end
    )
    if match is None or match.end() >= paragraph.end:
        return None
    name = match["name"].strip()
    words = name.split()
    if not words or len(words) > _MOST_LABEL_WORDS or words[0].lower() in NOT_SPEAKERS:
        return None
    if not all(map(_NAME_WORD.match, words)) or text.startswith("//", match.end()):
        return None
    return Label(name, Span(*match.span("name")), match.end())


def _speakers(text: str, labels: Iterable[Label]) -> dict[str, str | None]:
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for label in labels:
        forms[label.key].add(without_titles(label.name) or label.name)
    known = full_names(text)
    speakers: dict[str, str | None] = {}
    for key, names in forms.items():
        fullest = max(sorted(names), key=lambda name: (len(name.split()), len(name)))
        speakers[key] = None if key in {"q", "a"} else known.get(fullest, fullest)
    return speakers


def _asker(text: str, labels: Mapping[int, Label], ends: Mapping[int, int]) -> str | None:
    """The key of the one whose turns are questions most often, the first speaker in a draw; None if nobody asks."""
    turns: Counter[str] = Counter()
    questions: Counter[str] = Counter()
    for start, label in labels.items():
        if label.key == "q":
            return "q"
        turns[label.key] += 1
        questions[label.key] += text[max(start, ends[start] - 3) : ends[start]].rstrip("*_”\"' ").endswith(("?", "？"))
    if not turns:
        return None
    asker = max(turns, key=lambda key: questions[key] / turns[key])
    return asker if questions[asker] >= _ASKS_SHARE * turns[asker] else None
