"""Judgements on records: pure functions that print nothing."""
