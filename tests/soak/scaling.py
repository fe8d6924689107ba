"""Is scaling efficiency what it must be where the answer is known? About seven minutes.

    .venv/bin/python tests/soak/scaling.py [--alone 4.096] [--sum 0.512]

Replicas sleep for each of their examples, and gradients take a known time to be summed, so that a step of N logical
devices takes as long as is known beforehand, whatever cores there are. Told is, by cell, the efficiency that must come
out, the one that `bench run` gives, and the share of all-reduce likewise; the exit status is 1 where any is off by more
than 0.01.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.report.as_json import rows
from bench.results.query import read_all

_BATCH = 64
_SUITE = """\
data: {{name: synthetic, shape: [4, 4, 1], classes: 2, images: 512, test_images: 2}}
models:
  sleeping: {{network: "sleeping_replicas:build", args: {{seconds: {seconds}, sum_seconds: {sum}}}}}
variants:
  one: {{threads: 8}}
  strong-2: {{threads: 8, devices: 2, logical_devices: on}}
  strong-4: {{threads: 8, devices: 4, logical_devices: on}}
  weak-2: {{threads: 8, devices: 2, logical_devices: on, batch: per_replica}}
  weak-4: {{threads: 8, devices: 4, logical_devices: on, batch: per_replica}}
batch_sizes: [{batch}]
attribute: true
protocol: {{max_seconds: 8, min_windows: 3, min_seconds: 1, warmup_seconds: 0, eval_images: 0}}
"""


def main() -> int:
    """Run, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alone", type=float, default=4.096, help="seconds of a step on one device")
    parser.add_argument("--sum", type=float, default=0.512, help="seconds that summing gradients takes")
    given = parser.parse_args()
    worst = 0.0
    for row in measured(given.alone, given.sum):
        told = row["scaling"]
        if told is None:
            continue
        devices, alone = told["devices"], given.alone
        own = alone / devices if told["kind"] == "strong" else alone
        step = own + given.sum
        efficiency = (alone if told["kind"] == "weak" else alone / devices) / step
        share = given.sum / step
        found = row["all_reduce_share"] if row["all_reduce_share"] is not None else float("nan")
        print(
            f"{row['variant']}: efficiency {efficiency:.4f} known, {told['efficiency']:.4f} measured; "
            f"all-reduce {share:.4f} known, {found:.4f} measured"
        )
        worst = max(worst, abs(told["efficiency"] - efficiency), abs(found - share))
    print(f"off by {worst:.4f} at most")
    return int(not worst <= 0.01)


def measured(alone: float, sum_seconds: float) -> list[dict[str, Any]]:
    """The rows of a run in a tree of its own."""
    with tempfile.TemporaryDirectory() as folder:
        suites = Path(folder, "suites")
        suites.mkdir()
        shutil.copy(Path(__file__).with_name("sleeping_replicas.py"), suites)
        text = _SUITE.format(seconds=alone / _BATCH, sum=sum_seconds, batch=_BATCH)
        (suites / "sleeping.yaml").write_text(text)
        command = [sys.executable, "-m", "bench", "run", "suites/sleeping.yaml"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return rows(read_all(Path(folder)).records)


if __name__ == "__main__":
    raise SystemExit(main())
