"""The command line: `newsdesk`, also as ``python -m bot``. Options in, one question to `Newsdesk`, lines out."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from bot import logs
from bot.cli import health
from bot.errors import EX_SOFTWARE, NewsdeskError

_WITH_THE_LIBRARY = ("serving", "filling", "asking", "hosting")  # modules of verbs, in the order of --help


class _Verbs(TyperGroup):
    """Every verb. `health`, which is asked for all the time, is there at once; the others come with their modules."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for module in _WITH_THE_LIBRARY:
            if cmd_name in self.commands:
                break
            self._load(module)
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        there, self.commands = self.commands, {}
        for module in _WITH_THE_LIBRARY:
            self._load(module)
        self.commands.update(there)
        return super().list_commands(ctx)

    def _load(self, module: str) -> None:
        self.commands.update(typer.main.get_group(import_module(f"bot.cli.{module}").app).commands)


app = typer.Typer(
    cls=_Verbs,
    name="newsdesk",
    help="The cuttings library of a team that follows the news in Discord.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(health.app)


@app.callback()
def _newsdesk() -> None:
    """Makes `health` a verb among others, although it is the only one that is there from the start."""


def main() -> None:
    """Entry point. A fault a person can mend is one line on standard error and a sysexits code; any other is logged."""
    logs.configure("WARNING")  # until the settings are known
    try:
        with logs.catching():
            app()
    except NewsdeskError as error:
        logs.say(str(error))
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - the interpreter would print what the exception quotes
        logs.report("ended by a fault of Newsdesk", error)
        sys.exit(EX_SOFTWARE)
