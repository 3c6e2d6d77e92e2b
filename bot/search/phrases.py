"""What only a text can tell: whether it holds a phrase word for word, or one that must not be there.

The index narrows a question down to passages that hold all the words of its phrases; here they are read, best first.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Article, Passage, Span
from bot.search.highlights import holds
from bot.search.query import Phrase, Query


def is_word(phrase: Phrase) -> bool:
    """Whether a phrase is one word, which the index alone can tell."""
    return len(phrase.words) <= 1 and len(phrase.terms) == 1


def reads_text(query: Query) -> bool:
    """Whether a match has to be read: the index knows words, but not which follow one another."""
    return any(not is_word(phrase) for phrase in (*query.phrases, *query.excluded))


def quotable(article: Article, passages: Sequence[Passage], query: Query) -> Passage | None:
    """The first of ``passages`` that holds every phrase of the query and nothing that it excludes."""
    return next((passage for passage in passages if _fits(article.text, passage.span, query)), None)


def telling(article: Article, passages: Sequence[Passage], query: Query) -> Passage | None:
    """The passage to show of an article whose title or text holds every phrase and nothing excluded.

    The first that holds the phrases itself, where there is one. None for an article that does not fit.
    """
    if not passages:
        return None
    best = quotable(article, passages, query)
    if best is not None and not query.excluded:
        return best  # and the rest of the article need not be read
    return (best or passages[0]) if fits(article, query) else None


def fits(article: Article, query: Query) -> bool:
    """Whether the title or text of ``article`` holds every phrase of the query and nothing that it excludes."""
    whole = f"{article.title}\n{article.text}"
    return _fits(whole, Span(0, len(whole)), query)


def _fits(text: str, span: Span, query: Query) -> bool:
    wanted = all(holds(text, span, phrase) for phrase in query.phrases if not is_word(phrase))
    return wanted and not any(holds(text, span, phrase) for phrase in query.excluded if not is_word(phrase))
