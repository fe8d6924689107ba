"""A cell's network, kept beside the results that its record goes into."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.results.stored_networks import keep_network
from bench.run.job import Outcome

__all__ = ["network_kept"]


def network_kept(results: Path, outcome: Outcome) -> Outcome:
    """The outcome, once its network lies in the folder of `results`; without it, and with the reason, where it can't:
    the record says more than that."""
    if outcome.network is None:
        return outcome
    try:
        keep_network(results, outcome.network)
    except OSError as error:
        why = f"its layers could not be kept ({error.strerror or error})"
        return replace(outcome, network=None, absent=outcome.absent | {"network": why})
    return outcome
