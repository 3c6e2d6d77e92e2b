"""The metrics: what Prometheus reads over a real socket, and that dashboard and alerts ask for what is there."""

from __future__ import annotations

import asyncio
import json
import math
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.errors import EX_CONFIG, SettingsError
from bot.metering import UNMETERED, FetchOutcome, Meter, Outcome, Readings, searching
from bot.metrics import HOST, Metrics, listening

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
NAME = re.compile(r"\b(?:newsdesk|process)_[a-z_]+\b")
UNITS = ("_seconds", "_bytes", "_total", "_info")
COUNTS = {"newsdesk_articles", "newsdesk_recent_digests", "newsdesk_index_libraries", "newsdesk_index_passages"}
COUNTS |= {"newsdesk_gateway_shards", "newsdesk_gateway_shards_down", "newsdesk_database_processes"}
FLAGS = {"newsdesk_gateway_connected"}
READINGS = Readings(
    libraries=2,
    passages=900,
    index_bytes=4_000,
    articles=14,
    database_bytes=70_000,
    disk_free_bytes=5_000_000_000,
    digests={"sent": 3, "uncertain": 1},
    backup_at=1_700_000_000.0,
    is_connected=True,
    shards=4,
    shards_down=0,
    processes=2,
    latency_seconds=0.04,
)


def used() -> Metrics:
    """Metrics of a bot to which everything has happened once."""
    metrics = Metrics("1.2.3")
    for outcome in Outcome:
        metrics.answered("quote", outcome, 0.02)
    for fetch in FetchOutcome:
        metrics.fetched("feed", fetch)
    with searching(metrics, "quotes"):
        pass
    metrics.lagged(0.3)
    metrics.beat(1_700_000_100.0)
    metrics.read(READINGS)
    return metrics


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
    }


def names(metrics: Metrics) -> set[str]:
    return {name for name, _ in samples(metrics)}


async def get(port: int) -> str:
    def read() -> str:
        with urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    return await asyncio.to_thread(read)


async def test_prometheus_reads_them_at_the_port() -> None:
    async with listening(used(), 0) as port:
        text = await get(port)
    lines = text.splitlines()
    assert 'newsdesk_commands_total{command="quote",outcome="refused"} 1.0' in lines
    assert 'newsdesk_fetches_total{kind="feed",outcome="unchanged"} 1.0' in lines
    assert 'newsdesk_recent_digests{state="uncertain"} 1.0' in lines
    assert 'newsdesk_search_duration_seconds_count{kind="quotes"} 1.0' in lines
    assert 'newsdesk_event_loop_lag_seconds_bucket{le="0.25"} 0.0' in lines
    assert 'newsdesk_event_loop_lag_seconds_bucket{le="1.0"} 1.0' in lines
    assert "newsdesk_gateway_connected 1.0" in lines
    assert "newsdesk_backup_timestamp_seconds 1.7e+09" in lines
    assert any(line.startswith("newsdesk_build_info{") and 'version="1.2.3"' in line for line in lines)


async def test_the_port_is_of_this_machine_alone_and_free_again_at_the_end() -> None:
    async with listening(used(), 0) as port:
        with socket.socket() as beside:
            # Nobody holds the port on this machine's other addresses.
            beside.bind(("127.0.0.2", port))
    with socket.socket() as after, pytest.raises(ConnectionRefusedError):
        after.connect((HOST, port))


async def test_a_port_in_use_is_one_sentence_and_a_fault_of_the_settings() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SettingsError) as caught:
            async with listening(Metrics(""), port):
                pytest.fail("somebody else listens there")
    assert str(caught.value).startswith(f"METRICS_PORT: port {port} cannot be listened at (Address already in use):")
    assert caught.value.exit_code == EX_CONFIG


def test_two_bots_in_a_process_share_nothing() -> None:
    used()
    other = samples(Metrics(""))
    assert ("newsdesk_commands_total", (("command", "quote"), ("outcome", "answered"))) not in other
    assert other["newsdesk_event_loop_lag_seconds_count", ()] == 0


def test_names_say_what_is_counted_in_base_units() -> None:
    told = {name for name in names(used()) if name.startswith("newsdesk_") and not name.endswith("_created")}
    ours = {re.sub(r"_(bucket|count|sum)$", "", name) for name in told}
    assert {name for name in ours if not name.endswith(UNITS)} == COUNTS | FLAGS


def test_no_label_can_hold_a_server_a_person_or_an_article() -> None:
    labels = {label for _, labels in samples(used()) for label, _ in labels}
    assert labels == {"command", "outcome", "kind", "state", "le", "version", "python", "sqlite"}


def test_a_shed_question_does_not_make_answers_look_quick() -> None:
    metrics = Metrics("")
    metrics.answered("quote", Outcome.SHED, 0.0001)
    assert ("newsdesk_command_duration_seconds_count", (("command", "quote"),)) not in samples(metrics)


def test_what_is_not_known_is_no_number() -> None:
    metrics = used()
    nothing = Readings(0, 0, 0, 0, 0, 0)
    metrics.read(nothing)
    found = samples(metrics)
    assert math.isnan(found["newsdesk_gateway_latency_seconds", ()])
    assert math.isnan(found["newsdesk_backup_timestamp_seconds", ()])
    assert found["newsdesk_gateway_connected", ()] == 0


def test_a_search_that_fails_is_timed_too() -> None:
    metrics = Metrics("")
    with pytest.raises(ZeroDivisionError), searching(metrics, "articles"):
        _ = 1 / 0
    assert samples(metrics)["newsdesk_search_duration_seconds_count", (("kind", "articles"),)] == 1


def test_without_a_reader_nothing_is_measured_and_prometheus_client_not_loaded() -> None:
    meters: tuple[Meter, ...] = (UNMETERED, Metrics(""))
    assert [meter.is_read for meter in meters] == [False, True]
    loads = "import sys, bot.cli.serving, bot.discord_app.app; print('prometheus_client' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", loads], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


# What is asked of them


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return list(json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))["panels"])


def asked_for(expression: str) -> set[str]:
    return set(NAME.findall(expression))


def test_every_alert_asks_for_what_is_there_and_says_what_to_do() -> None:
    there = names(used())
    assert len(rules()) >= 8
    for rule in rules():
        asked = asked_for(rule["expr"])
        assert asked <= there, rule["alert"]
        assert asked or "up{" in rule["expr"], rule["alert"]
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["description"].endswith(".")


def test_every_panel_asks_for_what_is_there() -> None:
    there, asked = names(used()), set()
    for panel in panels():
        for target in panel.get("targets", ()):
            found = asked_for(target["expr"])
            assert found, panel["title"]
            assert found <= there, panel["title"]
            asked |= found
    ours = {
        name for name in there if name.startswith("newsdesk_") and not name.endswith(("_created", "_sum", "_count"))
    }
    assert ours <= asked, "a metric that the dashboard does not show"


def test_labels_asked_for_are_those_that_are_given() -> None:
    given = {(name, label) for name, labels in samples(used()) for label, _ in labels}
    outcomes = {*Outcome, *FetchOutcome}
    expressions = [rule["expr"] for rule in rules()]
    expressions += [target["expr"] for panel in panels() for target in panel.get("targets", ())]
    for expression in expressions:
        for name, braces in re.findall(r"(newsdesk_[a-z_]+)\{([^}]*)\}", expression):
            for label, value in re.findall(r'(\w+)=~?"([^"]*)"', braces):
                assert (name, label) in given
                if label == "outcome":
                    assert set(value.split("|")) <= outcomes


def test_panels_have_their_own_numbers_and_lie_beside_one_another() -> None:
    assert len({panel["id"] for panel in panels()}) == len(panels())
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        here = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert taken.isdisjoint(here), panel["title"]
        taken |= here
