"""Results of a stranger's: what would be code, or a way out of the tree, in each text by itself and in all at once."""

import json
import os
import subprocess
import sys
from contextlib import suppress

import pytest
import yaml

from bench.errors import InputError
from bench.host.costs import Grid, Price, Quota
from bench.host.measured import AiBenchmark, Peak, Roof, SelfTest
from bench.host.profile import HostProfile, Published, PublishedTime, load
from bench.results.ai_benchmark import AiLine, AiResult, AiTest
from bench.results.architecture import Architecture, Layer
from bench.results.pair import Pair
from bench.results.record import Failure, Finding, Record
from bench.results.replication import DeviceUse
from bench.results.stored_networks import keep_network
from bench.results.window import Discarded, Turns
from tests.host_trees import cpu, make_profile
from tests.pairs import make_pair
from tests.records import make_data, make_record, make_replication, make_trained
from tests.strangers import TRAP, lay, planted, planted_everywhere, plants, spots, texts

HOST = "box"
DAY = "2026-01-05"
SUITE = """\
data: {name: synthetic, shape: [8, 8, 3], classes: 4, images: 400, test_images: 10}
models: [simple_cnn]
variants: [notebook]
protocol: {max_seconds: 0.2}
"""
FAILURE = Failure(stage="model", message="it failed", log="results/box/logs/cnn/a.log")
CHOICES = ("better", "executor", "status", "stopped_by", "purpose", "set", "part", "started", "run", "ended", "kind")
"""Texts that are one of a few words, or a moment, and no others."""


NETWORK = Architecture(
    layers=(Layer(name="dense", kind="Dense", within=("a",), settings="2", alike="a", dtype="float32"),),
    trainable=0,
    non_trainable=0,
    absent="a reason",
)
SHARED = make_replication(
    devices=(DeviceUse(name="GPU:0", absent={"gpu_energy_joules": "why"}),), remarks=("a remark",)
)
PIPELINE = {"element": "float32 [batch]", "batched": True, "seams": ["map"], "unit": "tokens"}


def record(number):
    """With something in every field that may be text."""
    more = {
        "variant": f"v{number}",
        "cell": f"simple_cnn/v{number}/b128",
        "failure": FAILURE,
        "suite_title": "a title",
        "environment": {"OMP_NUM_THREADS": "2"},
        "notes": {"gpu_energy_joules": "by sums"},
        "table": ("classes", "test_accuracy"),
        "findings": (Finding(code="noisy", message="it is"),),
        "data": make_data(name="digits", requested="digits", reason="a reason", doubts=("a doubt",)),
        "turns": Turns(run="a run", round=1, group=1, place=1, cells=2, length=2, seed=1),
        "discarded": (Discarded(cycle=0, reason="others were at work"),),
        "replication": make_replication(remarks=("a remark",)),
    }
    made = make_trained(host=HOST, epochs=2, weights="weights/trained/a.keras", restored=True, **more)
    sgd = {"name": "sgd", "args": {"a": "b"}}
    return filled(
        made.model_dump(mode="json"),
        {
            ("train", "optimizer"): sgd,
            ("train", "phases"): [{"name": "head", "epochs": 2}],
            ("data_spec", "args"): {"a": "b"},
            ("data_spec", "unit"): {"a": "b"},
            ("data", "pipeline"): PIPELINE,
            ("judged",): {
                "metrics": [{"name": "mae", "better": "lower", "train": 0.5, "held_out": 0.6}],
                "train_examples": 9,
                "held_out_examples": 9,
                "steps": 9,
            },
            ("network",): NETWORK.digest,
            ("device", "unsuited"): {"float16": "why"},
            ("replication",): SHARED.model_dump(mode="json"),
            ("options", "env"): {"A": "b"},
            **work(()),
        },
    )


def work(way):
    """What a workload at the end of `way` has where it is rare."""
    sgd = {"name": "sgd", "args": {"a": "b"}}
    return {
        (*way, "workload", "optimizer"): sgd,
        (*way, "workload", "options", "env"): {"A": "b"},
        (*way, "workload", "model", "args"): {"a": "b"},
        (*way, "workload", "data", "args"): {"a": "b"},
    }


def filled(made, values):
    for way, value in values.items():
        made = planted(made, way, value)
    return made


def pair(number):
    fields = {
        "option": "xla",
        "failure": FAILURE,
        "data": make_data(reason="a reason", doubts=("a doubt",)),
        "rounds": 1,
    }
    one, other = (make_record(host=HOST, variant=name) for name in ("notebook", f"v{number}"))
    made = make_pair(one, other, **fields).model_dump(mode="json")
    sides = {(side, *way): {"A": "b"} for side in "ab" for way in (("environment",), ("options", "env"))}
    more = {("device", "unsuited"): {"float16": "why"}, ("data", "pipeline"): PIPELINE}
    return filled(made, sides | work(("a",)) | work(("b",)) | more)


def line(_):
    test = AiTest(network=1, name="MobileNet", part="inference", number=1, shape=(1, 2, 2, 3), reference_ms=1.0)
    fields = {"run": "2026-01-05T10:00:00+00:00", "ended": "2026-01-05T10:00:00+00:00", "set": "full", "host": HOST}
    fields |= {
        "version": "0.1.2",
        "software": {"numpy": "2"},
        "device": {"kind": "cpu", "name": "a", "unsuited": {"float16": "why"}},
    }
    return AiLine(result=AiResult(test=test, failed="why"), **fields).model_dump(mode="json")


def profile(number):
    time = PublishedTime(model="vgg16", batch_size=128, step_ms=75, trainable_params=14_765_988)
    rate = {"low": 0.9e11, "high": 1.1e11, "date": DAY}
    fields = {
        "hardware": cpu(gpu_absent="a reason", cpu_flags=("avx2",)),
        "published": Published(
            source="a page", date=DAY, gpu_name="Tesla T4", ai_score=100, times=(time,), software={"numpy": "2"}
        ),
        "formerly": ("crate",),
        "self_test": SelfTest(date=DAY, version="1", largest_error=0.1, empty_step_seconds=1e-4, cells=3),
        "ai_benchmark": {
            "full": AiBenchmark(
                version="0.1.2", date=DAY, software={"numpy": "2"}, absent="why", seconds=9.0, failed={"SRCNN": "why"}
            )
        },
        "peaks": {"float32": Peak(flops_per_second=1e11, reached_by="products", **rate)},
        "roofs": {"map": Roof(value=1e11, of="elements", **rate)},
        "roofs_absent": {"file_read": "why"},
        "price": Price(per_hour=1, source="a page", date=DAY),
        "grid": Grid(kg_co2_per_kwh=0.4, source="a page", date=DAY),
        "quota": Quota(hours=30, per="week", source="a page", date=DAY),
        "costs_absent": {"price": "why"},
    }
    return make_profile(f"h{number}", **fields).model_dump(mode="json", exclude_none=True)


def one_by_one(form, make, base):
    """What `make` gives by a number, over and over, each time with another of its texts planted."""
    every = plants(base)
    return [planted(make(i), way, every[i % len(every)]) for i, way in enumerate(spots(form, make(0)))]


def everywhere(value, plant):
    """With `plant` for every text that may be any."""
    found = planted_everywhere(value, plant)
    for way in texts(value):
        if way[-1] in CHOICES and way != ("turns", "run"):
            old = value
            for key in way:
                old = old[key]
            found = planted(found, way, old)
    return found


def write(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(value) + "\n" for value in values))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A tree whose every text is planted somewhere, in a folder beside what it must not touch."""
    base = tmp_path_factory.mktemp("strangers")
    lay(base)
    folder = base / "tree" / "results" / HOST
    own = planted(record(998), ("workload", "model", "network"), f"{TRAP}:fire")
    write(folder / "trained.jsonl", [*one_by_one(Record, record, base), own])
    write(folder / "all.jsonl", [everywhere(record(i), plant) for i, plant in enumerate(plants(base))])
    for plant in plants(base):
        odd = Architecture.model_validate(everywhere(NETWORK.model_dump(mode="json"), plant))
        keep_network(folder, odd)
        write(folder / "networks.jsonl", [record(0) | {"network": odd.digest}])
    write(folder / "pairs" / "trained.jsonl", one_by_one(Pair, pair, base))
    write(folder / "pairs" / "all.jsonl", [everywhere(pair(i), plant) for i, plant in enumerate(plants(base))])
    lines = one_by_one(AiLine, line, base) + [everywhere(line(i), plant) for i, plant in enumerate(plants(base))]
    write(folder / "calibration" / "ai-benchmark.jsonl", lines)
    for i, one in enumerate(one_by_one(HostProfile, profile, base)):
        file = base / "tree" / "hosts" / f"h{i}.yaml"
        file.write_text(yaml.safe_dump(one))
        with suppress(InputError):
            load(file)
            continue
        (base / "odd" / "hosts").mkdir(parents=True, exist_ok=True)
        file.rename(base / "odd" / "hosts" / file.name)
    named = {"host": HOST, "model": "simple_cnn", "variant": "notebook", "data": record(0)["data"]}
    write(base / "tree" / "replayed.jsonl", [everywhere(record(0), "../../outside/folder") | named])
    (base / "tree" / "tiny.yaml").write_text(SUITE)
    return base


def watched(base, *commands, root="tree"):
    """How commands on the tree end, in a current folder with a trap; nothing may be touched that isn't the tree's."""
    tree = str(base / root)
    lines = [[part.format(tree=tree) for part in command.split()] for command in commands]
    done = subprocess.run(
        [sys.executable, "-m", "tests.strangers", base],
        input=json.dumps(lines),
        cwd=base / "here",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": str(base / "scratch")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["seen"] == []
    assert not (base / "fired").exists()
    for command, (status, text) in zip(commands, found["ends"], strict=True):
        assert status in (0, 1, 2), f"{command}: {text}"
        assert "Traceback" not in text, f"{command}: {text}"
    return found["ends"]


def test_verbs_that_read_touch_nothing_that_is_named_in_what_they_read(base):
    forms = (
        "csv -",
        "csv - --rows windows",
        "latex -",
        "pytest-benchmark - --host box",
        "tensorboard {tree}/results/tb",
    )
    exports = [f"export --root {{tree}} --format {form}" for form in forms]
    exports += ["plan vgg16 --images 1000 --root {tree}", "plan simple_cnn --budget 8h --on h1 --root {tree}"]
    ends = watched(
        base,
        "report --json --root {tree}",
        "report --no-figures --root {tree}",
        "hosts --root {tree}",
        "hosts --json --root {tree}",
        "hosts show h1 --root {tree}",
        "hosts rename box chest --dry-run --root {tree}",
        "compare box/all box/trained --root {tree}",
        "evaluate /trained --root {tree}",
        "evaluate /all --root {tree} --folder {tree}",
        "run {tree}/tiny.yaml --resume --dry-run --root {tree}",
        "replay {tree} {tree}/results/box/all.jsonl {tree}/tiny.yaml",
        "replay {tree} {tree}/replayed.jsonl {tree}/tiny.yaml",
        "hosts --root {tree}/../odd",
        *exports,
    )
    assert {status for status, _ in ends[-len(exports) :]} == {0}
    ends = ends[: -len(exports)]
    *_, compared, single, together, _, replays, replay, odd = (text for _, text in ends)
    assert [status for status, _ in ends] == [0, 0, 0, 0, 0, 0, 2, 2, 2, 0, 0, 0, 0]
    assert "no cell is on both sides" in compared
    assert "trained with somebody's own code, and none is run because a record says so" in single
    assert f"a record's file can't be '{plants(base)[1]}'; it is a path below" in together
    assert [f"'{plant}' can't be a host's id" for plant in plants(base)] == [
        line.partition(";")[0] for line in replays.splitlines()
    ]
    assert replay == "ok"
    listed = {HOST, "report.md", "report-full.md", "tb"}
    assert {path.name for path in (base / "tree" / "results").iterdir()} == listed
    assert "h0.yaml:" in odd
    assert "id: string should match pattern" in odd


def test_verbs_of_a_course_touch_nothing_either(base):
    tree = base / "tree"
    (tree / "team.txt").write_text("07\n")
    (base / "scratch" / "staff" / "results").mkdir(parents=True)
    refused, (status, _) = watched(base, "pack {tree}/07.zip --unowned --root {tree}", "audit --full --root {tree}")
    assert (refused[0], status) == (2, 1)
    assert "it lies among those of team 07" in refused[1]
    assert "it lies in the folder of box: take it away" in refused[1]
    for path in tree.glob("results/**/*.jsonl"):  # what is left is what a team could hand in
        lines = [*map(json.loads, path.read_text().splitlines())]
        write(path, [one for one in lines if one.get("team") is None and one["host"] == HOST])
    course = "course: {rankings: {best: {by: test_accuracy}}}\n"
    (tree / "trained.yaml").write_text((tree / "tiny.yaml").read_text() + course)
    packed, collected, (status, _), ranked = watched(
        base,
        "pack {tree}/07.zip --unowned --root {tree}",
        "collect {tree}/07.zip --root {tree}/../scratch/staff",
        "audit --full --root {tree}/../scratch/staff",
        "board {tree}/trained.yaml --root {tree}/../scratch/staff",
    )
    assert (packed[0], collected[0], status, ranked[0]) == (0, 0, 1, 0)
    assert "1 bundle: 1 taken" in collected[1]
    assert "07" in ranked[1]


def test_figures_of_a_strangers_results_lie_where_figures_lie(base):
    drawn = base / "drawn"
    write(
        drawn / "results" / HOST / "all.jsonl", [everywhere(record(0), "../../outside/folder") | {"cell": "$a$" * 99}]
    )
    ((status, _),) = watched(base, "report --root {tree}", root="drawn")
    assert status == 0
    made = {path.relative_to(drawn / "results").parts[:2] for path in drawn.glob("**/*.png")}
    assert made == {("figures", "-..-outside-folder")}
