"""How a suite is run: planned, one cell in one process, watched from outside, recorded."""
