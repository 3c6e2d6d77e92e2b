"""Rate limits as Discord keeps them: a bucket of requests for a route and its channel or server, and one for all.

A bucket is filled anew so long after its first request (``rate-limits.mdx``); what goes beyond it is answered with 429.
"""

from __future__ import annotations

import fnmatch
import time
from dataclasses import dataclass

from tests.wire.faults import limited
from tests.wire.objects import Json

Limited = tuple[int, Json, dict[str, str]]
"""Status, body and headers of a 429."""

_UNCOUNTED = ("interactions", "webhooks")  # first path segments of what the limit over everything leaves out


@dataclass
class Bucket:
    """``most`` requests in ``seconds``."""

    name: str
    most: int
    seconds: float
    left: int = 0
    full_again: float = 0.0

    def take(self, now: float) -> bool:
        if now >= self.full_again:
            self.left, self.full_again = self.most, now + self.seconds
        taken = self.left > 0
        self.left -= taken
        return taken

    def headers(self, now: float) -> dict[str, str]:
        wait = max(0.0, self.full_again - now)
        counted = {"Limit": self.most, "Remaining": self.left, "Bucket": self.name}
        timed = {"Reset": f"{time.time() + wait:.3f}", "Reset-After": f"{wait:.3f}"}
        return {f"X-RateLimit-{name}": str(value) for name, value in (counted | timed).items()}


class Buckets:
    """No limit but those that were set. ``exceeded`` says which requests went beyond one."""

    def __init__(self) -> None:
        self.exceeded: list[str] = []
        self._rules: list[tuple[str, str, int, float]] = []
        self._buckets: dict[tuple[int, str], Bucket] = {}
        self._everything: Bucket | None = None

    def limit(self, method: str, path_glob: str, most: int, seconds: float) -> None:
        """``most`` such requests in ``seconds`` for each channel, server or webhook."""
        self._rules.append((method, path_glob, most, seconds))

    def limit_everything(self, most: int, seconds: float = 1.0) -> None:
        """All requests but answers to interactions together; Discord allows 50 a second."""
        self._everything = Bucket("everything", most, seconds)

    def take(self, method: str, path: str) -> tuple[dict[str, str], Limited | None]:
        """The headers that tell of the request's bucket, and the answer instead of the usual one beyond a limit."""
        now, segments = time.monotonic(), path.strip("/").split("/")
        if self._everything and segments[0] not in _UNCOUNTED and not self._everything.take(now):
            self.exceeded.append(f"{method} {path}")
            return {}, limited(self._everything.full_again - now, is_global=True)
        bucket = self._bucket(method, path, segments[1] if len(segments) > 1 else "")
        if bucket is None:
            return {}, None
        taken = bucket.take(now)
        headers = bucket.headers(now)
        if taken:
            return headers, None
        self.exceeded.append(f"{method} {path}")
        return headers | {"X-RateLimit-Scope": "user"}, limited(bucket.full_again - now)

    def _bucket(self, method: str, path: str, major: str) -> Bucket | None:
        for number, (of_method, path_glob, most, seconds) in enumerate(self._rules):
            if method == of_method and fnmatch.fnmatchcase(path, path_glob):
                return self._buckets.setdefault((number, major), Bucket(f"bucket-{number}", most, seconds))
        return None
