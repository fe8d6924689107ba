"""Everything that could be wrong here, looked at: software, GPU, machine, data, folders, and what is known of the host.

Imports next to nothing by itself: what it is called for may be that half of bench can't be imported.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bench.host.doctor.check import Check
from bench.host.doctor.installer import package_of, this_installer
from bench.host.doctor.stack import PATIENCE_SECONDS, Framework, Stack
from bench.support.exception_text import exception_text

if TYPE_CHECKING:
    from bench.host.hardware import Hardware

__all__ = ["examine"]

Look = Callable[[], Iterable[Check]]

_ON_A_TREE = re.compile(r"bench (?:calibrate|doctor|run|selftest)\b.*?(?=  #|$)")


def examine(root: Path, notice: Callable[[str], None], patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Check]:
    """Look at this machine, its software and the working tree at `root`: checks in the order in which to mend them.

    `notice` is told what is being waited for, TensorFlow no longer than `patience_seconds`. Changes nothing, and raises
    nothing, be it that TensorFlow hangs or that half of what bench itself needs is missing: what can't be looked at is
    a check that says so. Takes as long as importing TensorFlow does, and two seconds.
    """
    here = _Examination(root, notice, patience_seconds)
    looks: tuple[tuple[str, Look], ...] = (
        ("software", here.software),
        ("software", here.variables),
        ("GPU", here.gpu),
        ("machine", here.machine),
        ("data", here.data),
        ("folders", here.folders),
        ("folders", here.stored),
        ("host", here.host),
    )
    for group, look in looks:
        yield from (_on(root, check) for check in _looked(group, look))


def _on(root: Path, check: Check) -> Check:
    """A check whose mend, where that is a command of bench, acts on the tree that was looked at."""
    command = _ON_A_TREE.match(check.mend or "")
    if command is None or root == Path():
        return check
    return replace(check, mend=f"{command[0]} --root {shlex.quote(str(root))}{command.string[command.end() :]}")


def _looked(group: str, look: Look) -> tuple[Check, ...]:
    """What was found, or why nothing could be."""
    try:
        return tuple(look())
    except (ImportError, SystemError) as error:  # pydantic's halves raise the latter where they don't fit
        module = getattr(error, "name", None) or ""
        mend = "make run, or pip install ."
        if module and module.partition(".")[0] != "bench":
            mend = this_installer().install(package_of(module), again=True)
        return (Check(f"{group}: rest", "broken", f"not looked at: {type(error).__name__}: {error}", mend),)
    except Exception as error:
        return (Check(f"{group}: rest", "unknown", f"not looked at: {exception_text(error)}"),)


class _Examination:
    """What several checks ask, asked once; each kind of check by name."""

    def __init__(self, root: Path, notice: Callable[[str], None], patience_seconds: float) -> None:
        self.root, self.notice, self.patience_seconds = root, notice, patience_seconds

    def software(self) -> Iterable[Check]:
        """Python and packages."""
        from bench.host.doctor.distributions import everything
        from bench.host.doctor.machine import has_avx
        from bench.host.doctor.python import this_python
        from bench.host.doctor.software import software_checks

        pip = this_installer(gpu=self._has_gpu)
        return software_checks(this_python(), everything(), self._stack.framework, pip, has_avx())

    def variables(self) -> Iterable[Check]:
        """The environment."""
        from bench.host.doctor.variables import variable_checks

        return variable_checks(os.environ, self._has_gpu)

    def gpu(self) -> Iterable[Check]:
        """From the driver to TensorFlow."""
        from bench.host.doctor.gpu import gpu_checks

        return gpu_checks(self._stack)

    def machine(self) -> Iterable[Check]:
        """Processor, memory, and what else is at work."""
        from bench.host.doctor.machine import machine_checks
        from bench.host.doctor.scratch import temporary_folder
        from bench.host.fitness import fitness

        self.notice("looking at what else is at work")
        return machine_checks(self._hardware, fitness(self._hardware), temporary_folder())

    def data(self) -> Iterable[Check]:
        """Data sets."""
        from bench.workload.data.doctor import data_checks

        return data_checks()

    def folders(self) -> Iterable[Check]:
        """Where results go."""
        from bench.host.doctor.folders import folder_checks

        return folder_checks(self.root)

    def stored(self) -> Iterable[Check]:
        """What lies there."""
        from bench.host.doctor.stored import stored_checks

        return stored_checks(self.root)

    def host(self) -> Iterable[Check]:
        """What is known of this machine."""
        from bench.errors import InputError
        from bench.host.doctor.host import host_checks
        from bench.host.registry import recognise

        try:
            return host_checks(recognise(self.root, self._used))
        except InputError:
            return (Check("host: id", "unknown", "can't be determined while a profile can't be read (see folders)"),)

    @cached_property
    def _stack(self) -> Stack:
        self.notice("asking TensorFlow")
        try:
            from bench.run.stack import ask_stack

            return ask_stack(timeout_seconds=self.patience_seconds)
        except Exception as error:
            failed = f"it could not be asked: {type(error).__name__}: {error}"
            return Stack(packages={}, framework=Framework(None, failed=failed))

    @cached_property
    def _hardware(self) -> Hardware:
        from bench.host.detect import detect

        return detect()

    @property
    def _has_gpu(self) -> bool:
        try:
            return self._hardware.kind == "gpu"
        except Exception:
            return False

    @property
    def _used(self) -> Hardware:
        """The machine as runs file it: without a GPU that TensorFlow doesn't compute on."""
        framework = self._stack.framework
        unused = self._has_gpu and framework.version is not None and not framework.gpus
        return self._hardware.as_cpu() if unused else self._hardware
