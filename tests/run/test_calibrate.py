"""Calibration: what is tried, what is kept, and that Ctrl-C loses nothing that was measured."""

import json
import os
import subprocess
import sys
from multiprocessing import Pipe
from pathlib import Path

import pytest
import yaml

from bench.host.detect import detect
from bench.host.hardware import Hardware
from bench.host.profile import Price, load, save
from bench.host.registry import recognise
from bench.run.calibrate import _answer, calibrate, data_types, is_noisy, peak_from
from bench.run.executors import LocalExecutor
from bench.workload.chains import Chain, Rate, chains

CHECKOUT = Path(__file__).parents[2]


def gpu(name, capability):
    return Hardware(
        kind="gpu", gpu_name=name, compute_capability=capability, cpu="x", cores=2, memory_bytes=2**33, system="linux"
    )


def cpu(*flags):
    return Hardware(kind="cpu", cpu="x", cores=2, memory_bytes=2**33, system="linux", cpu_flags=flags)


@pytest.mark.parametrize(
    ("hardware", "there"),
    [
        (gpu("Tesla P100-PCIE-16GB", "6.0"), ("float32",)),
        (gpu("Tesla T4", "7.5"), ("float32", "float16")),
        (gpu("NVIDIA L4", "8.9"), ("float32", "tf32", "float16", "bfloat16")),
        (cpu("avx2"), ("float32",)),
        (cpu("avx512_bf16"), ("float32", "bfloat16")),
    ],
)
def test_only_what_the_device_multiplies_itself_is_measured(hardware, there):
    assert data_types(hardware) == there


def test_operations_of_a_chain_by_hand():
    assert Chain("float32", (10, 10)).flops == 2 * 10**3
    assert Chain("float32", (2, 5, 5, 8)).flops == 2 * (2 * 25 * 8) * 9 * 8
    for kind in ("cpu", "gpu"):
        tried = list(chains(kind, "float16"))
        assert {chain.is_matrix for chain in tried} == {True, False}
        assert all(1 <= chain.length <= 64 for chain in tried)


def test_a_rate_is_all_operations_over_all_seconds_and_its_interval_is_of_that():
    chain = Chain("float32", (10, 10))
    rate = Rate(chain, ((4, 1.0), (4, 1.1), (4, 0.9)))
    assert rate.flops_per_second == pytest.approx(4 * 2000)
    peak = peak_from(rate, "2026-01-05")
    # Student's t for two degrees of freedom, and the three windows' standard error
    margin = 4.302653 * 0.1 / 3**0.5
    assert peak.flops_per_second == pytest.approx(4 * 2000)
    assert (peak.low, peak.high) == (pytest.approx(8000 / (1 + margin)), pytest.approx(8000 / (1 - margin)))
    wild = peak_from(Rate(chain, ((4, 0.1), (4, 9.0))), "2026-01-05")
    assert is_noisy(wild)
    assert 0 < wild.low < wild.flops_per_second < wild.high


def test_a_process_that_says_nothing_is_given_up_with_the_reason():
    ours, theirs = Pipe()
    theirs.send("too small")
    assert _answer(ours, 0.05) == "too small"
    with pytest.raises(TimeoutError, match="no sign of life"):
        _answer(ours, 0.05)


@pytest.fixture
def tree(tmp_path):
    """A tree that knows this machine, with a price that somebody wrote."""
    profile = recognise(tmp_path, detect()).profile.model_copy(update={"price": Price(per_hour=0.5)})
    save(profile, tmp_path / "hosts" / f"{profile.id}.yaml")
    return tmp_path


def test_the_verb_keeps_peaks_in_the_profile_and_leaves_the_rest(tree):
    done = subprocess.run(
        [sys.executable, "-m", "bench", "calibrate", "--quick", "--json", "--root", tree],
        cwd=CHECKOUT,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (path,) = (tree / "hosts").glob("*.yaml")
    kept = load(path)
    assert told["host"] == kept.id
    assert kept.price.per_hour == 0.5
    assert set(kept.peaks) == set(told["peaks"]) == set(data_types(kept.hardware))
    for peak in kept.peaks.values():
        assert 1e9 < peak.low <= peak.flops_per_second <= peak.high
        assert "×" in peak.reached_by
    assert done.stderr.startswith("float32 …\n  matrices of")  # TensorFlow's own words go elsewhere


class Interrupting:
    """Presses Ctrl-C as soon as the first peak is kept."""

    def notice(self, text): ...
    def begins(self, what): ...
    def tried(self, name, flops_per_second): ...
    def kept(self, data_type, peak):
        raise KeyboardInterrupt


def test_ctrl_c_loses_nothing_that_was_measured(tree):
    with pytest.raises(KeyboardInterrupt):
        calibrate(tree, None, LocalExecutor(), Interrupting(), quick=True)
    (path,) = (tree / "hosts").glob("*.yaml")
    assert list(yaml.safe_load(path.read_text())["peaks"]) == ["float32"]
