"""The playground as a person meets it: a browser opens the page of `python -m bot try`, and Ctrl+C ends it.

The browser tests need Chromium and playwright, and skip with the reason where either is missing. With
``BROWSER_SHOTS=folder`` in the environment a picture of every step is saved there.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

import commands
from bot import playground
from bot.cli.seeds import PROJECT_SEEDS
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.reading.fetching import Fetcher
from bot.reading.known import NONE_KNOWN
from tests.hostile.net import SITE, FakeResolver, Request, public_internet
from tests.timing import quickest, share_of_processor

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the browser and the playground live as long as the module

ROOT = Path(__file__).resolve().parent.parent
OUTLET = "Newsdesk Starter Library"
PATIENCE_SECONDS = 30  # with what is there in a second or three on an idle machine
_CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_SHOT_NUMBERS = count(1)


# A playground process


def _environment(folder: Path, **more: str) -> dict[str, str]:
    """The machine's environment with the project's own seeds, and with ``folder`` for temporary files."""
    settings = {"SEEDS_DIR": str(PROJECT_SEEDS), "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    return {**os.environ, **settings, **more}


@asynccontextmanager
async def _started(folder: Path, *options: str, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m bot try` with ``folder`` as its working and temporary folder; killed if it is still there at last."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "try", "--no-browser", *options),
        cwd=folder,
        env=_environment(folder, **more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    """The page's address, once the process prints it."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_SECONDS):
        while line := (await process.stdout.readline()).decode():
            if line.startswith("http"):
                return line.strip()
    raise AssertionError("the playground ended without printing an address")


def _libraries(folder: Path) -> list[Path]:
    return list(folder.glob("newsdesk-*"))


async def _seconds_to_end(folder: Path, number: signal.Signals) -> float:
    """How long a playground takes to end after a signal; it must say nothing and leave nothing behind.

    On a machine that is busy with other work counts what part of the time the process was let run at its start.
    """
    starting = time.monotonic()
    async with _started(folder) as process:
        await _address(process)
        share = share_of_processor(process.pid, time.monotonic() - starting)
        assert _libraries(folder), "the test looks for the library in the wrong place"
        began = time.monotonic()
        process.send_signal(number)
        _, errors = await process.communicate()
        taken = (time.monotonic() - began) * share
    assert process.returncode == 0
    assert errors == b""
    assert _libraries(folder) == []
    return taken


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_playground_within_two_seconds_and_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    assert await quickest(2, lambda _: _seconds_to_end(tmp_path, number)) < 2


async def test_a_port_that_is_taken_is_one_line_and_a_failure(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        async with _started(tmp_path, "--port", str(port)) as process:
            output, errors = await process.communicate()
    assert process.returncode == os.EX_UNAVAILABLE
    assert output == b""
    (line,) = errors.decode().splitlines()
    assert f"Port {port}" in line
    assert "--port" in line
    assert _libraries(tmp_path) == []


async def test_without_the_extra_one_line_says_how_to_install_it(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "simcord.py").write_text("raise ImportError('not installed')\n", encoding="utf-8")
    async with _started(tmp_path, PYTHONPATH=os.pathsep.join((str(hidden), str(ROOT)))) as process:
        output, errors = await process.communicate()
    assert process.returncode == os.EX_UNAVAILABLE
    assert output == b""
    (line,) = errors.decode().splitlines()
    assert "make try" in line
    assert "newsdesk[try]" in line


# The page in a browser


@dataclass
class Desk:
    """What a person can do on the page, and where they look."""

    page: Page

    async def quoted(self) -> str:
        """The quotation on the newest message, without the line that says whose it is."""
        return (await self.answer.locator("blockquote").inner_text()).splitlines()[0]

    @property
    def answer(self) -> Locator:
        """The newest message of the channel."""
        return self.page.locator("#channel-message-list article").last

    def offered(self, text: str) -> Locator:
        """A line of the list that opens above the composer."""
        return self.page.locator(".command-popup [role=option]").filter(has_text=text)

    async def type_command(self, text: str) -> None:
        await self.page.locator("#channel-composer-input").press_sequentially(text)

    async def pick(self, name: str) -> None:
        """Type a command's name after a slash and take the first that is offered."""
        await self.type_command(f"/{name}")
        await self.offered(f"/{name}").first.click()

    async def fill(self, option: str, text: str, *, choose: str | None = None) -> None:
        """Fill an option of the picked command; ``choose`` is the line to take from what is offered for it."""
        field = self.page.locator(f'.command-option-input[data-option="{option}"]')
        if not await field.count():
            if not await self.offered(option).count():
                await self.page.locator(".command-ghost").click()
            await self.offered(option).click()
        await field.fill(text)
        if choose is not None:
            await self.offered(choose).click()

    async def run(self) -> None:
        await self.page.locator("#send-message").click()

    async def give(self, name: str, **options: str) -> None:
        """Pick a command, fill its options and run it."""
        await self.pick(name)
        for option, text in options.items():
            await self.fill(option, text)
        await self.run()

    async def press(self, label: str) -> None:
        await self.answer.get_by_role("button", name=label, exact=True).click()

    async def become(self, viewer: str) -> None:
        (viewer_id,) = await self.page.get_by_label("Viewing as").select_option(label=viewer)
        await self.ready(f"viewerId === '{viewer_id}'")

    async def ready(self, state: str = "ready") -> None:
        """Wait until the page has settled, by what simcord publishes for this, and its ``state`` holds."""
        await self.page.wait_for_function(f"() => window.simcordPreview?.ready && window.simcordPreview.{state}")

    async def sees(self, *texts: str) -> None:
        """Wait until the newest message holds all of ``texts``, and look at it."""
        wanted = self.answer
        for text in texts:
            wanted = wanted.filter(has_text=text)
        await wanted.wait_for()
        await wanted.evaluate("message => message.scrollIntoView({block: 'start'})")

    async def shoot(self, name: str) -> None:
        """Save a picture where BROWSER_SHOTS asks for it."""
        if folder := os.environ.get("BROWSER_SHOTS"):
            await self.page.screenshot(path=Path(folder) / f"{next(_SHOT_NUMBERS):02}-{name}.png")

    async def shoot_whole(self, name: str) -> None:
        """The same of the newest message alone, however long it is."""
        if folder := os.environ.get("BROWSER_SHOTS"):
            await self.page.set_viewport_size({"width": 1200, "height": 2400})
            await self.answer.screenshot(path=Path(folder) / f"{next(_SHOT_NUMBERS):02}-{name}.png")
            await self.page.set_viewport_size({"width": 1200, "height": 800})


@pytest.fixture(scope="module")
def chromium() -> str:
    """The path of the machine's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on this machine: the page was not opened")
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    api = pytest.importorskip("playwright.async_api", reason="playwright is not installed: the page was not opened")
    async with api.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=_CHROMIUM_OPTIONS)
        yield browser
        await browser.close()


@asynccontextmanager
async def _opened(browser: Browser, url: str) -> AsyncIterator[Desk]:
    """The page as the member sees it first; what a script on it raises fails the test."""
    page = await browser.new_page(viewport={"width": 1200, "height": 800}, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    await page.goto(url)
    desk = Desk(page)
    await desk.ready()
    yield desk
    await page.close()
    assert faults == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def starting(
    chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The module's playground, which gets ready while the browser starts."""
    async with _started(tmp_path_factory.mktemp("playground")) as process:
        yield process


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(starting: asyncio.subprocess.Process, browser: Browser) -> AsyncIterator[Desk]:
    async with _opened(browser, await _address(starting)) as desk:
        yield desk


@pytest_asyncio.fixture(loop_scope="module")
async def desk(page: Desk) -> AsyncIterator[Desk]:
    """The module's one page, as the member, with nothing typed."""
    await page.become("member")
    await page.page.locator("#channel-composer-input").fill("")
    yield page


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _library_text() -> str:
    return _one_line("\n".join(path.read_text(encoding="utf-8") for path in PROJECT_SEEDS.glob("*.md")))


async def test_a_member_asks_for_a_quote_turns_the_page_and_shares_it(desk: Desk) -> None:
    await desk.pick("quote")
    await desk.fill("query", "referendum")
    await desk.fill("source", "starter", choose=OUTLET)
    await desk.shoot("quote-options")
    await desk.run()
    await desk.sees("1 of", "for “referendum”", "Only you can see this", OUTLET)
    await desk.shoot("quote")
    assert _one_line(await desk.quoted()) in _library_text()

    await desk.press("Next")
    await desk.sees("2 of")
    second = await desk.quoted()
    await desk.shoot("quote-next")

    await desk.press("Share")
    await desk.become("admin")  # who saw nothing so far
    await desk.sees("Shared by member", second, OUTLET)
    await desk.shoot("quote-shared")
    assert await desk.page.get_by_text("Only you can see this").count() == 0


async def test_an_admin_adds_an_article_in_the_form_and_finds_it(desk: Desk) -> None:
    await desk.become("admin")
    await desk.give("article add")
    form = desk.page.get_by_role("dialog")
    await form.get_by_label("Title").fill("The lighthouse keeps its lamp")
    await form.get_by_label("Outlet").fill("Harbour Gazette")
    await form.get_by_label("Date").fill("2026-03-04")
    await form.get_by_label("Text").fill(
        "The town keeps its lighthouse. “Nobody here navigates by satellite,” Ada Quill said."
    )
    await desk.shoot("article-form")
    await form.get_by_role("button", name="Submit").click()
    await desk.sees("Added to this server's library", "The lighthouse keeps its lamp", "Harbour Gazette")
    await desk.shoot("article-added")

    await desk.give("quote", query="satellite")
    await desk.sees("Nobody here navigates by satellite", "Harbour Gazette", "4 March 2026")
    await desk.shoot("article-found")


@pytest.mark.long
async def test_a_member_asks_what_one_person_said_and_looks_at_the_article(desk: Desk) -> None:
    await desk.pick("speaker")
    await desk.fill("name", "zelen", choose="Zelensk")
    await desk.shoot("speaker-options")
    await desk.run()
    await desk.sees("Zelensk", "quotations", "newest first")
    await desk.answer.get_by_role("img").first.wait_for()
    await desk.shoot("speaker")
    await desk.press("Next")
    await desk.sees("page 2 of")

    await desk.pick("quote")
    await desk.fill("query", "referendum")
    await desk.run()
    await desk.sees("for “referendum”")
    await desk.answer.get_by_role("button", name="Article #S").click()
    await desk.sees("words", "the shared library")
    await desk.shoot("article-of-a-quote")


@pytest.mark.long
async def test_a_member_checks_whether_a_quote_is_real(desk: Desk) -> None:
    for text, verdict in (
        ('"We want to stop the millions of deaths"', "Exact"),
        ('"There is every point in prolonging the killings," said Zelensky', "Near"),
        ('"There is no point in prolonging the killings," said Hegseth', "Said by someone else"),
        ("The moon is made of a very old cheese", "Not in the library"),
    ):
        await desk.give("check", text=text)
        await desk.sees(verdict)
        await desk.shoot(f"check-{verdict.lower().replace(' ', '-')}")


@pytest.mark.long
async def test_an_admin_corrects_who_said_it_and_takes_it_back(desk: Desk) -> None:
    await desk.become("admin")
    await desk.pick("quote")
    await desk.fill("query", "unrealistic")
    await desk.fill("speaker", "hegseth", choose="Pete Hegseth")
    await desk.run()
    await desk.sees("Pete Hegseth, quoted in the article")
    await desk.press("Wrong speaker?")
    form = desk.page.get_by_role("dialog")
    await form.get_by_label("Or another name").fill("Ada Quill")
    await desk.shoot("correction-form")
    await form.get_by_role("button", name="Submit").click()
    await desk.sees("The speaker of", "is Ada Quill")
    await desk.shoot("corrected")
    await desk.press("Undo")
    await desk.sees("is again what it was before")


@pytest.mark.long
async def test_a_member_is_offered_the_questions_but_not_the_admins_commands(desk: Desk) -> None:
    await desk.type_command("/")
    for name in ("quote", "search", "summary", "digest", "help"):
        await desk.offered(f"/{name}").wait_for()
    await desk.shoot("member-commands")
    assert await desk.offered("/article").count() == 0
    assert await desk.offered("/schedule").count() == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "options", "seen"),
    [
        ("help", {}, ["/quote", "For admins", "quotations are in the library now"]),
        ("digest", {"period": "all"}, ["Everything in the library", "Most quoted:"]),
        ("search", {"query": "cease-fire"}, ["Articles on cease-fire", "1–4 of"]),
        ("summary", {"article": "S3"}, ["Summary", "#S3"]),
        ("summary", {"article": "no such article"}, ["no such article"]),
        ("quote", {"query": "xylophone"}, ["Nothing in the library matches “xylophone”"]),
    ],
)
async def test_every_question_has_its_card(desk: Desk, command: str, options: dict[str, str], seen: list[str]) -> None:
    await desk.pick(command)
    for option, text in options.items():
        await desk.fill(option, text, choose=text if option == "period" else None)
    await desk.run()
    await desk.sees(f"used /{command}", *seen)
    await desk.shoot(f"{command}-{'-'.join(options.values())}".replace(" ", "-"))


class Clock:
    """A clock that stands until a test puts it forward."""

    def __init__(self) -> None:
        self.time = datetime(2026, 6, 1, 8, 29, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


Fill = Callable[[Newsdesk], AsyncIterator[object]]


async def _one_article(newsdesk: Newsdesk) -> AsyncIterator[object]:
    text = "The council keeps the ferry. “We could not leave four villages without a doctor,” Ada Quill said."
    yield await newsdesk.add(SHARED, Document("typed", "Ferry", text, outlet="Posten"))


@asynccontextmanager
async def _played(
    clock: Clock,
    fill: Fill = _one_article,
    fetcher: Fetcher | None = None,
) -> AsyncIterator[str]:
    """The playground in this process, going by ``clock``: its page's address."""
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    playing = asyncio.create_task(
        playground.play(
            commands.ALL,
            stop,
            known=NONE_KNOWN,
            fill=fill,
            port=0,
            announce=lambda url, _: address.set_result(url),
            now=clock,
            fetcher=fetcher,
        )
    )
    try:
        await asyncio.wait((playing, address), return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            playing.result()
        yield address.result()
    finally:
        stop.set()
        await playing


@pytest.mark.long
async def test_a_scheduled_digest_appears_on_the_open_page_by_itself(browser: Browser) -> None:
    clock = Clock()
    async with _played(clock) as url, _opened(browser, url) as desk:
        await desk.become("admin")
        await desk.pick("schedule set")
        await desk.fill("channel", "newsdesk", choose="newsdesk")
        await desk.fill("time", "08:30")
        await desk.fill("zone", "UTC", choose="UTC")
        await desk.run()
        await desk.sees("A digest will be posted", "daily at 08:30 UTC")
        await desk.shoot("schedule-set")
        await desk.give("schedule list")
        await desk.sees("Scheduled digests", "1.", "Next:")
        await desk.shoot("schedule-list")

        clock.time += timedelta(minutes=1)
        await desk.sees("Since the last digest", "Posted by schedule 1")
        await desk.shoot("schedule-posted")


async def _slow_site(_: Request, writer: asyncio.StreamWriter) -> None:
    """The answer to every request, after longer than a person is kept waiting without a sign."""
    await asyncio.sleep(2)
    story = (ROOT / "tests" / "quality" / "pages" / "news_site_related_links.html").read_bytes()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(story) + story)


@pytest.mark.long
async def test_an_admin_fetches_an_article_looks_at_it_and_saves_it(browser: Browser) -> None:
    resolver = FakeResolver({"paper.org": [[SITE]]})
    async with (
        public_internet(_slow_site),
        _played(Clock(), fetcher=Fetcher(resolver=resolver)) as url,
        _opened(browser, url) as desk,
    ):
        await desk.become("admin")
        await desk.give("article fetch", url="http://paper.org/barge")
        await desk.sees("Save this article?", "Barge closes Port Eddard harbour", "by Ilse Brandt", "quotations found")
        await desk.shoot("article-preview")
        await desk.press("Edit")
        form = desk.page.get_by_role("dialog")
        assert await form.get_by_label("Outlet").input_value() == "The Eddard Gazette"
        await desk.shoot("article-preview-edit")
        await desk.page.keyboard.press("Escape")
        await desk.press("Save")
        await desk.sees("Added to this server's library", "Barge closes Port Eddard harbour")
        await desk.shoot("article-saved")
        await desk.give("article fetch", url="https://www.paper.org/barge?utm_source=x")
        await desk.sees("Already in the library", "Barge closes Port Eddard harbour")
        await desk.shoot("article-known")


EVENTS = (
    ("Storm closes the Nordfjord bridge", "the Nordfjord bridge", "A storm with gusts of 40 metres a second"),
    ("Ferry crews end their strike", "the ferry strike", "Crews of the coastal ferries"),
    ("Town museum finds a Viking oar", "the oar", "Archaeologists of the town museum"),
    ("Salmon farms report fewer lice", "the salmon farms", "Inspectors of the fisheries directorate"),
    ("Train to Narvik runs again", "the Narvik line", "The railway reopened its northern line"),
    ("Library lends out violins", "the violins", "The public library of Lillesand"),
    ("Wolves seen near Elverum school", "the wolves", "Rangers who followed tracks in the snow"),
)


async def _two_weeks(newsdesk: Newsdesk, clock: Clock) -> AsyncIterator[object]:
    """Reports of two outlets, some of them on the same event, the older week about other things."""
    now = clock.time
    for number, (title, what, who) in enumerate(EVENTS):
        for back, outlet in ((number / 1.2, "Bladet"), (number / 1.2 + 0.4, "Posten"), (number + 8, "Avisa")):
            clock.time = now - timedelta(days=back)
            if back < 8:
                text = (
                    f"{who} surprised many on {clock.time:%A}, and {what} will cost {number + 2} million kroner. "
                    f"“Nobody had asked for this, and drones over {what} help no one,” said Ada Quill, the mayor. "
                    f"{outlet} counted {number * 3 + 4} people at a meeting about {what}. "
                ) * (1 + number % 2)
            else:
                text = f"Nothing is known of {outlet.lower()} number {number}, a parish paper with recipes for soup."
            url = f"https://www.{outlet.lower()}.example/news/{number}"
            document = Document("typed", title if back < 8 else f"Soup {number}", text, outlet=outlet, url=url)
            yield await newsdesk.add(SHARED, document)
    clock.time = now


@pytest.mark.long
async def test_a_digest_is_turned_through_and_has_its_chart(browser: Browser) -> None:
    clock = Clock()
    async with _played(clock, lambda newsdesk: _two_weeks(newsdesk, clock)) as url, _opened(browser, url) as desk:
        await desk.pick("digest")
        await desk.fill("period", "7 days", choose="7 days")
        await desk.run()
        await desk.sees("The last 7 days", "Most quoted: Ada Quill", "Rising:", "Articles a day:")
        await desk.answer.locator("img[alt^='Articles a day by outlet.']").wait_for()
        await desk.shoot("digest-week")
        await desk.shoot_whole("digest-week-whole")

        await desk.give("digest", topic="wolves -lice")
        await desk.sees("The last 24 hours", "Nothing new on “wolves -lice” was added", "From the archive", "#S")
        await desk.shoot("digest-quiet-topic")


async def test_ctrl_c_while_the_seeds_are_read_ends_it_before_the_page_is_served() -> None:
    stop = asyncio.Event()
    announced: list[str] = []

    async def fill(_: Newsdesk) -> AsyncIterator[object]:
        stop.set()
        yield None

    def announce(url: str, _: int) -> None:
        announced.append(url)

    await playground.play(commands.ALL, stop, known=NONE_KNOWN, fill=fill, port=0, announce=announce)
    assert announced == []
