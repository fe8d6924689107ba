"""Two logical CPU devices in one process, really trained on: the same weights as one device, and what can't be."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.errors import InputError
from bench.workload.replication import filling_batch
from tests import warm


@pytest.fixture(scope="module")
def said():
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = warm.run(
        [sys.executable, "-m", "replicated"], cwd=Path(__file__).parent, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def apart(ours, theirs):
    return max(np.abs(np.array(one) - np.array(other)).max() for one, other in zip(ours, theirs, strict=True))


def test_two_devices_train_the_same_weights_as_one(said):
    one, two = said["one"], said["two"]
    assert said["devices"] == 2
    assert apart(one["weights"], two["weights"]) < 1e-4
    assert np.allclose(one["history"], two["history"], rtol=1e-3, atol=1e-4)
    rates = [epoch[-1] for epoch in two["history"]]
    assert rates[0] > rates[-1]  # a copy of the rate on each device is lowered too
    assert two["traces"] == 1  # and not once for each device


def test_no_device_is_left_without_images_to_judge(said):
    one, two = said["judged"]
    assert two == pytest.approx(one, rel=1e-3)


@pytest.mark.parametrize(
    ("examples", "most", "devices", "batch"),
    [(17, 16, 2, 15), (64, 16, 2, 16), (33, 32, 1, 32), (225, 32, 2, 31), (10, 32, 4, 32), (0, 32, 2, 32)],
)
def test_the_last_batch_is_shared_by_all(examples, most, devices, batch):
    assert filling_batch(examples, most, devices) == batch


def test_too_few_images_for_all_devices_are_told():
    with pytest.raises(InputError, match="no batches of 9 images to judge leave none of 4 devices without some"):
        filling_batch(9, 32, 4)


def test_gradients_that_are_clipped_train_others(said):
    assert apart(said["one, clipped"], said["two, clipped"]) > 1e-3


def test_steps_are_those_that_were_trained(said):
    assert said["steps"] == [5, 5, 5, 1]


def test_a_process_has_one_strategy(said):
    assert said["same strategy"]


def test_models_that_cannot_be_shared_are_refused_with_the_reason(said):
    refused = said["refused"]
    assert "steps_per_execution=4" in refused["several_steps"][0]
    assert "gradient_accumulation_steps" in refused["accumulating"][0]
    assert refused["plain"] is None


def test_what_would_only_seem_to_be_shared_is_refused_on_one_device_too(said):
    refused = said["refused on one"]
    assert refused["several_steps"] is None
    assert "OneDeviceStrategy of its own" in refused["mirrored_by_itself"][0]
    assert "keras.distribution" in refused["distributed"][0]


def test_generators_are_known_wherever_they_are(said):
    assert said["generators"] == [[True] * 4, [False] * 2]


def test_steps_without_the_sum_of_gradients_are_timed_beside_those_with_it(said):
    pairs, steps, alike, told = said["all-reduce"]
    assert pairs >= 2
    assert steps == [2, 2, 2]
    assert alike == [True, True, False]  # two summed steps, then one in which each device went its own way
    assert told | {"devices": None} == {
        "strategy": "mirrored",
        "reduction": "CollectiveAllReduce",
        "logical": True,
        "global_batch_size": 16,
        "replica_batch_size": 8,
        "devices": None,
        "remarks": [],
        "all_reduce": None,
    }
    assert [one["name"] for one in told["devices"]] == ["CPU:0", "CPU:1"]
    assert all("share the process's memory" in one["absent"]["peak_gpu_allocator_bytes"] for one in told["devices"])


def test_what_trains_otherwise_is_remarked(said):
    clipped, normalised, dropped = said["remarks"]
    assert clipped.startswith("clipnorm: each device clips its own")
    assert normalised.startswith("1 of 2 BatchNormalization layers")
    assert "dropout" in dropped
