"""What is secret, cut out of text that is about to be logged or printed.

Two ways, one after the other: the very secrets this process was given (`hide`), and whatever has the form of one: a bot
token, the value of an Authorization or Cookie header, the secret part of the address of a webhook or an interaction,
what stands between ``://`` and ``@``, and the value of a field or parameter named as a secret. Every pattern is linear.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

SECRET: Final = "[secret]"  # noqa: S105 - what stands in the place of one
_SHORTEST_CHARS = 6  # a shorter secret would be cut out of plain words; nobody's token or password should be one

_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # base64 of an id, a time, an HMAC; it begins where no word goes on, or each letter of a long one would be tried
        r"()(?<![\w-])(?:mfa\.[\w-]{20,}|[\w-]{20,120}\.[\w-]{5,40}\.[\w-]{20,120})",
        # "Authorization: Bot x", {'Cookie': 'x'}, (b'Authorization', b'Bot x'): to the end of the value
        r"""(\b(?:proxy-)?(?:authorization|set-cookie|cookie)\b['"]?\s{0,4}[:=,]\s{0,4}b?['"]?)[^'"\r\n]+""",
        r"(\b(?:bot|bearer|basic)\s{1,4})[\w.~+/=-]{16,}",
        r"""(/(?:webhooks|interactions)/\d{1,20}/)[^\s/?#'"<>)\]]+""",
        r"""(://)[^\s/'"@]*(?:@[^\s/'"@]*)*@""",
        r"""([?&](?:[\w-]{0,40}token|[\w-]{0,40}key|auth|hm|sig|signature|secret|pass|password|pwd)=)[^&\s#'"<>]+""",
        # {'token': 'x'}, password=x; a colon in a sentence is followed by shorter words
        r"""(\b\w{0,40}(?:token|secret|passw(?:or)?d|api_?key)['"]?\s{0,4}[:=]\s{0,4}b?['"]?)[\w.~+/=%-]{16,}""",
        r"""(\b\w{0,40}(?:secret|passw(?:or)?d)['"]?(?:=|['"]:)\s{0,4}b?['"]?)[^\s'"&,;)}\]]+""",
    )
)

_hidden: set[str] = set()


def hide(*secrets: str) -> None:
    """From now on cut out these very strings, as they are and as an address writes them."""
    long = [secret for secret in secrets if len(secret) >= _SHORTEST_CHARS]
    _hidden.update(long, (quote(secret, safe="") for secret in long))


def redact(text: str) -> str:
    """``text`` with ``[secret]`` in the place of everything that is one, or looks like one."""
    for secret in sorted(_hidden, key=len, reverse=True):
        text = text.replace(secret, SECRET)
    for form in _FORMS:
        text = form.sub(rf"\g<1>{SECRET}", text)
    return text
