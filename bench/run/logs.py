"""Where a cell's output goes, and when it stays."""

from __future__ import annotations

import re
from pathlib import Path

from bench.run.job import Outcome
from bench.suite.spec import Cell

__all__ = ["log_path", "tidy"]


def log_path(root: Path, host: str, cell: Cell, started: str) -> Path:
    """Where the output of `cell`, begun at `started` (ISO 8601), is kept if it doesn't end well."""
    name = f"{cell.id.replace('/', '_')}-{re.sub(r'[^0-9T]', '', started.partition('+')[0])}.log"
    return root / "results" / host / "logs" / cell.suite / name


def tidy(log: Path, outcome: Outcome, root: Path) -> str | None:
    """Keep the log of a cell that failed; gives its path relative to the root."""
    if outcome.status != "ok":
        return log.relative_to(root).as_posix() if log.exists() else None
    log.unlink(missing_ok=True)
    for folder in (log.parent, log.parent.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return None
