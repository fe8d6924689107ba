"""AI Benchmark's tests as its own file lists them, and lines of its journal as a run would leave them."""

import math
import runpy
from importlib.util import find_spec
from pathlib import Path

from bench.host.device import Device
from bench.host.hardware import Hardware
from bench.host.profile import HostProfile
from bench.results.ai_benchmark import AiLine, AiResult, AiTest, ai_benchmark_path
from bench.results.journal import Journal
from bench.run.machine import Machine

RUN = "2026-01-05T10:00:00+00:00"
SOFTWARE = {"ai-benchmark": "0.1.2", "tf-keras": "2.21.0", "tensorflow": "2.21.0", "numpy": "2.4.6"}
ON_CPU = {"kind": "cpu", "name": None}
PARTS = {"full": ("inference", "training"), "inference": ("inference",), "training": ("training",)}


def package():
    """The folder of the package, which isn't imported."""
    (folder,) = find_spec("ai_benchmark").submodule_search_locations
    return Path(folder)


def ai_tests(which):
    """The tests of a set, read from the package's list without TensorFlow."""
    networks = runpy.run_path(str(package() / "config.py"))["TestConstructor"]().getTests()
    found = []
    for network in networks:
        parts = {"micro": network.micro} if which == "micro" else {p: getattr(network, p) for p in PARTS[which]}
        for part, timings in parts.items():
            for number, timing in enumerate(timings, 1):
                found.append(
                    AiTest(
                        network=network.id,
                        name=network.model,
                        part="training" if part == "training" else "inference",
                        number=number,
                        shape=(timing.batch_size, *timing.input_dimensions),
                        reference_ms=timing.ref_time,
                    )
                )
    return tuple(found)


def ai_result(test, mean_ms=100.0, **changes):
    fields = {"test": test, "passes_ms": (130, 100, 100), "mean_ms": mean_ms, "sd_ms": 0.0, "seconds": 10.0}
    return AiResult(**(fields | {"peak_memory_bytes": 2**31} | changes))


def ai_failed(test, why="out of memory", **changes):
    return AiResult(test=test, failed=why, seconds=1.0, **changes)


def ai_line(result=None, which="micro", **changes):
    fields = {
        "run": RUN,
        "ended": RUN,
        "set": which,
        "host": "xeon-2-cores",
        "version": "0.1.2",
        "software": SOFTWARE,
        "device": ON_CPU,
        "result": result,
    }
    return AiLine(**(fields | changes))


def kept(root, lines):
    """The lines in their host's journal under `root`; gives its path."""
    path = None
    for line in lines:
        path = ai_benchmark_path(root, line.host)
        Journal(path, AiLine).append(line)
    return path


def score(results):
    """10,000 × the geometric mean of the reference times over the times, by logarithms."""
    logs = [math.log(result.test.reference_ms / result.mean_ms) for result in results]
    return int(10_000 * math.exp(math.fsum(logs) / len(logs)))


def machine(**hardware):
    """The host that the lines are of."""
    fields = {"kind": "cpu", "cpu": "Intel Xeon", "cores": 2, "memory_bytes": 2**33, "system": "linux"}
    found = Hardware(**(fields | hardware))
    software = {"tensorflow": "2.21.0", "keras": "3.15.0", "numpy": "2.4.6"}
    device = Device(found.kind, found.gpu_name, found.compute_capability, software)
    return Machine(HostProfile(id="xeon-2-cores", label="2 cores", hardware=found), found, device, None)
