"""What else the machine is doing now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.system.procfs import CpuTimes, Process, cpu_times, family, processes, usable_cpus

__all__ = ["FOREIGN_SHARE", "STOLEN_SHARE", "busy"]

FOREIGN_SHARE = 0.05
"""Others that take more of the processors than this disturb a cell."""
STOLEN_SHARE = 0.03
"""As does a hypervisor that gives more of them to others than this."""

_SHOWN = 3
_NAMED = 0.02
_SWAPPED_PAGES = 100


def busy(root: Path, seconds: float, sleep: Callable[[float], None]) -> Iterator[tuple[str, str]]:
    """What others take of the processors, the hypervisor among them, and whether memory is swapped: over `seconds`.

    Each as what it is and what would mend it. Processes are named by their command's name, never by its arguments,
    which may hold anything. This process and its descendants don't count.
    """
    before = _Look.at(root)
    sleep(seconds)
    after = _Look.at(root)
    if before.cpus is not None and after.cpus is not None:
        spent = after.cpus.since(before.cpus)
        others = max(0.0, spent.busy - (after.own - before.own)) / spent.total if spent.total else 0.0
        if others > FOREIGN_SHARE:
            who = _names(before, after, spent.total / len(usable_cpus())) or "none that can be seen from here"
            yield f"other processes take {others:.0%} of the processors ({who})", "stop them, or wait for their end"
        if spent.stolen > STOLEN_SHARE * spent.total:
            yield (
                f"the hypervisor gives {spent.stolen / spent.total:.0%} of the processors' time to other machines",
                "measure at another time, or on a machine that nobody shares",
            )
    if (pages := after.swapped - before.swapped) > _SWAPPED_PAGES:
        yield f"memory is being swapped ({pages:,} pages in {seconds:g} s)", "end what takes the memory"


@dataclass(frozen=True)
class _Look:
    """The machine's counters at one moment: `own` are the seconds that this process and its descendants had."""

    cpus: CpuTimes | None
    others: dict[int, Process]
    own: float
    swapped: int

    @classmethod
    def at(cls, root: Path) -> _Look:
        seen = {one.pid: one for one in processes(root)}
        ours = family(os.getpid(), seen)
        return cls(
            cpu_times(usable_cpus(), root).value,
            {pid: one for pid, one in seen.items() if pid not in ours},
            sum(one.seconds for one in ours.values()),
            sum(int(word) for name, word in _pairs(root / "proc/vmstat") if name in ("pswpin", "pswpout")),
        )


def _names(before: _Look, after: _Look, each: float) -> str:
    """The processes that took the most, with their share of one of the processors, which had `each` seconds."""
    took = {
        pid: one.seconds - (before.others[pid].seconds if pid in before.others else 0.0)
        for pid, one in after.others.items()
    }
    top = sorted(took, key=lambda pid: took[pid], reverse=True)[:_SHOWN]
    named = [f"{after.others[pid].name} {took[pid] / each:.0%}" for pid in top if took[pid] > _NAMED * each]
    return f"{', '.join(named)} of one" if named else ""


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    try:
        words = path.read_text().split()
    except OSError:
        return iter(())
    return zip(words[::2], words[1::2], strict=False)
