"""The package tried in one environment: what installing it changes there, and whether its verbs work."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.matrix.packages import Change, Environment, canonical, next_newer

_SHORT = ("--set", "protocol.max_seconds=1", "--set", "protocol.warmup_seconds=0.2")
_HERE = Path(__file__).resolve().parent
_SUITE = """\
data: digits
models: {simple_cnn: {network: simple_cnn}}
batch_sizes: [16]
variants: {notebook: {}, uint8: {pixels: uint8}}
protocol: {max_seconds: 1, warmup_seconds: 0.2}
train: {epochs: 1}
"""
_TRAINED = ("--set", "train.epochs=2", "--set", "train.keep_weights=true")


class TrialError(Exception):
    """Something isn't as it should be, in one line."""


@dataclass(frozen=True)
class Wanted:
    """An environment to make: its `name`, the `python` it is of (`3.12`), and the `packages` that lie in it.

    `held`: a plain installation would replace something there, so pip is held to what there is.
    """

    name: str
    python: str
    packages: tuple[str, ...]
    held: bool = False

    @property
    def title(self) -> str:
        """Name and Python, which tell it from the others."""
        return f"{self.name}, Python {self.python}"


@dataclass
class Tried:
    """What came of it. `versions` are those before the installation; `failed` says in a line each what went wrong.

    `base` is what the installation did, `plain` what it would have done if pip weren't held to what there is (None: it
    wasn't), `score` what it would do with the extra `score`, and `held` with that and pip held to what there is;
    `named` what the command did that `bench calibrate` names where that extra is missing. None: it didn't come to that.
    `works` are the verbs that did.
    """

    wanted: Wanted
    python: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    unlike: list[str] = field(default_factory=list)
    plain: Change | None = None
    base: Change | None = None
    score: Change | None = None
    held: Change | None = None
    named: Change | None = None
    works: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    day: str = ""

    def to_json(self) -> dict[str, Any]:
        """All of it but the packages that were asked for, which stand in the file of environments."""
        row = asdict(self)
        del row["wanted"]
        return row

    @classmethod
    def from_json(cls, wanted: Wanted, row: Mapping[str, Any]) -> Tried:
        """What `to_json` gave."""
        changes = {
            name: Change(tuple(row[name]["added"]), tuple(row[name]["replaced"])) if row[name] else None
            for name in ("plain", "base", "score", "held", "named")
        }
        return cls(wanted, **{**row, **changes})


def interpreter(version: str) -> Path | None:
    """A Python of that version: on the path, or of pyenv."""
    found = shutil.which(f"python{version}")
    if found and _answers(found, version):
        return Path(found)
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python3"))
    return kept[-1] if kept else None


def _answers(python: str, version: str) -> bool:
    """pyenv lays stand-ins on the path for versions that it hasn't got."""
    done = subprocess.run([python, "--version"], capture_output=True, text=True)
    return done.returncode == 0 and done.stdout.split()[1].startswith(f"{version}.")


def tried(wanted: Wanted, wheel: Path, folder: Path, log: Path, say: Callable[[str], None], score: bool) -> Tried:
    """Make the environment in `folder`, install the wheel, use it; `score`: run AI Benchmark's micro set too."""
    found = Tried(wanted)
    try:
        _Trial(found, wheel, folder, log, say).run(score)
    except TrialError as error:
        found.failed.append(str(error))
        say(f"FAILED: {error}")
    found.day = datetime.now(UTC).date().isoformat()
    return found


class _Trial:
    def __init__(self, found: Tried, wheel: Path, folder: Path, log: Path, say: Callable[[str], None]) -> None:
        self.found, self.wheel, self.say = found, wheel, say
        self.tree, self.there = folder / "tree", Environment(folder / "venv", log)

    def run(self, score: bool) -> None:
        """Everything, until something doesn't work."""
        self.make()
        before = self.found.versions = self.there.versions()
        unfit = self.unfit()
        held = self.constraint(before)
        if self.found.wanted.held:
            self.found.plain = self.would(before, self.wheel)
        self.found.score = self.would(before, f"{self.wheel}[score]")
        self.found.held = self.would(before, f"{self.wheel}[score]", *held)
        self.pip("install", self.wheel, *(held if self.found.wanted.held else ()))
        self.found.base = self.changed("the installation", before)
        if worse := [line for line in self.unfit() if line not in unfit]:
            raise TrialError(f"no longer fits: {'; '.join(worse)}")
        self.use()
        self.extra(score)

    def make(self) -> None:
        """The environment as a user has it."""
        version = self.found.wanted.python
        python = interpreter(version)
        if python is None:
            raise TrialError(f"there is no Python {version} here")
        subprocess.run([python, "-m", "venv", self.there.folder], check=True)
        self.found.python = self.there.run("python", "--version").stdout.split()[1]
        wanted = list(self.found.wanted.packages)
        while True:
            done = self.there.pip("install", "--only-binary=:all:", *wanted)
            if done.returncode == 0:
                return
            another = next_newer(wanted, done.stderr)
            if another is None:
                raise TrialError(f"can't be made: {_last(done.stderr)}")
            wanted, word = another
            self.found.unlike.append(word)
            self.say(word)

    def use(self) -> None:
        """Each verb on a tree of its own."""
        self.verb("init", self.tree, at=None)
        self.verb("run", "suites/digits.yaml", *_SHORT, *_TRAINED)
        two = ("simple_cnn/notebook/*", "simple_cnn/everything/*")
        self.verb("run", "suites/cnn.yaml", *_SHORT, *(word for cell in two for word in ("--only", cell)))
        rows = self.rows()
        if {status for _, status in rows} != {"ok"} or len({cell for cell, _ in rows}) != 3:
            raise TrialError(f"bench run left {rows}")
        self.verb("report", shows="## ")
        self.verb("evaluate", "/digits", shows="test")
        self.verb("describe", "simple_cnn")
        self.verb("hosts", shows="colab-t4")
        self.verb("doctor", shows="score")
        gate = ("--bench-suite", "suites/digits.yaml", "--bench-replay", self.journals()[-1])
        self.check("pytest", self.there.run("python", "-m", "pytest", *gate, cwd=self.tree), 0, "1 passed")
        if {"ipykernel", "nbclient"} <= {*self.found.versions}:
            self.notebook()

    def notebook(self) -> None:
        """The notebook of the course, in a kernel of this environment."""
        (self.tree / "suites" / "mine.yaml").write_text(_SUITE)
        command = ("python", _HERE / "notebook.py", _HERE.parents[1] / "notebooks" / "colab.ipynb", "suites/mine.yaml")
        self.check("notebook", self.there.run(*command, cwd=self.tree), 0, "packed: ")

    def extra(self, score: bool) -> None:
        """What `bench calibrate` says without the extra, and whether that is true."""
        done = self.there.run("bench", "calibrate", cwd=self.tree)
        self.check("calibrate", done, 2, "the extra `score`")
        command = done.stderr.strip().rpartition("; ")[2]
        if " -m pip install " not in command or len(done.stderr.strip().splitlines()) != 1:
            raise TrialError(f"bench calibrate names no command in one line: {done.stderr}")
        before = self.there.versions()
        self.pip(*shlex.split(command)[3:])
        self.found.named = self.changed(f"`{command}`", before)
        if score:
            self.verb("calibrate", "--quick")

    def verb(self, *words: object, at: Path | None = Path(), shows: str = "") -> None:
        cwd = None if at is None else self.tree
        self.check(str(words[0]), self.there.run("bench", *words, cwd=cwd), 0, shows)

    def check(self, name: str, done: subprocess.CompletedProcess[str], status: int, shows: str) -> None:
        said = done.stdout + done.stderr
        if done.returncode != status or shows not in said or "Traceback" in said:
            raise TrialError(f"{name}: exit status {done.returncode}: {_last(said)}")
        if name not in self.found.works:
            self.found.works.append(name)
        self.say(f"{name}: as it should be")

    def pip(self, *words: object) -> None:
        done = self.there.pip(*words)
        if done.returncode:
            raise TrialError(f"pip {words[0]}: {_last(done.stderr)}")

    def constraint(self, versions: Mapping[str, str]) -> tuple[str, Path]:
        """What holds pip to the versions that are there."""
        file = self.tree.parent / "there.txt"
        file.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()))
        return "--constraint", file

    def would(self, before: Mapping[str, str], *words: object) -> Change:
        """What `pip install` of these would do."""
        report = self.tree.parent / "report.json"
        self.pip("install", "--dry-run", "--quiet", "--report", report, *words)
        planned = [one["metadata"] for one in json.loads(report.read_text())["install"]]
        after = dict(before) | {canonical(one["name"]): str(one["version"]) for one in planned}
        return Change.between(before, after)

    def changed(self, by: str, before: Mapping[str, str]) -> Change:
        """What became of the environment, which is to have grown and no more."""
        change = Change.between(before, self.there.versions())
        self.say(f"{by}: {len(change.added)} added, replaced: {', '.join(change.replaced) or 'none'}")
        if change.replaced:
            raise TrialError(f"{by} replaced {', '.join(change.replaced)}")
        return change

    def unfit(self) -> list[str]:
        done = self.there.pip("check")
        return done.stdout.splitlines() if done.returncode else []

    def journals(self) -> list[Path]:
        return sorted(self.tree.glob("results/*/*.jsonl"))

    def rows(self) -> list[tuple[str, str]]:
        lines: list[Mapping[str, Any]] = [
            json.loads(line) for file in self.journals() for line in file.read_text().splitlines()
        ]
        return [(line["cell"], line["status"]) for line in lines]


def _last(said: str) -> str:
    lines: Sequence[str] = [line for line in said.strip().splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\w*Error\b|ERROR", line)]
    return (errors or lines or ["nothing was said"])[-1].strip()[:300]


def progress(name: str) -> Callable[[str], None]:
    """Lines on standard error, each with the environment's name."""

    def say(text: str) -> None:
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {name}: {text}\n")
        sys.stderr.flush()

    return say
