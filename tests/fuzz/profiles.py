"""Damaged host profiles, through every verb that reads them: `python -m tests.fuzz.profiles [COUNT [SEED]]`."""

from __future__ import annotations

import io
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import yaml

from bench.errors import InputError
from bench.host.profile import load, save
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from bench.shipped import shipped
from tests.fuzz.campaign import HANG_SECONDS, campaign
from tests.fuzz.mutate import altered, damaged
from tests.records import make_record

VERBS = (
    "report --no-figures",
    "report --json",
    "hosts",
    "hosts --json",
    "hosts show {host}",
    "hosts show {host} --json",
    "compare colab-t4 {host}",
    "compare {host}:simple_cnn/notebook {host}:simple_cnn/xla",
    "hosts rename {host} another --dry-run",
    "hosts merge {host} colab-t4 --force --dry-run",
)


class Profiles:
    """A tree whose one profile of its own is damaged anew each time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for host in ("damaged", "colab-t4"):
            for variant in ("notebook", "xla"):
                record = make_record(variant=variant, host=host)
                Journal(journal_path(root, host, "cnn"), Record).append(record)
        self.path = root / "hosts" / "damaged.yaml"
        self.whole = []
        for file in sorted(shipped("hosts").glob("*.yaml")):
            save(load(file).model_copy(update={"id": "damaged"}), self.path)
            self.whole.append(self.path.read_bytes())

    def try_one(self, rng: random.Random, number: int) -> str:
        """Damage it, and read it: by every verb where it still counts as a profile, else by one."""
        content = rng.choice(self.whole)
        if number % 2:
            self.path.write_bytes(damaged(rng, content))
        else:
            text = yaml.safe_dump(altered(rng, yaml.safe_load(content)), allow_unicode=True)
            self.path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            load(self.path)
        except InputError:
            self.ask([VERBS[number % len(VERBS)]], may_refuse=True)
            return "refused"
        self.ask(VERBS, may_refuse=False)
        return "read"

    def ask(self, verbs: Sequence[str], may_refuse: bool) -> None:
        """Run the verbs in this process: each ends well, or with what is wrong in plain words."""
        from bench.cli.main import main

        for verb in verbs:
            said, told = io.TextIOWrapper(io.BytesIO()), io.StringIO()
            began = time.process_time()
            with redirect_stdout(said), redirect_stderr(told):
                try:
                    main([*verb.format(host="damaged").split(), "--root", str(self.root)])
                except SystemExit as end:
                    status = end.code or 0
            assert time.process_time() - began < HANG_SECONDS, verb
            assert status in (0, 2), (verb, status, told.getvalue())
            assert "Traceback" not in told.getvalue(), (verb, told.getvalue())
            alone = verb.startswith(("report", "compare", "hosts --json")) or verb == "hosts"
            assert status == 0 or not alone, (verb, told.getvalue())
            assert not may_refuse or "damaged.yaml" in told.getvalue() or "'damaged'" in told.getvalue(), (verb, told)


def main(count: int = 5000, seed: int = 0) -> None:
    """Run the campaign."""
    with tempfile.TemporaryDirectory() as root:
        campaign("profiles", Profiles(Path(root)).try_one, count, seed, len(VERBS))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
