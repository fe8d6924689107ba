"""This machine's roofs, measured interleaved in a process of their own, and kept in its profile."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench.errors import Fault, InputError
from bench.host.measured import Peak, Roof
from bench.host.profile import HostProfile
from bench.host.registry import as_it_is_now, remember
from bench.host.roofs import Name, is_better, is_noisy, offered, roof_of, with_roof
from bench.run.calibration.roof_windows import RoofWindows
from bench.run.machine import Machine
from bench.run.process.executors import LocalExecutor
from bench.run.process.exit_status import kernel_kills, lost
from bench.run.process.forkserver import Child, ServerError
from bench.run.process.scratch import BESIDE_RESULTS, scratch_folder, sweep
from bench.run.process.worker import roof_process
from bench.workload.roofs.plan import NOT_COLD, Began, Missing, RoofPlan, Task, Timed, roof_plan

__all__ = ["RoofObserver", "Roofs", "measure_roofs", "processes", "settled", "words"]

_PATIENCE_SECONDS = 600.0
"""A first answer may take minutes: libraries compile their kernels anew for a card that they don't know."""


class RoofObserver(Protocol):
    """Who is told how it goes; `left` are the seconds that its process will take yet."""

    def notice(self, text: str) -> None: ...
    def roofs_begin(self, count: int, seconds: float) -> None: ...
    def roof_begins(self, name: Name, left: float) -> None: ...
    def roof_kept(self, name: Name, found: Peak | Roof) -> None: ...


@dataclass(frozen=True)
class Roofs:
    """What was measured and kept, and the profile that holds it.

    `kept_older` says of a roof that was measured why the profile keeps an older figure, `failed` why one has none.
    """

    profile: HostProfile
    measured: tuple[Name, ...] = ()
    kept_older: dict[Name, str] = field(default_factory=dict)
    failed: dict[Name, str] = field(default_factory=dict)


def measure_roofs(
    root: Path, here: Machine, executor: LocalExecutor, observer: RoofObserver, plan: RoofPlan | None = None
) -> Roofs:
    """Measure the roofs of this machine, in turns, and keep them in its profile as soon as their process has ended.

    Each in place of an older one, unless it is a noisy one that falls short of that: other work can only lower it. All
    else in the profile stays, also what others write into it meanwhile. One that fails is absent with its reason, and
    the others go on. KeyboardInterrupt passes through, and the roofs that had `plan.fewest` windows by then are kept.
    Raises InputError where TensorFlow or the profile can't be used.
    """
    plan = plan or roof_plan(here.device.kind)
    names, lacking = offered(here.hardware)
    found = Roofs(here.profile)
    apart = processes(names)
    sweep(root, observer.notice)
    observer.roofs_begin(len(names), plan.seconds + plan.preparation_seconds * len(apart))
    with _folder(root) as folder:
        for some in apart:
            share = replace(plan, seconds=plan.seconds * len(some) / len(names))
            windows = RoofWindows(share)
            try:
                _measure(Task(some, here.device.kind, share, folder), executor, windows, observer)
            finally:
                date = datetime.now(UTC).date().isoformat()
                new = {name: roof for name in some if (roof := windows.found(name, date)) is not None}
                found = _keep(root, found, lacking, new, observer)
    return found


def processes(names: Sequence[Name]) -> tuple[tuple[Name, ...], ...]:
    """The roofs of each process: TF32 is switched for all of one, and a kernel chosen with it stays chosen."""
    with_tf32 = tuple(name for name in names if name.endswith("tf32"))
    others = tuple(name for name in names if name not in with_tf32)
    return tuple(some for some in (others, with_tf32) if some)


@contextmanager
def _folder(root: Path) -> Iterator[Path | str]:
    """An empty folder where results lie, or why there is none."""
    with ExitStack() as stack:
        try:
            (root / "results").mkdir(exist_ok=True)
            folder: Path | str = stack.enter_context(scratch_folder(root / "results", BESIDE_RESULTS))
        except OSError as error:
            folder = f"no file can be written where results lie ({error.strerror or error})"
        yield folder


def _measure(task: Task, executor: LocalExecutor, windows: RoofWindows, observer: RoofObserver) -> None:
    """Listen to the process that measures, and start another without the roof that one died of."""
    began, names = time.monotonic(), list(task.names)
    while names:
        seconds = max(0.0, task.plan.seconds - (time.monotonic() - began))
        rest = replace(task, names=tuple(names), plan=replace(task.plan, seconds=seconds))
        at_work, kills = names[0], kernel_kills()
        try:
            child = executor.fork(roof_process, rest)
        except ServerError as error:
            raise InputError(Fault(f"TensorFlow doesn't work here: {error}")) from error
        try:
            for word in words(child):
                windows.add(word)
                if isinstance(word, Began):
                    at_work = word.name
                    observer.roof_begins(at_work, windows.seconds_left())
            return
        except EOFError:
            why = lost(child, kills)
        except TimeoutError as error:
            why = f"its process gave {error}"
        finally:
            child.end()
        windows.add(Missing(at_work, why))
        names.remove(at_work)


def words(child: Child, patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[Began | Timed | Missing]:
    """What the process says, until it has said all. Raises TimeoutError, and EOFError where it died."""
    while True:
        word: Began | Timed | Missing | None = child.hear(patience_seconds)
        if word is None:
            return
        yield word


def _keep(
    root: Path,
    before: Roofs,
    lacking: Mapping[Name, str],
    found: Mapping[Name, Peak | Roof | str],
    observer: RoofObserver,
) -> Roofs:
    """What has come of these roofs, in the profile as it is by now; one that was interrupted leaves it as it was."""
    if not found:
        return before
    profile = as_it_is_now(root, before.profile)
    for name, reason in lacking.items():
        profile = with_roof(profile, name, reason)
    kept: dict[Name, Peak | Roof] = {}
    kept_older, failed = dict(before.kept_older), dict(before.failed)
    for name, roof in found.items():
        profile, why = settled(profile, name, roof)
        if why is not None:
            (failed if isinstance(roof, str) else kept_older)[name] = why
            observer.notice(f"no new {name}: {why}")
        elif not isinstance(roof, str):
            kept[name] = roof
    remember(root, profile)
    for name, roof in kept.items():
        observer.roof_kept(name, roof)
    if noisy := [name for name, roof in kept.items() if is_noisy(roof)]:
        observer.notice(
            f"{', '.join(noisy)} varied a lot: something else was running, and this machine can do better; calibrate "
            "again when it is quiet"
        )
    return Roofs(profile, (*before.measured, *kept), kept_older, failed)


def settled(profile: HostProfile, name: Name, found: Peak | Roof | str) -> tuple[HostProfile, str | None]:
    """The profile with what was found of a roof, a reason among that, and why it has no new figure."""
    older = roof_of(profile, name)
    if older is None:
        return with_roof(profile, name, found), found if isinstance(found, str) else None
    if isinstance(found, str):
        return profile, f"{found}; that of {older.date} stays"
    if _stays(name, older, found):
        return profile, f"something else was running; the better one of {older.date} stays"
    return with_roof(profile, name, found), None


def _stays(name: Name, older: Peak | Roof, new: Peak | Roof) -> bool:
    """Does `older` show more of what the machine can do than `new`, which other work disturbed?

    Never one of other work than the new one's, nor one that a page cache had a hand in. A peak is that of any product.
    """
    alike = isinstance(older, Peak) or (isinstance(new, Roof) and older.of == new.of and NOT_COLD not in older.of)
    return alike and is_noisy(new) and is_better(name, older, new)
