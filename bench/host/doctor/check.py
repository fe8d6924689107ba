"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Check", "State"]

State = Literal["fine", "limited", "broken", "unknown"]
"""`limited`: suites run, but slower or with less than they could; `broken`: they don't run, or don't run where the user
means them to; `unknown`: it can't be seen from here, which says nothing against the machine."""


@dataclass(frozen=True)
class Check:
    """`what` was looked at (`GPU: driver`), what was `found`, and for what is limited or broken how to `mend` it.

    `mend` is a command that can be pasted, or a sentence where no command would do.
    """

    what: str
    state: State
    found: str
    mend: str | None = None
