"""A host's tree as runs, a calibration and a gate would leave it: profile, journals, logs, storage, figures."""

import json

from bench.host.hardware import Hardware
from bench.host.measured import Noise, Peak
from bench.host.profile import HostProfile, Price, save
from bench.results.ai_benchmark import AiLine, AiScores, ai_benchmark_path
from bench.results.journal import Journal, journal_path, pairs_path
from bench.results.pair import Pair
from bench.results.record import Record
from tests.pairs import make_pair
from tests.records import make_failed, make_record

TORN = b'{"schema_version": 2, "suite": "cnn", "cell": "vgg'


def cpu(name="AMD EPYC", cores=2, **more):
    return Hardware(**({"kind": "cpu", "cpu": name, "cores": cores, "memory_bytes": 2**33, "system": "linux"} | more))


def gpu(name, gib=16.0, **more):
    fields = {"kind": "gpu", "gpu_name": name, "gpu_memory_bytes": int(gib * 2**30), "gpu_driver": "550.54"}
    return Hardware(**(fields | {"cpu": "Xeon", "cores": 2, "memory_bytes": 2**33, "system": "linux"} | more))


def make_profile(name="old", **changes):
    peak = Peak(flops_per_second=2.1e11, low=2.0e11, high=2.2e11, date="2026-01-05")
    noise = Noise(date="2026-01-05", in_turns=0.01, apart=0.03, rounds=8)
    fields = {"id": name, "label": "AMD EPYC, 2 cores", "hardware": cpu(), "noise": noise, "peaks": {"float32": peak}}
    return HostProfile(**(fields | {"price": Price(per_hour=0.5)} | changes))


def make_host(root, host="old", *, records=2, minute=0, **changes):
    """Everything that can be filed under a host; records begin a minute apart, from that minute on."""
    save(make_profile(host, **changes), root / "hosts" / f"{host}.yaml")
    folder = root / "results" / host
    for number in range(records):
        record = make_record(host=host, seed=number, started=moment(minute + number))
        Journal(journal_path(root, host, "cnn"), Record).append(record)
    log = f"results/{host}/logs/cnn/simple_cnn_everything_b128-{minute}.log"
    failed = make_failed(host=host, log=log, started=moment(minute + records))
    Journal(journal_path(root, host, "cnn"), Record).append(failed)
    pair = make_pair(make_record(host=host), make_record(host=host, variant="xla"), started=moment(minute))
    Journal(pairs_path(root, host, "cnn"), Pair).append(pair)
    Journal(ai_benchmark_path(root, host), AiLine).append(make_scores(host, moment(minute)))
    write(root / log, f"the whole story of minute {minute}")
    stored = {"machine_info": {"host": host}, "benchmarks": [{"extra_info": {"host": host, "cell": "a"}}]}
    write(folder / "pytest-benchmark" / f"000{minute}_before.json", json.dumps(stored, indent=4))
    write(root / "results" / "figures" / host / f"cnn-{minute}.png", "a drawing")
    return root


def make_scores(host, run):
    """The last line of a run of AI Benchmark."""
    return AiLine(
        run=run, ended=run, set="full", host=host, version="0.1.2", software={}, device={"kind": "cpu", "name": None},
        scores=AiScores(inference=800, training=1100, ai=1900),
    )  # fmt: skip


def moment(minute):
    return f"2026-01-05T10:{minute:02d}:00+00:00"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def content(root):
    """Every file under `root` by its name."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def labels(root, host, suite="cnn"):
    """Seeds and beginnings of a host's records, in the journal's order; all of them name the host."""
    found, notices = Journal(journal_path(root, host, suite), Record).read()
    assert not notices
    assert {record.host for record in found} <= {host}
    return [(record.seed, record.started[14:16]) for record in found]
