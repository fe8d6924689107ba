"""Kills what a run on a cluster consists of, and looks at what that costs. Not one of the tests: half a minute a kill.

    .venv/bin/python tests/soak/cluster_kills.py --kills 60 --seed 1

Three raylets on this machine are a cluster: the driver's own, and two nodes with a T4, which a stand-in for NVML tells
of. A small suite is run on these two again and again with --resume, each time with seeds of its own. In rotation a
raylet, Ray's worker with the actor, the node's process, a cell and the driver are killed (kill -9), each at a moment
drawn anew. Then:

- every record that was told of is in the journal, none twice, none torn;
- unless the driver was killed, the run ends by itself, with a record of every cell and no traceback, or nothing was run
  where not all nodes were ready yet;
- the node's process, its server and its cells are gone within 15 s, whatever was killed above them.

Exit status 1, with what was found, where one of these does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from tests.run.cluster.clusters import DRIVER, Raylets, card_node, raylets  # noqa: E402
from tests.soak.kills import MARK, alive, children, command, say  # noqa: E402

VICTIMS = ("raylet", "actor", "node", "cell", "driver")
GONE_SECONDS = 15.0
HANG_SECONDS = 300
SEEDS = 2
SUITE = """\
data: {name: synthetic, shape: [24, 24, 3], classes: 5, images: 400, test_images: 10}
models: {one: {network: 'tiny_models:dense'}}
variants: {notebook: {}, uint8: {pixels: uint8}}
batch_sizes: [16]
protocol: {precision: 0.9, max_seconds: 0.5, min_windows: 3, min_seconds: 0, warmup_seconds: 0, window_seconds: 0.02}
"""
CELLS = 2 * SEEDS


class Campaign:
    """One tree and one cluster, and what was found by now."""

    def __init__(self, folder: Path, cluster: Raylets, rng: random.Random) -> None:
        self.tree, self.cluster, self.rng = folder, cluster, rng
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()
        self.told: Counter[str] = Counter()
        self.seed = 0
        (folder / "suites").mkdir()
        (folder / "suites" / "kills.yaml").write_text(SUITE)
        shutil.copy(CHECKOUT / "tests" / "run" / "tiny_models.py", folder / "suites")

    def kill(self, victim: str) -> None:
        """Run, kill one, and judge."""
        said = self.tree / "said"
        seeds = list(range(self.seed, self.seed + SEEDS))
        where = ["--executor", f"ray:{self.cluster.address}", "--on", "gpu=T4", "--nodes", "2"]
        words = ["run", "suites/kills.yaml", *where, "--resume", "--set", f"seeds={seeds}"]
        mark = f"{os.getpid()}-{self.seed}"
        with said.open("wb") as err:
            driver = subprocess.Popen(
                [sys.executable, "-m", "bench", *words],
                cwd=self.tree,
                env={**os.environ, **DRIVER, MARK: mark, "PYTHONPATH": str(CHECKOUT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=err,
            )
        pid, place = self.found(victim, driver)
        began = time.monotonic()
        if pid is not None:
            below = self.below(place)
            os.kill(pid, signal.SIGKILL)
            if victim in ("raylet", "actor", "node", "driver"):
                self.gone(below, victim)
        self.counts[victim if pid is not None else f"{victim}: was over before"] += 1
        self.judge(driver, victim if pid is not None else "nothing", said)
        say(f"{victim:<7} the run ended {time.monotonic() - began:.1f} s later")
        if victim == "raylet" and pid is not None:
            self.cluster.again(place)
        if victim != "driver":
            self.seed += SEEDS

    def found(self, victim: str, driver: subprocess.Popen[bytes]) -> tuple[int | None, int]:
        """The process to be killed, at a moment drawn anew, and its node's place."""
        place = self.rng.choice((1, 2))
        while not (node := self.node_process(place)) and driver.poll() is None:
            time.sleep(0.05)
        time.sleep(self.rng.uniform(0, 20))
        node = self.node_process(place)
        if driver.poll() is not None or not node:
            return None, place
        actor = next(pid for pid in children(self.cluster.pids[place]) if node in children(pid))
        found = {"raylet": self.cluster.pids[place], "actor": actor, "node": node, "driver": driver.pid}
        if victim != "cell":
            return found[victim], place
        while not (cells := self.cells(node)) and driver.poll() is None:
            time.sleep(0.02)
        return (self.rng.choice(cells) if cells else None), place

    def cells(self, node: int) -> list[int]:
        """Those that are alive below the node's process."""
        servers = [pid for guardian in children(node) for pid in children(guardian)]
        return [pid for server in servers for pid in children(server)]

    def node_process(self, place: int) -> int | None:
        """The process of bench's own on the node at this place."""
        workers = children(self.cluster.pids[place])
        found = [pid for worker in workers for pid in children(worker) if b"cluster.node" in command(pid)]
        return found[0] if found else None

    def below(self, place: int) -> list[int]:
        """The node's process, and all that it has started."""
        found = [pid for pid in [self.node_process(place)] if pid is not None]
        for pid in found:
            found += children(pid)
        return found

    def gone(self, pids: list[int], victim: str) -> None:
        deadline = time.monotonic() + GONE_SECONDS
        while (left := [pid for pid in pids if alive(pid)]) and time.monotonic() < deadline:
            time.sleep(0.05)
        if left:
            self.fault(f"{len(left)} processes are left {GONE_SECONDS:g} s after {victim} was killed")

    def judge(self, driver: subprocess.Popen[bytes], victim: str, said: Path) -> None:
        try:
            status = driver.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            self.fault(f"the run hangs after {victim} was killed: {said.read_text()[-2000:]}")
            driver.kill()
            status = driver.wait()
        text = said.read_text()
        if "Traceback" in text:
            self.fault(f"a traceback after {victim} was killed: {text[-3000:]}")
        self.told.update(re.findall(r"^\S+: +\d+/\d+  (\S+)", text, re.MULTILINE))
        kept = self.kept()
        for cell, times in self.told.items():
            if len(kept.get(cell, ())) < times:
                self.fault(f"{times} records of {cell} were told of, and {len(kept.get(cell, ()))} are there")
        for cell, statuses in kept.items():
            if statuses.count("ok") > 1:
                self.fault(f"{cell} has {statuses.count('ok')} good records")
        of_run = [cell for cell in kept if int(cell.rpartition("/s")[2]) >= self.seed]
        if "results under" not in text:  # killed before all nodes were ready: then nothing is run
            self.counts["not begun"] += 1
            if status != 2 and victim != "driver":
                self.fault(f"status {status} of a run that didn't begin: {text[-2000:]}")
        elif victim != "driver" and (status not in (0, 1) or len(of_run) < CELLS):
            self.fault(f"status {status}, {len(of_run)} of {CELLS} cells after {victim} was killed: {text[-2000:]}")

    def kept(self) -> dict[str, list[str]]:
        """The statuses of each cell's records; further processes of one aren't told of, and left out."""
        found: dict[str, list[str]] = {}
        for path in self.tree.glob("results/*/kills.jsonl"):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                try:
                    record = json.loads(line)
                except ValueError:
                    self.fault(f"{path}: line {number} is torn")
                    continue
                if record["turns"] is None or "steps" in record["values"] or record["status"] != "ok":
                    found.setdefault(record["cell"], []).append(record["status"])
        return found

    def fault(self, text: str) -> None:
        self.faults.append(text)
        say(f"FAULT: {text}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        source, library = CHECKOUT / "tests" / "nvml" / "standin.c", Path(folder) / "libnvidia-ml.so.1"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", source, "-o", library], check=True)
        t4 = card_node(folder, "t4", "Tesla T4", "7.5")
        tree = Path(folder) / "tree"
        tree.mkdir()
        with raylets([{"node_name": "head"}, t4, t4 | {"node_name": "other"}]) as cluster:
            campaign = Campaign(tree, cluster, random.Random(arguments.seed))
            for number in range(arguments.kills):
                campaign.kill(VICTIMS[number % len(VICTIMS)])
    for what, count in sorted(campaign.counts.items()):
        say(f"{count:>4}  {what}")
    say(f"{arguments.kills} kills, {sum(campaign.told.values())} records told of, {len(campaign.faults)} faults")
    return 1 if campaign.faults else 0


if __name__ == "__main__":
    sys.exit(main())
