"""What `bench report` of many records takes, with this build and an older one in turns.

    git worktree add /tmp/old 736facc
    python tests/soak/report.py --records 10000 --old /tmp/old

Plants a tree of ten hosts from the records that come with the older checkout, which both can read, every cell another
one, and has each build report it in processes of their own. Prints the seconds that pass, those of processors and the
most memory of every pass, and the ratios of the medians, and judges nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
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


def report(checkout: Path, root: Path) -> tuple[float, float, float]:
    """Report the tree with the build of a checkout; gives the seconds that pass, those of processors, and the MiB of
    its largest process."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "bench", "report", "--no-figures", "--root", root]
    process = subprocess.Popen(command, cwd=checkout, stdout=subprocess.DEVNULL, env=os.environ)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{checkout}: bench report ended with {status}")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--old", type=Path, help="a checkout of an older build")
    asked = parser.parse_args()
    builds = {"old": asked.old.resolve(), "new": NEW} if asked.old else {"new": NEW}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in builds}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lines = (next(iter(builds.values())) / REAL).read_text().splitlines()
        cells = {fields["cell"]: fields for fields in map(json.loads, lines)}
        plant(root, asked.records, list(cells.values()))
        for _ in range(asked.passes):
            for name, checkout in builds.items():
                passed, seconds, mebibytes = report(checkout, root)
                taken[name].append((passed, seconds))
                print(f"{name}{passed:8.2f} s, {seconds:.2f} s of processors{mebibytes:8,.0f} MiB", flush=True)
    if asked.old:
        for place, what in enumerate(("passed", "of processors")):
            medians = {name: statistics.median(one[place] for one in every) for name, every in taken.items()}
            print(f"new / old, seconds {what}: {medians['new'] / medians['old']:.3f}")


if __name__ == "__main__":
    main()
