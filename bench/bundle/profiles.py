"""Hosts' profiles as they came with bundles."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bench.bundle.keep import COLLECTED
from bench.errors import InputError
from bench.host.profile import HostProfile, load, profile_path
from bench.results.safe_paths import is_plain

__all__ = ["CameWith"]


class CameWith:
    """Profiles of hosts, by host and team: a team's own one, of its newest bundle that has one, else the tree's."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.of = cache(self._of)

    def _of(self, host: str, team: str | None) -> HostProfile | None:
        if not is_plain(host):
            return None
        paths = list((self._root / COLLECTED / team).glob(f"*/hosts/{host}.yaml")) if team is not None else []
        paths.sort(key=lambda path: path.parent.parent.stat().st_mtime, reverse=True)
        for path in (*paths, profile_path(self._root, host)):
            try:
                return load(path)
            except (InputError, OSError):
                continue
        return None
