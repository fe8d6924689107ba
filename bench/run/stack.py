"""Asks what the cells will find: TensorFlow, its CUDA libraries and the driver, each in a fresh interpreter."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bench.host.doctor.cuda import library_names
from bench.host.doctor.distributions import Distribution, everything, first_of_each, provider
from bench.host.doctor.stack import PATIENCE_SECONDS, Build, CudaDriver, Framework, Library, SeenGpu, Stack

__all__ = ["ask_stack"]

_TENSORFLOW = "from bench.workload.stack import tell; tell()"
_LINKING = "from bench.host.doctor.linking import tell; tell()"
# the last line of a traceback; where that quotes another one, as TensorFlow's does, the quoted one's stands below
_ERROR = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|Interrupt|Exit)\b(?:: (?!Traceback).*)?$")
_LOGGED_ERROR = re.compile(r"^[EF]\d{4} |^[\d-]+ [\d:.]+: [EF] |^terminate called|^\s+what\(\):|^Fatal")


def ask_stack(environ: Mapping[str, str] | None = None, timeout_seconds: float = PATIENCE_SECONDS) -> Stack:
    """All that stands between the driver and a network, as a cell with this environment (None: our own) finds it.

    Costs an import of TensorFlow, a few seconds, or minutes where it is read from a slow disk for the first time.
    Whatever is broken, a `Stack` comes back, and says how: neither a death nor a hang (each process has
    `timeout_seconds`) reaches the caller.
    """
    environment = _environment(environ)
    paths = [path for path in environment["PYTHONPATH"].split(os.pathsep) if path]
    installed = first_of_each(everything(paths))
    framework = _framework(_ask(_TENSORFLOW, (), environment, timeout_seconds))
    names = library_names(framework.build) if framework.build else ()
    linked = _ask(_LINKING, names, environment, timeout_seconds)
    tensorflow = provider("tensorflow", installed)
    return Stack(
        packages={name: one.version for name, one in installed.items()},
        framework=framework,
        driver=_driver(linked),
        libraries=_libraries(linked, names),
        wanted=_wanted(tensorflow) if tensorflow else (),
    )


@dataclass(frozen=True)
class _Answer:
    """What a process said in answer, what else it printed, and how it ended if not well (`late`: for want of time)."""

    said: tuple[dict[str, Any], ...]
    printed: tuple[str, ...]
    failed: str | None
    late: bool

    def first(self, key: str) -> Any:
        """What it said of `key`, or None."""
        return next((one[key] for one in self.said if key in one), None)


def _environment(environ: Mapping[str, str] | None) -> dict[str, str]:
    """A cell's: modules are found as here, and TensorFlow hides nothing of what it has to say."""
    environ = os.environ if environ is None else environ
    paths = environ.get("PYTHONPATH", "")
    others = [] if paths == os.environ.get("PYTHONPATH", "") else paths.split(os.pathsep)
    return {
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        **environ,
        "KERAS_BACKEND": "tensorflow",
        "PYTHONPATH": os.pathsep.join(filter(None, [*others, *sys.path])),
        "TF_CPP_MIN_LOG_LEVEL": "0",
        "TF_CPP_VMODULE": "dso_loader=1",  # without it the libraries that can't be opened have no name
    }


def _ask(code: str, arguments: Sequence[str], environment: Mapping[str, str], timeout_seconds: float) -> _Answer:
    code = f"from bench.run.process.descendants import die_with_parent; die_with_parent({os.getpid()}); {code}"
    with (
        tempfile.TemporaryFile("w+", errors="replace") as answer,
        tempfile.TemporaryFile("w+", errors="replace") as log,
    ):
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", code, str(answer.fileno()), *arguments],
            pass_fds=[answer.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(environment),
            start_new_session=True,
        )
        late = False
        try:
            how = _ended(process.wait(timeout_seconds))
        except subprocess.TimeoutExpired:
            late, how = True, f"it gave no answer within {timeout_seconds:g} s"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        answer.seek(0)
        log.seek(0)
        said = tuple(_parsed(answer.read().splitlines()))
        printed = tuple(line.rstrip() for line in log.read().splitlines() if line.strip())
    return _Answer(said, printed, None if how is None else _last_words(how, printed), late)


def _parsed(lines: Sequence[str]) -> list[dict[str, Any]]:
    found = []
    for line in lines:
        with suppress(ValueError):  # the last one of a process that died in the middle of it
            found.append(json.loads(line))
    return found


def _ended(status: int) -> str | None:
    if status == 0:
        return None
    if status > 0:
        return f"exit status {status}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-status).name}"
    return f"killed by signal {-status}"


def _last_words(how: str, printed: Sequence[str]) -> str:
    """Why it ended: the error that it raised, or how, and the last that sounds like an error."""
    errors = [line for line in printed if _ERROR.match(line) or _LOGGED_ERROR.search(line)]
    if how.startswith("exit"):
        return errors[-1] if errors else printed[-1] if printed else how
    return f"{how}: {errors[-1]}" if errors else how


def _framework(answer: _Answer) -> Framework:
    version, build, gpus = answer.first("version"), answer.first("build"), answer.first("gpus")
    failed = answer.failed or (None if answer.said else "it said nothing")
    return Framework(
        version=version,
        failed=failed if gpus is None else None,
        late=answer.late,
        file=answer.first("file"),
        build=Build(**{**build, "architectures": tuple(build["architectures"])}) if build else None,
        gpus=tuple(SeenGpu(**gpu) for gpu in gpus or ()),
        keras=answer.first("keras"),
        keras_failed=failed if gpus is not None else None,
        keras_file=answer.first("keras_file"),
        log=answer.printed,
    )


def _driver(answer: _Answer) -> CudaDriver:
    found = answer.first("driver")
    return CudaDriver(**found) if found else CudaDriver(failed=answer.failed or "it said nothing")


def _libraries(answer: _Answer, names: Sequence[str]) -> tuple[Library, ...]:
    found = [Library(**one["library"]) for one in answer.said if "library" in one]
    if answer.late or not answer.first("driver"):
        return ()
    # one that takes the process along is as bad as one that is missing; of those after it nothing is known
    dead = [Library(name, error=answer.failed) for name in names[len(found) : len(found) + 1] if answer.failed]
    return (*found, *dead)


def _wanted(tensorflow: Distribution) -> tuple[str, ...]:
    """What its extra `and-cuda` asks for."""
    found = []
    for text in tensorflow.requires:
        with suppress(InvalidRequirement):
            asked = Requirement(text)
            plain, cuda = (asked.marker is None or asked.marker.evaluate({"extra": one}) for one in ("", "and-cuda"))
            if cuda and not plain:
                found.append(f"{canonicalize_name(asked.name)}{asked.specifier}")
    return tuple(found)
