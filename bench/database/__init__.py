"""Results as SQL: views that are documented and filled from records as they are read, and questions to them.

It is an index and nothing more: it lies beside the other one (see `bench.results.index`), is brought up to date before
each question, and can be deleted at any time.
"""
