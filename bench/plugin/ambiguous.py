"""The warning of a verdict that is neither pass nor fail."""

__all__ = ["AmbiguousWarning"]


class AmbiguousWarning(UserWarning):
    """A cell may be slower than before, or not: too close to this host's noise to tell."""
