"""What a person asks: words to look for and the limits on where.

Nothing a person can type is an error here: a query of stop words, emoji or nothing at all is a query without terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dates import PartialDate, parse_day
from bot.language.tokens import terms


@dataclass(frozen=True, slots=True)
class Query:
    """``terms`` are tokens as the index holds them, in the order typed, repeats kept as rank-bm25 counts them."""

    text: str
    terms: tuple[str, ...]
    source: str | None = None
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(
        cls, text: str, *, source: str | None = None, since: str | None = None, until: str | None = None, today: date
    ) -> Query:
        """Read what a person gave as a command's options. Raises `Refused` for a date that cannot be read."""
        text = text.strip()
        return cls(
            text=text,
            terms=tuple(terms(text)),
            source=source.strip().casefold() or None if source else None,
            since=parse_day(since, today)[0] if since else None,
            until=parse_day(until, today)[1] if until else None,
        )

    @property
    def has_limits(self) -> bool:
        return bool(self.source or self.since or self.until)

    def allows(self, outlet: str | None, published: PartialDate | None) -> bool:
        """Whether an article of this outlet and date is within the limits.

        A partial date is within a limit when any day it may mean is; an article without a date never is.
        """
        if self.source and self.source not in (outlet or "").casefold():
            return False
        if self.since is None and self.until is None:
            return True
        if published is None:
            return False
        since, until = self.since or date.min, self.until or date.max
        return since <= published.last_day and published.first_day <= until
