"""What `run` begins beside the bot, by the settings, the machine and the library."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import serving
from bot.model import Document
from bot.newsdesk import Newsdesk
from bot.settings import load

LARGE = 2


@pytest.mark.parametrize(
    ("when", "cores", "articles", "begins"),
    [
        ("auto", 2, LARGE, "at once"),
        ("auto", 2, LARGE - 1, "when many ask"),
        ("auto", 1, LARGE, None),
        ("always", 1, 0, "at once"),
        ("never", 2, LARGE, None),
    ],
)
async def test_a_second_process_is_begun_where_it_pays(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    cores: int,
    articles: int,
    begins: str | None,
) -> None:
    monkeypatch.setattr(serving, "cores", lambda: cores)
    monkeypatch.setattr(serving, "LARGE_ARTICLES", LARGE)
    url = f"sqlite+aiosqlite:///{tmp_path / 'newsdesk.db'}"
    settings = load(tmp_path / ".env", {"DATABASE_URL": url, "SECOND_PROCESS": when, "LOG_FORMAT": "json"})
    async with Newsdesk.open(url, bot=True) as newsdesk:
        for number in range(articles):
            await newsdesk.add(7, Document(name="a.txt", title="Ferry", text=f"The ferry has left {number} times."))
        opening = await serving.second_process(settings, newsdesk)
    if begins is None:
        assert opening is None
    else:
        assert opening is not None
        assert (opening.url, opening.log_format, opening.at_once) == (url, "json", begins == "at once")
