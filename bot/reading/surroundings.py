"""What stands around an article on its web page, taken off before the article is looked for.

trafilatura knows most of it; here is what it lets through: boxes within an article that are none of it. A box goes
only where it is small beside the page, so that a page built in one big "newsletter" box is not emptied.
"""

from __future__ import annotations

import re
from copy import deepcopy

from lxml.html import HtmlElement

_TAGS = frozenset({"aside", "nav", "form", "dialog", "figcaption", "button", "template", "svg"})
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:newsletters?|subscri(?:be|ption)|paywall-?offer|promos?|related|recirc\w*|recommend\w*|"
    r"read-?(?:more|next|also)|more-?(?:on|from|stories)|most-?read|trending|cookies?|consent|gdpr|cmp|share|sharing|"
    r"social|comments?|disqus\w*|respond|caption|credits?|wp-caption-text|advert\w*|ads?|sponsor\w*|donat\w*|"
    r"breadcrumbs?|toc|table-?of-?contents|pull-?quote|author-?(?:bio|box|card)|bio|tags?|ticker|sr-only|"
    r"visually-?hidden|screen-?reader\w*|modal|popup|overlay|toolbar|pagination|print-?only)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MOST_SHARE = 0.4  # of the page's words: a box with more is the page


def take_off_surroundings(tree: HtmlElement) -> HtmlElement:
    """A copy of the page without the boxes around and within its article."""
    page = deepcopy(tree)
    body = page.find("body")
    if body is None:
        return page
    total = len(body.text_content())
    for element in list(body.iter()):
        if _is_around(element) and len(element.text_content()) <= _MOST_SHARE * total:
            element.drop_tree()
    return page


def _is_around(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.getparent() is None:  # a comment, or gone with a box around it
        return False
    if element.tag in _TAGS:
        return True
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return element.tag not in ("html", "body", "main", "article")
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag not in ("html", "body", "main", "article", "h1") and _NAMED.search(named) is not None
