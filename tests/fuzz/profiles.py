"""Damaged host profiles, through every verb that reads them: `python -m tests.fuzz.profiles [COUNT [SEED]]`."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from bench.errors import InputError
from bench.host.profile import load, save
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from bench.support.resources import shipped_folder
from tests.fuzz.campaign import HANG_SECONDS, campaign
from tests.fuzz.mutate import altered, damaged
from tests.fuzz.verbs import ask
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
    """A tree whose one profile of its own is damaged anew each time; `limit` is what `ask` takes."""

    def __init__(self, root: Path, limit: float | None = None) -> None:
        self.root, self.limit = root, limit
        for host in ("damaged", "colab-t4"):
            for variant in ("notebook", "xla"):
                record = make_record(variant=variant, host=host)
                Journal(journal_path(root, host, "cnn"), Record).append(record)
        self.path = root / "hosts" / "damaged.yaml"
        self.whole = []
        for file in sorted(shipped_folder("hosts").glob("*.yaml")):
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
        """Run the verbs: each ends well, or with what is wrong in plain words."""
        for verb in verbs:
            status, told = ask(verb.format(host="damaged"), self.root, self.limit)
            alone = verb.startswith(("report", "compare", "hosts --json")) or verb == "hosts"
            assert status in ((0,) if alone else (0, 2)), (verb, status, told)
            assert not may_refuse or "damaged.yaml" in told or "'damaged'" in told, (verb, told)


def main(count: int = 5000, seed: int = 0) -> None:
    """Run the campaign."""
    with tempfile.TemporaryDirectory() as root:
        campaign("profiles", Profiles(Path(root), HANG_SECONDS).try_one, count, seed)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
