import math
from dataclasses import replace

import numpy as np
import pytest

from bench.analyse.speedup.baseline import baselines, poor_margin
from bench.analyse.speedup.fastest import fastest
from bench.analyse.speedup.standings import Standings
from bench.analyse.speedup.standings import speedup as speedup_with
from bench.analyse.stats.interleaved import paired
from bench.analyse.stats.ratio import Ratio, Refusal, interval
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.results.pair import Pair, Round, Side
from bench.results.query import identity
from bench.results.record import Window
from tests.records import SYNTHETIC, changed, make_data, make_failed, make_record


def speedup(record, baseline, spread=UNMEASURED):
    return speedup_with(record, baseline, spread)


def test_a_speedup_and_its_verdict():
    base, fast, slow, same = (
        make_record(variant=name, step_ms=ms) for name, ms in [("notebook", 16), ("b", 12), ("c", 24), ("d", 16)]
    )
    found = speedup(fast, base)
    assert found.value == pytest.approx(16 / 12, rel=0.01)
    assert found.low < found.value < found.high
    assert [speedup(one, base).verdict for one in (fast, slow, same)] == ["faster", "slower", "undecided"]


def test_the_other_way_round_is_the_inverse():
    one, other = make_record(step_ms=16), make_record(variant="xla", step_ms=12)
    forth, back = speedup(other, one), speedup(one, other)
    assert back.value == pytest.approx(1 / forth.value)
    assert back.low == pytest.approx(1 / forth.high)
    assert back.high == pytest.approx(1 / forth.low)


def test_the_inverse_of_a_ratio_and_half_its_interval():
    one = Ratio(2.0, 1.6, 2.5)
    assert one.inverse == Ratio(0.5, 0.4, 0.625)
    assert one.margin == pytest.approx(0.225)
    assert one.inverse.verdict == "slower"
    assert replace(one, judged="faster").inverse.judged == "slower"
    assert replace(one, judged="same").inverse.judged == "same"


def test_the_same_is_an_interval_within_the_band_even_where_it_excludes_1():
    def verdict(value, half, band=0.05):
        return interval(value, half).within(band).verdict

    assert [verdict(1.0, 0.03), verdict(1.02, 0.01), verdict(1 / 1.02, 0.01)] == ["same"] * 3
    assert [verdict(1.0, 0.08), verdict(1.03, 0.04)] == ["undecided"] * 2
    assert [verdict(1.1, 0.05), verdict(1 / 1.1, 0.05), verdict(1.02, 0.01, 0.01)] == ["faster", "slower", "faster"]
    half = math.log(1.05) / 0.8392  # the 90 % interval of a ratio of 1 just fills the band
    assert (verdict(1.0, half * 0.999), verdict(1.0, half * 1.001)) == ("same", "undecided")


def test_noise_makes_a_difference_indistinguishable():
    base = make_record(noise=0.1, count=5)
    assert speedup(make_record(variant="b", step_ms=15.5, noise=0.1, count=5), base).verdict == "undecided"


def with_times(record, times):
    return record.model_copy(update={"windows": tuple(Window(5, 5 * float(time)) for time in times)})


def processes(generator, pairs, count, noise, before=1.0):
    """Pairs of records as two processes give them: each has a speed of its own, and its windows vary about it."""
    record, baseline = make_record(variant="b"), make_record()
    for _ in range(pairs):
        own = 1 + UNMEASURED.share * generator.standard_normal(2)
        times = generator.normal(own[:, None] * np.array([[1.0], [before]]), noise, size=(2, count))
        yield with_times(record, times[0]), with_times(baseline, times[1])


@pytest.mark.parametrize(("count", "noise"), [(5, 0.01), (5, 0.03), (9, 0.03), (20, 0.1)])
def test_the_interval_covers_the_truth_as_often_as_it_says(count, noise):
    """Of simulated pairs 95 % have the true ratio in their interval: no fewer but for chance, and hardly more."""
    pairs, truth, covered = 2_000, 1.3, 0
    for record, baseline in processes(np.random.default_rng(20), pairs, count, noise, truth):
        found = speedup(record, baseline)
        covered += found.low <= truth <= found.high
    error = math.sqrt(0.95 * 0.05 / pairs)
    assert 0.95 - 4 * error < covered / pairs < 0.985


def test_equal_variants_are_seldom_called_different():
    pairs = 2_000
    found = (speedup(*pair) for pair in processes(np.random.default_rng(21), pairs, 8, 0.05))
    wrong = sum(one.side != "not distinguishable" for one in found)
    assert wrong / pairs < 0.05 + 4 * math.sqrt(0.95 * 0.05 / pairs)


def test_a_difference_that_processes_have_among_themselves_is_no_verdict():
    base = make_record(noise=0.001)
    assert speedup(make_record(variant="b", step_ms=15.4, noise=0.001), base).verdict == "undecided"
    assert speedup(make_record(variant="b", step_ms=14.0, noise=0.001), base).verdict == "faster"


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("version",), 2, "version differs: 2 and 1"),
        (("model", "network"), "vgg16", "model.network differs: vgg16 and simple_cnn"),
        (("model", "freeze"), 2, "model.freeze differs: 2 and 0"),
        (("batch_size",), 64, "batch_size differs: 64 and 128"),
        (("data", "shape"), [64, 64, 3], "data.shape differs: [64, 64, 3] and [32, 32, 3]"),
        (("data", "train_images"), 10, "data.train_images differs: 10 and 8500"),
        (("software", "tensorflow"), "2.20.0", "software.tensorflow differs: 2.20.0 and 2.21.0"),
        (("software", "cuda"), "12.5", "software.cuda differs: 12.5 and absent"),
    ],
)
def test_what_must_match_and_does_not_is_named(path, value, named):
    found = speedup(changed(make_record(variant="xla"), path, value), make_record())
    assert found == Refusal((named,))


def test_every_difference_is_named_at_once():
    other = changed(changed(make_record(host="t4"), ("batch_size",), 64), ("software", "keras"), "3.8.0")
    found = speedup(other, make_record())
    assert [reason.split()[0] for reason in found.reasons] == ["batch_size", "software.keras", "host"]


def test_options_and_pixel_values_may_differ():
    other = make_record(variant="xla", options={"xla": True, "prefetch": 0}, data=SYNTHETIC)
    assert isinstance(speedup(other, make_record(data=make_data(digest="other"))), Ratio)


def test_what_has_no_figure_is_refused():
    base = make_record()
    assert "crashed" in str(speedup(make_failed(status="crashed"), base))
    assert "out of memory" in str(speedup(base, make_failed(variant="notebook", status="out_of_memory")))
    assert "fewer than two windows" in str(speedup(make_record(windows=(Window(1, 1.0),)), base))


def test_each_record_is_set_beside_its_own_baseline():
    records = [
        make_record(step_ms=16),
        make_record(variant="xla", step_ms=32),
        make_record("vgg16", step_ms=600),
        make_record("vgg16", "xla", step_ms=300),
        make_record(variant="xla", step_ms=10, batch_size=64),
    ]
    found = {
        (r.model, r.variant, r.batch_size): ratio
        for r in records
        if (ratio := Standings(records, {}).speedups().get(identity(r)))
    }
    assert found["simple_cnn", "xla", 128].value == pytest.approx(0.5, rel=0.02)
    assert found["vgg16", "xla", 128].value == pytest.approx(2, rel=0.02)
    assert "baseline was not measured" in str(found["simple_cnn", "xla", 64])
    assert set(found) == {("simple_cnn", "xla", 128), ("vgg16", "xla", 128), ("simple_cnn", "xla", 64)}


def test_a_baseline_that_failed_leaves_no_speedup():
    (found,) = Standings([make_failed(variant="notebook"), make_record(variant="xla")], {}).speedups().values()
    assert "notebook/b128 is failed" in str(found)


def test_of_two_baselines_the_newest_counts_wherever_it_stands():
    old = make_record(started="2026-01-05T10:00:00Z")
    new = make_record(variant="cache", baseline=True, step_ms=8, started="2026-01-06T10:00:00Z")
    for records in ([old, new], [new, old]):
        assert list(baselines(records).values()) == [new]
        found = Standings(records, {}).speedups()
        assert set(found) == {identity(old)}
        assert found[identity(old)].value == pytest.approx(0.5, rel=0.02)


def test_inline_records_are_not_set_beside_measured_ones():
    assert "executor differs: inline and local" in str(
        speedup(make_record(variant="b", executor="inline"), make_record())
    )


def test_a_baseline_open_to_doubt():
    assert poor_margin(make_record()) is None
    wide = make_record(noise=0.06, count=6, stopped_by="budget")
    assert poor_margin(wide) > 0.02
    assert poor_margin(make_record(count=4)) is not None
    assert poor_margin(make_record(protocol={"precision": 0.0001, "min_windows": 5})) is not None
    assert poor_margin(make_record(count=1)) is None


def best(*step_ms):
    records = [make_record(), *(make_record(variant=f"v{ms}", step_ms=ms) for ms in step_ms)]
    return fastest(records, records[0], Standings(records, {}))


def test_the_fastest_and_who_is_as_fast():
    found = best(20, 12, 8, 8.1)
    assert found.record.variant == "v8"
    assert [record.variant for record in found.alike] == ["v8.1"]
    assert best(12, 8).alike == ()
    assert best(16.1, 15.8) is None
    assert best() is None


def test_the_spread_is_that_of_the_host():
    base, other = make_record(noise=0.001), make_record(variant="b", step_ms=15.2, noise=0.001)
    assert speedup(other, base).verdict == "undecided"
    assert speedup(other, base, Spread(0.002, 19, measured=True)).verdict == "faster"
    (found,) = Standings([base, other], {base.host: Spread(0.002, 19, measured=True)}).speedups().values()
    assert found.verdict == "faster"
    (found,) = Standings([base, other], {"another": Spread(0.002, 19, measured=True)}).speedups().values()
    assert found.verdict == "undecided"


def test_windows_that_are_all_equal_give_an_interval_of_the_spread_alone():
    even = with_times(make_record(), [0.016] * 12)
    found = speedup(even, even, Spread(0.0, measured=True))
    assert (found.low, found.value, found.high) == pytest.approx((1, 1, 1))
    assert (found.side, found.within(0.05).verdict) == ("not distinguishable", "same")
    found = speedup(even, even)
    assert math.log(found.high) == pytest.approx(UNMEASURED.half_width())


@pytest.mark.parametrize(
    ("window", "named"),
    [
        ((5, 0.0), "a window of 0 s"),
        ((5, -0.1), "a window of -0.1 s"),
        ((5, math.inf), "a window of inf s"),
        ((5, math.nan), "a window of nan s"),
        ((5, 1e300), "a window of 1e+300 s"),
        ((5, 1e-300), "a window of 1e-300 s"),
        ((0, 0.1), "a window of 0 steps"),
        ((-3, 0.1), "a window of -3 steps"),
        ((10**400, 0.1), "a window of countless steps"),
    ],
)
def test_impossible_windows_are_refused_in_words(window, named):
    good = make_record()
    bad = good.model_copy(update={"windows": (*good.windows, Window(*window))})
    for pair in ((bad, good), (good, bad)):
        assert str(speedup(*pair)) == f"simple_cnn/notebook/b128 has {named}"


def test_an_interval_as_wide_as_can_be_is_finite():
    wild = make_record(windows=(*(Window(1, 1e-9),) * 99_999, Window(1, 1e9), Window(1, 1e9)))
    for found in (speedup(wild, make_record()), speedup(make_record(), wild), interval(1e18, 1e9)):
        assert 0 < found.low < found.value < found.high < math.inf


def test_pairs_of_impossible_windows_are_refused_in_words():
    record = make_record()
    fields = ("cell", "model", "variant", "batch_size", "seed", "fingerprint", "workload", "options")
    side = Side(**{name: getattr(record, name) for name in fields})
    good = Round(a=record.windows, b=record.windows)
    shared = {name: getattr(record, name) for name in ("suite", "host", "started", "status", "software", "device")}
    pair = Pair(purpose="ab", a=side, b=side, rounds=(good,) * 3, **shared)
    assert paired(pair).verdict == "same"
    for windows, named in [((Window(5, 0.0),), "it has a window of 0 s"), ((), "it has a round of no windows")]:
        bad = pair.model_copy(update={"rounds": (*pair.rounds, Round(a=record.windows, b=windows))})
        assert str(paired(bad)) == named
