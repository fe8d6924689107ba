import pytest

from bench.errors import InputError
from bench.host.measured import AiBenchmark, Noise, Peak, Roof, SelfTest
from bench.host.merging import measured_part, merge_profiles, published_part
from bench.host.profile import Price, Published
from tests.host_trees import cpu, make_profile

JANUARY, FEBRUARY = "2026-01-05", "2026-02-05"


def peak(gigaflops, date):
    flops = gigaflops * 1e9
    return Peak(flops_per_second=flops, low=flops * 0.99, high=flops * 1.01, date=date)


def roof(value, date):
    return Roof(value=value, low=value * 0.99, high=value * 1.01, date=date, of="copies")


def score(ai, date, **failed):
    return AiBenchmark(version="0.1.2", date=date, ai_score=ai, seconds=1.0, failed=failed)


def bare(name, **figures):
    nothing = {"hardware": None, "price": None, "noise": None, "peaks": {}}
    return make_profile(name, **(nothing | figures))


def test_the_newer_figure_counts_and_what_lacks_is_filled():
    ours = bare("ours", peaks={"float32": peak(200, FEBRUARY), "bfloat16": peak(400, JANUARY)})
    theirs = bare(
        "theirs",
        peaks={"float32": peak(100, JANUARY), "bfloat16": peak(500, FEBRUARY)},
        roofs={"launch_latency": roof(2e-4, JANUARY)},
        noise=Noise(date=JANUARY, in_turns=0.01, apart=0.02, rounds=4),
        self_test=SelfTest(date=JANUARY, version="1", largest_error=0.01, empty_step_seconds=1e-3, cells=5),
        ai_benchmark={"full": score(1900, JANUARY)},
        hardware=cpu(),
        price=Price(per_hour=2),
    )
    found = merge_profiles(ours, theirs)
    assert found.profile == theirs.model_copy(
        update={
            "id": "ours",
            "formerly": ("theirs",),
            "peaks": {"float32": peak(200, FEBRUARY), "bfloat16": peak(500, FEBRUARY)},
        }
    )
    assert set(found.left) == {"float32 peak"}
    assert set(found.took) == {
        *("hardware", "price", "noise", "self-test", "bfloat16 peak", "launch latency", "AI Benchmark (full)")
    }


def test_of_one_day_ours_counts():
    for figures in ("peaks", "roofs"):
        make = peak if figures == "peaks" else roof
        name = "float32" if figures == "peaks" else "map"
        ours, theirs = (bare(host, **{figures: {name: make(n, JANUARY)}}) for host, n in (("ours", 1), ("theirs", 2)))
        assert getattr(merge_profiles(ours, theirs).profile, figures)[name] == make(1, JANUARY)


def test_a_whole_run_of_ai_benchmark_counts_before_a_newer_one_with_failures():
    whole, newer = score(1900, JANUARY), score(None, FEBRUARY, a="out of memory")
    for one, other in ((whole, newer), (newer, whole)):
        found = merge_profiles(bare("ours", ai_benchmark={"full": one}), bare("theirs", ai_benchmark={"full": other}))
        assert found.profile.ai_benchmark == {"full": whole}


def test_a_reason_for_a_roofs_absence_is_dropped_where_the_roof_is_known():
    ours = bare("ours", roofs_absent={"map": "it broke", "host_to_device_bandwidth": "no GPU"})
    theirs = bare("theirs", roofs={"map": roof(1e6, JANUARY)}, roofs_absent={"file_read": "no disk"})
    found = merge_profiles(ours, theirs).profile
    assert set(found.roofs) == {"map"}
    assert found.roofs_absent == {"host_to_device_bandwidth": "no GPU", "file_read": "no disk"}


def test_unlike_machines_lend_each_other_nothing():
    ours = bare("ours", hardware=cpu(cores=2))
    theirs = make_profile("theirs", hardware=cpu(cores=4))
    found = merge_profiles(ours, theirs, alike=False)
    assert found.profile == ours.model_copy(update={"formerly": ("theirs",)})
    assert found.took == ()
    assert set(found.left) == {"hardware", "price", "noise", "float32 peak"}


def test_merging_twice_changes_nothing_more():
    ours, theirs = make_profile("ours", formerly=("first",)), make_profile("theirs", formerly=("second",))
    once = merge_profiles(ours, theirs).profile
    assert once.formerly == ("first", "second", "theirs")
    assert merge_profiles(once, theirs).profile == once


def test_two_sources_of_published_times_are_nobodys_to_choose_from():
    ours, theirs = (bare(name, published=Published(source=name)) for name in ("ours", "theirs"))
    with pytest.raises(InputError, match="both ours and theirs carry published times"):
        merge_profiles(ours, theirs)


def test_a_profile_comes_apart_into_what_is_published_and_what_was_measured():
    both = make_profile(published=Published(source="a table"))
    assert measured_part(both) == make_profile()
    assert published_part(both) == bare("old", published=Published(source="a table"))
