"""A run on very many nodes, without Ray: what its driver would hold and write, and where it would give way.

    python -m tests.simulate.cluster --nodes 1000 --cells 1000 [--loss 0.02] [--sample 20000]

The driver's own parts (`bench.run.cluster.part.Part`) hear the words that nodes say: a group of twenty cells begins,
each ends with a record of forty windows, the group stands. Before each group its node is lost with the probability
`--loss`, and the part goes on as on another node. Records are appended to real journals. So many words as make
`--sample` records are spoken, spread over as many nodes as that takes with all of their cells; the rest is reckoned
from them. Told are what a record takes of the driver's memory, its journals and its time, how fast plain lines of the
same bytes are appended and synced in the same run, and how many cells lost nodes cost.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from bench.host.device import Device
from bench.host.hardware import Hardware
from bench.host.names import host_id, host_label
from bench.host.profile import HostProfile
from bench.results.journal import Journal
from bench.results.record import DataInfo, Record
from bench.run.cluster.archive import Archive
from bench.run.cluster.part import Part
from bench.run.cluster.words import Ended, Ready, Task, Told
from bench.run.compose import RunContext, data_key
from bench.run.plan import Planned, plan
from bench.run.prepare import Request
from bench.suite import load
from bench.suite.cells import Suite
from bench.system.nvml import Reading
from tests.records import SYNTHETIC, make_record

GROUP = 20
WINDOWS = 40
BASE_BYTES = 200 << 20
"""Of a driver with Ray, before it hears anything."""


class Silent:
    """An observer who does nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def suite_of(folder: Path, cells: int) -> Suite:
    """A suite of so many cells of one network."""
    variants = "\n".join(f"  v{number}: {{shuffle: {number + 1}}}" for number in range(cells))
    path = folder / "many.yaml"
    path.write_text(
        "data: {name: synthetic, images: 400, test_images: 10}\nmodels: [simple_cnn]\nbatch_sizes: [128]\n"
        f"protocol: {{max_seconds: 5}}\nvariants:\n{variants}\n"
    )
    return load(path)


def hardware_of(number: int) -> Hardware:
    """A card of a kind of its own."""
    return Hardware(
        kind="gpu",
        gpu_name=f"Card {number}",
        gpu_memory_bytes=16 << 30,
        cpu="Processor",
        cores=16,
        memory_bytes=64 << 30,
        system="Linux",
        platform="local",
    )


def part_of(number: int, root: Path, suite: Suite, info: DataInfo) -> tuple[Part, tuple[Planned, ...]]:
    """A node's part of the run, before anything of it."""
    hardware = hardware_of(number)
    host = HostProfile(id=host_id(hardware), label=host_label(hardware), hardware=hardware)
    cells = suite.cells()
    planned = tuple(plan(cell, hardware) for cell in cells)
    device = Device(kind="gpu", name=hardware.gpu_name, compute_capability="9.0", software={"tensorflow": "2.21.0"})
    data = {data_key(cell.data): info for cell in cells}
    setting = RunContext(suite, host, device, hardware, None, data, "ray", Reading(None, "not asked"))
    task = Task(suite, cells, Archive(b"", ""), None, False, None, None, False)
    silent = cast("Any", Silent())
    return Part(host, Ready(setting, planned), task, Request(suite, cells, root), silent, silent), planned


def record_of(template: Record, part: Part, planned: Planned, generator: random.Random) -> Record:
    """What a node would send of a cell."""
    cell = planned.cell
    windows = tuple(type(one)(one.steps, one.seconds * generator.uniform(0.9, 1.1)) for one in template.windows)
    changes = {"host": part.host.id, "suite": "many", "cell": cell.id, "variant": cell.variant.name}
    return template.model_copy(update={**changes, "windows": windows})


def came(word: Told) -> Told:
    """A word as it comes from a node: nothing in it is shared with another."""
    found: Told = pickle.loads(pickle.dumps(word))
    return found


def play(part: Part, planned: Sequence[Planned], template: Record, loss: float, draw: random.Random) -> Counter[str]:
    """All words of a node, and of those that take its place; gives what happened."""
    found: Counter[str] = Counter()
    part.begin()
    left = list(planned)
    while left and not part.over:
        group = left[:GROUP]
        part.hear(Told("turns_begin", (1, tuple(group))))
        ended = draw.randrange(len(group)) if (lost := draw.random() < loss) else len(group)
        for one in group[:ended]:
            part.hear(came(Told("cell_ends", (record_of(template, part, one, draw),))))
        part.hear(Told("stands", ({}, 0.0)))
        if lost:
            found["nodes lost"] += 1
            part.lose("its node was lost")
            task, _ = part.again()
            wanted = {cell.id for cell in task.cells}
            measured = {record.cell for record in part.records}
            found["cells begun again"] += len(group) - ended
            left = [one for one in planned if one.cell.id in wanted and one.cell.id not in measured]
        else:
            left = left[GROUP:]
    part.hear(Ended())
    found["records"] += len(part.records)
    found["lost for good"] += sum(not record.ok for record in part.records)
    return found


def resident() -> int:
    """Bytes of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def plain_rate(folder: Path, lines: Sequence[bytes]) -> float:
    """Lines a second that are appended and synced one by one, with nothing else done."""
    began = time.perf_counter()
    with (folder / "plain.jsonl").open("ab", buffering=0) as file:
        for line in lines:
            file.write(line)
            os.fsync(file.fileno())
    return len(lines) / (time.perf_counter() - began)


def journal_rate(folder: Path, records: Sequence[Record]) -> float:
    """Records a second that a journal takes."""
    journal = Journal(folder / "rate" / "many.jsonl", Record)
    began = time.perf_counter()
    for record in records:
        journal.append(record)
    return len(records) / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--loss", type=float, default=0.02, help="of a node, before each group of twenty cells")
    parser.add_argument("--sample", type=int, default=20_000, help="records that are really heard and kept")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    nodes = max(1, min(asked.nodes, asked.sample // asked.cells))
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        suite = suite_of(root, asked.cells)
        template = make_record(count=WINDOWS, data=SYNTHETIC)
        info = template.data
        assert info is not None
        # a part's own plan and setting are had beforehand, and what a node sends is new to the driver each time
        parts = [part_of(number, root, suite, info) for number in range(nodes)]
        before, began = resident(), time.perf_counter()
        for part, planned in parts:
            found += play(part, planned, template, asked.loss, draw)
        seconds, held = time.perf_counter() - began, resident() - before
        journals = list(root.rglob("results/**/*.jsonl"))
        size = sum(path.stat().st_size for path in journals)
        lines = journals[0].read_bytes().splitlines(keepends=True)[:2000]
        plain, ours = plain_rate(root, lines), journal_rate(root, Journal(journals[0], Record).read().records[:2000])
    records, whole = found["records"], asked.nodes * asked.cells
    each, of_journal, took = held / records, size / records, seconds / records
    print(f"heard: {nodes} nodes x {asked.cells} cells, {dict(found)}, in {seconds:.1f} s")
    print(f"a record: {each / 1e3:.1f} kB of memory, {of_journal / 1e3:.1f} kB of journal, {took * 1e3:.2f} ms")
    print(f"a journal takes {ours:,.0f} records a second; plain appends and syncs: {plain:,.0f}; {ours / plain:.2f}")
    print(
        f"{asked.nodes:,} nodes x {asked.cells:,} cells: {(BASE_BYTES + whole * each) / 2**30:.1f} GiB of memory, "
        f"{whole * of_journal / 2**30:.1f} GiB of journals, {whole * took / 60:.0f} minutes of the driver's time"
    )


if __name__ == "__main__":
    main()
