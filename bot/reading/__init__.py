"""Documents in: bytes and files become `bot.model.Document`, ready to be stored as articles.

    paths -> files.find_files -> files.read_file -+-> documents.read_document   one .txt or .md file
                                                  +-> records.read_records      one .jsonl line = one document
    bytes -> decoding -> front matter -> what the text says of itself (metadata) -> what is known of it (known)
    link -> fetching (targets, addresses, resolving, measured, unpacking) -> bytes nobody vouches for
    such bytes -> untrusted -> sniffing -> documents, webpages, pdfs or word, in the sandbox -> `Document`
                               sandbox -> children -> confined, in a process of its own -> results

Everything read is untrusted. A document that cannot be read is an `UnreadableDocument` with a plain reason, and no
input raises anything else.
"""
