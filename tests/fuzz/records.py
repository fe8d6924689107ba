"""Damaged records and pairs, through every verb that reads them:
`python -m tests.fuzz.records [--lines LINES] [--seed SEED]`."""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.host.profile import load, save
from bench.support.resources import shipped_folder
from tests.fuzz.campaign import HANG_SECONDS, campaign
from tests.fuzz.mutate import altered, damaged
from tests.fuzz.verbs import ask

RESULTS = Path(__file__).parents[2] / "results" / "cpu-amd-epyc-2c"
LINES = {"cnn.jsonl": 12, "digits.jsonl": 4, "compact.jsonl": 2, "pairs/selftest.jsonl": 2}
"""Where lines come from, and how many of a host are damaged at once."""
VERBS = (
    "report --json",
    "report --no-figures",
    "compare one two",
    "compare one two --json --gate",
    "compare one:{} one:{}",
    "hosts",
    "hosts show one --json",
    "hosts rename one three --dry-run",
    "hosts merge one two --force --dry-run",
)
COMPARED = ("simple_cnn/notebook/b128", "simple_cnn/xla/b128")
"""Two cells of the first file, of which there is a line in each tree."""
DRAWS = "report"
"""Asked of one tree in `RARELY`, and without a limit: it takes seconds of whole records too."""
RARELY = 25
HOSTS = ("one", "two")
A_TREE = len(HOSTS) * sum(LINES.values())


class Records:
    """A tree of two hosts, whose results are damaged anew each time; `limit` is what `ask` takes."""

    def __init__(self, root: Path, limit: float | None = None) -> None:
        self.root, self.limit = root, limit
        self.whole = {name: (RESULTS / name).read_bytes().splitlines() for name in LINES}
        self.verbs = [verb.format(*COMPARED) for verb in VERBS]
        for lines in self.whole.values():
            lines.sort(key=lambda line: not any(cell.encode() in line for cell in COMPARED))
        profile = load(min(shipped_folder("hosts").glob("cpu-*.yaml")))
        for host in HOSTS:
            save(profile.model_copy(update={"id": host}), root / "hosts" / f"{host}.yaml")
            for name, lines in self.whole.items():
                self.keep(host, name, (self.of(host, line) + b"\n" for line in lines))
        refused = [ask(verb, root) for verb in (*self.verbs, DRAWS) if ask(verb, root)[0] == 2]
        assert not refused, f"what isn't damaged is read, but not by {refused}"

    def try_one(self, rng: random.Random, number: int) -> str:
        """Damage `A_TREE` lines among whole ones, and read them by every verb."""
        for host in HOSTS:
            for name, count in LINES.items():
                self.keep(host, name, self.some(rng, host, name, count))
        statuses = {ask(verb, self.root, self.limit)[0] for verb in self.verbs}
        if number % RARELY == 0:
            statuses.add(ask(DRAWS, self.root)[0])
        return "some verb refused it" if 2 in statuses else "read"

    def keep(self, host: str, name: str, lines: Iterable[bytes]) -> None:
        """Put the lines where the host's results are."""
        path = self.root / "results" / host / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(lines))

    def of(self, host: str, line: bytes) -> bytes:
        """The line as if it were of that host."""
        return line.replace(b'"host":"cpu-amd-epyc-2c"', b'"host":"%b"' % host.encode())

    def some(self, rng: random.Random, host: str, name: str, count: int) -> Iterator[bytes]:
        """So many damaged lines, and whole ones between some of them."""
        lines = self.whole[name]
        for line in (*lines[: len(COMPARED)], *rng.choices(lines, k=count - len(COMPARED))):
            line = self.of(host, line)
            if rng.random() < 0.33:
                yield line + b"\n"
            if rng.random() < 0.15:
                yield damaged(rng, line) + b"\n"
            else:
                value = altered(rng, json.loads(line))
                text = json.dumps(value, ensure_ascii=rng.random() < 0.5)
                yield text.encode("utf-8", "surrogatepass") + b"\n"


def main() -> None:
    """Run the campaign."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        campaign("records", Records(Path(root), HANG_SECONDS).try_one, -(-wanted.lines // A_TREE), wanted.seed)


if __name__ == "__main__":
    main()
