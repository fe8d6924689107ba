"""The checks of an audit, one a file: each finds doubts about one record."""
