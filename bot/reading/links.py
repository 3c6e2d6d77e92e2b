"""Links: the form in which one is stored and shown, and the key by which two are told to be the same.

A page is passed around under many addresses: with what a newsletter counts by, as the mobile page, as AMP. `canonical`
takes off what only counts; `link_key` folds what else makes no other page, and is for comparing, never for opening.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from yarl import URL

MOST_KEY_CHARS: Final = 600
"""PostgreSQL takes no entry of an index that has more than 2,704 bytes; a link that is none may hold any sign."""

_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "vero_", "guce_", "oly_", "ns_", "at_", "fb_", "_hs")
_TRACKING_NAMES = """
fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh li_fat_id epik rdt_cid sccid
mc_cid mc_eid mkt_tok ml_subscriber ml_subscriber_hash _ga _gl __twitter_impression ref_src ref_url referrer
referer cmpid cmp icid ncid ocid smid smtyp taid xtor ftag wt_mc wt.mc_id ito s_cid spm share share_type sharetoken
shared soc_src soc_trk trk trkcampaign campaign_id newsletter_id
"""
_TRACKING = frozenset(_TRACKING_NAMES.split())
_SAME_SITE = re.compile(r"(?:www?\d?|m|mobile|amp)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"[/.]amp(?=(?:[.]html?)?$)|^/amp(?=/.)", re.IGNORECASE)
_AMP_QUERY = frozenset({("amp", ""), ("amp", "1"), ("amp", "true"), ("outputtype", "amp"), ("outputtype", "valid_amp")})
_IN_TEXT = re.compile(r"https?://[^\s<>\[\]`]{1,2000}", re.IGNORECASE)
_AMP_CACHE = re.compile(r"/(?:amp/|[acv]/)(?P<secure>s/)?(?P<page>[^/?]+\.[^/?]+.*)$")


def canonical(url: str) -> str:
    """``url`` without what only tracks its readers, and without a fragment; as it is where it is no web link.

    ``canonical(canonical(url)) == canonical(url)``.
    """
    parsed = _parsed(url)
    return str(parsed) if parsed is not None else url.strip()


def link_key(url: str) -> str:
    """The same for all links to one page: scheme, www./m./amp., a closing slash and the order of parameters folded.

    ``link_key(link_key(url)) == link_key(url)``. One of more than `MOST_KEY_CHARS` is hashed.
    """
    key = _folded(url)
    return key if len(key) <= MOST_KEY_CHARS else f"hash:{hashlib.sha256(key.encode()).hexdigest()}"


def _folded(url: str) -> str:
    parsed = _parsed(url)
    if parsed is None:
        return url.strip()
    while (page := _out_of_cache(parsed)) is not None:
        parsed = page
    path = parsed.raw_path
    while (shorter := _AMP_PATH.sub("", path.rstrip("/"))) != path:
        path = shorter
    kept = sorted(
        (name, value) for name, value in parsed.query.items() if (name.lower(), value.lower()) not in _AMP_QUERY
    )
    port = parsed.explicit_port
    folded = URL.build(scheme="https", host=_folded_host(parsed), port=None if port in (80, 443) else port)
    return str(folded.with_path(path or "/", encoded=True).with_query(kept)).removesuffix("/")


def is_web_link(url: str) -> bool:
    """Whether ``url`` is an http or https link that names a site."""
    return _parsed(url) is not None


def same_site(one: str, other: str) -> bool:
    """Whether two links lead to one site, or to a part of it with a name of its own (``news.example.org``)."""
    parsed = (_parsed(url) for url in (one, other))
    short, long = sorted(("" if url is None else _folded_host(url) for url in parsed), key=len)
    return "." in short and (short == long or long.endswith("." + short))


def first_link(texts: Iterable[str]) -> str | None:
    """The first web link in ``texts``, without the signs that close a sentence or a bracket around it."""
    for text in texts:
        for found in _IN_TEXT.finditer(text):
            link = found[0].rstrip(".,;:!?'\"”’»*_|")
            while link.endswith(")") and link.count(")") > link.count("("):
                link = link[:-1].rstrip(".,;:!?'\"")
            if _parsed(link) is not None:
                return link
    return None


def _parsed(url: str) -> URL | None:
    """A web link in its normal spelling, without user, fragment and tracking; None for anything else."""
    try:
        parsed = URL(url.strip())
        if parsed.scheme not in ("http", "https") or not parsed.raw_host:
            return None
        URL.build(scheme=parsed.scheme, host=parsed.raw_host)  # more strict than what was typed was read
        if parsed.port == {"http": 80, "https": 443}[parsed.scheme]:
            parsed = parsed.with_port(None)
        return _without_tracking(parsed.with_user(None).with_fragment(None))
    except (ValueError, TypeError, IndexError):  # IndexError: what yarl raises for "http://[]@"
        return None


def _folded_host(url: URL) -> str:
    host = url.raw_host or ""
    while prefix := _SAME_SITE.match(host):
        host = host[prefix.end() :]
    return host


def _without_tracking(url: URL) -> URL:
    kept = [(name, value) for name, value in url.query.items() if not _only_tracks(name)]
    return url if len(kept) == len(url.query) else url.with_query(kept)


def _only_tracks(parameter: str) -> bool:
    return parameter.lower() in _TRACKING or parameter.lower().startswith(_TRACKING_PREFIXES)


def _out_of_cache(url: URL) -> URL | None:
    """The page that an AMP cache keeps a copy of; None where ``url`` is not one's."""
    host = url.raw_host or ""
    if not (host.endswith(".cdn.ampproject.org") or (host in ("google.com", "www.google.com"))):
        return None
    found = _AMP_CACHE.match(url.raw_path_qs)
    return _parsed(f"http{'s' if found['secure'] else ''}://{found['page']}") if found else None
