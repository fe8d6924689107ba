"""Environment variables that change what is measured, as the doctor finds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bench.host.doctor.check import Check
from bench.host.variables import at_work

__all__ = ["variable_checks"]


def variable_checks(environ: Mapping[str, str], gpu: bool) -> tuple[Check, ...]:
    """A line for each that is set and does something here, or one that says there is none."""
    found = tuple(_found(environ, gpu))
    if any(one.state != "fine" for one in found):
        return found
    return (*found, Check("software: environment", "fine", "no variable is set that would change timings"))


def _found(environ: Mapping[str, str], gpu: bool) -> Iterator[Check]:
    for name, value, variable in at_work(environ, gpu):
        mend = None if variable.state == "fine" else f"unset {name}"
        yield Check(f"software: {name}", variable.state, f"{value!r} {variable.does}", mend)
