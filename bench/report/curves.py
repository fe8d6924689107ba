"""Which cells of a suite are shown epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence

from bench.analyse.accuracies import judged_by, mean_of_metric
from bench.analyse.repeats import Repeats
from bench.report.table import Note

__all__ = ["curves_note", "with_curves"]

_MOST = 12


def with_curves(cells: Sequence[Repeats]) -> tuple[Repeats, ...]:
    """All that were trained where these are few. Of many the first cell of each model, which is its baseline's where it
    has one, and the most accurate of all; of many models only the first of these and the most accurate."""
    trained = [cell for cell in cells if cell.trained]
    if len(trained) <= _MOST:
        return tuple(trained)
    models = {cell.first.model: cell for cell in reversed(trained)}
    metric = judged_by(record for cell in trained for record in cell.trained)
    best = max(trained, key=lambda cell: mean_of_metric(cell.trained, metric) or 0.0)
    chosen = [trained[0], *models.values()] if len(models) < _MOST else [trained[0]]
    return tuple(cell for cell in trained if cell is best or any(cell is one for one in chosen))


def curves_note(cells: Sequence[Repeats]) -> list[Note]:
    """Says which are shown where not all are."""
    trained, shown = [cell for cell in cells if cell.trained], with_curves(cells)
    if len(shown) == len(trained):
        return []
    names = ", ".join(cell.name for cell in shown)
    return [Note(f"by epoch {len(shown)} of {len(trained)} cells are shown below: {names}; the records hold all")]
