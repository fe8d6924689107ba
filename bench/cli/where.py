"""Where cells are to run, as the command line says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bench.errors import Fault, InputError, nearest

__all__ = ["Where"]


@dataclass(frozen=True)
class Where:
    """The executor `name`; with `ray` the `address` of a cluster (None: one of its own), and which of its nodes `on`
    names; `nodes` of each kind at most share the suite's networks."""

    name: str
    address: str | None = None
    on: str | None = None
    strict_software: bool = False
    nodes: int = 1

    @classmethod
    def of(cls, executor: str, on: str | None, strict_software: bool, nodes: int | None = None) -> Self:
        """What `--executor`, `--on`, `--strict-software` and `--nodes` say. Raises InputError."""
        name, colon, address = executor.partition(":")
        if name not in ("local", "inline", "ray") or (colon and name != "ray"):
            hint = nearest(name, ("local", "inline", "ray"))
            raise InputError(
                Fault(f"--executor {executor} is none", hint if not colon else "local, inline, ray, or ray:HOST:PORT")
            )
        if name == "ray" and address == "auto":
            what = "--executor ray:auto would join whatever cluster it finds"
            raise InputError(
                Fault(what, "write its address, such as ray:10.0.0.1:6379, or ray alone for one of its own")
            )
        if name == "ray" and colon and not address:
            raise InputError(Fault("--executor ray: has no address", "write ray:HOST:PORT, or ray alone"))
        if name != "ray" and (on is not None or strict_software or nodes is not None):
            given = "--on" if on is not None else "--strict-software" if strict_software else "--nodes"
            raise InputError(Fault(f"{given} is about nodes of a cluster", f"it goes with --executor ray, not {name}"))
        if on is not None and not _is_complete(on):
            raise InputError(Fault(f"--on '{on}' is incomplete", "all, 'gpu=T4', a label 'KEY=VALUE', or a HOST"))
        return cls(name, address or None, on, strict_software, nodes or 1)

    @classmethod
    def of_verb(cls, executor: str, on: str | None) -> Self:
        """What `--executor` and `--on` say to a verb that measures in processes of its own. Raises InputError."""
        found = cls.of(executor, on, strict_software=False)
        if found.inline:
            raise InputError(Fault("--executor inline is for `bench run`", "local, ray, or ray:HOST:PORT"))
        return found

    @property
    def ray(self) -> bool:
        """Is it a cluster's nodes?"""
        return self.name == "ray"

    @property
    def inline(self) -> bool:
        """Is it this very process?"""
        return self.name == "inline"


def _is_complete(on: str) -> bool:
    """Has each label of it a key and a value?"""
    labels = on.split(",") if "=" in on else []
    return bool(on.strip()) and all(
        key.strip() and value.strip() for key, _, value in (one.partition("=") for one in labels)
    )
