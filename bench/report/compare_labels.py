"""What a comparison's cells are called in running text."""

from __future__ import annotations

from collections.abc import Callable

from bench.analyse.join import Joined
from bench.results.record import Record

__all__ = ["labels"]


def labels(joined: Joined) -> Callable[[Record], str]:
    """A cell's id, after its host and suite where a side has several of these: `digits/simple_cnn/notebook/b64`."""
    sides = (
        [*(joint.before[0] for joint in joined.joints), *joined.only_before],
        [*(joint.after[0] for joint in joined.joints), *joined.only_after],
    )
    shown = [name for name in ("host", "suite") if any(len({getattr(one, name) for one in side}) > 1 for side in sides)]
    return lambda record: "/".join((*(getattr(record, name) for name in shown), record.cell))
