"""What is made of articles: pure functions, no input or output.

sentence -> context: can it be read alone?
article  -> salience -> summaries
articles -> topics: what several tell about one thing
articles -> stories  -> digests (with a line by salience and a quotation each)
"""
