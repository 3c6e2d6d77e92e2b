"""Fixtures that many tests share, and what is measured of the code that they go through."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import is_hypothesis_test, settings

from bot.corpus import Corpus
from tests import postgres as throwaway
from tests import sizes
from tests.clock import Clock

if (MEMORY := Path("/dev/shm")).is_dir() and shutil.disk_usage(MEMORY).free > 4 << 30:
    # Where there is room, what the tests write is in memory: every commit of theirs would wait for the disk.
    os.environ.setdefault("TMPDIR", str(MEMORY))

# A machine that is busy with other tests is no fault of the example that is being tried: no deadline by the clock.
settings.register_profile("unhurried", deadline=None, max_examples=sizes.cases(sizes.EXAMPLES, few=10))
settings.load_profile("unhurried")

# Tests of faults, of time and of whole texts: they wait and compute longest, through code that others go through too.
LONGEST = ("wire", "hostile", "quality", "bench")
TESTS = Path(__file__).resolve().parent
SHARED = TESTS.parents[1] / "shared"
_MEASURED: set[str] = set()  # tests with parameters of which a case was measured


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more processes than there are processors: at nearly all times some test waits for a fault or a limit."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Where several processes load all tests, each begins with others: what one compiles, pytest keeps for the rest."""
    config = session.config
    if not hasattr(config, "workerinput") or config.args != config.getini("testpaths"):
        return
    number, of = int(config.workerinput["workerid"].removeprefix("gw")), config.workerinput["workercount"]
    for path in sorted(TESTS.rglob("test_*.py"))[number::of]:
        with suppress(Exception, pytest.skip.Exception):  # told where pytest collects it
            importlib.import_module(".".join(path.relative_to(TESTS.parent).with_suffix("").parts))


def pytest_report_header() -> str:
    return "size: every case" if sizes.LONG else "size: every rule with few cases (every case: LONG=1)"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes take files in turn, the longest begin first: no process is left with one at the end."""
    if not sizes.LONG:
        _leave_out(config, items, set(filter(_is_long, items)))
    if hasattr(config, "workerinput"):
        first = [*LONGEST, "test_playground.py", "test_cli.py"]
        items.sort(key=lambda item: [*first, _folder(item)].index(_folder(item)))


def _is_long(item: pytest.Item) -> bool:
    """Whether it is marked so, or takes a server of PostgreSQL's."""
    if not isinstance(item, pytest.Function):
        return False
    taken = {*item.fixturenames, *re.split(r"[\[\]-]", item.name)[1:]}  # fixtures, and what parameters are called
    return item.get_closest_marker("long") is not None or bool(taken & {"postgres", "cluster"})


def _leave_out(config: pytest.Config, items: list[pytest.Item], long: set[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if item in long])
    items[:] = [item for item in items if item not in long]


def pytest_collection_finish() -> None:
    """Search all that was loaded for garbage once. It stays, and looking through it again takes a fifth of all time."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What opens a library by `library_url` is tested with both databases, but for what is about SQLite's file.

    In the short size it is SQLite alone.
    """
    if "library_url" in metafunc.fixturenames:
        is_of_a_file = "path" in metafunc.fixturenames or metafunc.definition.get_closest_marker("sqlite") is not None
        on_both = sizes.LONG and not is_of_a_file
        metafunc.parametrize("library_url", ["sqlite", "postgres"] if on_both else ["sqlite"], indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Take no coverage from a test that goes over many cases: it would take two to three times as long.

    Those are all in `LONGEST`, properties of any example, and what is marked as ``many``. Of a test with parameters the
    first case is measured: the others go the same ways, but for a few lines.
    """
    coverage = Coverage.current()
    if coverage is None or (_is_first_case(item) and not _goes_over_many(item)):
        return (yield)
    coverage.stop()
    try:
        return (yield)
    finally:
        coverage.start()


def _goes_over_many(item: pytest.Item) -> bool:
    is_of_any_example = is_hypothesis_test(getattr(item, "obj", None))
    return _folder(item) in LONGEST or is_of_any_example or item.get_closest_marker("many") is not None


def _is_first_case(item: pytest.Item) -> bool:
    name, _, case = item.nodeid.partition("[")
    if case and name in _MEASURED:
        return False
    _MEASURED.add(name)
    return True


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def documents_dir() -> Path:
    """The folder of the four original documents, which are not part of the repository."""
    folder = SHARED / "seeds"
    if not folder.is_dir():
        pytest.skip("the original documents (../shared/seeds) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def blank_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once: to open a copy takes a quarter of the time that making one takes."""
    path = tmp_path_factory.mktemp("blank") / "newsdesk.db"

    async def make() -> None:
        async with Corpus.open(f"sqlite+aiosqlite:///{path}", bot=True):
            pass

    asyncio.run(make())
    return path


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> throwaway.Server:
    """The PostgreSQL of this run, for all its processes."""
    if (reason := throwaway.why_not()) is not None:
        pytest.skip(reason)
    own = tmp_path_factory.getbasetemp()
    return throwaway.shared_server(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture
def postgres_url(postgres: throwaway.Server) -> Iterator[str]:
    """The address of an empty library of one's own on PostgreSQL."""
    database = postgres.create()
    yield postgres.url(database)
    postgres.drop(database)


@pytest.fixture
def library_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty library of one's own, in each kind of database: see `pytest_generate_tests`."""
    if request.param == "postgres":
        monkeypatch.chdir(tmp_path)  # what is kept beside the library on this machine is kept here
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite+aiosqlite:///{shutil.copy(request.getfixturevalue('blank_library'), tmp_path / 'newsdesk.db')}"
