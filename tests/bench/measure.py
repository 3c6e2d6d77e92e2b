"""How the bench measures: time as percentiles, memory as the kernel counts it, and what machine it was."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

Figure = float | None
"""A measured figure; None where there is none."""


def percentile(values: Sequence[float], percent: float) -> Figure:
    return float(np.percentile(values, percent)) if len(values) else None


def settled_mb() -> Figure:
    """Resident memory of this process in MB after everything that is free was given back."""
    gc.collect()
    with suppress(OSError, AttributeError):  # no glibc, nothing to trim
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    return resident_mb()


def resident_mb(pid: int | None = None) -> Figure:
    """VmRSS of a process, by default of this one, in MB; Linux only."""
    return _kib(f"/proc/{pid or 'self'}/status", "VmRSS")


def peak_mb() -> Figure:
    """The highest VmRSS so far in MB; Linux only."""
    return _kib("/proc/self/status", "VmHWM")


def available_mb() -> Figure:
    """Memory that can be had without swapping, in MB; Linux only."""
    return _kib("/proc/meminfo", "MemAvailable")


def _kib(path: str, field: str) -> Figure:
    with suppress(OSError):
        for line in Path(path).read_text(encoding="ascii").splitlines():
            name, _, value = line.partition(":")
            if name == field:
                return int(value.split()[0]) / 1024
    return None


def difference(after: Figure, before: Figure) -> Figure:
    return None if after is None or before is None else after - before


def held_mb(root: object) -> float:
    """The size in MB of everything that ``root`` alone leads to, by `sys.getsizeof`: a check on resident memory.

    Classes, modules and functions are not followed. Meant for an index in arrays: it visits every object.
    """
    seen: set[int] = set()
    waiting: list[object] = [root]
    total = 0
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, type | ModuleType | FunctionType):
            continue
        seen.add(id(found))
        total += _own_bytes(found)
        waiting += gc.get_referents(found)
        if isinstance(found, np.ndarray) and found.base is not None:
            waiting.append(found.base)
    return total / 1e6


def _own_bytes(found: object) -> int:
    return int(found.__sizeof__()) if not isinstance(found, np.ndarray) or found.base is None else 0


def folder_mb(folder: Path) -> float:
    """What the files of a folder take on the disk, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def machine(packages: Iterable[str]) -> dict[str, Any]:
    """What the figures were measured on, with the versions of ``packages`` (None: not installed)."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_mb": _kib("/proc/meminfo", "MemTotal"),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {package: _version(package) for package in packages},
    }


def _cpu_model() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
