"""What a file of others says of their machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bench.host.names import brandless, card, processor, slug
from bench.host.profile import Published
from bench.support.plain_text import plain_text

__all__ = ["Found", "origin", "short"]

_LONGEST = 160
_MARK = "imported"


@dataclass(frozen=True)
class Found:
    """A machine as its file shows it: `taken` and `left` say in words what becomes figures of a host and what doesn't,
    and why. `host` is the id that the file has for it, None where it has none."""

    file: Path
    published: Published
    taken: tuple[str, ...]
    left: tuple[str, ...] = ()
    host: str | None = None

    @property
    def id(self) -> str | None:
        """The id that it gets unless the user names another; None where nothing tells the machine apart."""
        name, cpu = self.published.gpu_name, self.published.cpu
        if self.host or name:
            plain = slug(self.host or card(name or ""))
        else:
            plain = slug(f"cpu {processor(cpu or '')}") if cpu else ""
            plain += f"-{self.published.cores}c" if plain and self.published.cores else ""
        return f"{_MARK}-{plain[:48].strip('-')}" if plain else None

    def label(self, otherwise: str) -> str:
        """What tables call it, so that nobody takes it for measured here."""
        name, cpu = self.published.gpu_name, self.published.cpu
        return f"{brandless(name or '') or processor(cpu or '') or otherwise} ({_MARK})"


def origin(file: Path) -> str:
    """The source of all that is taken from a file."""
    return f"{_MARK} from {short(file.name)}, not measured by us"


def short(text: str) -> str:
    """Text of a file of others as a profile keeps it: one line, no character that isn't seen, not too long."""
    found = plain_text(re.sub(r"\s+", " ", text).strip())
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"
