"""Newsdesk: the cuttings library of a team that follows the news in Discord.

The way of the data, and where each step lives:

    document -> reading -> article -> passages and speech -> index     bot/reading, bot/language, bot/corpus, bot/search
    question -> query   -> index   -> passages -> quotes and articles  bot/search, bot/desks/quoting.py
    text     -> claims  -> index   -> texts, word by word -> verdicts  bot/desks/checks.py, bot/search
    name     -> speech  -> what one person said; corrections over it   bot/desks/spoken.py, bot/corrections.py
    article  -> summary; articles -> stories -> digest                 bot/editions, bot/desks/news.py
    article  -> index   -> nearest articles -> its story               bot/desks/told.py, bot/editions
    article  -> watches that match it -> notices                       bot/desks/watching.py, bot/search
    feed     -> entries -> queue -> articles                           bot/desks/feeds.py, bot/reading, bot/corpus
    files    -> articles, many at a time; a library -> files           bot/desks/importing.py, bot/desks/exporting.py
    new text -> quotations against those before -> revision; purge     bot/desks/editing.py, bot/search, bot/corpus
    library  -> checked copies, one a day -> library restored          bot/desks/backing_up.py, bot/corpus
    library  -> another database, read back and compared               bot/corpus/moving.py
    all of it behind one object, `bot.newsdesk.Newsdesk`               bot/newsdesk.py
    question -> a second process -> the same answer                    bot/desks/second.py, bot/answering.py
    processes on one database -> who lives -> whose servers are whose  bot/corpus/processes.py, bot/desks/ownership.py
    how the bot is -> heartbeat; what happens -> metrics               bot/health.py, bot/metering.py, bot/metrics.py
    -> cards, buttons, delivery in Discord                             commands/, bot/discord_app
    -> lines in a terminal                                             bot/cli, bot/terminal.py
    settings, machine, library, Discord -> findings                    bot/doctor, bot/discord_app/reach.py
"""

from bot.process import keep_products_in_one_thread

keep_products_in_one_thread()  # here, because whatever of this package is loaded first, numpy comes after it
