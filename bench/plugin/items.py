"""A suite as pytest collects it: a file whose tests are its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

import pytest

from bench.suite.cells import Cell

__all__ = ["CellItem", "SuiteFile"]


class SuiteFile(pytest.File):
    """One suite's file, with the cells that were selected."""

    cells: Sequence[Cell]

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, cells: Sequence[Cell], roots: Sequence[Path]) -> Self:
        """`roots` are folders that node ids may be relative to: the first that holds the suite."""
        places = [path.relative_to(root) for root in roots if path.is_relative_to(root)]
        nodeid = (places[0] if places else Path(path.parent.name, path.name)).as_posix()
        made: Self = cls.from_parent(parent, path=path, nodeid=nodeid)
        made.cells = cells
        return made

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each cell."""
        for cell in self.cells:
            item: CellItem = CellItem.from_parent(self, name=cell.id, callobj=_measuring(str(self.path), cell.id))
            item.of(cell)
            yield item


class CellItem(pytest.Function):
    """One cell. It is a test function as any other, whose fixture `bench_cell` measures the cell."""

    def of(self, cell: Cell) -> None:
        """Say which cell it is."""
        self.add_marker(pytest.mark.benchmark(group=cell.model.name))

    def lasting_name(self, root: Path) -> str:
        """The node's id relative to the tree `root`, so that saved runs are compared whatever the rootdir was."""
        return (
            f"{self.path.relative_to(root).as_posix()}::{self.name}" if self.path.is_relative_to(root) else self.nodeid
        )

    def reportinfo(self) -> tuple[Path, int, str]:
        """The suite's file, and the cell."""
        return self.path, 0, self.name


def _measuring(suite: str, cell: str) -> Callable[[Callable[[str, str], object]], None]:
    def measure(bench_cell: Callable[[str, str], object]) -> None:
        bench_cell(suite, cell)

    return measure
