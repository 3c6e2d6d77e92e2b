"""How the interpreter shares its time: what is set before anything is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_THREADS = Path("/proc/self/task")
_A_PRODUCT = """
import bot.cli, numpy
from pathlib import Path
numpy.ones((600, 600)) @ numpy.ones((600, 600))
print(len(list(Path("/proc/self/task").iterdir())))
"""

pytestmark = pytest.mark.skipif(
    not _THREADS.is_dir() or (os.cpu_count() or 1) < 2, reason="threads are counted in /proc, on two processors or more"
)


def _threads(**set_by_host: str) -> int:
    """How many threads a process of the bot has after a product; with what the host has set."""
    environ = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    run = subprocess.run(
        [sys.executable, "-c", _A_PRODUCT], env=environ | set_by_host, capture_output=True, text=True, check=True
    )
    return int(run.stdout)


def test_products_use_no_threads_of_their_own() -> None:
    assert _threads() == 1


def test_a_hosts_own_setting_counts() -> None:
    assert _threads(OPENBLAS_NUM_THREADS="2") == 2
