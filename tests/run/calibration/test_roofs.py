"""Roofs measured by the real code, tiny: what is kept, what Ctrl-C loses, what one that fails costs the others. A whole
run is in `test_calibrate`."""

import os
import signal

import pytest

from bench.host.detect import detect
from bench.host.hardware import Hardware
from bench.host.measured import Peak, Roof
from bench.host.profile import Price, load, save
from bench.host.registry import recognise
from bench.host.roofs import offered, with_roof
from bench.run.calibration.roof_windows import RoofWindows
from bench.run.calibration.roofs import measure_roofs, processes, settled, words
from bench.run.machine import this_machine
from bench.run.process.forkserver import ForkServer
from bench.workload.roofs.plan import Began, Missing, Timed
from tests.run.resting import say_and_rest
from tests.run.tiny_roofs import TINY


class Observer:
    """Remembers what it was told; `at` is called with the roofs whose turn has come, in order."""

    def __init__(self, at=lambda begun: None):
        self.at, self.begun, self.notices, self.kept = at, [], [], {}

    def notice(self, text):
        self.notices.append(text)

    def roofs_begin(self, count, seconds):
        self.count, self.seconds = count, seconds

    def roof_begins(self, name, left):
        assert left <= self.seconds
        self.begun.append(name)
        self.at(self.begun)

    def roof_kept(self, name, found):
        self.kept[name] = found


@pytest.fixture
def tree(tmp_path):
    """A tree that knows this machine, with a price that somebody wrote."""
    profile = recognise(tmp_path, detect()).profile.model_copy(update={"price": Price(per_hour=0.5)})
    save(profile, tmp_path / "hosts" / f"{profile.id}.yaml")
    return tmp_path


def measured(tree, executor, observer):
    here = this_machine(tree, executor, None, observer.notice, detect())
    return measure_roofs(tree, here, executor, observer, TINY)


def kept(tree):
    (path,) = (tree / "hosts").glob("*.yaml")
    return load(path)


def left_behind(tree):
    return [path.name for path in (tree / "results").iterdir()]


@pytest.mark.long
def test_ctrl_c_keeps_what_had_windows_enough_and_what_others_wrote_meanwhile(tree, executor):
    (path,) = (tree / "hosts").glob("*.yaml")

    def press(begun):
        # the fifth time: once prepared, then in its fourth round, when it has its three windows
        if begun.count("launch_latency") == 5:
            save(load(path).model_copy(update={"price": Price(per_hour=0.7)}), path)
            raise KeyboardInterrupt

    observer = Observer(press)
    with pytest.raises(KeyboardInterrupt):
        measured(tree, executor, observer)
    profile = kept(tree)
    assert profile.price.per_hour == 0.7
    assert {"float32", "launch_latency", "map"} <= set(observer.kept) == set(profile.peaks) | set(profile.roofs)
    assert left_behind(tree) == []


def test_ctrl_c_before_that_leaves_the_profile_as_it_was(tree, executor):
    def press(begun):
        if len(begun) == 2:
            raise KeyboardInterrupt

    observer = Observer(press)
    with pytest.raises(KeyboardInterrupt):
        measured(tree, executor, observer)
    assert observer.kept == kept(tree).peaks == kept(tree).roofs == {}


class Remembering:
    """An executor that knows the process it started last."""

    def __init__(self, executor):
        self.probe, self.host, self._fork = executor.probe, executor.host, executor.fork

    def fork(self, work, argument):
        self.child = self._fork(work, argument)
        return self.child


@pytest.mark.long
def test_a_roof_whose_process_dies_is_absent_and_the_others_go_on(tree, executor):
    (tree / "results").write_text("no folder")
    remembering = Remembering(executor)

    def kill(begun):
        if begun[-1] == "launch_latency" and begun.count("launch_latency") == 3:
            os.kill(remembering.child.pid, signal.SIGKILL)

    observer = Observer(kill)
    found = measured(tree, remembering, observer)
    # by the time that the parent hears of its turn, the process may be at the next one's
    (lost,) = set(found.failed) - {"file_read"}
    assert lost in observer.begun
    assert found.failed[lost] == "its process ended without a result: killed by SIGKILL"
    assert found.failed["file_read"].startswith("no file can be written where results lie (")
    assert {**kept(tree).roofs_absent, **found.failed} == kept(tree).roofs_absent
    assert set(found.measured) == set(offered(detect())[0]) - set(found.failed)
    assert found.kept_older == {}
    assert any(notice.startswith(f"no new {lost}: its process ended") for notice in observer.notices)


def roof(value, margin=0.01, of="x"):
    return Roof(value=value, low=value * (1 - margin), high=value * (1 + margin), date="2026-01-05", of=of)


def peak(value, margin=0.01, of="x"):
    rate = {"flops_per_second": value, "low": value * (1 - margin), "high": value * (1 + margin)}
    return Peak(**rate, date="2026-01-05", reached_by=of)


STAYS = "something else was running; the better one of 2026-01-05 stays"


@pytest.mark.parametrize(
    ("older", "new", "stays"),
    [
        (None, roof(1.0, 0.2), None),
        (roof(2.0), roof(1.0), None),
        (roof(1.0), roof(2.0, 0.2), None),
        (roof(2.0), roof(1.0, 0.2), STAYS),
        (roof(2.0, of="smaller"), roof(1.0, 0.2), None),
        (roof(2.0, of="x, not cold: kept"), roof(1.0, 0.2, of="x, not cold: kept"), None),
        (roof(2.0), "no room", "no room; that of 2026-01-05 stays"),
        (None, "no room", "no room"),
    ],
)
def test_what_replaces_an_older_one(tree, older, new, stays):
    before = kept(tree) if older is None else with_roof(kept(tree), "map", older)
    profile, why = settled(before, "map", new)
    assert why == stays
    assert profile.roofs.get("map") == (older if stays else new)
    assert profile.roofs_absent.get("map") == (new if older is None and isinstance(new, str) else None)


@pytest.mark.parametrize(("margin", "stays"), [(0.2, STAYS), (0.01, None)])
def test_a_peak_stays_whichever_product_reached_it(tree, margin, stays):
    older, new = peak(2.0, of="matrices"), peak(1.0, margin, of="images")
    profile, why = settled(with_roof(kept(tree), "float32", older), "float32", new)
    assert (profile.peaks["float32"], why) == (older if stays else new, stays)


def test_of_several_ways_the_fastest_is_the_roof():
    windows = RoofWindows(TINY)
    windows.add(Began("float32", 1))
    for _ in range(3):
        windows.add(Timed("float32", "slow", 5e9, 1.0))
        windows.add(Timed("float32", "fast", 9e9, 1.0))
    windows.add(Missing("float32", "too large", "huge"))
    found = windows.found("float32", "2026-01-05")
    assert (found.flops_per_second, found.reached_by, found.date) == (9e9, "fast", "2026-01-05")


def test_seconds_are_the_other_way_round():
    windows = RoofWindows(TINY)
    for seconds in (1.0, 1.1, 1.2, 1.3):
        windows.add(Timed("launch_latency", "x", 1000, seconds))
    roof = windows.found("launch_latency", "2026-01-05")
    assert roof.value == pytest.approx(1.05e-3)  # of the two fastest
    assert roof.low < roof.value < roof.high


def test_too_few_windows_are_none_and_a_failure_has_its_reasons():
    windows = RoofWindows(TINY)
    windows.add(Timed("map", "x", 1.0, 1.0))
    assert windows.found("map", "2026-01-05") is None
    windows.add(Missing("float32", "too large", "matrices"))
    windows.add(Missing("float32", "not finite", "images"))
    assert windows.found("float32", "2026-01-05") == "matrices: too large; images: not finite"
    for _ in range(3):
        windows.add(Timed("file_read", "x", 1.0, 1.0))
    windows.add(Missing("file_read", "the disk is gone"))
    assert windows.found("file_read", "2026-01-05") == "the disk is gone"


def test_tf32_has_a_process_of_its_own():
    ampere = Hardware(
        kind="gpu", gpu_name="L4", compute_capability="8.9", cpu="x", cores=2, memory_bytes=2**33, system="linux"
    )
    others, with_tf32 = processes(offered(ampere)[0])
    assert with_tf32 == ("tf32", "vgg16_tf32")
    assert {"float32", "vgg16_bfloat16", "host_to_device_bandwidth"} < set(others)
    assert len(processes(offered(ampere.as_cpu())[0])) == 1


def test_a_process_that_says_nothing_is_given_up_with_the_reason():
    with ForkServer([]) as server:
        child = server.fork(say_and_rest, Began("map", 1))
        assert next(words(child)) == Began("map", 1)
        with pytest.raises(TimeoutError, match="no sign of life"):
            next(words(child, 0.05))
        child.end()
