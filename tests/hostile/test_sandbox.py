"""The sandbox: whatever runs in it ends, harms nothing outside, and the next document finds a sound one."""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.errors import UnreadableDocument
from bot.model import Document
from bot.reading import children, confined, results, sandbox
from bot.reading.documents import read_document
from tests.hostile import strain
from tests.hostile.beating import MOST_SECONDS, beating
from tests.hostile.net import Net, plain_site, serving

linux = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists a process's files")
limited = pytest.mark.skipif(os.name != "posix", reason="Windows limits time alone")


async def test_a_child_is_kept_for_the_next_document_and_starts_quickly() -> None:
    first = await sandbox.run(strain.process_id)
    assert first != os.getpid()
    assert await sandbox.run(strain.process_id) == first
    document = await sandbox.run(read_document, "story.txt", b"The bridge reopens\n\nIn spring, they said.")
    assert document == Document("story.txt", "The bridge reopens", "The bridge reopens\n\nIn spring, they said.",
                                title_in_text=True)  # fmt: skip


@limited
async def test_a_child_may_wait_for_the_next_document_longer_than_a_document_may_take() -> None:
    first = await sandbox.run(strain.process_id)
    assert await sandbox.run_named("signal:alarm", 1) == confined.ALARM_SECONDS  # what it was, while this was run
    await asyncio.sleep(1.3)
    assert await sandbox.run(strain.process_id) == first


async def test_a_child_is_kept_whatever_the_bot_itself_holds() -> None:
    held = bytearray(os.urandom(1 << 20)) * 300
    mine = children.Children()
    try:
        answers = [await asyncio.to_thread(mine.answer, _process_id()) for _ in range(2)]
    finally:
        mine.close()
    assert answers[0] == answers[1]
    assert len(held) == 300 << 20


@linux
async def test_a_child_that_holds_much_is_replaced() -> None:
    mine = children.Children()
    try:
        first = await asyncio.to_thread(mine.answer, _process_id())
        await asyncio.to_thread(mine.answer, children.Call("x", "tests.hostile.strain:keep", (300 << 20,)))
        assert await asyncio.to_thread(mine.answer, _process_id()) != first
    finally:
        mine.close()


def _process_id() -> children.Call:
    return children.Call("x", "tests.hostile.strain:process_id")


async def test_what_a_parser_says_of_a_document_is_said() -> None:
    with pytest.raises(UnreadableDocument, match=r"^story.pdf: this is no document\.$"):
        await sandbox.run(strain.refuse, "story.pdf")


async def test_endless_computing_and_waiting_end_within_eight_seconds_and_stall_nobody() -> None:
    async with beating() as heart:
        begun = time.perf_counter()
        ended = await asyncio.gather(sandbox.run(strain.spin), sandbox.run(strain.sleep, 60), return_exceptions=True)
        assert 6 < time.perf_counter() - begun < 8
    assert [type(error) for error in ended] == [UnreadableDocument] * 2
    assert all("longer to read" in str(error) for error in ended)
    assert heart.lag_seconds < MOST_SECONDS


@limited
def test_a_document_has_five_seconds_of_computing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted by the system. A child gives way to all others: on a busy machine one second of it takes many."""
    monkeypatch.setattr(children, "WALL_SECONDS", 600.0)
    kept = children.Children()
    for _ in range(2):  # the second's are its own
        limits = kept.answer(children.Call("x", "tests.hostile.strain:seconds_left"))
        assert isinstance(limits, int)
        assert 4 <= limits <= 5
    kept.close()


@limited
async def test_a_child_has_half_a_gibibyte_and_no_more() -> None:
    assert await sandbox.run(strain.hoard, 200 << 20) == 200 << 20
    with pytest.raises(UnreadableDocument, match="more memory"):
        await sandbox.run(strain.hoard, 600 << 20)


async def test_an_answer_has_a_limit() -> None:
    assert await sandbox.run(strain.flood, 4 << 20) == bytes(4 << 20)
    with pytest.raises(UnreadableDocument):
        await sandbox.run(strain.flood, results.MAX_RESULT_BYTES + 1)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (strain.end_by, (0,)), (strain.end_by, (1,)), (strain.end_by, (99,)), (strain.recurse, ()), (strain.leave, ()),
        (strain.odd, ()), (strain.look_up, ()), (strain.start_program, ()), (strain.connect, (1,)),
    ],
)  # fmt: skip
async def test_what_breaks_a_child_is_one_sentence_and_the_next_document_finds_another(
    function: object, args: tuple[object, ...]
) -> None:
    before = await sandbox.run(strain.process_id)
    with pytest.raises(UnreadableDocument, match="it is damaged"):
        await sandbox.run(function, *args)  # type: ignore[arg-type]
    assert await sandbox.run(strain.process_id) != before


async def test_no_connection_leaves_the_sandbox() -> None:
    net = Net()
    async with serving(plain_site, net) as port:
        with pytest.raises(UnreadableDocument):
            await sandbox.run(strain.connect, port)
    assert net.requests == []


@limited
async def test_no_file_is_written_in_the_sandbox(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument):
        await sandbox.run(strain.write_file, str(tmp_path / "left"))
    left = tmp_path / "left"
    assert not left.exists() or left.stat().st_size == 0


async def test_what_is_printed_in_the_sandbox_goes_nowhere() -> None:
    assert await sandbox.run(strain.chatter) == "quiet"


async def test_a_child_knows_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    await sandbox.run_named("tests.hostile.strain:sleep", 0)
    assert "DISCORD_TOKEN" not in await sandbox.run(strain.environment)


@linux
async def test_a_child_holds_no_file_or_socket_of_the_bot(tmp_path: Path) -> None:
    children_before = children.Children()
    async with serving(plain_site, Net()):
        with (tmp_path / "library").open("wb") as held:
            os.set_inheritable(held.fileno(), True)
            call = children.Call("x", "tests.hostile.strain:open_files")
            found = await asyncio.to_thread(children_before.answer, call)
    children_before.close()
    assert isinstance(found, list)
    assert not [name for name in found if name.startswith("socket:") or "library" in name]


async def test_a_document_that_is_given_up_on_takes_its_child_with_it() -> None:
    task = asyncio.create_task(sandbox.run(strain.sleep, 60))
    await asyncio.sleep(0.5)
    begun = time.perf_counter()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.perf_counter() - begun < 1
    assert await sandbox.run(strain.answer, "next") == "next"


async def test_documents_that_wait_for_a_child_can_be_given_up_on_too() -> None:
    tasks = [asyncio.create_task(sandbox.run(strain.sleep, 60)) for _ in range(2 * sandbox.LANES)]
    await asyncio.sleep(0.5)
    for task in tasks:
        task.cancel()
    begun = time.perf_counter()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert time.perf_counter() - begun < 2
    assert {type(one) for one in found} == {asyncio.CancelledError}
    assert await sandbox.run(strain.answer, "next") == "next"


async def test_many_documents_at_once_each_get_their_own_answer() -> None:
    found = await asyncio.gather(*(sandbox.run(strain.answer, number) for number in range(50)))
    assert found == list(range(50))


@linux
def test_no_child_outlives_the_bot() -> None:
    """Neither one that ends as it should, nor one that is killed while a document is being read."""
    script = (
        "import asyncio, os, signal\nfrom bot.reading import sandbox\nfrom tests.hostile import strain\n"
        "async def main():\n print(await sandbox.run(strain.process_id), flush=True)\n"
        " if {kill}: os.kill(os.getpid(), signal.SIGKILL)\nasyncio.run(main())"
    )
    for kill in (False, True):
        bot = subprocess.run(
            [sys.executable, "-c", script.format(kill=kill)], capture_output=True, text=True, check=False
        )
        assert bot.stderr == ""
        child = Path(f"/proc/{bot.stdout.strip()}")
        until = time.monotonic() + 5
        while child.exists() and time.monotonic() < until and "Z" not in (child / "stat").read_text().split()[2]:
            time.sleep(0.02)
        assert not child.exists() or (child / "stat").read_text().split()[2] == "Z"


class Calls:
    """Runs a command when it is read as a pickle."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch /tmp/newsdesk-hostile",)


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Calls()),
        b"cos\nsystem\n(S'true'\ntR.",
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cbot.reading.sandbox\nrun_named\n(S'os:getpid'\ntR.",
        b"cbot.model\nos.system\n.",
        b"\x80\x04\x8c\x09bot.model\x8c\x12Document.__class__\x93.",
        b"cbot.reading.children\nsubprocess.Popen\n.",
        b"",
        b"\xff" * 100,
        b"(" * 1000,
    ],
)
def test_what_a_child_sends_makes_the_bot_call_nothing(data: bytes) -> None:
    with pytest.raises(results.NotAResult):
        results.load(data)
    assert not Path("/tmp/newsdesk-hostile").exists()
