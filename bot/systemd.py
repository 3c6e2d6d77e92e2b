"""What systemd is told of a service with ``Type=notify``: that it has begun, how it is, that it lives, that it stops.

The protocol of sd_notify(3): ``NAME=value`` in a datagram to the socket that the service manager names. Where it names
none, nothing is said. Needs no library.
"""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass, field

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ServiceManager:
    """``address`` is a socket's path, or with @ before it a name in Linux's abstract space; None: nobody listens.

    ``watchdog_seconds``: how long the manager waits for a sign of life before it ends the process; None: for ever.
    """

    address: str | None = None
    watchdog_seconds: float | None = None
    _failed: bool = field(default=False, init=False)

    def ready(self) -> None:
        """The start is over."""
        self._tell("READY=1")

    def status(self, said: str) -> None:
        """How it is, in one line for `systemctl status`."""
        self._tell(f"STATUS={' '.join(said.split())}")

    def alive(self) -> None:
        """The event loop turns. To be said at least twice in ``watchdog_seconds`` (sd_watchdog_enabled(3))."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1")

    def _tell(self, line: str) -> None:
        """Never waits, and never fails: a manager that cannot be told is none of the bot's users' business."""
        if not self.address:
            return
        where = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
                sending.setblocking(False)
                sending.sendto(line.encode(), where)
        except OSError as error:
            if not self._failed:
                _log.warning("systemd could not be told %s (%s)", line, error.strerror or type(error).__name__)
            self._failed = True
