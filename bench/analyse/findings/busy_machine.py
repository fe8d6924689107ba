"""Processors that were not the cell's alone."""

from __future__ import annotations

from collections.abc import Mapping

from bench.analyse.findings.declaration import FindingKind, analyser
from bench.host.background_load import FOREIGN_SHARE, STOLEN_SHARE
from bench.results.record import Finding, Record

__all__ = ["busy", "busy_machine"]

_THROTTLED_SHARE = 0.01
_STEPS = (0.75, 0.5, 0.25, 0.1, FOREIGN_SHARE, STOLEN_SHARE)

BUSY_MACHINE = FindingKind(
    "busy-machine",
    "warning",
    "others took over 5 % of the processors, the hypervisor over 3 %, or a quota over 1 % of the time",
)


@analyser(BUSY_MACHINE)
def busy_machine(record: Record) -> tuple[Finding, ...]:
    """`busy-machine`: while the cell was measured others took more than 5 % of the processors, the hypervisor more than
    3 %, or a control group's quota held it off them for more than 1 % of the time."""
    return busy(record.values, sum(window.seconds for window in record.windows))


def busy(values: Mapping[str, float | None], seconds: float) -> tuple[Finding, ...]:
    """The same of what instruments saw during windows of so many seconds."""
    foreign = values.get("foreign_cpu_share") or 0.0
    stolen = values.get("cpu_steal_share") or 0.0
    throttled = values.get("cgroup_throttled_seconds") or 0.0
    found = []
    if foreign > FOREIGN_SHARE:
        found.append(f"other processes took over {_over(foreign)} of the processors while it was measured: stop them")
    if stolen > STOLEN_SHARE:
        found.append(f"the hypervisor gave over {_over(stolen)} of the processors' time to other machines meanwhile")
    if throttled and throttled > _THROTTLED_SHARE * seconds:
        found.append("its container's quota held it off the processors time and again: give it whole processors")
    return tuple(BUSY_MACHINE.found(message) for message in found)


def _over(share: float) -> str:
    """The share rounded down to one of a few, so that cells that fared alike share a remark."""
    return f"{next(step for step in _STEPS if share > step) * 100:.0f} %"
