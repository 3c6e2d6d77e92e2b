"""All that ``python -m bot run`` loads, for the process that `tests.forks` forks children from.

What is loaded is looked through for garbage once: a life that did so again would copy all of it.
"""

from __future__ import annotations

import gc
from importlib import import_module

import commands
from bot import cli
from tests.wire import launch

__all__ = ["commands", "launch"]

for _name in cli._WITH_THE_LIBRARY:  # what the command line loads with its first verb: a third of a life's start
    import_module(f"bot.cli.{_name}")
gc.collect()
gc.freeze()
