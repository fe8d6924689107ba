"""Made-up machines, on which it is known what each candidate takes."""

from __future__ import annotations

import itertools
import math
import random

from bench.analyse.tune.candidate import Candidate
from bench.analyse.tune.search import Evaluation
from bench.analyse.tune.surrogate import Sample

AXES = {
    "pixels": ("float64", "float32", "uint8"),
    "loader": ("plain", "map", "map+cache"),
    "prefetch": ("autotune", 2),
    "precision": ("float32", "bfloat16"),
    "xla": ("off", "on"),
    "steps_per_execution": (1, 8),
}


def space(axes=AXES):
    """The whole product, the baseline first: 144 candidates."""
    found = []
    for values in itertools.product(*axes.values()):
        settings = dict(zip(axes, values, strict=True))
        changed = [f"{name}={value}" for name, value in settings.items() if value != axes[name][0]]
        found.append(Candidate("+".join(changed) or "base", settings))
    return found


class World:
    """Each candidate takes `seconds(settings)` a step, whose logarithm processes differ in by `luck` and windows of a
    second by `noise`; a start takes `start` seconds. Those in `failing` fail. `log` is what was asked for."""

    def __init__(self, seconds, seed=0, luck=0.014, noise=0.02, start=2.0, failing=()):
        self.space = space()
        self.seconds, self.luck, self.noise, self.start, self.failing = seconds, luck, noise, start, failing
        self.log = []
        self._draw = random.Random(seed)
        self._by_name = {one.name: one for one in self.space}
        self._group = 0

    def __call__(self, names, seconds):
        self._group += 1
        self.log.append((tuple(names), seconds))
        drift = self._draw.gauss(0, 0.2)
        every = ("base", *names)
        variance = self.noise**2 / seconds
        samples = [
            Sample(name, self._group, self._take(name, variance) + drift, variance)
            for name in every
            if name not in self.failing
        ]
        failed = {name: "out of memory" for name in every if name in self.failing}
        cost = len(every) * (self.start + 1.5 * seconds)
        return Evaluation(tuple(samples) if names else (), failed, cost, len(every))

    def _take(self, name, variance):
        wide = math.hypot(self.luck, math.sqrt(variance))
        return math.log(self.seconds(self._by_name[name].settings)) + self._draw.gauss(0, wide)

    def lost(self, candidate):
        """By what share the candidate is slower than the best of those that don't fail."""
        every = [self.seconds(one.settings) for one in self.space if one.name not in self.failing]
        return self.seconds(candidate.settings) / min(every) - 1


def product(factors):
    """Options that multiply: of the values that `factors` names, each by its own."""
    return lambda settings: math.prod(factors.get(value, 1.0) for value in settings.values())


CPU = product({"bfloat16": 0.65, "on": 2.0, "float32": 1.0, "uint8": 0.95, "map": 1.05, "map+cache": 0.98, 8: 0.96})
"""As a processor of two cores has it."""


def gpu(settings):
    """As a card has it: the step hides the pipeline, until it is so fast that it waits for it."""
    step = 10 * product({"bfloat16": 0.6, "on": 0.8, 8: 0.85})(settings)
    pipeline = 6 * product({"float32": 0.7, "uint8": 0.4, "map": 1.3, "map+cache": 0.6})(
        {name: settings[name] for name in ("pixels", "loader")}
    )
    return max(step, pipeline) + 0.2 * min(step, pipeline)


def together(settings):
    """Two options that cost alone, and gain together."""
    on = (settings["xla"] == "on", settings["steps_per_execution"] == 8)
    return {(False, False): 1.0, (True, False): 1.1, (False, True): 1.05, (True, True): 0.7}[on] * CPU(
        settings | {"xla": "off"}
    )
