"""Claims made from real sentences by known edits, each with the verdict it must get: what checks are measured on.

Everything is drawn by one seed. A sentence has 8 to 40 words; those a claim of another class could be read in are not
used: a foreign sentence shares no five words in a row with the library.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.language.sentences import sentences
from bot.language.tokens import STOP_WORDS, folded, words
from bot.search.checks import Verdict

FEWEST_WORDS, MOST_WORDS = 8, 40
FEWEST_CONTENT = 4  # words that mean something, of a paraphrase
FEWEST_APART = 4  # sentences between two that are spliced
_SHINGLE = 5
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")


@dataclass(frozen=True)
class Edited:
    """What is typed, the kind of edit that made it, and the verdict it must get."""

    kind: str
    typed: str
    verdict: Verdict


@dataclass(frozen=True)
class Said:
    """Words that an article gives to a named speaker, and a name that is another's."""

    words: str
    speaker: str
    other: str


class Generator:
    """``texts`` are in the library, ``foreign`` ones are not."""

    def __init__(self, seed: int, texts: Sequence[str], foreign: Sequence[str], said: Sequence[Said]) -> None:
        self._chance = random.Random(seed)
        self._texts = [sentences_of(text) for text in texts]
        self._said = [one for one in said if FEWEST_WORDS <= len(one.words.split()) <= MOST_WORDS]
        known = {shingle for text in texts for shingle in _shingles(text)}
        self._foreign = [
            sentence for text in foreign for sentence in sentences_of(text) if known.isdisjoint(_shingles(sentence))
        ]
        self._others = sorted({word for sentence in self._foreign for word in sentence.split() if word.isalpha()})

    def claims(self, each: int) -> Iterator[Edited]:
        """``each`` claims of every kind."""
        kinds: dict[str, tuple[Verdict, Callable[[], str | None]]] = {
            "unchanged": (Verdict.EXACT, self._sentence),
            "dressed otherwise": (Verdict.EXACT, self._dressed),
            "ellipsis in a sentence": (Verdict.EXACT, self._ellipsis),
            "right speaker": (Verdict.EXACT, self._right_speaker),
            "words left out": (Verdict.NEAR, self._left_out),
            "words added": (Verdict.NEAR, self._added),
            "two words exchanged": (Verdict.NEAR, self._exchanged),
            "words changed": (Verdict.NEAR, self._changed),
            "number changed": (Verdict.NEAR, self._number),
            "distant, with ellipsis": (Verdict.NEAR, lambda: self._spliced(" … ")),
            "distant, spliced": (Verdict.NEAR, lambda: self._spliced(" ")),
            "other speaker": (Verdict.OTHER_SPEAKER, self._other_speaker),
            "foreign": (Verdict.NOT_FOUND, lambda: self._chance.choice(self._foreign)),
            "paraphrase": (Verdict.NOT_FOUND, self._paraphrase),
        }
        for kind, (verdict, make) in kinds.items():
            made = 0
            while made < each:
                if (typed := make()) is not None:
                    made += 1
                    yield Edited(kind, typed, verdict)

    # Exact

    def _sentence(self) -> str:
        while not (found := self._chance.choice(self._texts)):
            pass
        return self._chance.choice(found)

    def _dressed(self) -> str:
        """Other case, quotation marks, dashes and white space, and no full stop."""
        sentence = self._sentence()
        sentence = self._chance.choice([sentence.upper(), sentence.lower(), sentence])
        sentence = re.sub(r"[“”„]|``|''", '"', sentence).replace("’", "'").replace(" - ", " – ").replace('"', "")
        return sentence.rstrip(".").replace(" ", self._chance.choice([" ", "  ", "\n"]))

    def _ellipsis(self) -> str:
        found = self._sentence().split()
        many = self._chance.randint(1, 3)
        at = self._chance.randint(2, len(found) - many - 2)
        mark = self._chance.choice(["…", "...", "[...]"])
        return " ".join([*found[:at], mark, *found[at + many :]])

    def _right_speaker(self) -> str:
        said = self._chance.choice(self._said)
        return _attributed(self._chance, said.words, said.speaker)

    # Near

    def _left_out(self) -> str | None:
        found = self._sentence().split()
        many = self._chance.randint(1, 3)
        at = self._chance.randint(1, len(found) - many - 1)
        before, gone, after = found[:at], found[at : at + many], found[at + many :]
        if not all(words(" ".join(some)) for some in (before, gone, after)):
            return None  # nothing but a mark is left out, or what is left is a shorter quotation
        return " ".join([*before, *after])

    def _added(self) -> str:
        found = self._sentence().split()
        at = self._chance.randint(1, len(found) - 1)
        new = [self._chance.choice(self._others) for _ in range(self._chance.randint(1, 2))]
        return " ".join([*found[:at], *new, *found[at:]])

    def _exchanged(self) -> str | None:
        found = self._sentence().split()
        one, other = sorted(self._chance.sample(range(len(found)), 2))
        if folded(found[one]) == folded(found[other]) or not (words(found[one]) and words(found[other])):
            return None
        found[one], found[other] = found[other], found[one]
        return " ".join(found)

    def _changed(self) -> str | None:
        found = self._sentence().split()
        for at in self._chance.sample(range(len(found)), self._chance.randint(1, 2)):
            new = self._chance.choice(self._others)
            if not words(found[at]) or folded(new) == folded(found[at]):
                return None
            found[at] = new
        return " ".join(found)

    def _number(self) -> str | None:
        sentence = self._sentence()
        numbers = list(_NUMBER.finditer(sentence))
        if not numbers:
            return None
        match = self._chance.choice(numbers)
        digit = self._chance.randrange(match.start(), match.end())
        if not sentence[digit].isdigit():
            return None
        new = self._chance.choice([one for one in "123456789" if one != sentence[digit]])
        return sentence[:digit] + new + sentence[digit + 1 :]

    def _spliced(self, mark: str) -> str | None:
        found = self._chance.choice(self._texts)
        if len(found) <= FEWEST_APART:
            return None
        at = self._chance.randrange(len(found) - FEWEST_APART)
        other = self._chance.randrange(at + FEWEST_APART, len(found))
        return f"{found[at]}{mark}{found[other]}"

    # Other speakers, other words

    def _other_speaker(self) -> str:
        said = self._chance.choice(self._said)
        return _attributed(self._chance, said.words, said.other)

    def _paraphrase(self) -> str | None:
        """Two thirds of the words that mean something are other ones."""
        found = self._sentence().split()
        content = [at for at, word in enumerate(found) if not STOP_WORDS.issuperset(folded(word))]
        if len(content) < FEWEST_CONTENT:
            return None
        for at in self._chance.sample(content, round(len(content) * 2 / 3)):
            found[at] = self._chance.choice(self._others)
        return " ".join(found)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text that claims are made of."""
    found = (" ".join(span.of(text).split()) for span in sentences(text))
    return [one for one in found if FEWEST_WORDS <= len(one.split()) <= MOST_WORDS and not _quotes(one)]


def _quotes(sentence: str) -> bool:
    """Whether the sentence has quotation marks: its claims would be what it quotes."""
    return any(mark in sentence for mark in '“”„«»"‘') or "'" in re.sub(r"\w'\w", "", sentence)


def _attributed(chance: random.Random, said: str, speaker: str) -> str:
    said = said.replace("“", "‘").replace("”", "’").strip()
    return chance.choice(
        [
            f"“{said.rstrip('.,')},” said {speaker}.",
            f'"{said}" - {speaker}',
            f"{speaker}: “{said}”",
            f"{speaker} said, “{said}”",
        ]
    )


def _shingles(text: str) -> set[tuple[str, ...]]:
    found = folded(text)
    return set(zip(*(found[at:] for at in range(_SHINGLE)), strict=False))
