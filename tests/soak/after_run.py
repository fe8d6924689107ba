"""What `bench run` still takes once its last record is written, with this build and an older one in turns.

    git worktree add /tmp/old 736facc
    python tests/soak/after_run.py --old /tmp/old

Plants the results that come with the older checkout, which both can read, under the names of ten hosts, has each
build draw its figures once, and then has each measure one cell again and again. Prints the seconds from the last
change of this host's results to the end of the command, and the ratio of the medians, and judges nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NEW = Path(__file__).parents[2]
REAL = "results/cpu-amd-epyc-2c"
HOSTS = 10
SUITE = """
data: digits
models: [simple_cnn]
variants: [notebook]
batch_sizes: [16]
protocol: {max_seconds: 1, min_seconds: 0.2, warmup_seconds: 0.2, window_seconds: 0.1}
"""


def plant(root: Path, real: Path) -> None:
    """The results of one host as those of ten."""
    for host in range(HOSTS):
        folder = root / "results" / f"host-{host}"
        folder.mkdir(parents=True)
        for path in real.glob("*.jsonl"):
            records = [json.loads(line) | {"host": folder.name} for line in path.read_text().splitlines()]
            (folder / path.name).write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records))
    (root / "one.yaml").write_text(SUITE)


def after(checkout: Path, root: Path) -> float:
    """Seconds from the last record of a run to its end."""
    command = [sys.executable, "-m", "bench", "run", root / "one.yaml", "--root", root]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    ended = time.time()
    return ended - max(path.stat().st_mtime for path in root.glob("results/*/one.jsonl"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--old", type=Path, required=True, help="a checkout of an older build")
    parser.add_argument("--passes", type=int, default=3)
    asked = parser.parse_args()
    builds = {"old": asked.old.resolve(), "new": NEW}
    taken: dict[str, list[float]] = {name: [] for name in builds}
    with tempfile.TemporaryDirectory() as folder:
        roots = {name: Path(folder) / name for name in builds}
        for name, checkout in builds.items():
            plant(roots[name], builds["old"] / REAL)
            print(f"{name}: {after(checkout, roots[name]):.2f} s the first time", flush=True)
        for _ in range(asked.passes):
            for name, checkout in builds.items():
                taken[name].append(after(checkout, roots[name]))
                print(f"{name}{taken[name][-1]:8.2f} s", flush=True)
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    print(f"new / old: {medians['new'] / medians['old']:.3f}")


if __name__ == "__main__":
    main()
