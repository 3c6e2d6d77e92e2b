"""All that ``python -m bot run`` loads, for the process that `tests.wire.process` forks lives from.

What is loaded is looked through for garbage once: a life that did so again would copy all of it.
"""

from __future__ import annotations

import gc

import commands
from tests.wire import launch

__all__ = ["commands", "launch"]

gc.collect()
gc.freeze()
