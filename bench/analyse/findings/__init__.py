"""Analysers: one kind of finding a file, each a pure function from a record to the findings that it gives rise to."""
