"""What systemd hears of the bot, over real datagram sockets, and what of its environment counts."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.settings import service_manager
from bot.systemd import ServiceManager


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    """A service manager's end of the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0" + address[1:] if address.startswith("@") else address)
        heard.setblocking(False)
        yield heard


def path_address(tmp_path: Path) -> str:
    return str(tmp_path / "notify")


def abstract_address(tmp_path: Path) -> str:
    return f"@newsdesk-test-{secrets.token_hex(8)}"


ABSTRACT = pytest.param(
    abstract_address, marks=pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
)


@pytest.mark.parametrize("address_in", [path_address, ABSTRACT])
def test_each_thing_is_a_datagram(address_in: object, tmp_path: Path) -> None:
    address = address_in(tmp_path)  # type: ignore[operator] # one of the two above
    with listening(address) as heard:
        manager = ServiceManager(address)
        manager.ready()
        manager.status("Connected\nto Discord.")
        manager.alive()
        manager.stopping()
        told = [heard.recv(4096) for _ in range(4)]
    assert told == [b"READY=1", b"STATUS=Connected to Discord.", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_one_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    ServiceManager().ready()
    assert caplog.records == []


def test_one_that_does_not_listen_is_a_line_in_the_log_and_not_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manager = ServiceManager(str(tmp_path / "nobody"))
    for _ in range(3):
        manager.alive()
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (
        logging.WARNING,
        "systemd could not be told WATCHDOG=1 (No such file or directory)",
    )


def test_one_that_does_not_read_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Its queue is full after some hundred datagrams: the loop must not stand still for it."""
    address = path_address(tmp_path)
    with listening(address):
        manager = ServiceManager(address)
        for _ in range(5_000):
            manager.alive()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ServiceManager()),
        ({"NOTIFY_SOCKET": ""}, ServiceManager()),
        ({"NOTIFY_SOCKET": "@s"}, ServiceManager("@s")),
        ({"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "30000000"}, ServiceManager("/s", 30.0)),
        (
            {"NOTIFY_SOCKET": "@s", "WATCHDOG_USEC": "500000", "WATCHDOG_PID": f"{os.getpid()}"},
            ServiceManager("@s", 0.5),
        ),
        ({"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, ServiceManager("/s")),
        ({"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "0"}, ServiceManager("/s")),
        ({"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "soon"}, ServiceManager("/s")),
    ],
)
def test_what_the_environment_says_of_it(environ: dict[str, str], expected: ServiceManager) -> None:
    assert service_manager(environ) == expected
