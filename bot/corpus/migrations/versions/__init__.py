"""One module per change of the schema, in order; what is released here is never edited."""
