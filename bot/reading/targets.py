"""A link somebody gave, or a redirect, to the address of a page that may be asked for: the first gate of fetching.

What a name stands for is not known yet: that is checked again when it is dialled (`bot.reading.fetching`).
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from yarl import URL

from bot.errors import CannotFetch
from bot.reading.addresses import WEB_PORTS, may_dial

MAX_LINK_CHARS = 2000

_NOT_IN_LINK = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\\]")
_AUTHORITY = re.compile(r"https?://([^/?#]+)", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # a name that ends in one is an address in some odd form (WHATWG URL, 3.5)
_OWN_NAMES = frozenset({"localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private",
                        "arpa", "onion", "test", "invalid", "example"})  # fmt: skip
MAX_HOST_CHARS = 253


def target(link: str, *, base: URL | None = None) -> URL:
    """The page that ``link`` asks for, without its fragment; ``base`` is the page that redirects there.

    Raises `CannotFetch` for whatever is no plain link to a public web site: another scheme or port, a user's name in
    it, an address of a private network, a number in disguise.
    """
    if len(link) > MAX_LINK_CHARS:
        raise CannotFetch(f"This link has {len(link):,} characters; {MAX_LINK_CHARS:,} is the most.")
    if _NOT_IN_LINK.search(link):
        raise CannotFetch("This link has a space, a backslash or an invisible character in it: copy it again.")
    try:
        url = (base.join(URL(link)) if base else URL(link)).with_fragment(None)
        return _checked(url, link if base is None or "://" in link or link.startswith("//") else None)
    except ValueError:
        raise CannotFetch("This is not a link that can be followed: copy it again.") from None


def _checked(url: URL, written: str | None) -> URL:
    if url.scheme not in ("http", "https"):
        raise CannotFetch("Only links that start with http:// or https:// can be fetched.")
    if url.user is not None or url.password is not None or (written and _has_userinfo(written)):
        raise CannotFetch("This link has a user name in it (before an @): take it out, or check where the link goes.")
    if url.port not in WEB_PORTS:
        raise CannotFetch(f"This link names port {url.port}: only web sites on ports 80 and 443 can be fetched.")
    _check_host(url.raw_host or "", url.port)
    return url


def _has_userinfo(written: str) -> bool:
    match = _AUTHORITY.match(written if not written.startswith("//") else f"http:{written}")
    return bool(match and "@" in match[1])


def _check_host(host: str, port: int) -> None:
    try:
        address = str(ip_address(host))
    except ValueError:
        _check_name(host.removesuffix("."))
    else:
        if not may_dial(address, port):
            raise CannotFetch(not_public(host))


def _check_name(name: str) -> None:
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        raise CannotFetch("This link has a number in place of a web site's name: use the name.")
    if len(labels) < 2 or labels[-1] in _OWN_NAMES:
        raise CannotFetch(not_public(name))
    if len(name) > MAX_HOST_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise CannotFetch("This link does not name a web site: copy it again.")


def not_public(host: str) -> str:
    """The sentence for a ``host`` that is not on the public internet."""
    return f"{host[:100] or 'This'} is not a public web site: only pages that anybody can open can be fetched."
