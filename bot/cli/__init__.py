"""The command line: `newsdesk`, also as ``python -m bot``. Options in, one question to `Newsdesk`, lines out."""

from __future__ import annotations

import sys

import typer

from bot.cli import asking, filling, hosting, serving
from bot.errors import NewsdeskError

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
    """Entry point. A fault a person can mend is one line on standard error and a sysexits code."""
    try:
        app()
    except NewsdeskError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
