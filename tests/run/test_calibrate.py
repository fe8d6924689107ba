"""`bench calibrate --roofs`, as users and programs see it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.host.profile import load

CHECKOUT = Path(__file__).parents[2]

TINY = """
import sys
import bench.run.roofs
from tests.run.tiny_roofs import TINY
bench.run.roofs.roof_plan = lambda kind: TINY
from bench.cli.main import main
main(sys.argv[1:])
"""


def calibrate(*arguments):
    return subprocess.run(
        [sys.executable, "-c", TINY, "calibrate", *map(str, arguments)],
        cwd=CHECKOUT,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
    )


def test_roofs_are_kept_in_the_profile_and_told_to_programs(tmp_path):
    done = calibrate("--roofs", "--json", "--root", tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (path,) = (tmp_path / "hosts").glob("*.yaml")
    kept = load(path)
    assert told["host"] == kept.id
    assert told["peaks"] == {name: peak.model_dump() for name, peak in kept.peaks.items()}
    assert told["roofs"] == {name: roof.model_dump() for name, roof in kept.roofs.items()}
    assert told["units"]["launch_latency"] == "s"
    assert told["units"]["vgg16_float32"] == "FLOP/s"
    assert told["roofs_absent"]["host_to_device_bandwidth"].startswith("the device is the host")
    assert told["shares_of_datasheet"]["float32"] is None
    assert told["failed"] == {}
    assert told["ai_benchmark"] is None
    assert [one["source"] for one in told["expected"]["vgg16"]["evidence"]] == ["roofs"]
    said = [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
    roofs = len(kept.peaks) + len(kept.roofs)
    assert said[0] == f"{roofs} roofs in turns, about 10 s"
    assert len(said) == 1 + roofs  # TensorFlow's own words go elsewhere
