"""What pip says of an environment, and what changed in it."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_OURS = "bench-harness"

_NOT_TO_BE_HAD = re.compile(
    r"Could not find a version that satisfies the requirement (?P<name>[\w.-]+)==(?P<version>\S+) "
    r"\(from versions: (?P<there>[^)]*)\)"
)


def canonical(name: str) -> str:
    """A package's name as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def frozen(lines: Iterable[str]) -> dict[str, str]:
    """The versions of `pip freeze --all` by canonical name; what was installed from a file has the file for one."""
    found = {}
    for line in lines:
        match = re.fullmatch(r"\s*([\w.-]+)(?:==| @ )(\S+)\s*", line)
        if match:
            found[canonical(match[1])] = match[2]
    return found


@dataclass(frozen=True)
class Change:
    """What an installation did: `added` and `replaced` name packages as `name version` and `name old → new`."""

    added: tuple[str, ...]
    replaced: tuple[str, ...]

    @classmethod
    def between(cls, before: Mapping[str, str], after: Mapping[str, str]) -> Change:
        """What became of an environment, beside ourselves. A package that is gone is replaced by none."""
        gone = tuple(
            f"{name} {version} → {after.get(name, 'none')}"
            for name, version in before.items()
            if after.get(name) != version
        )
        new = (f"{name} {version}" for name, version in after.items() if name not in before and name != _OURS)
        return cls(tuple(new), gone)


def oldest(setup: Path) -> list[str]:
    """Each requirement of a `setup.cfg` at the oldest version that it takes: `numpy >= 1.26` as `numpy==1.26`."""
    settings = configparser.ConfigParser()
    settings.read(setup)
    wanted = settings["options"]["install_requires"].split("\n")
    return [re.sub(r"\s*>=\s*", "==", line.strip()) for line in wanted if line.strip()]


def next_newer(wanted: Sequence[str], said: str) -> tuple[list[str], str] | None:
    """`wanted` with the one that pip couldn't find (by what it `said`) at the next newer version, and a word on that.

    None where pip complains of something else, or has no newer one.
    """
    match = _NOT_TO_BE_HAD.search(said)
    if match is None:
        return None
    name, version = canonical(match["name"]), match["version"]
    there = [one.strip() for one in match["there"].split(",") if re.fullmatch(r"\s*\d+(\.\d+)*\s*", one)]
    newer = sorted((one for one in there if _number(one) > _number(version)), key=_number)
    if not newer:
        return None
    found = [f"{name}=={newer[0]}" if canonical(one.partition("==")[0]) == name else one for one in wanted]
    return found, f"{name} {newer[0]}, for {version} can't be had"


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _environment() -> dict[str, str]:
    """Nothing of whoever runs this reaches in, and bytecode is left to be made of what is imported."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("BENCH_", "PYTHON", "VIRTUAL_ENV"))
    }
    return {**kept, "PIP_NO_COMPILE": "1", "PYTHONNOUSERSITE": "1"}


class Environment:
    """A virtual environment in `folder`, and its pip."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder, self.log = folder, log

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(self, *words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A command of the environment (its first word lies in `bin`), what it says kept in the log too."""
        command = [str(self.folder / "bin" / str(words[0])), *map(str, words[1:])]
        done = subprocess.run(
            command, cwd=cwd, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        with self.log.open("a") as log:
            log.write(f"$ {' '.join(command)}\n{done.stdout}{done.stderr}exit status {done.returncode}\n\n")
        return done

    def pip(self, *words: object) -> subprocess.CompletedProcess[str]:
        return self.run("python", "-m", "pip", "--disable-pip-version-check", *words)

    def versions(self) -> dict[str, str]:
        """What is installed, by canonical name."""
        return frozen(self.pip("freeze", "--all").stdout.splitlines())
