"""The code to paste is run, and does what the options say."""

import json
import subprocess
import sys

import pytest

from bench.report.tune.script import training_script
from bench.results.record import DataInfo, OwnPipeline
from bench.suite.options import Options
from tests import warm

BEFORE = """
import numpy as np, keras
images = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), dtype=np.uint8)
labels = np.arange(64) % 4

def build_model():
    return keras.Sequential([
        keras.Input((8, 8, 3)),
        keras.layers.Flatten(),
        keras.layers.Dense(4),
        keras.layers.Activation("softmax", dtype="float32"),
    ])
"""
AFTER = """
import json
pipeline, at = [], dataset
while at is not None:
    pipeline.append(type(at).__name__.strip("_"))
    at = getattr(at, "_input_dataset", None)
taken = dataset.element_spec
print(json.dumps({
    "policy": keras.config.dtype_policy().name,
    "jit_compile": model.jit_compile,
    "steps_per_execution": model.steps_per_execution,
    "compute": next(one for one in model._flatten_layers() if isinstance(one, keras.layers.Dense)).compute_dtype,
    "first": [type(one).__name__ for one in model.layers][:2],
    "pipeline": pipeline[::-1],
    "element": [str(one.dtype.name) for one in (taken if isinstance(taken, tuple) else (taken,))],
    "batch": (taken[0] if isinstance(taken, tuple) else taken).shape[0],
    "steps": int(model.optimizer.iterations),
}))
"""
FULL = ["TensorSliceDataset", "ShuffleDataset", "RepeatDataset", "BatchDataset", "PrefetchDataset"]


def ran(batch_size=16, **options):
    code = BEFORE + training_script(Options(**options), batch_size) + AFTER
    done = warm.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_notebooks_own_options():
    found = ran()
    assert found["pipeline"] == FULL
    assert (found["policy"], found["jit_compile"], found["steps_per_execution"]) == ("float32", False, 1)
    assert (found["element"][0], found["batch"], found["steps"]) == ("float64", 16, 4)


def test_everything_at_once():
    found = ran(
        8,
        pixels="float32",
        map="autotune",
        cache="memory",
        prefetch=2,
        precision="mixed_bfloat16",
        xla=True,
        steps_per_execution=4,
    )
    assert found["pipeline"] == [FULL[0], "ParallelMapDataset", "CacheDataset", *FULL[1:]]
    assert (found["policy"], found["compute"]) == ("mixed_bfloat16", "bfloat16")
    assert (found["jit_compile"], found["steps_per_execution"]) == (True, 4)
    assert (found["element"][0], found["batch"], found["steps"]) == ("float32", 8, 8)


def test_uint8_pixels_are_scaled_in_the_model():
    found = ran(pixels="uint8", shuffle="none")
    assert found["element"][0] == "uint8"
    assert found["first"] == ["InputLayer", "Rescaling"]
    assert found["pipeline"] == [one for one in FULL if one != "ShuffleDataset"]


def test_images_on_the_device_are_fed_by_their_places():
    found = ran(source="device", pixels="uint8", shuffle=32)
    assert found["pipeline"] == ["RangeDataset", *FULL[1:]]
    assert found["element"] == ["int64"]
    assert found["steps"] == 4


def test_images_of_another_size_and_no_prefetch():
    assert ran(image_size=8, prefetch=0, map=2)["pipeline"][-1] == "OptionsDataset"


@pytest.mark.parametrize("options", [{"env": {"TF_X": "1"}}, {"threads": 1}, {"tf32": False}], ids=str)
def test_what_must_come_first_comes_first(options):
    lines = training_script(Options(**options), 16).splitlines()
    place = next(
        place for place, line in enumerate(lines) if any(word in line for word in ("TF_X", "set_intra_op", "float_32"))
    )
    imported = lines.index("import tensorflow as tf")
    assert (place < imported) == ("env" in options)
    assert place < lines.index("model = build_model()")


def test_what_is_the_readers_own_is_said():
    code = training_script(Options(batch_map="my_code:mix", source="tfrecord", augment="pipeline"), 16)
    assert "from my_code import mix" in code
    assert "your own: files" in code
    assert "your augmentation" in code


OWN = """
import sys; sys.path.insert(0, FOLDER)
from own_pipelines import seams, texts as data, two_towers as build
"""


def own_data(**pipeline):
    element = "({words: int64 [batch, 6], facts: float32 [batch, 3]}, float32 [batch, 1])"
    own = OwnPipeline(element=element, batched=False, **pipeline)
    return DataInfo(
        name="a:texts",
        requested="a:texts",
        synthetic=False,
        train_images=40,
        held_out_images=0,
        test_images=0,
        digest="",
        pipeline=own,
    )


def test_a_model_and_a_pipeline_of_ones_own(checkout):
    options = Options(cache="memory", prefetch=2, precision="mixed_bfloat16", xla=True, steps_per_execution=5)
    code = OWN.replace("FOLDER", repr(str(checkout / "tests" / "workload")))
    after = AFTER.replace("(taken[0] if", "(next(iter(taken[0].values())) if")
    code += training_script(options, 8, own_data()) + after.replace("str(one.dtype.name)", "str(one)")
    done = warm.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["pipeline"] == [FULL[0], "CacheDataset", *FULL[1:]]
    assert (found["compute"], found["jit_compile"], found["steps_per_execution"]) == ("bfloat16", True, 5)
    assert (found["batch"], found["steps"]) == (8, 5)


def test_what_the_seams_of_a_pipeline_do_is_not_done_again():
    options = Options(cache="memory", map="autotune", prefetch=2)
    lines = training_script(options, 16, own_data(seams=("batch", "cache", "map", "prefetch", "shuffle"))).splitlines()
    assert "bench.options.use(batch_size=16, cache='memory', map='autotune', prefetch=2, shuffle='all')" in lines
    assert not [line for line in lines if ".cache(" in line or ".shuffle(" in line or ".prefetch(" in line]
