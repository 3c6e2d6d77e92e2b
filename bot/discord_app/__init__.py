"""The Discord side: the client and what runs beside it, cards, buttons, forms, and the delivery of digests.

The only place besides `commands` that imports discord. A command asks `Newsdesk` one question and sends one card of
here; `app` is the bot's life, `delivery` and what it uses post what is due exactly once.
"""
