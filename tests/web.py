"""The internet as tests have it: pages by link, in the place of the `Fetcher` that would ask for them."""

from __future__ import annotations

from bot.errors import CannotFetch
from bot.reading.fetching import Accept, Fetched, Fetcher
from bot.reading.targets import target


class Web(Fetcher):
    """Answers what was put under a link, refuses what a real fetcher refuses, and remembers what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, Fetched] = {}
        self.asked: list[str] = []

    def put(self, link: str, body: str | bytes, *, found_at: str | None = None) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.pages[link] = Fetched(found_at or link, 200, "text/html", data)

    async def fetch(
        self, link: str, *, etag: str | None = None, modified: str | None = None, accept: Accept = Accept.ARTICLE
    ) -> Fetched:
        target(link)
        self.asked.append(link)
        if link not in self.pages:
            raise CannotFetch("news.org has no such page (404): open the link in a browser to see.", status=404)
        return self.pages[link]
