"""What is timed as a roof: numbers that stay numbers, work counted by hand, turns that end, and reasons."""

import os
import time
import zlib
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import keras
import pytest
import tensorflow as tf

from bench.host.measured import ROOF_UNITS
from bench.host.roofs import DATA_TYPES
from bench.workload.macs import count_macs
from bench.workload.roofs import convolutions as vgg16
from bench.workload.roofs.bandwidth import device_bandwidth, host_to_device_bandwidth
from bench.workload.roofs.chains import Chain, chains
from bench.workload.roofs.files import cached_share, drop_from_cache, file_read
from bench.workload.roofs.launch import launch_latency
from bench.workload.roofs.matmul import chain_probe, products
from bench.workload.roofs.pipelines import drawn_jpegs, jpeg_decode, map_elements
from bench.workload.roofs.plan import Began, Missing, NoRoofError, Probe, Task, Timed, roof_plan
from bench.workload.roofs.rounds import ROOFS, timed
from bench.workload.roofs.timing import windows_of
from tests.run.tiny_roofs import TINY


def task(folder="there is none", **changes):
    return Task((), "cpu", replace(TINY, **changes), folder)


def test_every_roof_can_be_measured():
    assert set(ROOFS) == {*DATA_TYPES, *ROOF_UNITS}


def test_operations_of_a_chain_by_hand():
    assert Chain("float32", (10, 10)).flops == 2 * 10**3
    assert Chain("float32", (2, 5, 5, 8)).flops == 2 * (2 * 25 * 8) * 9 * 8
    for kind in ("cpu", "gpu"):
        tried = list(chains(roof_plan(kind), "float16"))
        assert {chain.is_matrix for chain in tried} == {True, False}
        assert all(1 <= chain.length <= 64 for chain in tried)


@pytest.mark.parametrize("shape", [(64, 64), (2, 8, 8, 16)])
def test_values_keep_their_size_however_often_a_chain_is_run(shape):
    chain = Chain("float16", shape, 14)
    probe = chain_probe(task(), chain)
    for _ in range(3):
        work, seconds = probe.window()
        assert work % (14 * chain.flops) == 0 < work
        assert seconds > 0


def test_products_that_are_not_finite_are_no_measurement():
    with pytest.raises(FloatingPointError, match="not finite"):
        chain_probe(task(), Chain("float16", (16, 16), 400))


def test_work_that_the_device_cannot_do_is_told_and_the_rest_is_tried():
    beyond = (2**40, 2**40)
    found = list(products(task(product_shapes=(beyond, (16, 16))), "float32"))
    assert isinstance(found[0], Missing)
    assert found[0].of == f"matrices of {beyond[0]}×{beyond[0]}"
    assert found[0].reason
    assert [probe.of for probe in found[1:]] == ["matrices of 16×16"]


def convolved(graph):
    """Its convolutions and their gradients, as far as its results need them: kind, and shapes of images and kernels."""
    kinds = ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter")
    found, needed, ahead = Counter(), set(), [tensor.op for tensor in graph.outputs]
    while ahead:
        operation = ahead.pop()
        if operation not in needed:
            needed.add(operation)
            ahead += [tensor.op for tensor in operation.inputs]
    for operation in needed:
        if operation.type in kinds:
            taken = [tuple(tensor.shape) for tensor in operation.inputs if tensor.shape.rank == 4]
            found[operation.type, *taken, tuple(operation.outputs[0].shape)] += 1
    return found


def test_the_convolutions_are_those_of_a_training_step_of_keras_vgg16():
    batch = 2
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))

    @tf.function
    def train(images):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(base(images, training=True))
        return tape.gradient(loss, base.trainable_variables)

    theirs = convolved(train.get_concrete_function(tf.TensorSpec((batch, 32, 32, 3))).graph)

    def spec(*shape):
        return tf.TensorSpec(shape)

    ours = convolved(
        tf.function(vgg16.step)
        .get_concrete_function(
            [spec(batch, one.side, one.side, one.taken) for one in vgg16.VGG16],
            [spec(3, 3, one.taken, one.given) for one in vgg16.VGG16],
            [spec(batch, one.side, one.side, one.given) for one in vgg16.VGG16],
        )
        .graph
    )
    assert ours == theirs
    assert Counter(kind for kind, *_ in ours.elements()) == {
        "Conv2D": 13,
        "Conv2DBackpropFilter": 13,
        "Conv2DBackpropInput": 12,
    }
    macs = count_macs(base)
    assert sum(one.macs for one in vgg16.VGG16) == macs.forward
    assert vgg16.step_flops(vgg16.VGG16, batch) == 2 * batch * macs.training


def test_a_step_of_convolutions_gives_all_that_it_computes():
    layers = (vgg16.Convolution(8, 3, 4), vgg16.Convolution(4, 4, 6))
    (probe,) = vgg16.convolutions(task(), "bfloat16", layers)
    assert probe.name == "vgg16_bfloat16"
    work, _ = probe.window()
    # three products for each layer, but for the gradient of the images
    step = 2 * (3 * (64 * 9 * 3 * 4 + 16 * 9 * 4 * 6) - 64 * 9 * 3 * 4)
    assert work % step == 0 < work


def test_bytes_by_hand(tmp_path):
    (probe,) = device_bandwidth(task(array_bytes=2**20, passes=3))
    assert probe.window()[0] % (3 * 3 * 2**20) == 0
    assert "1 MiB" in probe.of
    (probe,) = host_to_device_bandwidth(task(array_bytes=2**20))
    assert probe.window()[0] % 2**20 == 0
    (probe,) = file_read(task(tmp_path, file_bytes=3 * 2**20))
    size, _ = probe.window()
    data = (tmp_path / "read.tfrecord").read_bytes()
    # a record has 16 bytes beside its own: length and two checksums
    assert len(data) == 3 * (2**20 + 16)
    assert size % len(data) == 0 < size
    assert len(zlib.compress(data, 1)) > 0.99 * len(data)  # no file system makes less of it


def test_a_file_is_cold_where_the_probe_says_so(tmp_path):
    path = tmp_path / "some"
    path.write_bytes(bytes(2**22))
    with path.open("rb") as file:
        file.read()
    warm = cached_share(path)
    if warm is None:
        pytest.skip("this file system doesn't tell what the page cache holds")
    assert warm == 1
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    drop_from_cache(path)
    cold = cached_share(path)
    (probe,) = file_read(task(tmp_path))
    assert ("dropped from the page cache" in probe.of) == (cold == 0)


def test_a_file_wants_a_folder_and_room(tmp_path):
    with pytest.raises(NoRoofError, match="there is none"):
        list(file_read(task()))
    with pytest.raises(NoRoofError, match="no room"):
        list(file_read(task(tmp_path, file_bytes=2**60)))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_step_is_counted_and_waited_for():
    (probe,) = launch_latency(task(window_seconds=0.05))
    steps, seconds = probe.window()
    assert steps >= 1
    assert 1e-6 < seconds / steps < 1


def test_images_are_like_photographs_to_a_decoder():
    jpegs = drawn_jpegs(2, roof_plan("cpu").jpeg_size)
    assert len(set(jpegs)) == 2
    for jpeg in jpegs:
        assert tf.io.decode_jpeg(jpeg).shape == (375, 500, 3)
        assert 80e3 < len(jpeg) < 140e3


@pytest.mark.parametrize(("make", "batch"), [(jpeg_decode, 8), (map_elements, 1000)])
def test_elements_of_a_pipeline_are_counted_in_whole_batches(make, batch):
    (probe,) = make(task())
    done, seconds = probe.window()
    assert done % batch == 0 < done
    assert seconds >= TINY.window_seconds


class Clock:
    """Stands still but for what is said to pass."""

    now = 0.0

    def __call__(self):
        return self.now

    def passes(self, seconds):
        def some():
            self.now += seconds

        return some


class Turns:
    """Work at a steady rate, or at given ones, in windows that take no time; `fails` says at which turn it raises."""

    def __init__(self, rates, fails=None, lasts=lambda: None):
        self.rates, self.fails, self.lasts, self.turn = rates, fails, lasts, 0

    def __call__(self):
        self.turn += 1
        if self.turn == self.fails:
            raise MemoryError("no more")
        self.lasts()
        return self.rates[(self.turn - 1) % len(self.rates)], 1.0


def words(probes, clock=time.perf_counter, **changes):
    said = list(timed(task(**changes), probes, clock))
    counts = Counter((word.name, word.of) for word in said if isinstance(word, Timed))
    return said, counts


def test_roofs_take_turns_and_slow_ways_to_one_are_given_up():
    probes = [
        Probe("float32", "slow", Turns([80])),
        Probe("float32", "near", Turns([60, 60, 95])),
        Probe("float32", "fast", Turns([100])),
        Probe("map", "only", Turns([1])),
    ]
    said, counts = words(probes, rounds=6)
    assert counts == {("float32", "slow"): 3, ("float32", "near"): 6, ("float32", "fast"): 6, ("map", "only"): 6}
    began = [(word.name, word.round) for word in said if isinstance(word, Began)]
    assert began[:5] == [("float32", 1)] * 3 + [("map", 1), ("float32", 2)]


def test_one_that_fails_is_missing_and_the_others_go_on():
    said, counts = words([Probe("map", "x", Turns([1], fails=3)), Probe("file_read", "y", Turns([1]))], rounds=6)
    assert [word for word in said if isinstance(word, Missing)] == [Missing("map", "the memory is too small", "x")]
    assert counts["file_read", "y"] == 6


def test_rounds_end_in_time_and_none_takes_it_all():
    clock = Clock()
    slow = Probe("file_read", "slow", Turns([1], lasts=clock.passes(0.05)))
    quick = Probe("map", "quick", Turns([1], lasts=clock.passes(0.001)))
    _, counts = words([slow, quick], clock, rounds=10**6, seconds=0.5, fewest=3)
    assert clock.now <= 0.5
    assert counts["file_read", "slow"] == 4  # a third of the time, and what had begun
    assert 160 < counts["map", "quick"] < 175  # a third too
    _, counts = words([slow], clock, rounds=10**6, seconds=0.0, fewest=3)
    assert counts == {("file_read", "slow"): 3}


def test_windows_are_no_shorter_than_said_whatever_the_first_call_took(monkeypatch):
    clock, takes = Clock(), iter([0.1])
    monkeypatch.setattr("bench.workload.roofs.timing.time", SimpleNamespace(perf_counter=clock))
    window = windows_of(lambda: clock.passes(next(takes, 0.01))(), 5, task(window_seconds=0.025).plan)
    work, seconds = window()
    assert work == 3 * 5
    assert seconds == pytest.approx(0.03)
