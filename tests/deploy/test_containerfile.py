"""What the container file and the compose file promise; each promise broken is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from bot.reading import confined, sandbox
from bot.settings import names
from tests.deploy.containerfile import CONTAINERFILE, ROOT, Stage, stages

COMPOSE = ROOT / "deploy" / "compose.yaml"
SESSIONS_A_DAY = 1_000  # of a bot, after which Discord resets its token
SERVICE = {
    "build": {"context": "..", "dockerfile": "deploy/Containerfile"},
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "volumes": ["data:/data"],
    "secrets": ["discord_token"],
    "pids_limit": 128,
}
BOT_BYTES = 512 << 20  # 377 MB were measured with 173,000 passages


def image_faults(text: str) -> Iterator[str]:
    """What is wrong with a container file."""
    made = stages(text)
    known: set[str] = set()
    for stage in made:
        if stage.base not in known and not re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+-[a-z-]+", stage.base):
            yield f"base: {stage.base}"
        known.add(stage.name)
        yield from _install_faults(stage)
    final = made[-1]
    if len(made) < 2 or not any(step.rest.startswith("--from=") for step in final.all("COPY")):
        yield "built in one stage"
    if re.search(r"\bpip3?\b|\bapt|\bgcc\b|build-essential", " ".join(step.rest for step in final.all("RUN"))):
        yield "the final stage builds"
    yield from _start_faults(final)
    yield from _environment_faults(final.environment())


def _install_faults(stage: Stage) -> Iterator[str]:
    sources = {step.rest.split()[1]: step.rest.split()[0] for step in stage.all("COPY")}
    for step in stage.all("RUN"):
        if not re.search(r"\bpip3?\b.*\binstall\b", step.rest):
            continue
        for option in ("--require-hashes", "--no-deps", "--only-binary :all:"):
            if option not in step.rest:
                yield f"installs without {option}"
        wanted = re.findall(r" -r (\S+)", step.rest)
        if [sources.get(one) for one in wanted] != ["deploy/lock-postgres.txt"]:
            yield "installs something else than the lock file"


def _start_faults(final: Stage) -> Iterator[str]:
    user = final.last("USER")
    if user is None or not re.fullmatch(r"[1-9]\d*:[1-9]\d*", user.rest):
        yield "user"
    if [step.rest for step in final.all("VOLUME")] != ["/data"]:
        yield "volume"
    for word, wanted in (("ENTRYPOINT", ["newsdesk"]), ("CMD", ["run"]), ("HEALTHCHECK", ["newsdesk", "health"])):
        step = final.last(word)
        if step is None or step.exec_form() != wanted:
            yield word.lower()
    stop = final.last("STOPSIGNAL")
    if stop is None or stop.rest != "SIGTERM":
        yield "stop signal"


def _environment_faults(environment: dict[str, str]) -> Iterator[str]:
    settings = {name: value for name, value in environment.items() if not name.startswith(("PATH", "PYTHON"))}
    if unknown := set(settings) - set(names()):
        yield f"no settings: {unknown}"
    if any("TOKEN" in name for name in environment):
        yield "a token in the image"
    if not environment.get("PYTHONDONTWRITEBYTECODE"):
        yield "bytecode"
    kept = settings.get("DATABASE_URL", ""), settings.get("BACKUP_DIR", "")
    if not (kept[0].startswith("sqlite+aiosqlite:////data/") and kept[1].startswith("/data/")):
        yield "keeps what it writes outside of the volume"


def compose_faults(compose: Any) -> Iterator[str]:
    """What is wrong with a compose file, each by the name of the setting."""
    service = compose["services"]["newsdesk"]
    yield from (name for name, wanted in SERVICE.items() if service.get(name) != wanted)
    yield from service.keys() & {"cap_add", "privileged", "ports", "user", "network_mode", "devices"}
    if [mount.partition(":")[0] for mount in service.get("tmpfs", [])] != ["/tmp"]:
        yield "tmpfs"
    if service["environment"].get("DISCORD_TOKEN_FILE") != "/run/secrets/discord_token":
        yield "environment"
    limited = re.fullmatch(r"on-failure:(\d+)", str(service.get("restart")))
    if limited is None or int(limited[1]) >= SESSIONS_A_DAY:
        yield "restart"
    if not {"max-size", "max-file"} <= service.get("logging", {}).get("options", {}).keys():
        yield "logging"
    gigabytes = re.fullmatch(r"(\d)g", str(service.get("mem_limit")))
    if gigabytes is None or int(gigabytes[1]) << 30 < sandbox.LANES * confined.MEMORY_BYTES + BOT_BYTES:
        yield "mem_limit"


def test_the_container_file_keeps_its_promises() -> None:
    assert list(image_faults(CONTAINERFILE.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("kept", "broken", "fault"),
    [
        ("FROM python:3", "FROM registry.example/python:3", "base"),
        (r"python:[\d.]+-", "python:", "base"),
        (" --require-hashes", "", "installs without --require-hashes"),
        (" --no-deps", "", "installs without --no-deps"),
        (" --only-binary :all:", "", "installs without --only-binary"),
        ("-r /lock-postgres.txt", "newsdesk", "installs something else"),
        ("-r /lock-postgres.txt", "-r /lock-postgres.txt -r /more.txt", "installs something else"),
        ("groupadd", "apt-get install -y gcc && groupadd", "the final stage builds"),
        ("USER 10001:10001\n", "", "user"),
        ("USER 10001:10001", "USER 0:0", "user"),
        ("USER 10001:10001", "USER newsdesk", "user"),
        ("VOLUME /data\n", "", "volume"),
        ("HEALTHCHECK .*", "", "healthcheck"),
        (r'CMD \["newsdesk", "health"\]', "CMD newsdesk health", "healthcheck"),
        (r'ENTRYPOINT \["newsdesk"\]', "ENTRYPOINT newsdesk", "entrypoint"),
        ("STOPSIGNAL SIGTERM", "STOPSIGNAL SIGKILL", "stop signal"),
        ("PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1", "bytecode"),
        ("BACKUP_DIR=/data/", "BACKUP_DIR=/", "keeps what it writes outside"),
        ("sqlite:////data/", "sqlite:///", "keeps what it writes outside"),
        ("BACKUP_DIR=", "BACKUPS_DIR=", "no settings"),
        ("PYTHONPATH=", "DISCORD_TOKEN=x PYTHONPATH=", "a token"),
    ],
)
def test_a_container_file_that_breaks_a_promise_is_found(kept: str, broken: str, fault: str) -> None:
    text, count = re.subn(kept, broken, CONTAINERFILE.read_text(encoding="utf-8"))
    assert count
    assert [found for found in image_faults(text) if found.startswith(fault)]


def test_nothing_is_sent_to_the_build_but_what_it_copies() -> None:
    ignored = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    copies = [step.rest for stage in stages(CONTAINERFILE.read_text(encoding="utf-8")) for step in stage.all("COPY")]
    sources = {copy.split()[0] for copy in copies if not copy.startswith("--from=")}
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == sources
    assert all((ROOT / source).exists() for source in sources)


def test_the_compose_file_keeps_its_promises() -> None:
    assert list(compose_faults(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("kept", "broken", "fault"),
    [
        ("dockerfile: deploy/Containerfile", "dockerfile: Makefile", "build"),
        ("read_only: true", "read_only: false", "read_only"),
        (r"cap_drop: \[ALL\]", "cap_drop: []", "cap_drop"),
        ("no-new-privileges:true", "no-new-privileges:false", "security_opt"),
        ("read_only: true", "read_only: true\n    privileged: true", "privileged"),
        ("read_only: true", 'read_only: true\n    ports: ["8000:8000"]', "ports"),
        ('"data:/data"', '"/:/data"', "volumes"),
        ("DISCORD_TOKEN_FILE: .*", "DISCORD_TOKEN: x", "environment"),
        (r"secrets: \[discord_token\]", "secrets: []", "secrets"),
        ("on-failure:60", "always", "restart"),
        ("on-failure:60", "on-failure", "restart"),
        ("max-size: 10m, ", "", "logging"),
        ("pids_limit: .*", "", "pids_limit"),
        ("mem_limit: .*", "mem_limit: 1g", "mem_limit"),
        ("mem_limit: .*", "", "mem_limit"),
    ],
)
def test_a_compose_file_that_breaks_a_promise_is_found(kept: str, broken: str, fault: str) -> None:
    text, count = re.subn(kept, broken, COMPOSE.read_text(encoding="utf-8"))
    assert count
    assert list(compose_faults(yaml.safe_load(text))) == [fault]


def test_the_token_beside_the_compose_file_is_not_committed() -> None:
    secret = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["secrets"]["discord_token"]["file"]
    assert f"/{(COMPOSE.parent / secret).relative_to(ROOT)}" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
