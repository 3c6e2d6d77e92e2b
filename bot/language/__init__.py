"""What can be told from text alone: pure functions, no input or output.

text as read -> normal.clean -> stored text
stored text  -> blocks.blocks -> speech.speeches -> passages.passages   what the corpus stores
             -> counting.count, with variants.variant_key of names      what search is made of
speech:         quotations, phrases -> cues, leads (nouns, mentions) -> attribution -> people -> speech
any text     -> sentences.sentences, tokens.tokenize                    what search, summaries and cards ask for
"""
