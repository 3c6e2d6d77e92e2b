"""The container file's steps, and what they make, without a container engine: in namespaces of Linux's own.

    this machine's files, under a layer that vanishes -> RUN and COPY, stage by stage -> the image's root, read-only
    -> /data and /tmp -> the image's user without capabilities -> the bot, pointed at a double of Discord

This machine stands in for the base image: an overlay over its root takes what the steps write. Needs root.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement

from tests.deploy.containerfile import CONTAINERFILE, ROOT, Instruction, Stage, stages

LOCK = ROOT / "deploy" / "lock-postgres.txt"
IMAGE: Final = stages(CONTAINERFILE.read_text(encoding="utf-8"))
FINAL: Final = IMAGE[-1]
PYTHON: Final = Path(sys.base_prefix) / "bin"  # whose python3 stands in for the base image's
_PACKAGES = sysconfig.get_path("purelib")
_PATH = f"{PYTHON}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def need_namespaces(folder: Path) -> None:
    """Skip where this process may not mount: it is not root, or in a container itself."""
    for name in ("lower", "upper", "work", "root"):
        (folder / name).mkdir()
    overlay = "mount -t tmpfs none upper && mkdir upper/u upper/w && "
    overlay += "mount -t overlay none -o lowerdir=lower,upperdir=upper/u,workdir=upper/w root"
    tried = subprocess.run(["unshare", "--mount", "sh", "-c", overlay], cwd=folder, capture_output=True, check=False)
    if os.geteuid() != 0 or tried.returncode:
        pytest.skip("the steps of the container file need root, and leave to mount an overlay")


def script(scratch: Path, data: Path, command: list[str], *, from_registry: bool) -> str:
    """A shell script for ``unshare --mount``: builds the image, prints "built", and becomes ``command`` in it.

    ``scratch`` is an empty folder, ``data`` the volume. Not ``from_registry``: the packages are those installed here.
    """
    lines = ["set -e", "exec 3>&1 >&2", f"mount -t tmpfs -o size=4g none {scratch}", f"cd {scratch}"]
    layers: dict[str, str] = {}
    for number, stage in enumerate(IMAGE):
        lower = layers.get(stage.base, "/")
        lines += _stage(f"s{number}", stage, lower, from_registry=from_registry)
        layers[stage.name] = f"{scratch}/s{number}/upper:{lower}"
    root = f"s{len(IMAGE) - 1}/root"
    user, group = _user()
    lines += [
        f"chown {user}:{group} {data}",
        f"mount --bind {data} {root}/data",
        f"mkdir -p {root}/wire/tests {root}/wire/packages",
        f"mount --bind -o ro {ROOT}/tests {root}/wire/tests",
        f"mount --bind -o ro {_PACKAGES} {root}/wire/packages",
        f"mount -o remount,ro {root}",
        f"mount -t tmpfs -o mode=1777,noexec none {root}/tmp",
        "echo built >&3 3>&-",
        f"exec chroot {root} {shlex.join(as_user(command))}",
    ]
    return "\n".join(lines)


def as_user(command: list[str]) -> list[str]:
    """``command`` as it starts in the container: as its user, with its environment, in its folder."""
    user, group = _user()
    dropped = ["--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    inner = f". /environment && cd {_last('WORKDIR')} && exec {shlex.join(command)}"
    return ["setpriv", f"--reuid={user}", f"--regid={group}", *dropped, "sh", "-c", inner]


def beside(pid: int, command: list[str]) -> list[str]:
    """``command`` in the container whose first process is ``pid``, as ``docker exec`` would start it."""
    return ["nsenter", f"--target={pid}", "--mount", "--root", "--wd", *as_user(command)]


def command(word: str) -> list[str]:
    """The command that ENTRYPOINT, CMD or HEALTHCHECK names."""
    step = FINAL.last(word)
    words = None if step is None else step.exec_form()
    assert words is not None
    return words


def _user() -> tuple[str, str]:
    user, _, group = _last("USER").partition(":")
    return user, group


def _last(word: str) -> str:
    step = FINAL.last(word)
    assert step is not None
    return step.rest


def _stage(name: str, stage: Stage, lower: str, *, from_registry: bool) -> list[str]:
    root = f"{name}/root"
    overlay = f"lowerdir={lower},upperdir={name}/upper,workdir={name}/work"
    lines = [
        f"mkdir -p {name}/upper {name}/work {root}",
        f"mount -t overlay -o {overlay} overlay {root}",
        *(f"mount --rbind /{folder} {root}/{folder}" for folder in ("proc", "dev")),
    ]
    # The base image's Python is there for everybody; this machine's may be below a folder that is root's alone.
    lines += [f"chmod o+x {root}{folder}" for folder in (PYTHON, *PYTHON.parents)]
    environment = [f"export PATH={_PATH}", *(f'export {key}="{value}"' for key, value in stage.environment().items())]
    lines += [f"cat > {root}/environment <<'end'", *environment, "export PYTHONPATH=$PYTHONPATH:/wire", "end"]
    for step in stage.steps:
        if step.word == "RUN":
            lines.append(_run(root, step, from_registry=from_registry))
        elif step.word == "COPY":
            lines.append(_copy(root, step))
    return lines


def _run(root: str, step: Instruction, *, from_registry: bool) -> str:
    installs = " install --require-hashes " in step.rest
    command = step.rest if from_registry or not installs else _installed_here()
    return f"chroot {root} sh -e -c {shlex.quote(f'. /environment && {command}')}"


def _copy(root: str, step: Instruction) -> str:
    """Files of the source arrive as from somebody who keeps them to himself."""
    *options, source, target = step.rest.split()
    makes = f"mkdir -p {root}{Path(target).parent} && "
    if options:
        names = [stage.name for stage in IMAGE]
        return makes + f"cp -a s{names.index(options[0].removeprefix('--from='))}/root{source} {root}{target}"
    cleaned = f"find {root}{target} -name __pycache__ -prune -exec rm -r {{}} + && chmod -R go= {root}{target}"
    return makes + f"cp -R {ROOT}/{source} {root}{target} && {cleaned}"


def _installed_here() -> str:
    """Links to the packages that the lock file names, as they are installed here, and to no others."""
    names: set[str] = set()
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if not line[:1].isalnum():
            continue
        wanted = Requirement(line.removesuffix("\\").strip())
        if wanted.marker is None or wanted.marker.evaluate():
            files = metadata.distribution(wanted.name).files or ()
            names |= {file.parts[0] for file in files} - {"..", "__pycache__"}
    links = " ".join(shlex.quote(f"/wire/packages/{name}") for name in sorted(names))
    return f'ln -s {links} "$(/venv/bin/python3 -c \'import sysconfig; print(sysconfig.get_path("purelib"))\')"'
