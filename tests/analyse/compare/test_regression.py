"""The verdict on a cell by its host's stored records: fixed cases, and how often it errs in simulation."""

import math

import numpy as np
import pytest

from bench.analyse.compare.regression import ALLOWED, NEWEST, history, regression
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.results.record import Finding, Turns, Window
from tests.records import changed, make_failed, make_record

ONE_PERCENT = Spread(0.01, 9, measured=True)
BASE = make_record()


def process(factor=1.0, noise=0.0, **changes):
    """A record of the same cell whose steps take 25 ms times `factor`; windows vary by `noise`."""
    factors = 1 + noise * np.array([1, -1, 1, -1, -1, 1])
    windows = tuple(Window(4, float(0.1 * factor * one)) for one in factors)
    return BASE.model_copy(update={"windows": windows} | changes)


def processes(*factors, **changes):
    return [process(factor, **changes) for factor in factors]


def test_a_slow_down_beyond_the_noise_fails_with_its_size():
    found = regression(processes(1.05), processes(*[1.0] * 10), ONE_PERCENT)
    assert (found.verdict, found.why) == ("fail", "slower")
    assert found.slowdown == pytest.approx(1.05)
    half = 2.262 * 0.01 * math.sqrt(1 + 1 / 10)  # Student's t at 9 degrees of freedom
    assert (found.low, found.high) == pytest.approx((1.05 * math.exp(-half), 1.05 * math.exp(half)), rel=1e-4)
    assert found.threshold == pytest.approx(math.expm1(half), rel=1e-4)
    assert found.source == "the self-test's spread between processes, 1.00 %"
    assert (found.before_step_seconds, found.now_step_seconds) == pytest.approx((25e-3, 26.25e-3))
    assert (found.before, found.now, found.settled) == (10, 1, False)


@pytest.mark.parametrize(
    ("factor", "verdict", "settled"),
    [
        (0.9, "pass", True),
        (1.0, "pass", True),
        (1.004, "pass", True),
        (1.008, "pass", False),
        (1.015, "ambiguous", False),
    ],
)
def test_what_noise_gives_passes_and_what_it_hardly_gives_is_ambiguous(factor, verdict, settled):
    found = regression(processes(factor), processes(*[1.0] * 10), ONE_PERCENT)
    assert (found.verdict, found.settled) == (verdict, settled)


def test_the_noise_of_the_windows_widens_the_threshold():
    quiet = regression(processes(1.03), processes(1.0), ONE_PERCENT)
    noisy = regression(processes(1.03, noise=0.05), processes(1.0, noise=0.05), ONE_PERCENT)
    assert noisy.threshold > 1.5 * quiet.threshold


def test_with_nothing_stored_it_passes_and_says_so():
    found = regression(processes(1.0), [], ONE_PERCENT)
    assert (found.verdict, found.why) == ("pass", "no stored record to compare with")
    assert (found.slowdown, found.threshold) == (None, None)


@pytest.mark.parametrize("stored", [1, 2, 4])
def test_without_a_self_test_only_what_exceeds_a_generous_spread_fails(stored):
    half = 1.96 * ALLOWED * math.sqrt(1 + 1 / stored)
    over = regression(processes(math.exp(half + 0.01)), processes(*[1.0] * stored), UNMEASURED)
    under = regression(processes(math.exp(half - 0.01)), processes(*[1.0] * stored), UNMEASURED)
    assert (over.verdict, over.why, under.verdict) == ("fail", "slower", "ambiguous")
    assert over.low > 1 > under.low
    assert over.threshold == under.threshold == pytest.approx(math.expm1(half), rel=1e-4)
    assert under.why == f"it looks slower, but {under.source}"
    assert under.source == "this host's noise isn't known and 10 % a process is allowed for: run `bench selftest`"
    assert regression(processes(1.01), processes(*[1.0] * stored), UNMEASURED).verdict == "pass"


def test_without_a_self_test_few_records_that_differ_more_than_is_allowed_widen_the_threshold():
    found = regression(processes(1.6), processes(0.8, 1.25), UNMEASURED)
    own = (math.log(1.25) - math.log(0.8)) / math.sqrt(2)
    assert found.verdict == "ambiguous"
    assert found.threshold == pytest.approx(math.expm1(1.96 * own * math.sqrt(1.5)), rel=1e-4)
    assert "32 % a process" in found.source


def test_without_a_self_test_the_records_tell_the_noise_once_they_are_enough():
    enough = regression(processes(1.05), processes(0.99, 1.0, 1.01, 1.0, 1.0), UNMEASURED)
    assert enough.verdict == "fail"
    assert enough.source.startswith("the spread of the 5 stored records, 0.7")


def test_records_that_differ_from_day_to_day_widen_the_threshold():
    daily = processes(0.9, 1.1, 0.95, 1.05, 1.1, 0.9)
    found = regression(processes(1.08), daily, ONE_PERCENT)
    assert found.verdict != "fail"
    assert found.source.startswith("the spread of the 6 stored records")
    assert regression(processes(1.08), processes(*[1.0] * 6), ONE_PERCENT).verdict == "fail"


def test_one_disturbed_process_of_three_fails_nothing_and_one_disturbed_record_hides_nothing():
    before = processes(*[1.0] * 4)
    assert regression(processes(1.3, 1.0, 1.002), before, ONE_PERCENT).verdict == "pass"
    disturbed = regression(processes(1.06, 1.06, 1.06), processes(1.0, 1.0, 1.4, 1.0), ONE_PERCENT)
    assert disturbed.verdict == "fail"
    assert disturbed.slowdown == pytest.approx(1.06)


@pytest.mark.parametrize(
    "windows",
    [(), (Window(4, 0.1),), (Window(4, 0.1), Window(4, 0.0))],
    ids=["none", "one", "zero"],
)
def test_windows_that_give_no_step_time_give_no_figure(windows):
    unusable = BASE.model_copy(update={"windows": windows})
    found = regression([unusable], processes(1.0), ONE_PERCENT)
    assert (found.verdict, found.slowdown) == ("ambiguous", None)
    assert regression(processes(1.0), [unusable], ONE_PERCENT).why == "no stored record to compare with"


def test_a_machine_without_any_noise_is_no_division_by_zero():
    assert regression(processes(1.0), processes(1.0), Spread(0.0, 9, measured=True)).verdict == "pass"
    assert regression(processes(1.01), processes(1.0), Spread(0.0, 9, measured=True)).verdict == "fail"


def test_history_is_the_newest_good_records_of_the_same_cell_on_the_same_host():
    days = [process(started=f"2026-01-{day:02}T10:00:00+00:00") for day in range(1, 16)]
    others = [
        process(host="elsewhere"),
        process(fingerprint="other", workload=changed(BASE, ("batch_size",), 64).workload),
        process(executor="replay"),
        process(executor="inline"),
        process(seed=1),
        make_failed(variant="notebook"),
        make_record(variant="xla"),
    ]
    now = process(started="2026-02-01T10:00:00+00:00", executor="replay")
    assert history(now, [*others, *reversed(days)]) == tuple(days[-NEWEST:])
    assert history(days[0], days[:1]) == ()


def test_an_edited_network_of_the_users_own_is_judged_by_its_former_self():
    def edited(source):
        own = changed(changed(BASE, ("model", "network"), "mine:build"), ("model", "source"), source)
        return process(workload=own.workload, fingerprint=source)

    before, after = edited("old"), edited("new")
    assert history(after, [before]) == (before,)


def rates(generator, trials, slowdown, stored, sigma):
    """Shares of verdicts when cells that seem slower are measured up to three times, on a host whose self-test had ten
    processes."""
    counts = {"pass": 0, "ambiguous": 0, "fail": 0}

    def measured(factor):
        window_factors = 1 + 0.02 * generator.standard_normal(12)
        total = 0.1 * factor * math.exp(sigma * generator.standard_normal())
        return BASE.model_copy(update={"windows": tuple(Window(4, total * one) for one in window_factors.tolist())})

    for _ in range(trials):
        spread = Spread(sigma * math.sqrt(generator.chisquare(9) / 9), 9, measured=True)
        before, now = [measured(1.0) for _ in range(stored)], []
        while len(now) < 3:
            now.append(measured(slowdown))
            found = regression(now, before, spread)
            if found.settled:
                break
        counts[found.verdict] += 1
    return {verdict: count / trials for verdict, count in counts.items()}


@pytest.mark.parametrize("stored", [1, 3, 10])
@pytest.mark.parametrize("sigma", [0.01, 0.02])
def test_equal_cells_fail_in_fewer_than_one_of_twenty(rng, stored, sigma):
    assert rates(rng, 300, 1.0, stored, sigma)["fail"] <= 0.05


@pytest.mark.parametrize(("stored", "least"), [(1, 0.8), (3, 0.95), (10, 0.97)])
def test_five_percent_are_found_on_a_host_with_a_spread_of_one(rng, stored, least):
    assert rates(rng, 200, 1.05, stored, 0.01)["fail"] >= least


def test_what_something_else_held_up_fails_nothing_and_is_measured_again():
    busy = (Finding(code="busy-machine", message="others had the processors"),)
    found = regression(processes(1.5, findings=busy), processes(*[1.0] * 10), ONE_PERCENT)
    assert (found.verdict, found.settled) == ("ambiguous", False)
    assert "held it up" in found.why
    again = regression(
        [*processes(1.5, findings=busy), *processes(1.0)],
        [*processes(*[1.0] * 10), *processes(3.0, findings=busy)],
        ONE_PERCENT,
    )
    assert (again.verdict, again.before, again.now) == ("pass", 10, 1)


def test_processes_of_one_run_are_one_of_the_stored_measurements():
    turned = [
        process(
            findings=(),
            started=f"2026-01-01T00:00:{place:02}Z",
            turns=Turns(run="r", round=place, group=place, place=1, cells=2, length=1, seed=1),
        )
        for place in range(1, 6)
    ]
    found = history(process(started="2026-02-01T00:00:00Z"), [*turned, process(started="2026-01-02T00:00:00Z")])
    assert len(found) == 2
    assert [len(one.processes) for one in found] == [5, 1]
