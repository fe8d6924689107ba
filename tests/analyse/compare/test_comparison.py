import math
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from bench.analyse.compare.comparison import compare
from bench.analyse.compare.join import MOST_RUNS, join
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.errors import InputError
from bench.results.record import Finding, Turns, Window
from bench.results.sides import StoredSide
from tests.records import SYNTHETIC, T4, changed, make_data, make_failed, make_gpu_values, make_record

SURE = Spread(0.01, 19, measured=True)
OLD = {"started": "2026-01-05T10:00:00+00:00"}
NEW = {"started": "2026-01-06T10:00:00+00:00"}


def side(*records, text="a", host=None, suite=None):
    return StoredSide(text, Path(), host, suite, records, ())


def compared(before, after, spread=SURE, **names):
    joined = join(side(*before, **names), side(*after, text="b", **names))
    hosts = {record.host: spread for record in (*before, *after)}
    return compare(joined, hosts, hosts)


def only(before, after, spread=SURE):
    (found,) = compared(before, after, spread).cells
    return found


def processes(generator, number, step_ms, share=0.01, first_day=1, **changes):
    """Records as that many processes give them, a day apart: each has a speed of its own."""
    return [
        make_record(
            windows=tuple(
                Window(6, 6 * step_ms / 1e3 * float(own * noise)) for noise in generator.normal(1, 0.01, size=20)
            ),
            started=f"2026-{first_day // 28 + 1:02}-{first_day % 28 + 1:02}T10:00:{i:02}Z",
            **changes,
        )
        for i, own in enumerate(generator.normal(1, share, number))
    ]


@pytest.mark.parametrize(("number", "found_at_least"), [(1, 0.85), (4, 0.95)])
def test_a_slow_down_of_5_percent_is_found_and_no_change_is_not(number, found_at_least):
    """Over 300 cells on a host whose processes differ by 1 %, which its self-test has measured."""
    generator = np.random.default_rng(7)
    cells = [f"m{i}" for i in range(300)]
    before = [one for name in cells for one in processes(generator, number, 16, model=name)]
    equal = [one for name in cells for one in processes(generator, number, 16, model=name, first_day=30)]
    slower = [one for name in cells for one in processes(generator, number, 16 * 1.05, model=name, first_day=60)]
    false = compared(before, equal).counts
    assert (false["faster"] + false["slower"]) / 300 <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 300)
    found = compared(before, slower).counts
    assert found["slower"] / 300 >= found_at_least
    assert found["faster"] == 0


def test_the_ratio_is_above_one_where_the_second_side_is_faster():
    found = only([make_record(step_ms=16, **OLD)], [make_record(step_ms=12, **NEW)])
    assert found.answer == "faster"
    assert found.ratio.value == pytest.approx(16 / 12, rel=0.01)
    assert found.mean_before.step_seconds == pytest.approx(0.016, rel=0.01)
    assert found.resolvable == pytest.approx(math.exp(0.0298) - 1, rel=0.1)


def test_more_processes_narrow_the_interval():
    generator = np.random.default_rng(1)
    one = only(processes(generator, 1, 16), processes(generator, 1, 16, first_day=30))
    more = only(processes(generator, 9, 16), processes(generator, 9, 16, first_day=30))
    assert (more.mean_before.processes, more.mean_after.processes) == (9, 9)
    assert more.resolvable < one.resolvable / 2.5


def test_the_mean_is_over_logarithms_and_margins_shrink_with_processes():
    flat = [(Window(10, 0.1),) * 5, (Window(10, 0.4),) * 5]
    records = [make_record(windows=windows, started=f"2026-01-0{i}T00:00:00Z") for i, windows in enumerate(flat, 1)]
    found = only(records, [make_record(**NEW)], Spread(0.0, measured=True))
    assert found.mean_before.step_seconds == pytest.approx(0.02)
    assert found.mean_before.margin == 0
    noisy = [make_record(noise=0.02, started=f"2026-01-0{i}T00:00:00Z") for i in range(1, 5)]
    alone, together = (only(some, [make_record(**NEW)]).mean_before.margin for some in (noisy[:1], noisy))
    assert together == pytest.approx(alone / 2)


def test_at_most_the_newest_ten_speak_for_a_side():
    generator = np.random.default_rng(2)
    many = processes(generator, 14, 16)
    found = only(many, [make_record(**NEW)])
    assert found.mean_before.processes == MOST_RUNS
    assert found.before is many[-1]


def test_records_of_other_conditions_do_not_speak_with_the_newest():
    newest = make_record(started="2026-01-05T10:00:00Z")
    others = [
        make_record(software={"tensorflow": "2.20.0", "keras": "3.15.1"}, started="2026-01-04T10:00:00Z"),
        make_record(environment={"TF_ENABLE_ONEDNN_OPTS": "0"}, started="2026-01-04T10:00:01Z"),
        make_record(device=T4, started="2026-01-04T10:00:02Z"),
        make_record(executor="inline", started="2026-01-04T10:00:03Z"),
        make_record(count=1, started="2026-01-04T10:00:04Z"),
        make_failed(variant="notebook", started="2026-01-04T10:00:05Z"),
    ]
    found = only([*others, newest], [make_record(**NEW)])
    assert found.mean_before.processes == 1
    assert found.before is newest


def test_no_record_speaks_for_both_sides():
    """An earlier revision of a tree, and the tree: the new side is what came since."""
    old = [make_record(step_ms=16, started=f"2026-01-0{i}T10:00:00Z") for i in range(1, 4)]
    new = make_record(step_ms=18, started="2026-01-09T10:00:00Z")
    found = only(old, [*old, new])
    assert (found.mean_before.processes, found.mean_after.processes, found.answer) == (3, 1, "slower")
    back = only([*old, new], old)
    assert (back.mean_before.processes, back.mean_after.processes, back.answer) == (1, 3, "faster")


def test_the_very_same_newest_record_is_unchanged_and_no_verdict():
    old, again = make_record(**OLD), make_record(variant="xla", **OLD)
    new = make_record(variant="xla", step_ms=20, **NEW)
    found = compared([old, again], [old, again, new])
    assert [one.answer for one in found.cells] == ["unchanged", "slower"]
    assert found.cells[0].resolvable is None
    copied = make_record(step_ms=17, **OLD)  # of the same moment, but with other windows
    assert only([old], [copied]).answer != "unchanged"


def test_the_very_same_records_on_both_sides_are_refused():
    records = [make_record(**OLD), make_record(variant="xla", **OLD)]
    with pytest.raises(InputError, match="'a' and 'b' are the very same 2 records"):
        compared(records, records[::-1])


def test_two_hosts_each_bring_their_own_spread():
    joined = join(side(make_record(**OLD), host="xeon-2-cores"), side(make_record(host="t4", **OLD), host="t4"))
    (found,) = compare(joined, {"xeon-2-cores": SURE}, {"t4": Spread(0.03, 19, measured=True)}).cells
    windows = math.hypot(found.mean_before.margin, found.mean_after.margin)
    assert math.log(1 + found.resolvable) == pytest.approx(math.hypot(windows, 2.093 * 0.01, 2.093 * 0.03), rel=1e-3)
    unknown = compare(joined, {}, {})
    assert unknown.spreads == ({"xeon-2-cores": UNMEASURED}, {"t4": UNMEASURED})


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("model", "network"), "vgg16", "model.network differs: simple_cnn and vgg16"),
        (("model", "source"), "0c0c", "model.source differs: absent and 0c0c"),
        (("model", "learning_rate"), 0.1, "model.learning_rate differs: none and 0.1"),
        (("options", "xla"), True, "options.xla differs: False and True"),
        (("options", "batch_map_source"), "0c0c", "options.batch_map_source differs: absent and 0c0c"),
        (("batch_size",), 64, "batch_size differs: 128 and 64"),
        (("data", "shape"), [64, 64, 3], "data.shape differs: [32, 32, 3] and [64, 64, 3]"),
        (("data", "classes"), 10, "data.classes differs: 100 and 10"),
        (("data", "train_images"), 10, "data.train_images differs: 8500 and 10"),
        (("version",), 2, "version differs: 1 and 2"),
    ],
)
def test_other_work_is_refused_and_named(path, value, named):
    found = only([make_record(**OLD)], [changed(make_record(**NEW), path, value)])
    assert found.answer == "not compared"
    assert found.ratio == Refusal((named,))


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        (make_failed(variant="notebook"), make_failed(variant="notebook", **NEW), "it is failed on both sides"),
        (make_record(), make_failed(variant="notebook", status="crashed", **NEW), "it is crashed on b"),
        (make_record(count=1), make_record(**NEW), "it has fewer than two windows on a"),
        (make_record(), make_record(windows=(Window(5, 0.1), Window(5, 0.0)), **NEW), "it has a window of 0 s on b"),
        (
            make_record(),
            make_record(executor="inline", **NEW),
            "it was measured inline, which gives no figure that counts on b",
        ),
        (make_record(executor="replay"), make_record(**NEW), "it was measured replay, which gives"),
    ],
)
def test_what_has_no_figure_is_refused(before, after, named):
    found = compared([before], [after])
    assert found.cells[0].answer == "not compared"
    assert str(found.cells[0].ratio).startswith(named)
    assert found.overall is None
    assert found.common == ()


FOUR = {"tensorflow": "2.21.0", "keras": "3.15.1", "cudnn": "9.1", "nvidia_driver": "550", "python": "3.11.7"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"software": FOUR | {"tensorflow": "2.22.0"}}, "tensorflow 2.21.0 → 2.22.0"),
        ({"software": FOUR | {"nvidia_driver": "560"}}, "nvidia driver 550 → 560"),
        ({"software": FOUR | {"cuda": "12.5"}}, "CUDA absent → 12.5"),
        ({"software": FOUR | {"cudnn": "9.3"}}, "cuDNN 9.1 → 9.3"),
        ({"software": FOUR | {"python": "3.12.1"}}, "python 3.11.7 → 3.12.1"),
        ({"environment": {"TF_ENABLE_ONEDNN_OPTS": "0"}}, "TF_ENABLE_ONEDNN_OPTS absent → 0"),
        ({"device": T4 | {"name": "Tesla P100", "gpu_name": "Tesla P100"}}, "device Tesla T4 → Tesla P100"),
        ({"values": make_gpu_values(gpu_sm_clock_hz=1.41e9)}, "mean GPU clock, MHz 1,590 → 1,410"),
        ({"protocol": {"precision": 0.01}}, "protocol.precision 0.02 → 0.01"),
        ({"data": SYNTHETIC.model_copy(update={"digest": "0"})}, "images cifar100 → synthetic for cifar100"),
        ({"data": make_data(digest="0")}, "images cifar100 (5f0c) → cifar100 (0)"),
        ({"host": "other"}, "host xeon-2-cores → other"),
    ],
)
def test_what_may_explain_a_difference_is_named_with_both_values(changes, named):
    same = {"software": FOUR, "device": T4, "values": make_gpu_values(), "protocol": {"precision": 0.02}}
    found = compared([make_record(**same, **OLD)], [make_record(**(same | NEW | changes))])
    assert [str(one) for one in found.cells[0].differs] == [named]
    assert isinstance(found.cells[0].ratio, Ratio)
    assert [str(one) for one in found.common] == [named]


def test_clocks_within_3_percent_are_alike():
    near = make_gpu_values(gpu_sm_clock_hz=1.55e9)
    assert only([make_record(values=make_gpu_values(), **OLD)], [make_record(values=near, **NEW)]).differs == ()


def test_what_differs_at_some_cells_is_not_said_of_all():
    other = {"tensorflow": "2.20.0", "keras": "3.15.1"}
    before = [make_record(software=other, **OLD), make_record(variant="xla", **OLD)]
    found = compared(before, [make_record(**NEW), make_record(variant="xla", **NEW)])
    assert [list(map(str, one.differs)) for one in found.cells] == [["tensorflow 2.20.0 → 2.21.0"], []]
    assert found.common == ()


def test_the_whole_is_the_geometric_mean_with_t_over_cells():
    before = [make_record(model, noise=0, step_ms=10, **OLD) for model in "abc"]
    after = [
        make_record(model, noise=0, step_ms=ms, **NEW)
        for model, ms in zip("abc", (10, 10 / 1.1, 10 / 1.21), strict=True)
    ]
    overall = compared(before, after).overall
    assert overall.value == pytest.approx(1.1)
    own, shared = 4.303 * math.log(1.1) / math.sqrt(3), 2.093 * 0.01 * math.sqrt(2)
    assert math.log(overall.high / overall.value) == pytest.approx(math.hypot(own, shared), rel=1e-3)
    assert compared(before[:1], after[:1]).overall is None


def test_the_whole_of_equal_cells_holds_one_where_two_runs_differ_by_chance():
    """Over 200 pairs of runs: a machine's speed differs by 1 % from run to run, and its processes by 0.3 % beside."""
    generator = np.random.default_rng(11)

    def run(when):
        pace = 16 * generator.normal(1, 0.01)
        return [
            make_record(model, noise=0.002, count=6, step_ms=pace * generator.normal(1, 0.003), **when)
            for model in "abcdefgh"
        ]

    wrong = sum(compared(run(OLD), run(NEW)).overall.side != "not distinguishable" for _ in range(200))
    assert wrong / 200 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)


def test_more_processes_of_each_cell_tell_more_of_the_whole():
    few, many = (
        compared(
            [one for model in "abc" for one in processes(np.random.default_rng(4), number, 16, model=model)],
            [make_record(model, noise=0.0001, started="2026-03-01T00:00:00Z") for model in "abc"],
        ).overall.margin
        for number in (1, 4)
    )
    assert many < few


def test_what_a_gate_trips_over():
    cells = {"same": 16, "slow": 32, "fast": 8}
    before = [make_record(name, **OLD) for name in (*cells, "breaks", "skips", "broken")]
    before[-1] = make_failed("broken", "notebook", **OLD)
    after = [
        *(make_record(name, step_ms=ms, **NEW) for name, ms in cells.items()),
        make_failed("breaks", "notebook", status="crashed", **NEW),
        make_failed("skips", "notebook", status="skipped", **NEW),
        make_failed("broken", "notebook", **NEW),
    ]
    found = compared([*before, make_record("gone", **OLD)], after)
    assert [one.after.model for one in found.worse] == ["slow", "breaks"]
    assert [(record.model, why) for record, why in found.unjudged] == [
        ("skips", "it is skipped on b"),
        ("gone", "it isn't on b"),
    ]


def keys(joined):
    return [
        (joint.before[0].host, joint.before[0].suite, joint.after[0].host, joint.after[0].suite)
        for joint in joined.joints
    ]


def test_several_hosts_and_suites_are_joined_by_name():
    numbers = count(10)

    def everywhere():
        return [
            make_record(host=host, suite=suite, started=f"2026-01-05T10:00:{next(numbers)}Z")
            for host in ("t4", "cpu")
            for suite in ("cnn", "digits")
        ]

    found = join(side(*everywhere()), side(*everywhere()))
    assert keys(found) == [(h, s, h, s) for h in ("t4", "cpu") for s in ("cnn", "digits")]


def test_one_host_a_side_is_joined_whatever_its_name():
    found = join(side(make_record(host="t4")), side(make_record(host="p100")))
    assert keys(found) == [("t4", "cnn", "p100", "cnn")]


def test_named_suites_may_differ_and_unnamed_ones_may_not():
    before, after = make_record(suite="before"), make_record(suite="after")
    assert keys(join(side(before, suite="before"), side(after, suite="after")))
    with pytest.raises(InputError, match="no cell is on both sides; 'a' has 1 \\(before: simple_cnn/notebook/b128\\)"):
        join(side(before), side(after))


def test_a_side_that_leaves_open_what_the_other_names_is_narrowed():
    old = make_record(host="t4", **OLD)
    found = join(side(old, host="t4", suite="cnn"), side(old, make_record(host="t4", **NEW), make_record(host="cpu"),
                                                         make_record(host="t4", suite="other"), text="b"))  # fmt: skip
    assert keys(found) == [("t4", "cnn", "t4", "cnn")]
    assert found.only_after == ()


def test_an_open_host_among_several_is_asked_for():
    with pytest.raises(InputError, match="'b' has several hosts, and none of them is t4; name one of cpu, p100"):
        join(side(make_record(host="t4"), host="t4"), side(make_record(host="cpu"), make_record(host="p100"), text="b"))


def test_cells_of_one_side_alone_are_listed():
    before = [make_record(**OLD), make_record(variant="gone", **OLD)]
    after = [make_record(**NEW), make_record(variant="new", **NEW), make_record(variant="newer", **NEW)]
    found = join(side(*before), side(*after))
    assert [record.variant for record in found.only_before] == ["gone"]
    assert [record.variant for record in found.only_after] == ["new", "newer"]


def test_a_renamed_seed_is_the_same_cell():
    old = make_record(**OLD)
    assert len(join(side(old), side(make_record(cell=f"{old.cell}/s0", **NEW))).joints) == 1


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (("model", "source"), "the network's own code 0c0c → 1d1d"),
        (("options", "batch_map_source"), "the code of batch_map 0c0c → 1d1d"),
    ],
)
def test_a_change_of_ones_own_code_is_what_is_compared_and_named(path, named):
    before, after = (changed(make_record(**side), path, value) for side, value in ((OLD, "0c0c"), (NEW, "1d1d")))
    found = only([before], [after])
    assert found.answer == "same"
    assert [str(one) for one in found.differs] == [named]


def run_of(number, step_ms, share=0.0, day=1, run="r", **changes):
    """The records of one run: that many processes that took turns, of one cell."""
    generator = np.random.default_rng(number + day)
    return [
        make_record(
            step_ms=step_ms * float(generator.normal(1, share)),
            turns=Turns(run=f"{run}{day}", round=place, group=place, place=1, cells=2, length=1, seed=1),
            started=f"2026-01-{day:02}T10:00:{place:02}Z",
            **changes,
        )
        for place in range(1, number + 1)
    ]


def test_processes_of_one_run_speak_together_and_share_its_moment():
    """What a self-test finds of interleaved processes is lessened by their number, the rest of its spread isn't."""
    before, after = run_of(4, 16), run_of(9, 16, day=2)
    found = only(before, after, Spread(0.03, 19, measured=True, in_turns=0.01))
    assert (found.mean_before.processes, found.mean_after.processes) == (4, 9)
    assert (len(found.mean_before.runs), len(found.mean_after.runs)) == (1, 1)
    luck, moment = 0.01**2, 0.03**2 - 0.01**2
    wanted = 2.093 * math.sqrt(2 * moment + luck / 4 + luck / 9)
    assert found.between_processes == pytest.approx(wanted, rel=1e-3)
    unknown = only(before, after, SURE)
    assert unknown.between_processes == pytest.approx(2.093 * 0.01 * math.sqrt(2), rel=1e-3)


def test_runs_that_lie_further_apart_than_assumed_widen_the_interval():
    generator = np.random.default_rng(3)
    calm = only(processes(generator, 4, 16, 0.005), processes(generator, 4, 16, 0.005, first_day=30))
    wild = only(processes(generator, 4, 16, 0.05), processes(generator, 4, 16, 0.05, first_day=30))
    assert calm.between_processes == pytest.approx(2.093 * 0.01 * math.sqrt(2 / 4), rel=1e-3)
    assert wild.between_processes > 2 * calm.between_processes


@pytest.mark.parametrize("number", [3, 5, 10])
def test_intervals_hold_the_truth_where_runs_differ_by_twice_what_is_assumed(number):
    generator, held = np.random.default_rng(number), 0
    for _ in range(150):
        found = only(
            processes(generator, number, 16, 0.04),
            processes(generator, number, 16, 0.04, first_day=30),
            Spread(0.02, 19, measured=True),
        )
        held += found.ratio.low <= 1 <= found.ratio.high
    assert held / 150 >= 0.90 - 3 * math.sqrt(0.9 * 0.1 / 150)


BUSY = (Finding(code="busy-machine", message="others had the processors"),)


def test_a_disturbed_run_counts_only_where_there_is_no_other_and_decides_nothing():
    old = make_record(**OLD)
    slow = make_record(step_ms=40, findings=BUSY, started="2026-01-08T10:00:00Z")
    alone = only([old], [slow])
    assert alone.answer == "undecided"
    assert alone.ratio.value == pytest.approx(16 / 40, rel=0.02)
    beside = only([old], [make_record(**NEW), slow])
    assert beside.answer == "same"
    assert beside.mean_after.processes == 1


def test_a_disturbed_process_of_a_run_is_left_out_of_its_time():
    calm, busy = run_of(3, 16), run_of(1, 64, findings=BUSY)
    one = [record.model_copy(update={"turns": calm[0].turns}) for record in busy]
    found = only([*calm, *one], [make_record(**NEW)])
    assert found.mean_before.processes == 3
    assert found.answer == "same"


def test_what_counts_as_the_same_is_the_suites_or_asked_for():
    before, after = [make_record(noise=0.001, **OLD)], [make_record(noise=0.001, step_ms=16.5, **NEW)]
    sure = {"xeon-2-cores": Spread(0.001, 19, measured=True)}
    joined = join(side(*before), side(*after, text="b"))
    answers = [compare(joined, sure, sure, within).cells[0].answer for within in (None, 0.02, 0.1)]
    assert answers == ["same", "slower", "same"]
    (found,) = compare(joined, sure, sure, 0.02).cells
    assert found.same_within == 0.02
