"""Is the search of `bench tune` worth its while? Really measured, then replayed. Not one of the tests.

    .venv/bin/python tests/soak/tune.py record RECORDED.jsonl --passes 5   # half an hour
    .venv/bin/python tests/soak/tune.py replay RECORDED.jsonl --seeds 10   # seconds
    .venv/bin/python tests/soak/tune.py pasted FOUND.json --budget 180     # a few minutes

`record` measures every candidate of the simple CNN, each interleaved with the baseline; later passes leave out those
that are surely slower. `replay` gives the same processes, and what their starts took, to our search, to Optuna (its TPE
and random samplers, each with the pruner of successive halving) and to Ray Tune's ASHA, and tells how long each takes,
by the recorded times, until its best candidate is, and stays, within 3 % of the truly best, by the medians of all of
its processes. Where something else ran beside the recording, processes differ by more than that: `--calm 0.014` then
draws them anew about the same medians, as they differ on a machine that is left alone. With `--earlier` our search is
replayed once more, led by results of the same network that were measured before, such as `bench run suites/cnn.yaml`
leaves. Optuna and Ray are installed for this alone:

    pip install --target tuners optuna ray
    PYTHONPATH=tuners .venv/bin/python tests/soak/tune.py replay RECORDED.jsonl

`pasted` runs `bench tune` on the simple CNN, unless what it found lies there; then the program that it shows and the
baseline's, one after the other, several times each, and sets the gain beside what was promised.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.analyse.tune.candidate import Candidate, changes
from bench.analyse.tune.search import WINDOWS_COST, Evaluation, Search
from bench.analyse.tune.surrogate import Sample
from bench.host.detect import detect
from bench.report.tune.script import training_script
from bench.results.journal import Journal
from bench.results.query import latest
from bench.results.record import Record
from bench.run.estimate import STARTING
from bench.run.interleaved.groups import GroupRun
from bench.run.interleaved.turns import Servers
from bench.run.prepare import Request, prepared
from bench.run.process.executors import LocalExecutor
from bench.run.tune.earlier import same_work, samples_of
from bench.run.tune.evaluator import Evaluator
from bench.run.tune.request import TuneRequest, tune_suite
from bench.run.tune.space import cell_of, option_space
from bench.suite import load
from bench.suite.cells import Cell
from bench.suite.options import Options
from bench.testing import Listener

CHECKOUT = Path(__file__).resolve().parents[2]
BASELINE = "notebook"
BESIDE = 7
WINDOW = 0.3
"""Seconds of a turn: the unit in which others' rungs are counted."""
UNITS = (2, 8)
"""The least and the most of them that a candidate gets."""
CLOSE = 1.25
"""How many times as long one may take, by its first process, that may yet be the best."""
_POLISHES = 10
LUCK = 0.014


def simple_cnn() -> tuple[TuneRequest, Cell]:
    suite = load(CHECKOUT / "suites/cnn.yaml", ["data={name: synthetic, images: 8500, classes: 100}"])
    cell = next(one for one in suite.cells() if one.model.name == "simple_cnn")
    request = TuneRequest(suite, cell, CHECKOUT, 600.0)
    own = tune_suite(request)
    return replace(request, suite=own), own.cells()[0]


def record(path: Path, passes: int, seconds: float) -> int:
    """Measure every candidate; what a stopped run has measured already isn't measured again."""
    request, cell = simple_cnn()
    executor, journal = LocalExecutor(), Journal(path, Record)
    done = [one.variant for one in journal.read().records if one.variant != BASELINE] if path.exists() else []
    with (
        tempfile.TemporaryDirectory() as root,
        prepared(Request(request.suite, [cell], Path(root), idle_power=False), executor, print) as ready,
        Servers(executor.fork) as servers,
    ):
        space = option_space(cell, ready.setting.hardware)
        planned = {
            one.name: ready.plan(cell_of(cell, one.name, one.options, one.batch_size)) for one in space.candidates
        }
        listener = Listener()
        runs = GroupRun(ready, servers, listener, journal)
        evaluator = Evaluator(ready, runs, planned, BASELINE, f"exhaustive-{len(done)}")
        print(f"{len(space.candidates)} candidates, {len(space.left_out)} left out, {space.folded} folded", flush=True)
        began = time.monotonic()
        for number in range(passes):
            wanted = contenders(space.candidates, path) if number else space.candidates[1:]
            names = [one.name for one in wanted if done.count(one.name) <= number]
            random.Random(number).shuffle(names)
            for start in range(0, len(names), BESIDE):
                some = names[start : start + BESIDE]
                cells = [planned[name] for name in (BASELINE, *some)]
                listener.turns_begin(number, cells)
                evaluator.measure(cells, seconds)
                took = time.monotonic() - began
                print(f"pass {number + 1}: {start + len(some)} of {len(names)}, {took:.0f} s", flush=True)
    return 0


def contenders(space: Sequence[Candidate], path: Path) -> list[Candidate]:
    """Those that later passes measure too: what may be the best, and each option alone, which a search asks for."""
    processes, _ = recorded(path)
    logs = {name: statistics.median(one.mean(len(one.turns)) for one in every) for name, every in processes.items()}
    fast = sorted(logs.values())[len(logs) // 20] + math.log(CLOSE)  # the very first may be luck
    return [one for one in space[1:] if len(changes(one, space[0])) == 1 or logs.get(one.name, -math.inf) <= fast]


@dataclass(frozen=True)
class Process:
    """A recorded process: by turn, the logarithm of its step time, freed of what all that took turns with it share."""

    turns: np.ndarray
    start: float

    def mean(self, units: int) -> float:
        return float(np.median(self.turns[:units]))

    def variance(self, units: int) -> float:
        some = self.turns[:units]
        return float(np.var(some, ddof=1) / len(some)) if len(some) > 1 else 1e-4


def recorded(path: Path) -> tuple[dict[str, list[Process]], float]:
    """Processes by candidate; and the seconds that all took. What a moment of the machine gave all processes alike
    is taken out by median polish (Tukey, 1977): the baseline alone doesn't say it well enough."""
    records = [one for one in Journal(path, Record).read().records if one.ok and one.turns is not None]
    groups: dict[tuple[str, int], list[Record]] = {}
    for one in records:
        groups.setdefault((one.turns.run, one.turns.group), []).append(one)
    found: dict[str, list[Process]] = {}
    seconds = 0.0
    own = dict.fromkeys((one.variant for one in records), 0.0)
    moments = {key: np.zeros(min(len(by_turn(one)) for one in group)) for key, group in groups.items()}
    for _ in range(_POLISHES):
        for key, group in groups.items():
            rest = [by_turn(one)[: len(moments[key])] - own[one.variant] for one in group]
            moments[key] = np.median(rest, axis=0)
        for name in own:
            every = [
                float(np.median(by_turn(one)[: len(moments[key])] - moments[key]))
                for key, group in groups.items()
                for one in group
                if one.variant == name
            ]
            own[name] = float(np.median(every))
    for key, group in groups.items():
        for one in group:
            start = sum(one.stages.get(stage, 0.0) for stage in STARTING)
            turns = by_turn(one)[: len(moments[key])] - moments[key] - own[BASELINE]
            found.setdefault(one.variant, []).append(Process(turns, start))
            seconds += start + WINDOWS_COST * sum(window.seconds for window in one.windows)
    return found, seconds


def by_turn(one: Record) -> np.ndarray:
    length = one.turns.length
    parts = [one.windows[at : at + length] for at in range(0, len(one.windows), length)]
    return np.log([sum(w.seconds for w in part) / sum(w.steps for w in part) for part in parts])


class World:
    """Recorded processes, dealt out in an order of the seed's; each is dealt once before any is dealt again."""

    def __init__(self, processes: Mapping[str, Sequence[Process]], seed: int) -> None:
        self._processes, self._draw = processes, random.Random(seed)
        self._dealt: dict[str, list[Process]] = {}
        self.group = 0

    def deal(self, name: str) -> Process:
        left = self._dealt.setdefault(name, [])
        if not left:
            left += self._draw.sample([*self._processes[name]], len(self._processes[name]))
        return left.pop()

    def evaluate(self, names: Sequence[str], seconds: float) -> Evaluation:
        """As `bench.run.tune.evaluator` does; the baseline's own turns are 0 over itself, and no better known."""
        self.group += 1
        units = max(2, round(seconds / WINDOW))
        dealt = {name: self.deal(name) for name in (BASELINE, *names)}
        cost = sum(one.start + WINDOWS_COST * WINDOW * units for one in dealt.values())
        samples = [Sample(n, self.group, p.mean(units), p.variance(units)) for n, p in dealt.items()] if names else []
        return Evaluation(tuple(samples), {}, cost, len(dealt))


Trace = list[tuple[float, str]]
"""When, in seconds, which candidate was the best by what was known."""


def ours(space: Sequence[Candidate], world: World, budget: float, earlier: Sequence[Sample] = ()) -> Trace:
    trace: Trace = []
    search = Search(space, world.evaluate, LUCK, earlier=earlier)
    search.heard = lambda _rung: trace.append((search.spent, search.best().name))
    search.run(budget)
    return trace


def earlier_samples(results: Path, recorded: Path) -> tuple[Sample, ...]:
    """What a search on the machine of the recording would begin with, were these its results of before."""
    now = [one for one in Journal(recorded, Record).read().records if one.ok]
    before = latest(Journal(results, Record).read().records)
    return samples_of(before, {same_work(one.workload): one.variant for one in now}, now[0].software)


def by_optuna(sampler: str) -> Callable[[Sequence[Candidate], World, float, int], Trace]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def run(space: Sequence[Candidate], world: World, budget: float, seed: int) -> Trace:
        samplers = {"TPE": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}
        pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=UNITS[0], reduction_factor=2)
        study = optuna.create_study(sampler=samplers[sampler](seed=seed), pruner=pruner)
        spent, trace, best = 0.0, [], math.inf
        while spent < budget:
            trial = study.ask()
            name = suggested(trial, space)
            process = world.deal(name)
            spent += process.start
            for units in range(1, UNITS[1] + 1):
                spent += WINDOWS_COST * WINDOW
                trial.report(process.mean(units), units)
                if trial.should_prune():
                    break
            pruned = units < UNITS[1]
            if pruned:
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            else:
                study.tell(trial, process.mean(units))
            if not pruned and process.mean(units) < best:
                best = process.mean(units)
                trace.append((spent, name))
        return trace

    return run


def suggested(trial: Any, space: Sequence[Candidate]) -> str:
    """A candidate, value by value: of each axis only what the values before leave."""
    left = list(space)
    for axis in space[0].settings:
        values = sorted({str(one.settings[axis]) for one in left})
        if len(values) > 1:
            named = f"{axis}: {', '.join(values)}"  # what may be chosen differs with what was chosen before
            chosen = trial.suggest_categorical(named, values)
            left = [one for one in left if str(one.settings[axis]) == chosen]
    return left[0].name


def by_ray(space: Sequence[Candidate], world: World, budget: float, seed: int) -> Trace:
    """Random candidates, each once as long as there are any, stopped by Ray's own scheduler."""
    from ray.tune.schedulers import ASHAScheduler, TrialScheduler

    @dataclass
    class Trial:
        trial_id: str

        def __hash__(self) -> int:
            return hash(self.trial_id)

    asha = ASHAScheduler("units", "log", "min", max_t=UNITS[1], grace_period=UNITS[0], reduction_factor=2)
    draw, order = random.Random(seed), []
    spent, trace, best = 0.0, [], math.inf
    while spent < budget:
        order = order or draw.sample([one.name for one in space], len(space))
        name = order.pop()
        process, trial = world.deal(name), Trial(f"{spent}")
        asha.on_trial_add(None, trial)
        spent += process.start
        for units in range(1, UNITS[1] + 1):
            spent += WINDOWS_COST * WINDOW
            result = {"units": units, "log": process.mean(units)}
            if asha.on_trial_result(None, trial, result) == TrialScheduler.STOP and units < UNITS[1]:
                break
        else:
            if process.mean(units) < best:
                best = process.mean(units)
                trace.append((spent, name))
    return trace


def calm(processes: Mapping[str, Sequence[Process]], share: float) -> dict[str, list[Process]]:
    """Processes about each candidate's median that differ by this share, and their turns by as much."""
    draw, found = np.random.default_rng(0), dict[str, list[Process]]()
    for name, every in processes.items():
        middle = statistics.median(one.mean(len(one.turns)) for one in every)
        start = statistics.median(one.start for one in every)
        lucks = draw.normal(0, share, 8)
        found[name] = [Process(middle + luck + draw.normal(0, share, UNITS[1]), start) for luck in lucks]
    return found


def until_right(trace: Trace, truth: Mapping[str, float], within: float) -> float:
    """Seconds until the best is so near to the truly best, and stays so; infinite where it ends elsewhere."""
    least, found = min(truth.values()), math.inf
    for spent, name in reversed(trace):
        if math.exp(truth[name] - least) > 1 + within:
            break
        found = spent
    return found


def replay(path: Path, seeds: int, budget: float, within: float, share: float | None, results: Path | None) -> int:
    processes, exhaustive = recorded(path)
    if share is not None:
        processes = calm(processes, share)
    _, cell = simple_cnn()
    space = [one for one in option_space(cell, detect()).candidates if one.name in processes]
    truth = {one.name: statistics.median(p.mean(len(p.turns)) for p in processes[one.name]) for one in space}
    counts = [len(processes[one.name]) for one in space[1:]]
    ranked = sorted(truth, key=truth.__getitem__)
    near = sum(math.exp(truth[name] - truth[ranked[0]]) <= 1 + within for name in ranked)
    print(
        f"{len(space)} candidates, {min(counts)} to {max(counts)} processes each; exhaustively {exhaustive:.0f} s; "
        f"best {ranked[0]}, {math.exp(-truth[ranked[0]]):.2f} times as fast; {near} within {within:.0%} of it"
    )
    several = [processes[one.name] for one in space[1:] if len(processes[one.name]) > 1]
    spreads = [statistics.stdev(p.mean(len(p.turns)) for p in every) for every in several] or [math.nan]
    print(f"processes of one candidate differ by {statistics.median(spreads):.2%} (standard deviation, in the median)")
    ways: dict[str, Callable[..., Trace]] = {"ours": lambda space, world, budget, _seed: ours(space, world, budget)}
    if results is not None:
        earlier = [one for one in earlier_samples(results, path) if one.candidate in processes]
        known = len({one.candidate for one in earlier})
        print(f"results of before: {len(earlier)} processes of {known} of the candidates")
        ways["ours, led"] = lambda space, world, budget, _seed: ours(space, world, budget, earlier)
    try:
        ways |= {"Optuna, TPE": by_optuna("TPE"), "Optuna, random": by_optuna("random")}
    except ImportError:
        print("Optuna is not installed")
    try:
        import ray.tune  # noqa: F401

        ways["Ray, ASHA"] = by_ray
    except ImportError:
        print("Ray is not installed")
    for name, way in ways.items():
        longest = budget if name.startswith("ours") else exhaustive
        traces = [way(space, World(processes, seed), longest, seed) for seed in range(seeds)]
        times = sorted(until_right(trace, truth, within) for trace in traces)
        gaps = [math.expm1(truth[trace[-1][1]] - truth[ranked[0]]) for trace in traces]
        ends = statistics.median(trace[-1][0] for trace in traces)
        print(
            f"{name:<15} within {within:.0%} after {statistics.median(times):.0f} s in the median of {seeds} seeds "
            f"({times[0]:.0f} to {times[-1]:.0f}; never: {sum(map(math.isinf, times))}); ends {max(gaps):.1%} off at "
            f"worst; its last word comes after {ends:.0f} s"
        )
    return 0


BEFORE = """
import time
import keras
import numpy as np

images = np.random.default_rng(0).integers(0, 256, (8500, 32, 32, 3), dtype=np.uint8)
labels = np.random.default_rng(1).integers(0, 100, 8500)


def build_model():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"), layers.Flatten(),
        layers.Dense(64, activation="relu"), layers.Dense(100),
        layers.Activation("softmax", dtype="float32"),
    ])
"""
AFTER = """
class Epochs(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        taken.append(time.perf_counter() - self.began)


taken = []
model.fit(dataset, epochs=4, steps_per_epoch=64, callbacks=[Epochs()], verbose=0)
print("epochs", *taken[1:])
"""


def pasted(path: Path, budget: float, rounds: int = 4) -> int:
    """Tell whether the programs differ by as much as was promised."""
    if not path.exists():
        command = [sys.executable, "-m", "bench", "tune", "simple_cnn", "--budget", f"{budget:g}s", "--json"]
        with tempfile.TemporaryDirectory() as root:
            done = subprocess.run([*command, "--root", root], cwd=CHECKOUT, stdout=subprocess.PIPE, check=True)
        path.write_bytes(done.stdout)
    found = json.loads(path.read_text())
    if found["best"] is None:
        print("nothing was found to be faster")
        return 1
    programs = [
        training_script(Options(**one["options"]), one["batch_size"]) for one in (found["baseline"], found["best"])
    ]
    assert programs[1] == found["code"]
    times: list[list[float]] = [[], []]
    for number in range(rounds):
        for side in (0, 1) if number % 2 else (1, 0):
            times[side].append(epoch_seconds(programs[side]))
        print(f"round {number + 1}: {times[0][-1]:.2f} s and {times[1][-1]:.2f} s an epoch", flush=True)
    gains = [math.log(before / after) for before, after in zip(*times, strict=True)]
    half = 2 * statistics.stdev(gains) / math.sqrt(len(gains))
    promised = found["speedup"]
    print(
        f"promised {promised['value']:.2f} ({promised['low']:.2f} to {promised['high']:.2f}); the pasted program is "
        f"{math.exp(statistics.fmean(gains)):.2f} times as fast, give or take {half:.0%}"
    )
    return 0


def epoch_seconds(program: str) -> float:
    """The median epoch of the program, trained on in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", BEFORE + program + AFTER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("epochs "))
    return statistics.median(map(float, line.split()[1:]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("record", "replay", "pasted"))
    parser.add_argument("path", type=Path)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.2, help="windows of each process")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--budget", type=float, default=110.0, help="seconds of our search, or of bench tune")
    parser.add_argument("--within", type=float, default=0.03, help="share of the truly best")
    parser.add_argument(
        "--calm", type=float, metavar="SHARE", help="draw processes anew that differ by no more than this"
    )
    parser.add_argument("--earlier", type=Path, metavar="RESULTS.jsonl", help="what our search begins with, too")
    asked = parser.parse_args()
    if asked.what == "record":
        return record(asked.path, asked.passes, asked.seconds)
    if asked.what == "pasted":
        return pasted(asked.path, asked.budget)
    return replay(asked.path, asked.seeds, asked.budget, asked.within, asked.calm, asked.earlier)


if __name__ == "__main__":
    sys.exit(main())
