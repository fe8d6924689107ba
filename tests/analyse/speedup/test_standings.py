"""How variants stand to their baseline after rounds of processes that took turns."""

import math

import numpy as np
import pytest

from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.network_fit import process_variances
from bench.analyse.stats.process_times import process_times
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.stats.spread import Spread
from bench.results.query import identity, latest
from bench.results.record import Finding, Window
from bench.results.window import Discarded, Turns
from tests.records import make_record
from tests.simulate.rounds import World, false_marks, simulate

QUIET = {"cpu-2-cores": Spread(0.003, 19, measured=True)}


class Run:
    """Rounds of cells that take these milliseconds a step, on a machine that drifts from group to group and from cycle
    to cycle by as much as nothing else explains."""

    def __init__(self, seed=0, processes=0.004, windows=0.004, drift=0.1):
        self.rng = np.random.default_rng(seed)
        self.processes, self.windows, self.drift = processes, windows, drift
        self.records = []

    def round(self, number, cells, cycles=6, **changes):
        moments = self.drift * self.rng.standard_normal(cycles) + self.drift * self.rng.standard_normal()
        for place, (variant, step_ms) in enumerate(cells.items(), start=1):
            luck = self.processes * self.rng.standard_normal()
            windows = tuple(
                Window(4, 0.004 * step_ms * math.exp(moment + luck + self.windows * self.rng.standard_normal()))
                for moment in moments
            )
            turns = Turns(run="r", round=number, group=number, place=place, cells=len(cells), length=1, seed=1)
            self.records.append(
                make_record(
                    variant=variant,
                    baseline=variant == "notebook",
                    windows=windows,
                    turns=turns,
                    started=f"2026-11-27T10:{number:02}:{place:02}+00:00",
                    host="cpu-2-cores",
                    **(changes.get(variant) or {}),
                )
            )
        return self

    def standing(self, variant, spreads=QUIET):
        found = Standings(latest(self.records), spreads).to_baselines()
        (key,) = [identity(one) for one in latest(self.records) if one.variant == variant]
        return found[key]


CELLS = {"notebook": 16.0, "equal": 16.0, "faster": 12.0, "slower": 20.0}


def test_what_drifts_hits_all_cells_of_a_cycle_and_cancels():
    run = Run().round(1, CELLS).round(2, CELLS).round(3, CELLS)
    assert run.standing("faster").ratio.value == pytest.approx(16 / 12, rel=0.02)
    assert run.standing("faster").ratio.margin < 0.02
    assert [run.standing(name).verdict for name in ("equal", "faster", "slower")] == ["same", "faster", "slower"]
    assert run.standing("equal").needed == 0


def test_what_is_known_too_badly_is_undecided_and_says_what_it_needs():
    run = Run(processes=0.04).round(1, CELLS).round(2, CELLS)
    found = run.standing("equal", {})
    assert found.verdict == found.ratio.verdict == "undecided"
    assert found.needed >= 1


def test_a_difference_within_the_band_is_the_same_even_where_its_interval_excludes_1():
    run = Run(processes=0.001, windows=0.001)
    for number in range(1, 7):
        run.round(number, {"notebook": 16.0, "equal": 16.4})
    found = run.standing("equal", {"cpu-2-cores": Spread(0.001, 19, measured=True)})
    assert found.ratio.high < 1
    assert found.verdict == "same"


def test_the_variance_between_processes_is_found_and_drawn_to_what_is_known_of_the_host():
    run = Run(processes=0.03)
    for number in range(1, 9):
        run.round(number, CELLS)
    found = process_variances(latest(run.records), Spread(0.02))
    assert math.sqrt(found.between) == pytest.approx(0.03, rel=0.4)
    assert found.freedom == pytest.approx(4 + 7 * 3)
    first = Run(processes=0.03).round(1, CELLS)
    assert process_variances(latest(first.records), Spread(0.02)).between == 0.02**2


def test_a_cell_that_varies_more_than_the_others_keeps_a_variance_of_its_own():
    steady, wild = Run(seed=1), Run(seed=1)
    for number in range(1, 7):
        steady.round(number, CELLS)
        wild.round(number, CELLS | {"slower": 20.0 * (1.3 if number % 2 else 0.8)})
    assert wild.standing("slower").ratio.margin > 5 * steady.standing("slower").ratio.margin
    assert wild.standing("faster").ratio.margin < 3 * steady.standing("faster").ratio.margin


def test_what_disturbs_every_group_is_in_the_variance_of_three():
    busy = {"slower": {"findings": (Finding(code="busy-machine", message="others"),)}}
    run = Run(processes=0.02).round(1, CELLS, **busy).round(2, CELLS, **busy)
    assert (run.standing("slower").verdict, run.standing("slower").needed) == ("undecided", 1)
    run.round(3, CELLS, **busy)
    assert run.standing("slower").verdict == "slower"


def test_a_disturbed_group_counts_only_where_there_is_no_other_and_marks_nothing():
    busy = {"slower": {"findings": (Finding(code="busy-machine", message="others"),)}}
    run = Run().round(1, CELLS).round(2, CELLS).round(3, CELLS | {"slower": 90.0}, **busy)
    assert run.standing("slower").ratio.value == pytest.approx(16 / 20, rel=0.03)
    alone = Run().round(1, CELLS, **busy)
    assert alone.standing("faster").verdict == "undecided"
    assert alone.standing("faster").ratio.value == pytest.approx(16 / 12, rel=0.05)


def test_cycles_that_were_discarded_are_in_no_time():
    run = Run().round(1, CELLS, cycles=8)
    gone = (Discarded(cycle=2, reason="others"),)
    for place, record in enumerate(run.records):
        windows = list(record.windows)
        if record.variant == "slower":
            windows[2] = Window(4, 9.0)
        run.records[place] = record.model_copy(update={"windows": tuple(windows), "discarded": gone})
    assert run.standing("slower").ratio.value == pytest.approx(16 / 20, rel=0.03)


def test_a_process_alone_says_nothing_of_a_ratio():
    lonely = make_record(turns=Turns(run="r", round=1, group=9, place=1, cells=1, length=1, seed=1))
    assert process_times([lonely]) == ()


def test_of_a_single_turn_of_several_windows_these_tell_how_well_it_is_known():
    run = Run(windows=0.02).round(1, CELLS, cycles=5)
    run.records = [one.model_copy(update={"turns": one.turns.model_copy(update={"length": 5})}) for one in run.records]
    assert all(0.001**2 < one.variance < 0.1**2 for one in process_times(run.records))
    assert isinstance(run.standing("faster").ratio, Ratio)


def test_records_of_one_process_each_are_compared_as_such():
    records = [make_record(baseline=True), make_record(variant="faster", step_ms=10.0), make_record(variant="equal")]
    found = Standings(records, {}).to_baselines()
    assert [found[identity(one)].verdict for one in records[1:]] == ["faster", "same"]
    assert identity(records[0]) not in found
    assert Standings(records, {}).speedups() == {key: one.ratio for key, one in found.items()}


def test_what_has_no_baseline_or_failed_has_no_standing():
    failed = make_record(variant="failed", status="crashed")
    found = Standings([make_record(baseline=True), failed, make_record("vgg16", "xla")], {}).to_baselines()
    assert all(isinstance(one.ratio, Refusal) and one.verdict is None for one in found.values())
    assert len(found) == 2


def test_equal_variants_are_seldom_marked_and_a_slower_one_is_found():
    rng = np.random.default_rng(1)
    equal = [simulate(World(0.01, 0.01), rng) for _ in range(40)]
    assert sum(false_marks(World(0.01, 0.01), one) > 0 for one in equal) <= 4
    planted = World(0.01, 0.01, planted=0.10)
    assert all(simulate(planted, rng).verdicts[0] == "slower" for _ in range(10))


def test_any_two_cells_are_compared_by_what_all_of_the_run_says():
    run = Run().round(1, CELLS).round(2, CELLS).round(3, CELLS)
    records = {one.variant: one for one in latest(run.records)}
    known = Standings(tuple(records.values()), QUIET)
    found = known.of(records["faster"], records["slower"])
    assert found.verdict == "faster"
    assert found.ratio.value == pytest.approx(20 / 12, rel=0.02)
    back = known.of(records["slower"], records["faster"])
    assert back.ratio.value == pytest.approx(1 / found.ratio.value)
    assert back.verdict == "slower"
    assert known.of(records["equal"], records["notebook"]) == known.to_baselines()[identity(records["equal"])]
    by_windows = Standings([records["faster"], records["slower"]], QUIET)  # without a baseline, as one after the other
    assert by_windows.of(records["faster"], records["slower"]).ratio.margin > found.ratio.margin


def test_a_record_that_was_disturbed_alone_gets_no_mark():
    busy = (Finding(code="busy-machine", message="others"),)
    base, other = make_record(baseline=True), make_record(variant="b", step_ms=8.0, findings=busy)
    assert Standings([base, other], {}).of(other, base).verdict == "undecided"
    assert Standings([base, other], {}).of(base, other).verdict == "undecided"
    calm = other.model_copy(update={"findings": ()})
    assert Standings([base, calm], {}).of(calm, base).verdict == "faster"


def test_a_process_whose_disturbed_cycles_are_left_out_is_not_disturbed():
    busy = {"slower": {"findings": (Finding(code="busy-machine", message="others"),)}}
    for cycles, verdict in [((), "undecided"), ((2,), "slower"), ((1, 2, 5, 7), "undecided")]:
        run = Run().round(1, CELLS, cycles=8, **busy)
        gone = tuple(Discarded(cycle=cycle, reason="others") for cycle in cycles)
        run.records = [one.model_copy(update={"discarded": gone}) for one in run.records]
        assert run.standing("slower").verdict == verdict


def test_what_disturbed_one_process_of_a_cell_is_not_told_of_its_others():
    busy = {"slower": {"findings": (Finding(code="busy-machine", message="others"),)}}
    run = Run().round(1, CELLS).round(2, CELLS, **busy)
    (slower,) = [one for one in latest(run.records) if one.variant == "slower"]
    assert slower.findings[0].message == "others (in 1 of 2 processes)"
    assert [time.disturbed for time in process_times([slower, *latest(run.records)[:3]])].count(True) == 1
    assert run.standing("slower").verdict == "slower"
