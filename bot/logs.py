"""The log: one line an event on standard error, without tokens.

Article text and messages never go to the log; events carry ids. What is secret is cut out of every line again at the
last moment, so that an exception of a library that quotes a header cannot leak it.
"""

from __future__ import annotations

import logging
import re
import sys
import time

# A bot token, an Authorization header's value, the secret part of a webhook or interaction URL.
_SECRETS = (
    re.compile(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}"),
    re.compile(r"(?<=Bot )\S{20,}"),
    re.compile(r"(?<=/webhooks/)\d+/[\w-]{20,}"),
    re.compile(r"(?<=/interactions/)\d+/[\w-]{20,}"),
)


def redact(line: str) -> str:
    """``line`` with everything that looks like a credential replaced by ``[secret]``."""
    for secret in _SECRETS:
        line = secret.sub("[secret]", line)
    return line


def _without_traceback(record: logging.LogRecord) -> bool:
    """discord.py logs every lost connection with a traceback, and tries again: one line says as much."""
    if record.exc_info and record.exc_info[1] and "reconnect" in record.msg:
        record.msg = f"{record.msg} ({type(record.exc_info[1]).__name__})"
        record.exc_info = None
    return True


class _Line(logging.Formatter):
    """``2025-05-12T08:30:00Z INFO bot.newsdesk: message``; a traceback follows on its own lines."""

    def __init__(self) -> None:
        super().__init__("{asctime}Z {levelname} {name}: {message}", "%Y-%m-%dT%H:%M:%S", style="{")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure(level: str) -> None:
    """Log to standard error from ``level`` up; discord.py's own lines from INFO up only where they matter."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("discord.gateway", "discord.http", "aiosqlite", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.getLogger("discord.client").addFilter(_without_traceback)
    logging.getLogger("discord.client").setLevel(logging.ERROR)  # below it only says that voice is not supported
