"""What a web page says of its article: title, outlet, authors, day and address, for `bot.reading.webpages`.

The strongest first: JSON-LD, which is written for machines; the page's own heading and meta tags; what trafilatura
finds beyond these. A day that only an address or a copyright line hints at is none: a wrong source under a quotation
is worse than no source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement
from trafilatura.settings import Document as Extracted

from bot.dates import PartialDate
from bot.errors import Refused
from bot.reading.fields import Fields, split_names, usable_fields
from bot.reading.links import canonical, is_web_link, link_key, same_site
from bot.reading.metadata import TOP_LINES, describe_text

_LD_TYPES = re.compile(r"(?:Article|Posting|Report|Interview)$")
_MOST_LD_NODES = 2_000
_DAY = re.compile(r"\s*(\d{4}-\d{2}-\d{2})(?:[T ]|$)")
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.created", "citation_publication_date", "pubdate", "publish-date", "date",
)  # fmt: skip
_OUTLET = ("og:site_name", "application-name", "dc.publisher", "citation_journal_title")
_BYLINE = re.compile(r"(?:by|von|par|por|di|door|text|words)[\s:]+(?=\S)", re.IGNORECASE)
_NO_NAME = re.compile(r"https?:|www\.|[@/\\|{}<>]|\d{2}")
_TITLE_BREAK = re.compile(r"\s+[|–—·•»:-]\s+")
_POSTED = re.compile(r"^(?:posted|published|written) by (.{3,60}?) on (.{6,40})$", re.IGNORECASE)
_BYLINE_BOX = re.compile(r"(?:^|[\s_-])(?:by|byline|authors?|autor|auteur)(?:$|[\s_-])", re.IGNORECASE)
_MOST_AUTHOR_CHARS = 60
_AMP_CACHES = ("cdn.ampproject.org", "google.com")


def page_facts(tree: HtmlElement, extracted: Extracted, url: str | None) -> Fields:
    """What the page ``tree`` that was found at ``url`` says of its article; what it does not say is left out."""
    meta = _meta(tree)
    found = _addresses(tree, meta)
    address = _address(found, url)
    ld = _of_article(list(_ld_nodes(tree)), address)
    outlet = _outlet(tree, ld, meta, extracted, address)
    title = _title(tree, ld, meta, extracted, outlet)
    below = _said_below(tree, title)
    return usable_fields(
        {
            "title": title,
            "outlet": outlet,
            "authors": _authors(tree, ld, meta, extracted, outlet) or list(below.authors),
            "url": address,
            "published": _published(tree, ld, meta, extracted) or (str(below.published) if below.published else None),
        }
    )


def article_body(tree: HtmlElement) -> str:
    """The text that JSON-LD gives for the article, "" where it gives none: pages that load late often have it there."""
    bodies = [node["articleBody"] for node in _ld_nodes(tree) if isinstance(node.get("articleBody"), str)]
    return max(bodies, key=len, default="")


def costs_money(tree: HtmlElement) -> bool:
    """Whether the page says that its article is not free to read."""
    tier = _meta(tree).get("article:content_tier", "").lower()
    paid = any(str(node.get("isAccessibleForFree", "")).lower() == "false" for node in _ld_nodes(tree))
    return paid or tier in ("locked", "metered")


def _meta(tree: HtmlElement) -> dict[str, str]:
    """The page's meta tags by lower-cased name; the first of a name counts."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = " ".join((tag.get("content") or "").split())
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _ld_nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Every JSON-LD object of the page that is an article of some kind."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            waiting: list[Any] = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(_MOST_LD_NODES):
            if not waiting:
                break
            node = waiting.pop()
            if isinstance(node, list):
                waiting += reversed(node)
            elif isinstance(node, dict):
                if any(_LD_TYPES.search(kind) for kind in _strings(node.get("@type"))):
                    yield node
                waiting += [node[key] for key in ("mainEntity", "@graph") if key in node]


def _strings(value: object) -> list[str]:
    """The strings that a JSON-LD value holds: itself, its ``name``, or those of its items."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return _strings(value.get("name"))
    return [text for item in value for text in _strings(item)] if isinstance(value, list) else []


def _of_article(nodes: list[dict[str, Any]], address: str | None) -> dict[str, Any]:
    """The node that is about this page; the first where none says so."""
    for node in nodes:
        main = node.get("mainEntityOfPage")
        links = [*_strings(node.get("url")), *_strings(main.get("@id") if isinstance(main, dict) else main)]
        if address and any(link_key(link) == link_key(address) for link in links):
            return node
    return nodes[0] if nodes else {}


def _addresses(tree: HtmlElement, meta: dict[str, str]) -> list[str]:
    links = [link.get("href") for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    return [link for link in (*links, meta.get("og:url")) if link]


def _address(found: list[str], url: str | None) -> str | None:
    """Where the article is at home: what the page says, if it speaks of its own site; else where it was found."""
    for link in found:
        own = _joined(url, link)
        if own is not None and (url is None or _may_speak_for(url, own)):
            return canonical(own)
    return canonical(url) if url else None


def _joined(url: str | None, link: str) -> str | None:
    """A link of the page as a whole web address; None where it is none."""
    try:
        own = urljoin(url or "", link.strip())
        return own if is_web_link(own) else None
    except ValueError:
        return None


def _may_speak_for(url: str, own: str) -> bool:
    """A page may name its proper address; not another site's, and not its site's front page for an article."""
    host = urlsplit(url).hostname or ""
    cached = any(host == cache or host.endswith("." + cache) for cache in _AMP_CACHES)
    front = urlsplit(own).path in ("", "/") and urlsplit(url).path not in ("", "/")
    return not front and (same_site(url, own) or cached)


def _title(
    tree: HtmlElement, ld: dict[str, Any], meta: dict[str, str], extracted: Extracted, outlet: str | None
) -> str | None:
    """The headline as printed: the page's one first-rank heading where it is that, else what the tags say."""
    said = [
        *_strings(ld.get("headline")),
        meta.get("og:title"),
        meta.get("twitter:title"),
        _title_tag(tree),
        extracted.title,
    ]
    titles = [_without_outlet(" ".join(title.split()), outlet) for title in said if title and title.strip()]
    for heading in tree.iter("h1"):
        words = " ".join(heading.text_content().split())
        if words and any(_alike(words, title) for title in titles):
            return words
    return titles[0] if titles else None


def _title_tag(tree: HtmlElement) -> str:
    return " ".join((tree.findtext(".//title") or "").split())


def _without_outlet(title: str, outlet: str | None) -> str:
    """``title`` without the outlet before or behind it: "Eels return | Morrow Daily"."""
    for separator in _TITLE_BREAK.finditer(title) if outlet else ():
        before, after = title[: separator.start()], title[separator.end() :]
        if before.casefold() == str(outlet).casefold():
            return after
        if after.casefold() == str(outlet).casefold():
            return before
    return title


def _alike(one: str, other: str) -> bool:
    words, others = set(one.casefold().split()), set(other.casefold().split())
    return 2 * len(words & others) > min(len(words), len(others)) and len(words) > 1


def _said_below(tree: HtmlElement, title: str | None) -> Fields:
    """What the lines below the headline tell a reader: byline and date."""
    body, lines = tree.find("body"), []
    for element in body.iter() if body is not None else ():
        if isinstance(element.tag, str) and element.tag not in ("script", "style"):
            lines.append(_line(element.text))
        lines.append(_line(element.tail))
    lines = [line for line in lines if line]
    at = lines.index(title) + 1 if title in lines else len(lines)
    return describe_text("\n".join(_POSTED.sub(r"By \1\n\2", line) for line in lines[at : at + TOP_LINES]))


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _outlet(
    tree: HtmlElement, ld: dict[str, Any], meta: dict[str, str], extracted: Extracted, address: str | None
) -> str | None:
    said = [*_strings(ld.get("publisher")), *(meta.get(name) for name in _OUTLET), _named_in_title(tree, address)]
    said.append(extracted.sitename)
    return next((" ".join(name.split()) for name in said if name and not name.startswith(("@", "http"))), None)


def _named_in_title(tree: HtmlElement, address: str | None) -> str | None:
    """The outlet in the page's title: what is the host's name written out, or stands behind the headline."""
    title = _title_tag(tree)
    labels = (urlsplit(address or "").hostname or "").split(".")
    for part in _TITLE_BREAK.split(title):
        if "".join(filter(str.isalnum, part)).casefold() in labels:
            return part
    for heading in tree.iter("h1"):
        words = _line(heading.text_content())
        parts = _TITLE_BREAK.split(title.removeprefix(words)) if words and title.startswith(words) else []
        if len(parts) > 1 and not parts[0]:
            return parts[-1]
    return None


def _authors(
    tree: HtmlElement, ld: dict[str, Any], meta: dict[str, str], extracted: Extracted, outlet: str | None
) -> list[str]:
    tagged = [meta[name] for name in ("author", "article:author", "byl", "parsely-author") if name in meta]
    for said in (_strings(ld.get("author")), tagged, (extracted.author or "").split(";"), _bylines(tree)):
        if names := list(dict.fromkeys(_names(said, outlet))):
            return names
    return []


def _bylines(tree: HtmlElement) -> Iterator[str]:
    """What stands after "by" in a box that is called one."""
    for element in tree.iter("div", "p", "span", "address"):
        if _BYLINE_BOX.search(element.get("class") or ""):
            words = " ".join(element.text_content().split())
            if _BYLINE.match(words) and len(words) <= 2 * _MOST_AUTHOR_CHARS:
                yield words
                return


def _names(said: Iterable[str], outlet: str | None) -> Iterator[str]:
    for text in said:
        for name in split_names(_BYLINE.sub("", text.strip(), count=1)):
            whole = (outlet or "").casefold()
            if not _NO_NAME.search(name) and name.casefold() != whole and len(name) <= _MOST_AUTHOR_CHARS:
                yield name


def _published(tree: HtmlElement, ld: dict[str, Any], meta: dict[str, str], extracted: Extracted) -> str | None:
    said = [*_strings(ld.get("datePublished")), *(meta[name] for name in _PUBLISHED if name in meta)]
    said += [tag.get("datetime") or "" for tag in tree.iter("time") if _dates_the_article(tag)]
    for text in said:
        if day := _DAY.match(text):
            return day[1]
    return extracted.date if extracted.date and _is_written(tree, extracted.date) else None


def _dates_the_article(tag: HtmlElement) -> bool:
    """Whether a time tag is the article's: marked as such, or in no list, aside or comment."""
    if tag.get("pubdate") is not None or "published" in (tag.get("itemprop") or "").lower():
        return True
    around = {parent.tag for parent in tag.iterancestors()}
    named = " ".join((parent.get("class") or "") for parent in tag.iterancestors()).lower()
    return not around & {"aside", "footer", "nav", "li"} and not re.search(r"comment|related|teaser|ticker", named)


def _is_written(tree: HtmlElement, day: str) -> bool:
    """Whether the page shows this day in words a reader sees, and not only its year or month."""
    try:
        date = PartialDate.parse(day)
    except Refused:
        return False
    numbers = rf"(?<!\d)0?{date.day}(?!\d)"
    year = rf"(?<!\d){date.year}(?!\d)"
    near = rf"{numbers}.{{0,20}}{year}|{year}.{{0,20}}{numbers}"
    body = tree.find("body")
    return body is not None and re.search(near, body.text_content()[:200_000]) is not None
