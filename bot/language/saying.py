"""The verbs with which English prose reports speech: shared by sentence boundaries and by speech."""

from __future__ import annotations

from typing import Final

_VERBS = """
said says say told tells wrote writes tweeted tweets added adds asked asks declared declares stated states replied
replies answered responded responds explained explains insisted insists announced announces argued argues warned warns
noted notes continued continues concluded concludes recalled recalls shouted yelled cried exclaimed whispered joked
jokes quipped posted posts claimed claims admitted admits acknowledged conceded confirmed confirms denied denies vowed
promised predicted observed remarked commented complained countered retorted stressed emphasized emphasised charged
urged pleaded testified boasted bragged mused wondered lamented maintained maintains reiterated repeated suggested
suggests contended asserted asserts alleged pledged thundered
"""
SAYING_VERBS: Final = frozenset(_VERBS.split())
