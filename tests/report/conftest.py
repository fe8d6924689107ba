"""A working tree as it stands after runs on two hosts."""

from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from bench.cli.main import main
from bench.host.profile import HostProfile, save
from bench.results.journal import Journal, journal_path, pairs_path
from bench.results.pair import Pair
from bench.results.record import Accuracy, Record
from tests.pairs import make_pair
from tests.records import (
    PARAMS,
    SYNTHETIC,
    T4,
    make_attributed,
    make_data,
    make_failed,
    make_gpu_values,
    make_history,
    make_record,
    make_trained,
)

TITLE = "Networks under options"


def cpu_records():
    xla, f16, bf16 = {"xla": True}, {"precision": "mixed_float16"}, {"precision": "mixed_bfloat16"}
    seen = {"data": SYNTHETIC, "suite_title": TITLE}
    return [
        make_attributed(16, 1, 15.9, 15.8, noise=0.01, **seen),
        make_record(variant="prefetch_0", step_ms=16.02, options={"prefetch": 0}, **seen),
        make_record(variant="cache", step_ms=15, noise=0.15, options={"cache": "memory"}, **seen),
        make_record(variant="xla", step_ms=45, noise=0.06, count=9, stopped_by="budget", options=xla, **seen),
        make_record(variant="mixed_bfloat16", step_ms=11.9, options=bf16, **seen),
        make_failed(
            variant="mixed_float16",
            status="skipped",
            message="mixed float16 needs a GPU with tensor cores; this machine measures its CPU",
            options=f16,
            **seen,
        ),
        make_record("vgg16", step_ms=616, count=8, **seen),
        make_record("vgg16", "mixed_bfloat16", step_ms=426, count=4, options=bf16, **seen),
        make_failed(
            "vgg16",
            "everything",
            status="crashed",
            message="killed by signal 9 (SIGKILL) | <no trace>",
            log="results/xeon-2-cores/logs/cnn/vgg16_everything_b128.log",
            **seen,
        ),
    ]


def gpu_records():
    fields = {"host": "colab-t4", "device": T4, "noise": 0.004, "absent": {}, "suite_title": TITLE}
    return [
        make_record(
            model,
            variant,
            step_ms=ms,
            values=make_gpu_values(trainable_params=PARAMS[model], compile_seconds=4.09 if options else 0.6),
            options=options,
            **fields,
        )
        for model, variant, ms, options in [
            ("simple_cnn", "notebook", 7.2, {}),
            ("simple_cnn", "xla", 5.1, {"xla": True}),
            ("vgg16", "notebook", 49.0, {}),
            ("vgg16", "xla", 47.0, {"xla": True}),
        ]
    ]


def cpu_pairs():
    base, _, _, _, bf16, *_ = cpu_records()
    return [make_pair(bf16, base, a_ms=11.9, b_ms=16, option="precision")]


def digits_record():
    return make_record(
        suite="digits",
        suite_title="The simple CNN on digits",
        values=make_record().values | {"trainable_params": 122_570},
        data=make_data(
            name="digits", requested="digits", classes=10, subset=None, train_images=1_222, held_out_images=216
        ),
        history=make_history(),
        accuracy=Accuracy(
            train=0.967, held_out=0.952, held_out_images=216, steps=400, synthetic=False, train_images=216
        ),
    )


def trained_records():
    """Two seeds of each cell: three batch sizes, and a variant that is faster and less accurate."""
    cells = [
        ("notebook", 128, {}, 16, 0.80, 1.2),
        ("notebook", 32, {}, 7, 0.84, 2.1),
        ("bf16", 128, {"precision": "mixed_bfloat16"}, 11.9, 0.74, 0.9),
    ]
    good = [
        make_trained(
            "compact",
            variant,
            batch_size=batch,
            cell=f"compact/{variant}/b{batch}/s{seed}",
            options=options,
            step_ms=ms,
            accuracy=accuracy + 0.004 * seed,
            test=accuracy - 0.02 + 0.005 * seed,
            seconds=seconds * (1 + 0.02 * seed),
            epochs=12 + seed,
            seed=seed,
            train={"epochs": 40, "early_stopping": {"patience": 3}, "target_accuracy": 0.7},
            stopped_by="early_stopping",
            restored=True,
            reduced_after=(7,),
            suite_title="Trained to accuracy",
        )
        for variant, batch, options, ms, accuracy, seconds in cells
        for seed in (0, 1)
    ]
    failed = make_failed(
        "compact",
        "xla",
        status="out_of_memory",
        message="ResourceExhaustedError: OOM",
        log="results/xeon-2-cores/logs/trained/compact_xla_b128_s0.log",
        suite="trained",
        suite_title="Trained to accuracy",
        train=good[0].train,
        cell="compact/xla/b128/s0",
    )
    return [*good, failed]


def laid_out(root):
    save(HostProfile(id="xeon-2-cores", label="Xeon, 2 cores"), root / "hosts" / "xeon-2-cores.yaml")
    for record in [*cpu_records(), *gpu_records(), digits_record(), *trained_records()]:
        Journal(journal_path(root, record.host, record.suite), Record).append(record)
    for pair in cpu_pairs():
        Journal(pairs_path(root, pair.host, pair.suite), Pair).append(pair)
    return root


@pytest.fixture
def root(tmp_path):
    return laid_out(tmp_path)


@dataclass(frozen=True)
class Reported:
    """What `bench report` said of the tree at `root`, and the files that it wrote, by their paths."""

    root: Path
    status: int
    out: str
    err: str
    files: dict[Path, bytes]


@pytest.fixture(scope="session")
def reported(tmp_path_factory):
    """The whole report with all of its figures, once, for they take seconds."""
    root = laid_out(tmp_path_factory.mktemp("reported"))
    before = set(root.rglob("*"))
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err, pytest.raises(SystemExit) as ended:
        main(["report", "--root", str(root)])
    new = (path for path in set(root.rglob("*")) - before if path.is_file() and ".index" not in path.parts)
    files = {path: path.read_bytes() for path in new}
    return Reported(root, ended.value.code, out.getvalue(), err.getvalue(), files)
