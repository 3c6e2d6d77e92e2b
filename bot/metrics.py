"""The metrics of a running bot as Prometheus reads them, on a port of this machine alone.

`bot.metering` -> **metrics** -> http://127.0.0.1:PORT/metrics -> Prometheus, `deploy/alerts.yml`, `deploy/grafana.json`

Loaded only where a port is asked for, and the only module that knows prometheus_client. Names follow
https://prometheus.io/docs/practices/naming: base units, `_total` for what only grows, times as seconds since 1970.
"""

from __future__ import annotations

import asyncio
import math
import platform
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, start_http_server

from bot.errors import SettingsError
from bot.metering import FetchOutcome, Outcome, Readings

HOST: Final = "127.0.0.1"

# Discord waits three seconds for a first answer; most take milliseconds.
_ANSWER_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 3.0, 10.0, 60.0)
_SEARCH_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
# Nobody may be kept waiting by others for more than 0.1 s.
_LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class Metrics:
    """A `bot.metering.Meter` whose notes can be read at ``registry``, which is its own."""

    is_read = True

    def __init__(self, version: str) -> None:
        self.registry = registry = CollectorRegistry()
        self._commands = Counter(
            "newsdesk_commands_total",
            "Commands, presses of buttons (button) and what was typed in an option (typing).",
            ("command", "outcome"),
            registry=registry,
        )
        self._answers = Histogram(
            "newsdesk_command_duration_seconds",
            "From when a command came in to the end of its answer.",
            ("command",),
            registry=registry,
            buckets=_ANSWER_SECONDS,
        )
        self._searches = Histogram(
            "newsdesk_search_duration_seconds",
            "What a search for quotes or for articles took.",
            ("kind",),
            registry=registry,
            buckets=_SEARCH_SECONDS,
        )
        self._lag = Histogram(
            "newsdesk_event_loop_lag_seconds",
            "How late the event loop came to what was due.",
            registry=registry,
            buckets=_LAG_SECONDS,
        )
        self._fetches = Counter(
            "newsdesk_fetches_total", "Requests to web sites.", ("kind", "outcome"), registry=registry
        )
        self._digests = Gauge(
            "newsdesk_recent_digests",
            "Digest messages planned in the last 24 hours.",
            ("state",),
            registry=registry,
        )

        def gauge(name: str, told: str) -> Gauge:
            return Gauge(f"newsdesk_{name}", told, registry=registry)

        self._beat = gauge("heartbeat_timestamp_seconds", "When the event loop last wrote its heartbeat.")
        self._connected = gauge("gateway_connected", "1 while the bot is connected to Discord with every shard.")
        self._shards = gauge("gateway_shards", "Shards of this process.")
        self._shards_down = gauge("gateway_shards_down", "Shards of this process that are not connected.")
        self._processes = gauge("database_processes", "Processes that live on this database, this one too.")
        self._latency = gauge("gateway_latency_seconds", "Of the gateway's last heartbeat.")
        self._libraries = gauge("index_libraries", "Libraries whose index is in memory.")
        self._passages = gauge("index_passages", "Passages in the indexes in memory.")
        self._index = gauge("index_size_bytes", "What the postings of the indexes in memory take.")
        self._articles = gauge("articles", "Articles in all libraries.")
        self._database = gauge("database_size_bytes", "The database file and its write-ahead log.")
        self._disk = gauge("disk_free_bytes", "Room left on the disk that holds the database.")
        self._backup = gauge(
            "backup_timestamp_seconds",
            "When the newest backup was made; 0 before the first one, NaN where none are made.",
        )
        build = Info("newsdesk_build", "What runs.", registry=registry)
        build.info({"version": version, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version})
        ProcessCollector(registry=registry)

    def answered(self, command: str, outcome: Outcome, seconds: float) -> None:
        """As `bot.metering.Meter.answered`."""
        self._commands.labels(command, outcome.value).inc()
        if outcome is not Outcome.SHED:
            self._answers.labels(command).observe(seconds)

    def searched(self, kind: str, seconds: float) -> None:
        """As `bot.metering.Meter.searched`."""
        self._searches.labels(kind).observe(seconds)

    def fetched(self, kind: str, outcome: FetchOutcome) -> None:
        """As `bot.metering.Meter.fetched`."""
        self._fetches.labels(kind, outcome.value).inc()

    def lagged(self, seconds: float) -> None:
        """As `bot.metering.Meter.lagged`."""
        self._lag.observe(seconds)

    def beat(self, at: float) -> None:
        """As `bot.metering.Meter.beat`."""
        self._beat.set(at)

    def read(self, readings: Readings) -> None:
        """As `bot.metering.Meter.read`."""
        self._connected.set(readings.is_connected)
        self._shards.set(readings.shards)
        self._shards_down.set(readings.shards_down)
        self._processes.set(readings.processes)
        self._latency.set(_number(readings.latency_seconds))
        for state, number in readings.digests.items():
            self._digests.labels(state).set(number)
        self._libraries.set(readings.libraries)
        self._passages.set(readings.passages)
        self._index.set(readings.index_bytes)
        self._articles.set(readings.articles)
        self._database.set(readings.database_bytes)
        self._disk.set(readings.disk_free_bytes)
        self._backup.set(_number(readings.backup_at))


def _number(known: float | None) -> float:
    """What is not known is no number: no comparison with it holds, so that it raises no alert."""
    return math.nan if known is None else known


@asynccontextmanager
async def listening(metrics: Metrics, port: int) -> AsyncIterator[int]:
    """Let ``metrics`` be read at ``port`` of this machine (0: any free one) until the block ends; the port.

    Raises `SettingsError` where the port cannot be had.
    """
    try:
        # In a thread, as the standard library looks up the name of the address first.
        server, thread = await asyncio.to_thread(start_http_server, port, HOST, metrics.registry)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SettingsError(
            f"METRICS_PORT: port {port} cannot be listened at ({why}): choose another one, or 0 for no metrics."
        ) from error
    try:
        yield server.server_port
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()
