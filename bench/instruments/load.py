"""What else the processors did while a cell was measured, seen from the process that waits for it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.system.nvml import Reading
from bench.system.procfs import (
    CpuTimes,
    Process,
    cpu_times,
    family,
    kernel_text,
    processes,
    throttled_seconds,
    usable_cpus,
)

__all__ = ["CARRIER_METRICS", "LOAD_METRICS", "LoadWatch", "carried_by", "is_carried"]

LOAD_METRICS = (
    "cpu_share",
    "foreign_cpu_share",
    "cpu_steal_share",
    "cgroup_throttled_seconds",
    "cpu_thermal_throttles",
)
"""The names that `LoadWatch.summary` gives, each either a value or a reason."""

CARRIER_METRICS = ("ray_cpu_share", "ray_resident_bytes")
"""Those that it gives beside them where Ray has brought this process to its node."""

_LEAST_SECONDS = 0.5
"""The kernel counts in hundredths of a second: over less than this that alone would be a few percent."""


_SHORT = f"the windows took less than {_LEAST_SECONDS:g} s"
_PAGE = os.sysconf("SC_PAGE_SIZE")
_CARRIER: list[int] = []


def carried_by(pid: int) -> None:
    """From now on every watch of this process also tells what `pid` and its descendants take, without this process and
    its own."""
    _CARRIER[:] = [pid]


def is_carried() -> bool:
    """Has Ray brought this process to where it is?"""
    return bool(_CARRIER)


@dataclass(frozen=True)
class _Look:
    """The counters at one moment: the processors', and the seconds that the cell, this process, and who has brought it
    here have had of them; `resident` are the latter's bytes."""

    cpus: Reading[CpuTimes]
    cell: Reading[float]
    own: float
    carrier: float
    resident: int
    throttled: Reading[float]
    hot: Reading[int]


class LoadWatch:
    """Watches the processors for one cell; to be held by the parent process, never by the measured one.

    Cost: no code runs in the measured process, and none anywhere between `begin` and `end`. Each of these reads the
    state of every process once, in the parent: measured, 2 ms with 80 processes, and so some 25 ms with 1,000.

        watch = LoadWatch(pid=worker.pid)
        watch.begin()                       # the cell's windows begin
        ...
        watch.end()
        values, reasons = watch.summary()

    What lies between an `end` and the next `resume` doesn't count: the turns of others.

    `cpus` are the processors that count (None: those that this process may use). The cell is the process `pid`, the
    session that it leads and its descendants, and likewise those `beside` it, which take turns with it; `own` is this
    process's id, `root` the file tree that is read.
    """

    def __init__(
        self,
        pid: int | None = None,
        cpus: Collection[int] | None = None,
        root: Path = Path("/"),
        own: int | None = None,
    ) -> None:
        self.pid = pid
        self.beside: frozenset[int] = frozenset()
        self._cpus = usable_cpus() if cpus is None else frozenset(cpus)
        self._root = root
        self._own = os.getpid() if own is None else own
        self._carrier = next(iter(_CARRIER), None)
        self._before: _Look | None = None
        self._spans: list[tuple[_Look, _Look]] = []

    def begin(self) -> None:
        """The measured interval begins now."""
        self._spans = []
        self.resume()

    def resume(self) -> None:
        """It goes on now."""
        self._before = self._look()

    def end(self) -> None:
        """The measured interval ends now, if one had begun. The cell's process should still be there."""
        if self._before is not None:
            self._spans.append((self._before, self._look()))
            self._before = None

    def taken(self) -> tuple[float, float, float]:
        """Since the last `begin` or `resume` until the `end` after it: the processors' seconds that others had, those
        that the hypervisor gave away, and all of them; zeros where that can't be determined."""
        spent, cell, own = _spent(self._spans[-1:])
        if spent.value is None or cell.value is None:
            return 0.0, 0.0, 0.0
        return max(0.0, spent.value.busy - cell.value - own), spent.value.stolen, spent.value.total

    def summary(self) -> tuple[dict[str, float | None], dict[str, str]]:
        """The interval's figures by metric name, and for each null the reason.

        Shares (0..1) are of the time of all the processors that may be used: `cpu_share` the cell's own,
        `foreign_cpu_share` what neither the cell nor this process took, interrupts among it, and `cpu_steal_share`
        what the hypervisor gave to others. `cgroup_throttled_seconds` is how long a quota held the control group off
        the processors, `cpu_thermal_throttles` how often one of them was slowed for being hot. On a node of Ray's,
        `ray_cpu_share` is what of `foreign_cpu_share` Ray itself took, and `ray_resident_bytes` its memory.
        """
        figures = self._figures() | self._carriers_figures()
        values = {name: reading.value for name, reading in figures.items()}
        return values, {name: r.reason or "unknown" for name, r in figures.items() if r.value is None}

    def _figures(self) -> dict[str, Reading[float]]:
        if not self._spans or self._before is not None:
            return dict.fromkeys(LOAD_METRICS, Reading(None, "the cell did not come to its windows' end"))
        cpu, foreign, stolen = self._shares()
        return {
            "cpu_share": cpu,
            "foreign_cpu_share": foreign,
            "cpu_steal_share": stolen,
            "cgroup_throttled_seconds": _sum(_grown(a.throttled, b.throttled) for a, b in self._spans),
            "cpu_thermal_throttles": _sum(_grown(a.hot, b.hot) for a, b in self._spans),
        }

    def _carriers_figures(self) -> dict[str, Reading[float]]:
        if self._carrier is None:
            return {}
        spent, _, _ = _spent(self._spans)
        if not self._spans or self._before is not None or spent.value is None:
            reason = spent.reason if self._spans else "the cell did not come to its windows' end"
            return dict.fromkeys(CARRIER_METRICS, Reading(None, reason))
        taken = sum(max(0.0, after.carrier - before.carrier) for before, after in self._spans)
        share: Reading[float] = Reading(None, _SHORT)
        if spent.value.total >= _LEAST_SECONDS * len(self._cpus):
            share = Reading(taken / spent.value.total)
        return dict(zip(CARRIER_METRICS, (share, Reading(float(self._spans[-1][1].resident))), strict=True))

    def _shares(self) -> tuple[Reading[float], Reading[float], Reading[float]]:
        spent, cell, own = _spent(self._spans)
        if spent.value is None:
            absent: Reading[float] = Reading(None, spent.reason)
            return absent, absent, absent
        total = spent.value.total
        if total < _LEAST_SECONDS * len(self._cpus):
            absent = Reading(None, _SHORT)
            return absent, absent, absent
        stolen = Reading(spent.value.stolen / total)
        if cell.value is None:
            return cell, cell, stolen
        return Reading(cell.value / total), Reading(max(0.0, spent.value.busy - cell.value - own) / total), stolen

    def _look(self) -> _Look:
        cpus = cpu_times(self._cpus, self._root)
        seen = {process.pid: process for process in processes(self._root)}
        cell, own = family(self.pid, seen), seen.get(self._own)
        for pid in self.beside:
            cell |= family(pid, seen)
        carriers: list[Process] = []
        if self._carrier is not None:
            ours = family(self._own, seen)
            carriers = [one for pid, one in family(self._carrier, seen).items() if pid not in ours]
        seconds: Reading[float] = Reading(None, "the cell's process can't be seen")
        if cell:
            seconds = Reading(sum(process.seconds + process.reaped_seconds for process in cell.values()))
        return _Look(
            cpus,
            seconds,
            own.seconds if own is not None and own.pid not in cell else 0.0,
            sum(one.seconds for one in carriers),
            sum(self._resident(one.pid) for one in carriers),
            throttled_seconds(self._root),
            self._thermal_throttles(),
        )

    def _resident(self, pid: int) -> int:
        words = kernel_text(self._root / f"proc/{pid}/statm").split()
        return int(words[1]) * _PAGE if len(words) > 1 else 0

    def _thermal_throttles(self) -> Reading[int]:
        counts = []
        for cpu in self._cpus:
            path = self._root / f"sys/devices/system/cpu/cpu{cpu}/thermal_throttle/core_throttle_count"
            with contextlib.suppress(OSError, ValueError):
                counts.append(int(path.read_text()))
        return Reading(sum(counts)) if counts else Reading(None, "this machine does not count it")


def _spent(spans: Sequence[tuple[_Look, _Look]]) -> tuple[Reading[CpuTimes], Reading[float], float]:
    """Of the spans together: what the processors spent, the seconds that the cell had of them, and this process."""
    whole = CpuTimes(0.0, 0.0, 0.0)
    for before, after in spans:
        if before.cpus.value is None or after.cpus.value is None:
            return Reading(None, before.cpus.reason or after.cpus.reason), Reading(None), 0.0
        whole = whole.plus(after.cpus.value.since(before.cpus.value))
    own = sum(max(0.0, after.own - before.own) for before, after in spans)
    return Reading(whole), _sum(_grown(before.cell, after.cell) for before, after in spans), own


def _sum(readings: Iterable[Reading[float]]) -> Reading[float]:
    """All of them together; absent where one is."""
    total = 0.0
    for reading in readings:
        if reading.value is None:
            return reading
        total += reading.value
    return Reading(total)


def _grown(before: Reading[int] | Reading[float], after: Reading[int] | Reading[float]) -> Reading[float]:
    if before.value is None or after.value is None:
        return Reading(None, before.reason or after.reason)
    return Reading(max(0.0, float(after.value - before.value)))
