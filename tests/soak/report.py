"""What `bench report` of many records takes, with this build and an older one in turns.

    git worktree add /tmp/old 736facc
    python tests/soak/report.py --records 10000 --old /tmp/old

Plants a tree of ten hosts from the records that come with the older checkout, which both can read, every cell another
one, and has each build report it in processes of their own. Prints processor seconds and the most memory of every
pass and the ratio of the medians, and judges nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

NEW = Path(__file__).parents[2]
REAL = "results/cpu-amd-epyc-2c/cnn.jsonl"
HOSTS = 10


def plant(root: Path, records: int, real: list[dict]) -> None:
    """So many records, none of the same cell as another."""
    for host in range(HOSTS):
        folder = root / "results" / f"host-{host}"
        folder.mkdir(parents=True)
        with (folder / "cnn.jsonl").open("w") as file:
            for number in range(host, records, HOSTS):
                fields = real[number // HOSTS % len(real)]
                seed = number // (HOSTS * len(real))
                fields = fields | {"host": f"host-{host}", "seed": seed}
                file.write(json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n")


def report(checkout: Path, root: Path) -> tuple[float, float]:
    """Report the tree with the build of a checkout; gives processor seconds and MiB at most."""
    command = [sys.executable, "-m", "bench", "report", "--no-figures", "--root", root]
    process = subprocess.Popen(command, cwd=checkout, stdout=subprocess.DEVNULL, env=os.environ)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{checkout}: bench report ended with {status}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 2**10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--old", type=Path, help="a checkout of an older build")
    asked = parser.parse_args()
    builds = {"old": asked.old.resolve(), "new": NEW} if asked.old else {"new": NEW}
    taken: dict[str, list[float]] = {name: [] for name in builds}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lines = (next(iter(builds.values())) / REAL).read_text().splitlines()
        cells = {fields["cell"]: fields for fields in map(json.loads, lines)}
        plant(root, asked.records, list(cells.values()))
        for _ in range(asked.passes):
            for name, checkout in builds.items():
                seconds, mebibytes = report(checkout, root)
                taken[name].append(seconds)
                print(f"{name}{seconds:8.2f} s{mebibytes:8,.0f} MiB", flush=True)
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    if asked.old:
        print(f"new / old: {medians['new'] / medians['old']:.3f}")


if __name__ == "__main__":
    main()
