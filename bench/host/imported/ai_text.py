"""What AI Benchmark 0.1.2 prints of a run, as people paste it from their terminals and notebooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.errors import Fault, InputError
from bench.host.imported.found import Found, origin, short
from bench.host.profile import Published
from bench.results.ai_benchmark import AiScores, Part

__all__ = ["is_ai_text", "read_ai_text"]

_SCORES: Final = {"Inference": "inference", "Training": "training", "AI": "ai"}
_FACTS: Final = {"TF Version": "tensorflow", "CUDA Version": "cuda", "Platform": "platform"}
_NOTHING: Final = ("", "N/A", "None")
_MOST_TESTS = 100
"""It has 42, and one that says otherwise isn't it."""
_MOST_FAULTS = 20
_LONGEST = 1000
"""Characters of a line that are looked at."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_BEGINS = re.compile(r">>[ \t]{1,9}AI-Benchmark-v")
_FACT = re.compile(r"^\s*\*\s+(TF Version|Platform|CPU RAM|CPU|GPU/\d+|GPU RAM|CUDA Version|CUDA Build):(.*)$")
_SECTION = re.compile(r"^\s*(\d{1,2})/\d{1,2}\.\s+(\S.*)$")
_TEST = re.compile(r"^\s*(\d{1,2})\.(\d{1,2})\s+-\s+(inference|training)\s+\|(.*)$")
# the plus-minus sign is replaced by ", std:" where a terminal can't show it, and mangled by others
_TIME = re.compile(
    r"^\s*batch=(\d{1,6}),\s+size=(\d{1,6})x(\d{1,6}):\s+(\d{1,9}(?:\.\d{1,9})?)\s*"
    r"(?:ms, std:|\W{1,3}|Â±)\s*[\d.]*\s*ms"
)
_LISTED = re.compile(r"^\d{1,2}\.\d{1,2} - (inference|training) ?\| batch=", re.MULTILINE)
_SCORE = re.compile(r"Device (Inference|Training|AI) Score:(.*)$")


def is_ai_text(text: str) -> bool:
    """Does it look like what AI Benchmark prints?"""
    return any(found.search(text) for found in (_BEGINS, _SCORE, _LISTED))


def read_ai_text(text: str, file: Path) -> Found:
    """The machine and its scores. Raises InputError with every line that is damaged, and where there is no score, or
    there are several runs."""
    run = _Run(file)
    for number, line in enumerate(text.splitlines(), 1):
        run.take(number, _COLOURS.sub("", line[:_LONGEST]))
    scores = run.scores()
    if run.faults:
        raise InputError(*run.faults)
    gpus = [short(name) for key, name in run.facts.items() if key.startswith("GPU/")]
    cpu = run.facts.get("CPU")
    published = Published(
        source=origin(file),
        gpu_name=gpus[0] if gpus else None,
        cpu=short(cpu) if cpu else None,
        software={_FACTS[key]: short(value) for key, value in run.facts.items() if key in _FACTS},
        ai_score=scores.ai,
        inference_score=None if run.is_micro else scores.inference,
        training_score=scores.training,
        milliseconds=run.milliseconds,
    )
    return Found(file, published, tuple(_taken(published)), tuple(run.left(gpus)))


@dataclass
class _Run:
    """A run's lines so far."""

    file: Path
    facts: dict[str, str] = field(default_factory=dict)
    milliseconds: dict[str, float] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _found: dict[str, tuple[int, int]] = field(default_factory=dict)
    _networks: dict[str, str] = field(default_factory=dict)
    _begun: int | None = None
    _batches: set[str] = field(default_factory=set)
    _too_short: int = 0

    @property
    def is_micro(self) -> bool:
        """Are all of its tests single images? Then its score is of the micro set, whose tests are others, though it is
        printed as that of inference is."""
        return self._batches == {"1"} and "AI" not in self._found

    def take(self, number: int, line: str) -> None:
        if _BEGINS.search(line):
            if self._begun is not None:
                self._fault(number, "another run begins here", "one run a file")
            self._begun = number
        elif fact := _FACT.match(line):
            value = fact[2].strip()
            if value not in _NOTHING:
                self.facts.setdefault(fact[1], value)
        elif section := _SECTION.match(line):
            self._networks[section[1]] = short(section[2])
        elif test := _TEST.match(line):
            self._test(number, test)
        elif score := _SCORE.search(line):
            self._score(number, score[1], score[2].strip())

    def scores(self) -> AiScores:
        """All of its scores, with a fault where there is none, or they don't make a whole."""
        found = {_SCORES[name]: value for name, (value, _) in self._found.items()}
        if not self._found and not self.faults:
            hint = "a run prints its scores last: one that was interrupted has none"
            self._fault(None, "holds no `Device … Score:` of AI Benchmark", hint)
        whole = found.get("inference"), found.get("training"), found.get("ai")
        if "AI" in self._found and None not in whole and whole[0] + whole[1] != whole[2]:  # type: ignore[operator]
            what = f"the AI-Score {whole[2]:,} is not the sum of its parts, {whole[0]:,} and {whole[1]:,}"
            self._fault(self._found["AI"][1], what, "AI Benchmark's always is: paste what it printed as it was")
        return AiScores(**found)

    def left(self, gpus: list[str]) -> Iterator[str]:
        """What is not taken, and why."""
        if self.is_micro:
            yield "its score: it is of the micro set, and no inference score to stand beside others"
        if len(gpus) > 1:
            yield f"{', '.join(gpus[1:])}: AI Benchmark computes on the first GPU alone"
        if self._too_short:
            yield f"{self._too_short} tests of 0 ms: they take less than AI Benchmark's clock shows"
        if ("CPU RAM" in self.facts) or ("GPU RAM" in self.facts):
            yield "sizes of memory: rounded, and of what was free"

    def _test(self, number: int, test: re.Match[str]) -> None:
        network, part = self._networks.get(test[1], f"test {test[1]}"), test[3]
        assert part in ("inference", "training")
        which: Part = part  # type: ignore[assignment]
        time = _TIME.match(test[4])
        if time is None:
            hint = "batch=50, size=224x224: 38.5 ± 0.6 ms is what AI Benchmark prints"
            self._fault(number, f"the time of test {test[1]}.{test[2]} can't be read", hint)
            return
        self._batches.add(time[1])
        milliseconds = float(time[4])
        if milliseconds == 0:
            self._too_short += 1
            return
        name = f"{network} {which} {'×'.join(time.group(1, 2, 3))}"
        if name in self.milliseconds and self.milliseconds[name] != milliseconds:
            name = f"{name} ({test[1]}.{test[2]})"
        self.milliseconds[name] = milliseconds
        if len(self.milliseconds) == _MOST_TESTS:
            self._fault(number, f"this is the {_MOST_TESTS}th test, and AI Benchmark has 42", "one run a file")

    def _score(self, number: int, which: str, text: str) -> None:
        value = int(text) if re.fullmatch(r"\d{1,9}", text) else 0
        if not value:
            self._fault(number, f"the {which} score is {short(text) or 'empty'}", "a whole number above 0 is wanted")
        elif which in self._found and self._found[which][0] != value:
            self._fault(number, f"a second {which} score, after that in line {self._found[which][1]}", "one run a file")
        else:
            self._found[which] = value, number

    def _fault(self, number: int | None, what: str, hint: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(Fault(what, hint, self.file, number))


def _taken(published: Published) -> Iterator[str]:
    parts = [
        f"{name} {score:,}"
        for name, score in (
            ("AI-Score", published.ai_score),
            ("inference", published.inference_score),
            ("training", published.training_score),
        )
        if score is not None
    ]
    if parts:
        yield ", ".join(parts)
    if published.milliseconds:
        yield f"times of {len(published.milliseconds)} of AI Benchmark's tests"
