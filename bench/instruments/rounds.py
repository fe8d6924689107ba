"""How many rounds interleaved cells are given."""

__all__ = ["FEWEST_ROUNDS", "MOST_ROUNDS"]

FEWEST_ROUNDS = 3
"""Below it an interval over rounds says nothing."""

MOST_ROUNDS = 12
"""After so many an interleaved measurement ends, unless it is told otherwise."""
