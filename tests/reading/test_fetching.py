"""What becomes of a request to a web site is counted. What may be fetched at all is tried in tests/hostile."""

from __future__ import annotations

import pytest

from bot.errors import CannotFetch
from bot.metering import FetchOutcome
from bot.reading.fetching import Accept
from tests.feed_site import HOST, Answer, serving
from tests.metered import Remembering

PAGE = f"http://{HOST}/page"


async def test_each_request_is_counted_by_kind_and_by_what_became_of_it() -> None:
    meter = Remembering()
    async with serving() as site, site.fetcher(meter=meter, total_seconds=0.3) as fetcher:
        site.answers["/page"] = Answer("The bridge reopens.", headers={"ETag": '"1"'})
        await fetcher.fetch(PAGE)
        await fetcher.fetch(PAGE, etag='"1"', accept=Accept.FEED)
        site.answers["/slow"] = Answer("later", after_seconds=5)
        for link in (f"http://{HOST}/gone", f"http://{HOST}/slow", "http://127.0.0.1/", "ftp://there/"):
            with pytest.raises(CannotFetch):
                await fetcher.fetch(link)
    assert meter.fetches == [
        ("article", FetchOutcome.READ),
        ("feed", FetchOutcome.UNCHANGED),
        ("article", FetchOutcome.REFUSED),
        ("article", FetchOutcome.FAILED),
        ("article", FetchOutcome.FAILED),
        ("article", FetchOutcome.FAILED),
    ]
