"""Damaged files of others, imported as hosts: `python -m tests.fuzz.imports [COUNT [SEED]]`."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

from bench.errors import Fault, InputError
from bench.host.imported.plan import import_hosts
from bench.host.profile import load
from bench.report.export.pytest_benchmark import pytest_benchmark_json
from tests.fuzz.campaign import HANG_SECONDS, campaign, within
from tests.fuzz.mutate import altered, damaged
from tests.host.imported.printed import printed
from tests.records import make_record


class Imports:
    """A tree, and a file that is damaged anew each time; `limit` is what one import may take of a processor."""

    def __init__(self, root: Path, limit: float | None = None) -> None:
        self.root, self.limit, self.file = root, limit, root / "theirs"
        self.json = pytest_benchmark_json([make_record(), make_record("vgg16", step_ms=600)], ())
        self.text = printed()

    def try_one(self, rng: random.Random, number: int) -> str:
        """Damage one and import it: it is refused in words and nothing written, or gives a profile that can be read."""
        if number % 3 == 0:
            content = damaged(rng, self.text.encode())
        elif number % 3 == 1:
            content = damaged(rng, self.json.encode())
        else:
            content = json.dumps(altered(rng, json.loads(self.json)), indent=1).encode()
        self.file.write_bytes(content)
        faults: tuple[Fault, ...] = ()
        with within(self.limit):
            try:
                (made,) = import_hosts(self.root, [self.file], "theirs")
            except InputError as error:
                faults = error.faults
        if faults:
            assert all(str(self.file) in str(fault) for fault in faults)
            assert not (self.root / "hosts").exists()
            return "refused"
        assert load(made.path) == made.profile
        assert "not measured by us" in made.path.read_text()
        made.path.unlink()
        made.path.parent.rmdir()
        return "read"


def main(count: int = 5000, seed: int = 0) -> None:
    """Run the campaign."""
    with tempfile.TemporaryDirectory() as root:
        campaign("imports", Imports(Path(root), HANG_SECONDS).try_one, count, seed)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
