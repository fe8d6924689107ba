"""The table of a network's layers, blocks that repeat folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.report.core.table import Heading, Note, Table
from bench.report.network.folding import folded
from bench.report.network.lines import Line, lines
from bench.report.network.words import kind_text, name_text, settings_text, shape_text, work_text
from bench.results.architecture import Architecture, Layer
from bench.results.metric import ABSENT

__all__ = ["layer_table"]

_DEEPER = "· "
_TOTAL = "in all"
_LEAST = 0.05


def layer_table(architecture: Architecture, title: str) -> Table:
    """A row a layer, or one for several that are alike; what the columns hold adds up to the last row."""
    layers = architecture.layers
    found = list(lines(folded(architecture), layers))
    types = {layer.dtype for layer in layers}
    columns = [
        Heading("layer"),
        Heading("kind"),
        Heading("settings"),
        Heading("output"),
        Heading("trainable", "right"),
        Heading("non-trainable", "right"),
        Heading("multiply-adds, M", "right"),
        Heading("share", "right"),
    ]
    rows = [_row(line, architecture) for line in found]
    kinds = [layers[line.leaf.places[0]].dtype if line.leaf else "" for line in found]
    others = architecture.others()
    if any(others):
        rows.append(("weights of the model itself", "", "", "", *map(_count, others), "", ""))
        kinds.append("")
    rows.append(_total(architecture))
    kinds.append("")
    if len(types) > 1:
        columns.append(Heading("type"))
        rows = [(*row, kind) for row, kind in zip(rows, kinds, strict=True)]
    return Table(title, tuple(columns), tuple(rows), tuple(_notes(architecture, found)))


def _row(line: Line, architecture: Architecture) -> tuple[str, ...]:
    before = _DEEPER * line.depth
    if line.leaf is None:
        return (f"{before}{line.says}", *[""] * 7)
    layers = [architecture.layers[place] for place in line.leaf.places]
    frozen = " (frozen)" if layers[0].frozen else ""
    return (
        f"{before}{line.says} {name_text(layers)}" if line.says else f"{before}{name_text(layers)}",
        f"{kind_text(layers)}{frozen}",
        settings_text(layers),
        shape_text(layers),
        _count(sum(layer.trainable for layer in layers)),
        _count(sum(layer.non_trainable for layer in layers)),
        *_work(layers, architecture),
    )


def _work(layers: Sequence[Layer], architecture: Architecture) -> tuple[str, str]:
    found = [layer.macs for layer in layers if layer.macs is not None]
    if len(found) < len(layers):
        return ABSENT, ABSENT
    macs = sum(found)
    return work_text(macs), _share(macs, architecture.macs)


def _share(macs: float, total: float | None) -> str:
    if not total:
        return ABSENT if total is None else "0 %"
    share = 100 * macs / total
    return "0 %" if not macs else "<0.1 %" if share < _LEAST else f"{share:.1f} %"


def _total(architecture: Architecture) -> tuple[str, ...]:
    macs = architecture.macs
    work = (ABSENT, ABSENT) if macs is None else (work_text(macs), "100 %" if macs else "0 %")
    return (_TOTAL, "", "", "", _count(architecture.trainable), _count(architecture.non_trainable), *work)


def _count(parameters: int) -> str:
    return f"{parameters:,}"


def _notes(architecture: Architecture, found: Sequence[Line]) -> Iterator[Note]:
    if architecture.absent is not None:
        unknown = "what each layer gives isn't known" if not architecture.graph else "not all multiply-adds are known"
        yield Note(f"{unknown}: {architecture.absent}")
    if any(line.leaf is None or len(line.leaf.places) > 1 for line in found):
        yield Note(
            "layers that are alike and stand in a row are folded, and their figures added up; … leads from the "
            "first to the last"
        )
    if any(layer.again for layer in architecture.layers):
        yield Note(
            "(shared): a layer that is called elsewhere too, where its parameters are counted; its work counts at "
            "each call"
        )
