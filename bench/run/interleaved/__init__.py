"""Cells measured interleaved: live processes that take turns, in groups and rounds."""
