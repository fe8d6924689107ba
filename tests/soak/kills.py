"""Kills runs at any moment, and looks at what that costs. Not one of the tests: it takes some 20 minutes.

    .venv/bin/python tests/soak/kills.py --kills 100 --seed 1

A small suite is run again and again with --resume: cells that are timed, and cells that train with a checkpoint after
each epoch. All of them start a daemon in a session of its own. In rotation the fork server, a cell, the server's
guardian and the parent are killed (kill -9) while busy loops take the processors, each at a moment drawn anew: half of
them after the kill before, the others once a cell is at work. Then:

- every record that was told of is in the journal, none twice, none torn but for one that the next run sets aside;
- what was below the process that was killed is gone within 5 s, in sessions of its own too;
- unless the parent was killed, the run goes on to its end, with a record of every cell and no traceback;
- in the end, after one run that nobody disturbed, TMPDIR is empty, and there is neither a log that no record names nor
  a checkpoint.

Exit status 1, with what was found, where one of these does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
MARK = "BENCH_SOAK_RUN"
VICTIMS = ("server", "cell", "guardian", "parent")
ORPHAN_SECONDS = 5.0
HANG_SECONDS = 600
SEEDS = 3
"""Of each run, for two models."""

SUITE = """\
data: {name: digits}
models:
  timed: {network: 'own:build'}
  trained: {network: 'own:build', train: {epochs: 6, steps_per_epoch: 10, keep_weights: true}}
variants: [notebook]
batch_sizes: [32]
protocol: {precision: 0.9, max_seconds: 0.5, min_windows: 3, min_seconds: 0.3, warmup_seconds: 0, window_seconds: 0.02}
"""
OWN = """\
import os
import subprocess

import keras
from keras import layers


def build(input_shape, classes):
    if os.fork() == 0:  # a daemon: its parent goes at once
        subprocess.Popen(["sleep", "600"], start_new_session=True)
        os._exit(0)
    return keras.Sequential(
        [keras.Input(input_shape), layers.Flatten(), layers.Dense(classes, activation="softmax")]
    )
"""


@dataclass
class Campaign:
    """One tree, one private TMPDIR, and what was found by now."""

    folder: Path
    rng: random.Random
    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    slowest_end: float = 0.0
    wait: float = 0.0
    seed: int = 0
    told: list[str] = field(default_factory=list)
    running: Running | None = None

    def __post_init__(self) -> None:
        self.tree, self.tmp = self.folder / "tree", self.folder / "tmp"
        for folder in (self.tree / "suites", self.tmp):
            folder.mkdir(parents=True)
        (self.tree / "suites" / "kills.yaml").write_text(SUITE)
        (self.tree / "suites" / "own.py").write_text(OWN)

    # a run

    def start(self) -> Running:
        """A run of what isn't measured yet; all of its processes carry a mark."""
        self.counts["runs"] += 1
        mark = f"{os.getpid()}-{self.counts['runs']}"
        seeds = list(range(self.seed, self.seed + SEEDS))
        arguments = ["run", "suites/kills.yaml", "--host", "soak", "--resume", "--set", f"seeds={seeds}"]
        with (self.folder / "said").open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "bench", *arguments],
                cwd=self.tree,
                env={
                    **os.environ,
                    MARK: mark,
                    "TMPDIR": str(self.tmp),
                    "PYTHONPATH": str(CHECKOUT),
                    "TF_CPP_MIN_LOG_LEVEL": "2",
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
        self.running = Running(process, mark)
        return self.running

    def undisturbed(self) -> float:
        """A run to its end; gives its seconds."""
        began = time.monotonic()
        running = self.start()
        self.ended(running, "nothing")
        return time.monotonic() - began

    def said(self) -> str:
        return (self.folder / "said").read_text(errors="replace")

    # kills

    def kills(self, number: int) -> None:
        """So many, a line each."""
        running, killed = self.start(), "nothing"
        for place in range(number):
            victim = VICTIMS[place % len(VICTIMS)]
            wait, at_work = self.rng.uniform(0, self.wait), self.rng.random() < 0.5
            moment = None if at_work else time.monotonic() + wait
            while moment is None or time.monotonic() < moment or (pid := running.find(victim)) is None:
                if moment is None and running.find("cell"):
                    moment = time.monotonic() + wait
                if running.process.poll() is not None:  # all is measured: on with the next seeds
                    self.ended(running, killed)
                    running, killed = self.start(), "nothing"
                time.sleep(0.01)
            stage = "a cell at work" if running.find("cell") else "no cell at work"
            below = running.below(victim, pid)
            os.kill(pid, signal.SIGKILL)
            killed = victim
            seconds = self.gone(below, victim)
            self.counts[f"killed: {victim}, {stage}"] += 1
            say(f"{place + 1:>4}  {victim:<9} {stage:<16} {len(below)} processes gone after {seconds:.2f} s")
            if victim == "parent":
                self.ended(running, victim)
                running, killed = self.start(), "nothing"
        self.ended(running, killed)

    def gone(self, pids: list[int], victim: str) -> float:
        """How long it takes until they are gone."""
        began = time.monotonic()
        while (left := [pid for pid in pids if alive(pid)]) and time.monotonic() - began < ORPHAN_SECONDS:
            time.sleep(0.01)
        seconds = time.monotonic() - began
        self.slowest_end = max(self.slowest_end, seconds)
        if left:
            self.counts["orphans"] += len(left)
            self.fault(f"{len(left)} processes are left {ORPHAN_SECONDS:g} s after {victim} was killed: {left}")
        return seconds

    def ended(self, running: Running, victim: str) -> None:
        """What is to be said of a run's end."""
        try:
            status = running.process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            self.fault(f"the run hangs after {victim} was killed: {self.said()[-2000:]}")
            running.process.kill()
            status = running.process.wait()
        self.gone(marked(running.mark), victim)
        said = self.said()
        if "Traceback" in said:
            self.fault(f"a traceback after {victim} was killed: {said[-3000:]}")
        records = self.journal()
        if victim != "parent":
            of_run = {key for key in records if key[0] >= self.seed}
            if status not in (0, 1) or len(of_run) != 2 * SEEDS:
                self.fault(f"status {status} and {len(of_run)} cells with a record after {victim} died: {said[-2000:]}")
        self.counts["torn lines set aside"] += len(re.findall("its last line was torn", said))
        self.counts["told: folders of killed runs removed"] += len(re.findall("removed .* that killed runs", said))
        self.counts["told: logs of killed runs removed"] += len(re.findall("removed .* of killed runs", said))
        self.told += re.findall(r"^ *\d+/\d+  (\S+)", said, re.MULTILINE)
        self.check(records)

    def check(self, records: dict[tuple[int, str], list[str]]) -> None:
        """Is every record there that was told of, and once?"""
        kept = Counter(cell for (_, cell), statuses in records.items() for _ in statuses)
        for cell, times in Counter(self.told).items():
            if kept[cell] < times:
                self.fault(f"{times} records of {cell} were told of, and {kept[cell]} are there")
        for key, statuses in records.items():
            if statuses.count("ok") > 1:
                self.fault(f"{key} has {statuses.count('ok')} good records")
        good = [key for key, statuses in records.items() if "ok" in statuses and key[0] >= self.seed]
        if len(good) == 2 * SEEDS:
            self.seed += SEEDS

    def journal(self) -> dict[tuple[int, str], list[str]]:
        """The statuses of each cell's records, by seed and cell."""
        found: dict[tuple[int, str], list[str]] = {}
        path = self.tree / "results" / "soak" / "kills.jsonl"
        lines = path.read_bytes().split(b"\n") if path.exists() else []
        for place, line in enumerate(lines):
            if not line:
                continue
            try:
                record = json.loads(line)
            except ValueError:
                if place < len(lines) - 1:
                    self.fault(f"line {place + 1} of the journal is torn")
                continue
            found.setdefault((record["seed"], record["cell"]), []).append(record["status"])
        return found

    def leftovers(self) -> None:
        """What there must not be after an undisturbed run."""
        for path in self.tmp.iterdir():
            self.fault(f"left in TMPDIR: {path.name}")
        results = self.tree / "results" / "soak"
        named = (results / "kills.jsonl").read_text()
        for log in results.glob("logs/*/*"):
            if log.name not in named:
                self.fault(f"a log that no record names: {log.name}")
        for path in (*results.glob("checkpoints/*/*"), *results.rglob("*.new*"), *results.parent.glob(".bench-*")):
            self.fault(f"left among the results: {path}")

    def fault(self, text: str) -> None:
        self.faults.append(text)
        say(f"FAULT: {text}")


@dataclass
class Running:
    """A run under way."""

    process: subprocess.Popen[bytes]
    mark: str

    def find(self, victim: str) -> int | None:
        """The number of the process that is called so; None where it isn't there now."""
        if victim == "parent":
            return self.process.pid if self.process.poll() is None else None
        for guardian in children(self.process.pid):
            for server in children(guardian) if b"bench.run.process.server" in command(guardian) else ():
                if victim != "cell":
                    return guardian if victim == "guardian" else server
                for cell in children(server):
                    if "/logs/" in printing_to(cell):
                        return cell
        return None

    def below(self, victim: str, pid: int) -> list[int]:
        """All that is to end with it."""
        if victim != "cell":
            return [one for one in marked(self.mark) if victim == "parent" or one != self.process.pid]
        found = [pid]
        for one in found:
            found += children(one)
        return found


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def alive(pid: int) -> bool:
    """Is it more than an entry that waits to be read?"""
    return text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[:1] not in ([], ["Z"])


def children(pid: int) -> list[int]:
    return [int(one) for path in tasks(pid) for one in text(path / "children").split()]


def tasks(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").glob("*"))


def text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def printing_to(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/fd/1").readlink())
    except OSError:
        return ""


def marked(mark: str) -> list[int]:
    """The processes that carry the mark in their environment, and live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--busy", type=int, default=2, help="busy loops beside it")
    parser.add_argument("--wait", type=float, help="seconds between kills at most (else a quarter of a whole run)")
    arguments = parser.parse_args()
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(arguments.busy)]
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            campaign = Campaign(Path(folder), random.Random(arguments.seed))
            try:
                seconds = campaign.undisturbed()
                campaign.wait = arguments.wait or seconds / 4
                say(f"an undisturbed run takes {seconds:.1f} s; up to {campaign.wait:.1f} s between two kills")
                campaign.kills(arguments.kills)
                campaign.undisturbed()
                campaign.leftovers()
                records = campaign.journal()
            finally:
                if campaign.running is not None:
                    campaign.running.process.kill()
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    statuses = Counter(status for of_cell in records.values() for status in of_cell)
    rows = {
        "minutes": f"{(time.monotonic() - began) / 60:.1f}",
        **{name: str(count) for name, count in sorted(campaign.counts.items())},
        **{f"records that are {status}": str(count) for status, count in sorted(statuses.items())},
        "records told of": str(len(campaign.told)),
        "slowest end of all processes": f"{campaign.slowest_end:.2f} s",
        "faults": str(len(campaign.faults)),
    }
    say("\n".join(f"| {name} | {value} |" for name, value in rows.items()))
    return 1 if campaign.faults else 0


if __name__ == "__main__":
    sys.exit(main())
