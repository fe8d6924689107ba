"""How many rounds cells that take turns are given."""

__all__ = ["FEWEST_ROUNDS", "MOST_ROUNDS"]

FEWEST_ROUNDS = 3
"""Below it an interval over rounds says nothing."""

MOST_ROUNDS = 12
"""After so many a measurement in turns ends, unless it is told otherwise."""
