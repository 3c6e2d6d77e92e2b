"""The corpus: articles with their passages and speech, schedules and deliveries, in one SQLite file.

Stands between reading and language, which prepare what is stored here, and search and editions, which work on what is
read back. The only package that knows SQL. `database` holds the transactions, `schema` the tables, `migrate` and
`migrations` their history, `sqlite`, `driver`, `direct` and `fixed` all that another database would do differently;
`vocabularies` writes and `changes` reads what search counts, `views` reads what a question needs; `articles` come in,
`revisions` change them, `removals` end them; `copying`, `backups`, `restoring` and `aftermath` keep the file from being
lost, `moving` takes all of it to another database; a module each for the rest.
"""

from bot.corpus.answers import StoredAnswer
from bot.corpus.articles import HIDDEN, Added, Counts, Heading, Outcome, Stored
from bot.corpus.audit import Event
from bot.corpus.backups import Backup, newest_backup
from bot.corpus.changes import Sample
from bot.corpus.corpus import Corpus
from bot.corpus.corrections import Corrections, Undone
from bot.corpus.deliveries import Delivery, DeliveryState, Standing, Trouble
from bot.corpus.feeds import EntryState, Feed, FeedStore, Polled, Queued
from bot.corpus.holdings import HOLDINGS, KEEP_AFTER_LEAVING, KEEP_ANSWERS, KEEP_BACKUPS
from bot.corpus.leaving import Erased
from bot.corpus.notes import COMMANDS
from bot.corpus.notices import CameIn, Found, Notice, Target
from bot.corpus.processes import Process, Processes
from bot.corpus.recognising import Seen
from bot.corpus.removals import Removed
from bot.corpus.revisions import Earlier, Overtaken
from bot.corpus.schedules import Clockwork, Quiet, Schedule
from bot.corpus.views import View
from bot.corpus.watches import Watch
from bot.language.prepared import Prepared

__all__ = [
    "COMMANDS",
    "HIDDEN",
    "HOLDINGS",
    "KEEP_AFTER_LEAVING",
    "KEEP_ANSWERS",
    "KEEP_BACKUPS",
    "Added",
    "Backup",
    "CameIn",
    "Clockwork",
    "Corpus",
    "Corrections",
    "Counts",
    "Delivery",
    "DeliveryState",
    "Earlier",
    "EntryState",
    "Erased",
    "Event",
    "Feed",
    "FeedStore",
    "Found",
    "Heading",
    "Notice",
    "Outcome",
    "Overtaken",
    "Polled",
    "Prepared",
    "Process",
    "Processes",
    "Queued",
    "Quiet",
    "Removed",
    "Sample",
    "Schedule",
    "Seen",
    "Standing",
    "Stored",
    "StoredAnswer",
    "Target",
    "Trouble",
    "Undone",
    "View",
    "Watch",
    "newest_backup",
]
