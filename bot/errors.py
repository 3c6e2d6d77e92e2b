"""Everything that can go wrong for a person, and the one sentence they read about it.

    NewsdeskError
    ├── SettingsError          a setting is missing or wrong                        (exit 78, EX_CONFIG)
    │   ├── TokenRefused       Discord does not take the token
    │   └── Unwelcome          Discord does not let this bot connect, and no restart will change that
    ├── UnreadableDocument     a document cannot be read: binary, empty, too large  (exit 65, EX_DATAERR)
    ├── CannotFetch            a link cannot be followed: not public, too large, no answer  (exit 69, EX_UNAVAILABLE)
    ├── NotFound               no such article, schedule or document in this library
    ├── Refused                a request that makes no sense as given: a date, a time zone, an empty text
    ├── NoConnection           Discord cannot be reached, or cannot answer          (exit 75, EX_TEMPFAIL)
    └── CorpusError            the database cannot be used: full, read-only, failing disk  (exit 74, EX_IOERR)
        ├── CorpusInUse        another bot, or another program, holds the file      (exit 75, EX_TEMPFAIL)
        ├── CorpusAway         the server that keeps the database cannot be used    (exit 75, EX_TEMPFAIL)
        │   └── CorpusUnsure   it was lost while it stored something                (exit 75, EX_TEMPFAIL)
        ├── CorpusMisnamed     DATABASE_URL names nothing that can be a library     (exit 78, EX_CONFIG)
        ├── CorpusDamaged      the file is no database, or no longer a sound one    (exit 65, EX_DATAERR)
        └── CorpusTooNew       the file was written by a newer Newsdesk             (exit 65, EX_DATAERR)

``str(error)`` is that sentence: what happened, and what to do next. It never holds a token or article text, so it
may be shown in a channel and written to the log. ``exit_code`` is the sysexits code the CLI ends with, so that a
supervisor can tell whether a restart could help: with 69, 70, 74 and 75 it may, with 64, 65 and 78 it cannot.
"""

from __future__ import annotations

from typing import ClassVar

# sysexits.h, which Python's `os` has on Unix alone
EX_OK = 0
EX_USAGE, EX_DATAERR, EX_UNAVAILABLE, EX_SOFTWARE, EX_IOERR, EX_TEMPFAIL, EX_CONFIG = 64, 65, 69, 70, 74, 75, 78


class NewsdeskError(Exception):
    """A fault whose text is fit to be read by the person who caused it."""

    exit_code: ClassVar[int] = EX_SOFTWARE


class SettingsError(NewsdeskError):
    """One or more settings are missing or wrong; the text names all of them."""

    exit_code = EX_CONFIG


class TokenRefused(SettingsError):
    """Discord does not take the token, at start or later."""

    def __init__(self) -> None:
        super().__init__(
            "Discord refused DISCORD_TOKEN: reset it in the Developer Portal, page Bot, and put the new one in .env."
        )


class Unwelcome(SettingsError):
    """Discord closed the connection for a reason that stays: ``code`` is the gateway's close code."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


class NoConnection(NewsdeskError):
    """Discord cannot be reached, or cannot answer; trying again later may help."""

    exit_code = EX_TEMPFAIL


class UnreadableDocument(NewsdeskError):
    """A document that cannot become an article."""

    exit_code = EX_DATAERR

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class CannotFetch(NewsdeskError):
    """A link that cannot be followed, or whose page cannot be had.

    ``status`` is what the web site answered, if it did; ``retry_after_seconds`` how long it asks to be left alone.
    """

    exit_code = EX_UNAVAILABLE

    def __init__(self, sentence: str, *, status: int | None = None, retry_after_seconds: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class NotFound(NewsdeskError):
    """What was asked for is not in this library."""

    exit_code = EX_DATAERR


class Refused(NewsdeskError):
    """The request cannot be carried out as given."""

    exit_code = EX_USAGE


class CorpusError(NewsdeskError):
    """The database cannot be used."""

    exit_code = EX_IOERR


class CorpusInUse(CorpusError):
    """Another bot holds the lock of this database file, or another program holds the file for too long."""

    exit_code = EX_TEMPFAIL


class CorpusAway(CorpusError):
    """The server that keeps the database cannot be reached, takes nobody more, or was lost in the middle of something.

    Nothing of what was under way was stored, but for a `CorpusUnsure`.
    """

    exit_code = EX_TEMPFAIL

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(
            sentence
            or "The server of the library does not answer: try again in a moment; if it stays so, see if it runs."
        )


class CorpusUnsure(CorpusAway):
    """The server was lost after it was told to store something: all of that is stored, or nothing."""

    def __init__(self) -> None:
        super().__init__(
            "The server of the library was lost just as it stored this, and may have done so: look before you try "
            "again."
        )


class CorpusMisnamed(CorpusError):
    """What DATABASE_URL names cannot be a library."""

    exit_code = EX_CONFIG


class CorpusDamaged(CorpusError):
    """The database is damaged, or is none: whoever goes on writing to it may make it worse."""

    exit_code = EX_DATAERR


class CorpusTooNew(CorpusError):
    """The database was migrated by a newer version of Newsdesk than this one."""

    exit_code = EX_DATAERR
