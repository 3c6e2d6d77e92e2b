"""The log: one line an event, and no secret in it."""

from __future__ import annotations

import io
import logging

from bot.logs import configure, redact

TOKEN = "bm90LWEtcmVhbC10b2tlbi1hdC1hbGw.bm90YXQ.bm90LWEtcmVhbC10b2tlbi1hdC1hbGw"


def test_tokens_headers_and_webhook_secrets_are_cut_out() -> None:
    for secret in (
        TOKEN,
        "Authorization: Bot abcdefghijklmnopqrstuvwx",
        "/webhooks/123/abcdefghijklmnopqrstuvwx",
        "/interactions/123/abcdefghijklmnopqrstuvwx/callback",
    ):
        line = redact(f"failed: {secret}")
        assert "[secret]" in line
        assert "abcdefghijklmnopqrstuvwx" not in line


def test_an_exception_that_carries_a_token_is_logged_without_it() -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        configure("INFO")
        (handler,) = root.handlers
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written := io.StringIO())
        try:
            raise RuntimeError(f"refused {TOKEN}")  # noqa: TRY301
        except RuntimeError:
            logging.getLogger("bot.test").exception("it failed with %s", TOKEN)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert TOKEN not in written.getvalue()
    assert written.getvalue().count("[secret]") == 2
    assert written.getvalue().splitlines()[0].endswith("Z ERROR bot.test: it failed with [secret]")
