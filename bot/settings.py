"""The settings a host can make: read once, from the environment and `.env`, checked all together.

The only module that reads the environment. `.env.example` explains every setting; a test keeps the two in step. A
setting may be given as a file: ``DISCORD_TOKEN_FILE=/run/secrets/token`` (the way containers pass secrets).
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from bot import shards
from bot.errors import SettingsError
from bot.shards import MOST_SHARDS, Shards
from bot.systemd import ServiceManager

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["text", "json"]
When = Literal["auto", "always", "never"]

ENV_FILE = Path(".env")
_LIKENESS = 0.8  # of two names, by difflib's ratio: one letter of TRY_PORT is left out, doubled or another

# What Discord's tokens have looked like since 2022: base64 of the id, a timestamp, an HMAC. Only their shape is told.
_TOKEN_SHAPE = re.compile(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}")

_SQLITE = "sqlite+aiosqlite:///"
_POSTGRESQL = "postgresql+asyncpg://"


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class Settings(BaseSettings):
    """Everything a host decides. Build it with `load`; every field has a working default but the token."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, frozen=True)

    discord_token: SecretStr | None = Field(None, description="the bot's token; needed by `run` alone")
    database_url: str = Field("sqlite+aiosqlite:///newsdesk.db", description="where the library is kept")
    seeds_dir: Path | None = Field(Path("seeds"), description="folder read into the shared library at every start")
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = Field("INFO", description="least serious line logged")
    log_format: Annotated[LogFormat, BeforeValidator(_lower)] = Field("text", description="how a line is written")
    backup_dir: Path | None = Field(Path("backups"), description="folder for a backup a day")
    backup_days: int = Field(7, ge=1, le=3650, description="of how many days the daily backup is kept")
    backup_weeks: int = Field(4, ge=0, le=520, description="of how many weeks before those the first backup is kept")
    metrics_port: int = Field(0, ge=0, le=65535, description="loopback port that metrics are read at; 0 for none")
    second_process: Annotated[When, BeforeValidator(_lower)] = Field("auto", description="whether a second one answers")
    try_port: int = Field(0, ge=0, le=65535, description="port of the browser page of `try`; 0 takes any free one")
    shard_count: int | None = Field(None, ge=1, le=MOST_SHARDS, description="shards of all processes together")
    shard_ids: str | None = Field(None, description="the shards of this process, of all of them")

    @field_validator("discord_token")
    @classmethod
    def _token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value().strip():
            return None
        token = value.get_secret_value().strip().removeprefix("Bot ")
        if not _TOKEN_SHAPE.fullmatch(token):
            raise ValueError("does not look like a bot token; copy it again from the Developer Portal, page Bot")
        return SecretStr(token)

    @field_validator("seeds_dir", "backup_dir", "shard_count", "shard_ids", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("database_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if not value.startswith((_SQLITE, _POSTGRESQL)):
            raise ValueError(
                "must be sqlite+aiosqlite:///newsdesk.db, or another path after the ///, "
                "or postgresql+asyncpg://user:password@host/name"
            )
        return value

    @field_validator("shard_ids")
    @classmethod
    def _are_shards(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None or "shard_count" not in info.data:  # what is wrong with the count is said of it
            return value
        count = info.data["shard_count"]
        if count is None:
            raise ValueError("needs SHARD_COUNT, which says how many shards all processes have together")
        absent = Shards(count, shards.read(value, count)).absent
        if absent and str(info.data.get("database_url", "")).startswith(_SQLITE):
            raise ValueError(
                f"leaves shards {shards.written(absent)} to other processes, and several need PostgreSQL: "
                "give such an address as DATABASE_URL, or leave SHARD_IDS empty"
            )
        return value

    @property
    def shards(self) -> Shards | None:
        """The shards of this process; None: all that Discord recommends."""
        if self.shard_count is None:
            return None
        if self.shard_ids is None:
            return Shards.all_of(self.shard_count)
        return Shards(self.shard_count, shards.read(self.shard_ids, self.shard_count))

    @property
    def on_server(self) -> bool:
        """Whether the library is kept by PostgreSQL, and not in a file."""
        return self.database_url.startswith(_POSTGRESQL)

    @property
    def database_file(self) -> Path:
        """The absolute path that `bot.corpus` makes of the address, without loading what checks it.

        Of a server's database it is no file, but gives the names of what is kept beside the library here.
        """
        if self.on_server:
            name = unquote(urlsplit(self.database_url).path.removeprefix("/"))
            return Path(re.sub(r"[^\w.-]", "_", name) + ".postgresql").absolute()
        return Path(unquote(self.database_url.removeprefix(_SQLITE))).absolute()

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # `load` gathers the values itself, so that a fault can be named by where it stands.
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    def require_token(self) -> str:
        """The token, or a `SettingsError` that says how to get one."""
        if self.discord_token is None:
            raise SettingsError(
                "No DISCORD_TOKEN is set: copy .env.example to .env and put your bot's token there, "
                "or run `make try` to use Newsdesk in a browser without Discord."
            )
        return self.discord_token.get_secret_value()


def names() -> list[str]:
    """The environment variables Newsdesk reads, in the order of `.env.example`."""
    return [name.upper() for name in Settings.model_fields]


@dataclass(frozen=True, slots=True)
class Given:
    """What a host has set, as far as it can be used.

    ``settings`` has the default for what is wrong; ``faults`` says by (setting, sentence) what that is. ``look_alikes``
    are names in ``env_file`` that are no setting of Newsdesk, each with the one it was probably meant to be.
    ``is_open``: ``env_file`` holds a token, and every user of this machine may read it.
    """

    settings: Settings
    faults: tuple[tuple[str, str], ...]
    env_file: Path
    look_alikes: Mapping[str, str]
    is_open: bool

    def is_wrong(self, name: str) -> bool:
        """Whether the host has given ``name`` in a way that cannot be used, so that ``settings`` may not say it."""
        return any(wrong in (name, f"{name}_FILE", str(self.env_file)) for wrong, _ in self.faults)


def load(env_file: Path = ENV_FILE, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings: the environment wins over ``NAME_FILE``, which wins over ``env_file``.

    Raises `SettingsError` that names every wrong setting at once, never with the value of a secret.
    """
    given = read(env_file, environ)
    if given.faults:
        wrong = "\n  ".join(f"{name}: {sentence}" for name, sentence in given.faults)
        raise SettingsError(f"Wrong settings, mend them in .env or the environment:\n  {wrong}")
    return given.settings


def read(env_file: Path = ENV_FILE, environ: Mapping[str, str] | None = None) -> Given:
    """As `load`, with what is wrong told instead of raised."""
    environ = os.environ if environ is None else environ
    faults: list[tuple[str, str]] = []
    written = {name: value for name, value in _dotenv(env_file, faults).items() if value is not None}
    values = dict(written)
    for name in names():
        if path := environ.get(f"{name}_FILE") or values.get(f"{name}_FILE"):
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
                faults.append((f"{name}_FILE", f"the file cannot be read ({reason})."))
                values.pop(name, None)
        if name in environ:
            values[name] = environ[name]
    settings, wrong = _validated({name.lower(): values[name] for name in names() if name in values})
    is_open = bool(written.get("DISCORD_TOKEN")) and _is_open(env_file)
    return Given(settings, (*faults, *wrong), env_file, _look_alikes(written), is_open)


def _validated(values: dict[str, str]) -> tuple[Settings, list[tuple[str, str]]]:
    """Settings of the ``values`` that can be used, and what is wrong with the others."""
    try:
        return Settings.model_validate(values), []
    except ValidationError as error:
        wrong = {str(fault["loc"][0]): f"{_plain(fault['msg'])}." for fault in error.errors()}
    usable = {name: value for name, value in values.items() if name not in wrong}
    # What is wrong now is only so because another setting was left out.
    return _validated(usable)[0], [(name.upper(), sentence) for name, sentence in wrong.items()]


def _look_alikes(written: Iterable[str]) -> dict[str, str]:
    """The names that are no setting but nearly one, each with that one: `DISCORD_TOKE`, `discord_token`."""
    known = [name + ending for name in names() for ending in ("", "_FILE")]
    near = {name: get_close_matches(name.upper(), known, 1, _LIKENESS) for name in written if name not in known}
    return {name: meant[0] for name, meant in near.items() if meant}


def _is_open(path: Path) -> bool:
    """Whether every user may read the file; of Windows, whose rights are lists, nothing is said."""
    try:
        return os.name == "posix" and bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def _dotenv(path: Path, faults: list[tuple[str, str]]) -> Mapping[str, str | None]:
    try:
        return dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError):
        faults.append((str(path), "the file cannot be read as UTF-8 text."))
        return {}


def _plain(message: str) -> str:
    """Pydantic's words without its prefix."""
    return message.removeprefix("Value error, ").removeprefix("Input ").rstrip(".")


def in_colour() -> bool:
    """Whether what is printed goes to a terminal whose user has not asked for plain text (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def service_manager(environ: Mapping[str, str] | None = None) -> ServiceManager:
    """The systemd that started this process and wants to hear of it, if one does: see sd_notify(3).

    What it says to another process, which handed its environment down, is not for this one.
    """
    environ = os.environ if environ is None else environ
    microseconds = environ.get("WATCHDOG_USEC", "")
    is_ours = environ.get("WATCHDOG_PID") in (None, str(os.getpid()))
    seconds = int(microseconds) / 1_000_000 if is_ours and microseconds.isdecimal() and int(microseconds) else None
    return ServiceManager(environ.get("NOTIFY_SOCKET") or None, seconds)
