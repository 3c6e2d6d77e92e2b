"""Processes that are forked where Newsdesk is loaded already: a start of Python takes longer than what they are to do.

test -> `forked` -> one process of this run that has loaded `tests.wire.loaded` -> a child for each call

What a child runs stands in a module that loads little else: the child imports it, and not the test.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Final

FORKING: Final = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.wire.loaded"])


@contextmanager
def forked(program: Callable[..., None], *given: object) -> Iterator[ForkServerProcess]:
    """A process that runs ``program``; killed where it has not ended by itself."""
    process = FORKING.Process(target=program, args=given)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()


@contextmanager
def talking(program: Callable[..., None], *given: object) -> Iterator[tuple[Connection, ForkServerProcess]]:
    """As `forked`, of a program that takes the other end of a connection before what else it is ``given``."""
    ours, theirs = FORKING.Pipe()
    with ours, forked(program, theirs, *given) as process:
        theirs.close()  # so that ours ends where the process does
        yield ours, process
