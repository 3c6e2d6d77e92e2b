"""A digest in a terminal: everything a card has, whole, and all of it as JSON."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.digest_lines import digest_json, digest_lines
from bot.editions.digests import archived
from bot.model import Contribution, Digest, Document, Inflow, Rising, Span, Story
from tests.discord_app.test_cards import in_memory

LINK = "https://posten.example/1"
FERRY = in_memory(
    Document("a", "Ferry", "The ferry sails at dawn.", outlet="Posten", url="https://posten.example/1"), 1
)
STRIKE = in_memory(Document("b", "Strike", "The crew is on strike.", outlet="Bladet"), 2)
OLD = in_memory(Document("c", "Old ferry", "The old ferry sank.", outlet="Avisa"), 3)
FULL = Digest(
    "The last 7 days",
    (Story((FERRY, STRIKE), Span(0, 24), None, sources=2, earlier=OLD),),
    (("Ada Quill", 3),),
    1_200,
    3,
    topic="ferry",
    rising=(Rising("drone", 6, 1),),
    added=(Contribution(7, False, 2), Contribution(None, False, 1), Contribution(None, True, 1_197)),
    inflow=Inflow("day", ("Posten", "Bladet"), (("1 May", (2, 0)), ("2 May", (0, 1)))),
)


def test_a_digest_is_printed_whole() -> None:
    assert digest_lines(FULL).splitlines() == [
        "The last 7 days, ferry: 1,200 articles, 3 stories",
        "",
        "Ferry (Posten) #S1",
        "  The ferry sails at dawn.",
        "  2 sources, also in #S2",
        "  https://posten.example/1",
        "  goes on from Old ferry (Avisa) #S3",
        "",
        "and 2 more stories",
        "",
        "Most quoted: Ada Quill (3)",
        "Rising: drone (in 6, was in 1)",
        "Added: 2 by user 7, 1 by feeds, imports and others, 1,197 to the shared library",
        "Articles a day by outlet. 1 May: 2 (Posten 2); 2 May: 1 (Bladet 1).",
    ]


def test_a_quiet_digest_brings_something_from_the_archive() -> None:
    quiet = replace(Digest("Today", (), (), 0, 0), archive=archived(FERRY, (), "published on this day 1 year ago"))
    assert digest_lines(quiet).splitlines() == [
        "Today: nothing new was added.",
        "",
        "From the archive, published on this day 1 year ago:",
        "Ferry (Posten) #S1",
        "  The ferry sails at dawn.",
        "  https://posten.example/1",
    ]
    assert digest_json(quiet)["archive"]["why"] == "published on this day 1 year ago"
    assert digest_json(quiet)["archive"]["line"]["text"] == "The ferry sails at dawn."


def test_json_has_everything() -> None:
    made = json.loads(json.dumps(digest_json(FULL)))
    assert made["rising"] == [{"word": "drone", "articles": 6, "before": 1}]
    assert made["added"][0] == {"user_id": 7, "shared_library": False, "articles": 2}
    assert made["inflow"] == {
        "unit": "day",
        "columns": [{"day": "1 May", "Posten": 2, "Bladet": 0}, {"day": "2 May", "Posten": 0, "Bladet": 1}],
    }
    assert made["stories"][0]["earlier"]["article_id"] == "S3"
