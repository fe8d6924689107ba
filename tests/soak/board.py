"""What the board of a large class takes, beside a plain loop that reads the same lines.

    python tests/soak/board.py --teams 300 --cells 200

Plants a tree of so many teams with so many records each, a half of them trained, then times `bench board` with its
pages and a loop of `json.loads`, in turns. It prints seconds, their ratio and the most memory, and judges nothing.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.results.journal import journal_path
from tests.course_tree import SUITE
from tests.records import T4, make_data, make_record, make_trained

HOST = "tesla-t4"
LOOP = """
import json, sys
from pathlib import Path
for path in Path(sys.argv[1]).rglob("*.jsonl"):
    with path.open("rb") as lines:
        for line in lines:
            json.loads(line)
"""


def plant(root: Path, teams: int, cells: int) -> None:
    """The same records for each team but for its name: what they say makes no difference to the time."""
    data, values = make_data(name="cifar10", requested="cifar10"), {"trainable_params": 45_000}
    fields = {"host": HOST, "team": "TEAM", "device": T4}
    records = [
        *(
            make_trained(f"net-{i}", test=0.5 + i / cells / 2, suite="mine", data=data, values=values, **fields)
            for i in range(cells // 2)
        ),
        *(make_record(f"net-{i}", **fields) for i in range(cells - cells // 2)),
    ]
    for suite in ("mine", "cnn"):
        lines = "".join(f"{one.model_dump_json()}\n" for one in records if one.suite == suite)
        for team in range(teams):
            path = journal_path(root, HOST, suite, f"{team:03d}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(lines.replace('"TEAM"', f'"{team:03d}"'))
    suite = SUITE.replace("20*(accuracy-min)/(max-min)", "divide(20*(accuracy-min), max-min, 20)")
    (root / "mine.yaml").write_text(suite)


def seconds(*command: str) -> float:
    """Wall seconds of a command that must end well."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return time.perf_counter() - began


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--teams", type=int, default=300)
    arguments.add_argument("--cells", type=int, default=200, help="records of each team")
    arguments.add_argument("--times", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        plant(root, given.teams, given.cells)
        ours = (sys.executable, "-m", "bench", "board", str(root / "mine.yaml"), "--root", folder)
        boards, loops = [], []
        for _ in range(given.times):
            boards.append(seconds(*ours, "--out", str(root / "pages")))
            loops.append(seconds(sys.executable, "-c", LOOP, str(root / "results")))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10
    board, loop = statistics.median(boards), statistics.median(loops)
    print(f"{given.teams} teams of {given.cells} records: board {board:.1f} s, loop {loop:.1f} s")
    print(f"ratio {board / loop:.2f}, most memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
