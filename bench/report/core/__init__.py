"""What all tables and figures share: the neutral table, footnotes, signs, names, styles."""
