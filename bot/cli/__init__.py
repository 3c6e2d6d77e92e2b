"""The command line: `newsdesk`, also as ``python -m bot``. Options in, one question to `Newsdesk`, lines out."""

from __future__ import annotations

import sys

import typer

from bot import logs
from bot.cli import asking, filling, hosting, serving
from bot.errors import EX_SOFTWARE, NewsdeskError

app = typer.Typer(
    name="newsdesk",
    help="The cuttings library of a team that follows the news in Discord.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _verbs in (serving, filling, asking, hosting):
    app.add_typer(_verbs.app)


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
