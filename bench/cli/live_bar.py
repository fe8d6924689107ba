"""The live line of what goes in rounds: what is at work, how far it is, and what it does just now."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

__all__ = ["live_bar"]


def live_bar(console: Console) -> Progress:
    """A bar whose tasks have the fields `what` and `doing`; it leaves nothing behind."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.fields[what]}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[doing]}"),
        TimeElapsedColumn(),
        console=console,
        refresh_per_second=2,
        transient=True,
    )
