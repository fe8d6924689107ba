"""Is this machine fit to measure? Cells of known step time, and a cell against itself."""
