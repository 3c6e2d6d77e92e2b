"""The documentation says what is there: commands, settings, make targets, command-line verbs, permissions."""

from __future__ import annotations

import re
from pathlib import Path

import discord
import pytest
import typer
from discord import app_commands
from sqlalchemy import Index, Table, UniqueConstraint

import commands
from bot.cli import app
from bot.corpus.aftermath import COPIED
from bot.corpus.engines import OLDEST
from bot.corpus.postgresql import address
from bot.corpus.postgresql_database import CONNECTIONS
from bot.corpus.schema import metadata
from bot.errors import CorpusError, NewsdeskError, NoConnection, SettingsError
from bot.settings import Settings, names
from commands.help import TEXT as HELP

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
ENV_EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}


def slash_commands() -> list[app_commands.Command | app_commands.Group]:  # type: ignore[type-arg]
    return [command for command in commands.ALL if not isinstance(command, app_commands.ContextMenu)]


def leaves() -> list[app_commands.Command]:  # type: ignore[type-arg]
    """Every command a person can run, subcommands each by themselves."""
    found: list[app_commands.Command] = []  # type: ignore[type-arg]
    for command in slash_commands():
        found += (
            [leaf for leaf in command.walk_commands() if isinstance(leaf, app_commands.Command)]
            if isinstance(command, app_commands.Group)
            else [command]
        )
    return found


def test_the_commands_of_the_readme_are_those_of_the_tree() -> None:
    table = README.partition("## What it does")[2].partition("\nAnswers are")[0]
    documented = set(re.findall(r"`/([a-z]+(?: [a-z]+)?)", table))
    named = {name if name in {leaf.qualified_name for leaf in leaves()} else name.split()[0] for name in documented}
    assert named == {leaf.qualified_name for leaf in leaves()}


def test_the_menus_of_a_message_are_in_the_readme_and_in_help() -> None:
    menus = [command.name for command in commands.ALL if isinstance(command, app_commands.ContextMenu)]
    assert menus
    for name in menus:
        assert f"*{name}*" in README
        assert f"*{name}*" in HELP


@pytest.mark.parametrize("name", ["quote", "speaker", "check", "search", "summary", "digest"])
def test_the_options_of_the_readme_are_those_of_the_command(name: str) -> None:
    (command,) = [leaf for leaf in leaves() if leaf.qualified_name == name]
    written = re.search(rf"`/{name}((?: \[?[a-z]+\]?)*)`", README)
    assert written is not None
    shown = [(option.strip("[]"), not option.startswith("[")) for option in written[1].split()]
    assert shown == [(parameter.name, parameter.required) for parameter in command.parameters]


def test_every_command_and_option_has_a_description() -> None:
    for leaf in leaves():
        assert len(leaf.description) > 10, leaf.qualified_name
        for parameter in leaf.parameters:
            assert len(str(parameter.description)) > 5, (leaf.qualified_name, parameter.name)


def test_every_command_file_is_named_after_its_command() -> None:
    files = {path.stem for path in (ROOT / "commands").glob("*.py")} - {"__init__", "answers", "choices"}
    assert files == {command.name for command in slash_commands()}


def test_the_settings_of_the_readme_and_the_example_are_those_that_are_read() -> None:
    assert re.findall(r"^([A-Z_]+)=", ENV_EXAMPLE, re.MULTILINE) == names()
    table = README.partition("| Setting |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE) == names()


def test_the_defaults_of_the_example_and_the_readme_are_the_defaults() -> None:
    written = dict(re.findall(r"^([A-Z_]+)=(.*)$", ENV_EXAMPLE, re.MULTILINE))
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\|", README, re.MULTILINE))
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else str(field.default)
        assert written[name.upper()] == table[name.upper()] == default


def test_every_setting_is_explained_in_the_example() -> None:
    lines = ENV_EXAMPLE.splitlines()
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith("#"):
            assert lines[number - 1].startswith("# "), line


def test_the_make_targets_named_in_the_documentation_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    documents = [README, ENV_EXAMPLE, (ROOT / "seeds/README.md").read_text(encoding="utf-8"), *PAGES.values()]
    for document in documents:
        assert set(re.findall(r"\bmake ([a-z]+)\b", document)) - {"commands", "room"} <= targets


def test_the_verbs_named_in_the_readme_exist() -> None:
    group = typer.main.get_group(app)
    verbs = set(group.list_commands(typer.Context(group)))
    asked = set(getattr(group.commands["ask"], "commands", {}))
    assert set(re.findall(r"newsdesk ([a-z]+) ", README)) <= verbs
    assert set(re.findall(r"newsdesk ask ([a-z]+)", README)) | {"search", "summary", "digest"} <= asked


def test_the_permissions_integer_is_that_of_the_permissions_named() -> None:
    needed = discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        attach_files=True,
        read_message_history=True,
    )
    assert set(re.findall(r"\b\d{10,}\b", README)) == {str(needed.value)}


def test_the_files_the_readme_links_to_exist() -> None:
    for target in re.findall(r"\]\((?!https?://)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
    for folder in re.findall(r"`(bot/[a-z_/]*|commands/|tests/|seeds/|deploy/)`", README):
        assert (ROOT / folder).exists(), folder


def test_the_pages_are_in_the_readme_and_name_files_that_exist() -> None:
    kept_by_the_host = {"deploy/discord_token"}
    for name, page in PAGES.items():
        assert f"(docs/{name})" in README
        for file in set(re.findall(r"\b(?:deploy|docs)/[\w./-]*\w", page)) - kept_by_the_host:
            assert (ROOT / file).exists(), file


def test_the_verbs_named_in_the_pages_exist() -> None:
    group = typer.main.get_group(app)
    verbs = set(group.list_commands(typer.Context(group)))
    lines = [line for page in PAGES.values() for line in page.splitlines() if line.startswith("    ")]
    named = {verb for line in lines for verb in re.findall(r"(?:^    |exec newsdesk |--rm |bin/)newsdesk (\w+)", line)}
    assert {"backup", "health", "move", "restore"} <= named <= verbs


def test_the_exit_codes_that_are_documented_are_those_that_are_used() -> None:
    page = (ROOT / "docs" / "failing.md").read_text(encoding="utf-8")
    sentence = re.search(r"\*\*With ([\d, and]+) a restart may help, with ([\d, and]+) it cannot\*\*", page)
    assert sentence is not None
    may, cannot = (set(map(int, re.findall(r"\d+", part))) for part in sentence.groups())
    kinds = _kinds(NewsdeskError)
    assert may | cannot == {kind.exit_code for kind in kinds}
    assert f"RestartPreventExitStatus={' '.join(map(str, sorted(cannot)))}" in page
    rows = {int(code) for code in re.findall(r"\| (\d\d) \|", page)}
    assert rows <= may | cannot
    assert rows >= {kind.exit_code for kind in kinds if issubclass(kind, SettingsError | NoConnection | CorpusError)}


def _kinds(kind: type[NewsdeskError]) -> list[type[NewsdeskError]]:
    """A kind of error, and every kind of it."""
    return [kind, *(one for below in kind.__subclasses__() for one in _kinds(below))]


def test_the_page_on_postgresql_names_what_is_there() -> None:
    page = PAGES["postgresql.md"]
    assert f"version {OLDEST} or newer" in page
    assert f"up to {CONNECTIONS} connections" in page
    assert f"a command beside them need {4 * CONNECTIONS}" in page
    assert f"INSERT INTO note VALUES ('{COPIED}', '" in page
    assert [column.name for column in metadata.tables["note"].columns] == ["key", "value"]
    for url in re.findall(r"`(postgresql\+asyncpg://\S+)`", page):
        assert address(url).name == "newsdesk"


def test_the_keys_of_the_page_on_distributed_engines_are_those_of_the_tables() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.*?) \| ?(.*?) ?\|$", PAGES["distributed.md"], re.MULTILINE)
    written = {name: (key, further) for names_, key, further in rows for name in re.findall(r"`(\w+)`", names_)}
    assert written.keys() == metadata.tables.keys()
    for name, table in metadata.tables.items():
        key, further = written[name]
        first = next(iter(table.primary_key.columns))
        assert ("a sequence" in key) == (first.identity is not None), name
        assert key.startswith("the server") == (name == "library" or first.name in ("library", "guild")), name
        begin = {next(iter(one.columns)).name for one in _further_keys(table)}
        assert ("the server" in further) == bool(begin & {"library", "guild"}), name
        assert {at for at in ("due_at", "told_at", "created_at") if at in further} <= begin, name
        assert bool(further) == bool(begin), name


def _further_keys(table: Table) -> list[Index | UniqueConstraint]:
    return [*table.indexes, *(one for one in table.constraints if isinstance(one, UniqueConstraint))]
