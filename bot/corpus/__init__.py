"""The corpus: articles with their passages and speech, schedules and deliveries, in one SQLite file.

Stands between reading and language, which prepare what is stored here, and search and editions, which work on what is
read back. The only package that knows SQL. `database` holds the transactions, `schema` the tables, `migrate` and
`migrations` their history, `sqlite` and `driver` all that another database would do differently; `vocabularies` writes
and `changes` reads what search counts; a module each for the rest.
"""

from bot.corpus.answers import StoredAnswer
from bot.corpus.arriving import Prepared
from bot.corpus.articles import Added, Counts, Heading, Outcome, Stored
from bot.corpus.changes import Sample
from bot.corpus.corpus import Corpus
from bot.corpus.corrections import Corrections, Undone
from bot.corpus.deliveries import Delivery, DeliveryState
from bot.corpus.schedules import Quiet, Schedule

__all__ = [
    "Added",
    "Corpus",
    "Corrections",
    "Counts",
    "Delivery",
    "DeliveryState",
    "Heading",
    "Outcome",
    "Prepared",
    "Quiet",
    "Sample",
    "Schedule",
    "Stored",
    "StoredAnswer",
    "Undone",
]
