"""What the doctor found, in lines for people and in values for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.host.doctor.check import Check, State

__all__ = ["MARKS", "Fitness", "doctor_row", "doctor_text", "fitness"]

MARKS: Final[dict[State, str]] = {"fine": "✓", "limited": "!", "broken": "✗", "unknown": "?"}

_WIDTH = 120
_LEAST = 32

Paint = Callable[[str, State], str]


@dataclass(frozen=True)
class Fitness:
    """Is the machine fit to measure? `first` is what to mend first, of all that is broken or else limits it.

    The counts are of checks; those of `unknown` state say nothing against the machine, and nothing for it.
    """

    fit: bool
    broken: int
    limited: int
    unknown: int
    first: Check | None

    def __str__(self) -> str:
        first = f" First: {self.first.mend}" if self.first and self.first.mend else ""
        if not self.fit:
            return f"This machine is not fit to measure: {_things(self.broken)} broken ({MARKS['broken']}).{first}"
        fit = "This machine is fit to measure"
        if self.unknown:
            fit += f", as far as can be seen ({MARKS['unknown']})"
        if self.limited:
            fit += f"; {_things(self.limited)} not as good as could be ({MARKS['limited']})"
        return f"{fit}."


def fitness(checks: Sequence[Check]) -> Fitness:
    """What all checks come to: fit unless something is broken."""
    broken = [one for one in checks if one.state == "broken"]
    limited = [one for one in checks if one.state == "limited"]
    unknown = sum(one.state == "unknown" for one in checks)
    return Fitness(not broken, len(broken), len(limited), unknown, next(iter(broken + limited), None))


def doctor_text(checks: Sequence[Check], paint: Paint = lambda text, _: text, columns: int = _WIDTH) -> str:
    """A line for each check under its group's name, what mends it below, and last the fitness.

    `paint` may colour what belongs to a state. Findings are wrapped at so many `columns`, commands never.
    """
    lines: list[str] = []
    width = max((len(_parts(one)[1]) for one in checks), default=0)
    for group in dict.fromkeys(_parts(one)[0] for one in checks):
        lines += ["", group] if lines else [group]
        for one in checks:
            if _parts(one)[0] == group:
                lines += _lines(one, width, columns, paint)
    found = fitness(checks)
    return "\n".join((*lines, "", paint(str(found), "fine" if found.fit else "broken")))


def doctor_row(checks: Sequence[Check]) -> dict[str, Any]:
    """All of it for programs."""
    found = fitness(checks)
    return {
        "fit": found.fit,
        "verdict": str(found),
        "broken": found.broken,
        "limited": found.limited,
        "first": found.first and _row(found.first),
        "checks": [_row(one) for one in checks],
    }


def _row(check: Check) -> dict[str, Any]:
    group, what = _parts(check)
    return {"group": group, "what": what, "state": check.state, "found": check.found, "mend": check.mend}


def _lines(check: Check, width: int, columns: int, paint: Paint) -> Iterator[str]:
    mark, indent = paint(MARKS[check.state], check.state), " " * (width + 6)
    found = textwrap.wrap(
        check.found, max(_LEAST, columns - len(indent)), break_long_words=False, break_on_hyphens=False
    )
    yield f"  {mark} {_parts(check)[1]:<{width}}  {found[0] if found else ''}"
    yield from (f"{indent}{line}" for line in found[1:])
    if check.mend:  # whole, so that it can be pasted
        yield f"{indent}{paint(f'→ {check.mend}', check.state)}"


def _parts(check: Check) -> tuple[str, str]:
    """`GPU: driver` as group and thing."""
    group, _, what = check.what.partition(": ")
    return (group, what) if what else ("", group)


def _things(count: int) -> str:
    return "one thing is" if count == 1 else f"{count} things are"
