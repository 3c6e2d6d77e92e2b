"""Search: rank-bm25's scores over an index that follows every change, and what makes answers of them.

    changes of a library -> `shelf` (`postings`, `vectors`, `vocabulary`) -> `snapshots`, for large ones
    shelves of a server  -> `index` (`joint`: terms of both) -> `ranking` -> `catalogue`: what a server can ask
    what a person types  -> `syntax` -> `query` -> ranked passages -> `phrases`, `highlights` -> what is shown
    nothing found        -> `suggestions`

`names` compares outlets and people, `reference` asks rank-bm25 itself. Nothing here reads the database.
"""
