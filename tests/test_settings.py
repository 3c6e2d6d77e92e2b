"""Settings: from the environment, `.env` and secret files, checked all at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import load, names

# Shaped like a token, and none: the parts say so in base64.
TOKEN = "bm90LWEtcmVhbC10b2tlbi1hdC1hbGw.bm90YXQ.bm90LWEtcmVhbC10b2tlbi1hdC1hbGw"
NOWHERE = Path("nowhere.env")


def test_every_setting_has_a_default() -> None:
    settings = load(NOWHERE, {})
    assert settings.database_url == "sqlite+aiosqlite:///newsdesk.db"
    assert settings.seeds_dir == Path("seeds")
    assert settings.discord_token is None


def test_the_environment_wins_over_a_secret_file_and_that_over_dotenv(tmp_path: Path) -> None:
    env_file, secret = tmp_path / ".env", tmp_path / "level"
    env_file.write_text("LOG_LEVEL=ERROR\nTRY_PORT=4001\n", encoding="utf-8")
    secret.write_text("WARNING\n", encoding="utf-8")
    assert load(env_file, {}).log_level == "ERROR"
    assert load(env_file, {"LOG_LEVEL_FILE": str(secret)}).log_level == "WARNING"
    assert load(env_file, {"LOG_LEVEL_FILE": str(secret), "LOG_LEVEL": "debug"}).log_level == "DEBUG"
    assert load(env_file, {}).try_port == 4001


def test_all_wrong_settings_are_reported_at_once() -> None:
    wrong = {"LOG_LEVEL": "loud", "TRY_PORT": "99999", "DATABASE_URL": "newsdesk.db", "DISCORD_TOKEN_FILE": "gone"}
    with pytest.raises(SettingsError) as caught:
        load(NOWHERE, wrong)
    assert all(name in str(caught.value) for name in ("LOG_LEVEL", "TRY_PORT", "DATABASE_URL", "DISCORD_TOKEN_FILE"))


@pytest.mark.parametrize("token", ["hunter2-hunter2", "Bot x.y.z"])
def test_a_wrong_token_is_reported_without_being_shown(token: str) -> None:
    with pytest.raises(SettingsError, match="DISCORD_TOKEN") as caught:
        load(NOWHERE, {"DISCORD_TOKEN": token})
    assert token not in str(caught.value)


def test_a_token_is_never_in_a_repr() -> None:
    settings = load(NOWHERE, {"DISCORD_TOKEN": TOKEN})
    assert settings.require_token() == TOKEN
    assert TOKEN not in repr(settings)


def test_without_a_token_the_sentence_says_what_to_do() -> None:
    with pytest.raises(SettingsError, match="make try") as caught:
        load(NOWHERE, {"DISCORD_TOKEN": " "}).require_token()
    assert caught.value.exit_code == os.EX_CONFIG


def test_an_empty_seeds_dir_means_none() -> None:
    assert load(NOWHERE, {"SEEDS_DIR": ""}).seeds_dir is None


def test_a_dotenv_that_is_no_text_is_reported(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(b"LOG_LEVEL=\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load(env_file, {})


def test_the_names_are_the_environment_variables() -> None:
    kept = ["BACKUP_DIR", "BACKUP_DAYS", "BACKUP_WEEKS"]
    watched = ["LOG_LEVEL", "LOG_FORMAT", "METRICS_PORT"]
    shared = ["SECOND_PROCESS", "SHARD_COUNT", "SHARD_IDS"]
    assert set(names()) == {"DISCORD_TOKEN", "DATABASE_URL", "SEEDS_DIR", "TRY_PORT", *kept, *watched, *shared}
