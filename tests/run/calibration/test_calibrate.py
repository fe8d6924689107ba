"""`bench calibrate --roofs`, as users and programs see it."""

import json
import os
import sys
from pathlib import Path

import pytest

from bench.host.detect import detect
from bench.host.measured import ROOF_UNITS
from bench.host.profile import Price, load, save
from bench.host.registry import recognise
from bench.host.roofs import offered, roof_of, value_of
from bench.host.variables import changing_figures
from bench.run.calibration.calibrate import Calibration
from bench.run.calibration.roofs import Roofs
from tests import warm

CHECKOUT = Path(__file__).parents[3]

TINY = """
import sys
import bench.run.calibration.roofs
from tests.run.tiny_roofs import TINY
bench.run.calibration.roofs.roof_plan = lambda kind: TINY
from bench.cli.main import main
main(sys.argv[1:])
"""


def calibrate(*arguments, **variables):
    return warm.run(
        [sys.executable, "-c", TINY, "calibrate", *map(str, arguments)],
        cwd=CHECKOUT,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""} | variables,
        capture_output=True,
        text=True,
    )


def test_each_roof_of_this_machine_is_kept_in_its_profile_and_told_to_programs(tmp_path):
    before = recognise(tmp_path, detect().as_cpu()).profile.model_copy(update={"price": Price(per_hour=0.5)})
    path = tmp_path / "hosts" / f"{before.id}.yaml"
    save(before, path)
    done = calibrate("--roofs", "--json", "--root", tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    kept = load(path)
    names, lacking = offered(before.hardware)
    assert set(kept.roofs) | set(kept.peaks) == set(names)
    assert kept.roofs_absent == {name: why for name, why in lacking.items() if name in ROOF_UNITS}
    assert kept.price == before.price
    for name in names:
        found = roof_of(kept, name)
        assert 0 < found.low <= value_of(found) <= found.high
    assert kept.roofs["launch_latency"].value < 0.1  # seconds
    assert kept.roofs["map"].value > 1e3
    assert list((tmp_path / "results").iterdir()) == []
    assert told["host"] == kept.id
    assert told["peaks"] == {name: peak.model_dump() for name, peak in kept.peaks.items()}
    assert told["roofs"] == {name: roof.model_dump() for name, roof in kept.roofs.items()}
    assert told["units"]["launch_latency"] == "s"
    assert told["units"]["vgg16_float32"] == "FLOP/s"
    assert told["roofs_absent"]["host_to_device_bandwidth"].startswith("the device is the host")
    assert told["shares_of_datasheet"]["float32"] is None
    assert told["failed"] == told["roofs_kept_older"] == {}
    assert told["ai_benchmark"] is None
    assert [one["source"] for one in told["expected"]["vgg16"]["evidence"]] == ["roofs"]
    said = [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
    roofs = len(kept.peaks) + len(kept.roofs)
    assert said[0] == f"{roofs} roofs, interleaved, about 10 min"
    assert len(said) == 1 + roofs  # TensorFlow's own words go elsewhere


def test_a_machine_that_variables_change_is_not_calibrated(tmp_path):
    done = calibrate("--roofs", "--root", tmp_path, TF_ENABLE_ONEDNN_OPTS="0", TF_NUM_INTRAOP_THREADS="1")
    assert done.returncode == 2
    for name in ("TF_ENABLE_ONEDNN_OPTS", "TF_NUM_INTRAOP_THREADS"):
        assert f"unset {name}\n" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("environ", "gpu", "named"),
    [
        ({"NVIDIA_TF32_OVERRIDE": "0"}, True, ["NVIDIA_TF32_OVERRIDE"]),
        ({"NVIDIA_TF32_OVERRIDE": "0"}, False, []),
        ({"TF_ENABLE_ONEDNN_OPTS": "1"}, False, []),
        # as Colab has them
        ({"LD_PRELOAD": "libtcmalloc.so.4", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}, True, []),
    ],
)
def test_only_variables_that_change_figures_are_in_the_way(environ, gpu, named):
    assert list(changing_figures(environ, gpu)) == named


def test_an_older_figure_that_stays_is_no_failure():
    profile = recognise(Path(), detect()).profile
    assert not Calibration(profile, Roofs(profile, kept_older={"map": "something else was running"})).failed
    assert Calibration(profile, Roofs(profile, failed={"map": "no room"})).failed
