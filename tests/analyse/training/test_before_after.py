import pytest

from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.stats.spread import Spread
from bench.analyse.training.before_after import before_after, beside_baselines, beside_by_record
from bench.analyse.training.seeds import repeats
from bench.results.query import identity
from tests.records import SYNTHETIC, changed, make_data, make_failed, make_record, make_trained

HOSTS = ({"xeon-2-cores": Spread(0.01)},) * 2
ACCURACIES = (0.800, 0.804, 0.796)


def cell(variant="notebook", accuracies=ACCURACIES, **changes):
    """A cell of a seed for each accuracy."""
    records = [
        make_trained(variant=variant, accuracy=share, test=share, seed=seed, shake=0, **dict(changes))
        for seed, share in enumerate(accuracies)
    ]
    (found,) = repeats(records)
    return found


def lowered(by):
    return tuple(share - by for share in ACCURACIES)


def change(found, name):
    (one,) = (one for one in found.changes if one.name == name)
    return one


def test_a_faster_variant_that_is_less_accurate_beyond_its_seeds_spread_is_marked():
    found = before_after(cell(), cell("bf16", lowered(0.03), step_ms=8), HOSTS)
    assert found.step.verdict == "faster"
    assert found.step.value == pytest.approx(2, rel=0.02)
    assert found.judged == "test_accuracy"
    assert found.accuracy.value == pytest.approx(-0.03)
    assert found.accuracy.verdict == "worse"
    assert found.at_a_price


@pytest.mark.parametrize(
    ("by", "step_ms", "verdict"),
    [(0.002, 8, "not distinguishable"), (-0.03, 8, "better"), (0.03, 32, "worse"), (0.03, 16, "worse")],
)
def test_nothing_else_is(by, step_ms, verdict):
    found = before_after(cell(), cell("b", lowered(by), step_ms=step_ms), HOSTS)
    assert found.accuracy.verdict == verdict
    assert not found.at_a_price


def test_a_training_that_is_shorter_is_faster_though_its_steps_are_not():
    before = [make_trained(seed=s, accuracy=0.8 + s / 500, test=0.8 + s / 500, seconds=1.2 + s / 100) for s in range(3)]
    after = [
        make_trained(variant="b", seed=s, accuracy=0.7 + s / 500, test=0.7 + s / 500, seconds=0.6 + s / 100)
        for s in range(3)
    ]
    found = before_after(*repeats(before), *repeats(after), HOSTS)
    assert found.step.verdict == "same"
    assert change(found, "training_seconds").verdict == "better"
    assert change(found, "training_seconds").value == pytest.approx(-0.5, abs=0.01)
    assert found.at_a_price


def test_with_one_seed_a_side_there_is_no_verdict_and_that_is_said():
    found = before_after(cell(accuracies=(0.8,)), cell("b", (0.5,), step_ms=8), HOSTS)
    assert found.accuracy.verdict is None
    assert found.accuracy.value == pytest.approx(-0.3)
    assert found.accuracy.why == "one seed a side: what seeds differ by isn't known"
    assert not found.at_a_price
    found = before_after(cell(), cell("b", (0.5,)), HOSTS)
    assert found.accuracy.why == "one seed on one side: what seeds differ by isn't known"


def test_accuracies_on_synthetic_images_are_neither_praised_nor_blamed():
    found = before_after(cell(data=SYNTHETIC), cell("b", lowered(0.5), step_ms=8, data=SYNTHETIC), HOSTS)
    assert found.accuracy.before
    assert (found.accuracy.value, found.accuracy.verdict) == (None, None)
    assert "synthetic" in found.accuracy.why
    assert not found.at_a_price


def test_accuracies_on_other_images_do_not_compare():
    other = make_data(digest="other")
    found = before_after(cell(), cell("b", lowered(0.5), data=other), HOSTS)
    assert found.accuracy.value is None
    assert found.accuracy.why.startswith("the images are others")


def test_without_test_images_the_held_out_ones_judge():
    none = make_data(test_images=0)
    found = before_after(cell(data=none), cell("b", lowered(0.03), data=none), HOSTS)
    assert found.judged == "held_out_accuracy"
    assert found.accuracy.verdict == "worse"
    assert change(found, "test_accuracy").before == ()


def test_memory_and_parameters_are_proportions_without_an_interval():
    after = cell("b")
    records = [
        record.model_copy(update={"values": record.values | {"trainable_params": 2 * 128_420}})
        for record in after.records
    ]
    found = before_after(cell(), *repeats(records), HOSTS)
    params = change(found, "trainable_params")
    assert (params.value, params.interval, params.verdict, params.why) == (1.0, None, None, None)
    assert change(found, "peak_resident_bytes").value == 0


def test_more_overfitting_is_worse():
    before = cell(gap=0.05)
    records = [make_trained(variant="b", seed=s, accuracy=a, gap=0.15 + s / 500) for s, a in enumerate(ACCURACIES)]
    found = before_after(before, *repeats(records), HOSTS)
    assert change(found, "accuracy_gap").value == pytest.approx(0.1, abs=0.01)
    assert change(found, "accuracy_gap").verdict == "worse"


def test_what_does_not_overfit_is_no_better_for_lying_lower_yet():
    found = before_after(cell(gap=-0.02), cell("b", gap=-0.15), HOSTS)
    assert change(found, "accuracy_gap").value < -0.1
    assert change(found, "accuracy_gap").verdict is None
    assert change(before_after(cell(gap=0.15), cell("b", gap=-0.02), HOSTS), "accuracy_gap").verdict == "better"


def test_all_seeds_speak_for_the_step_time_and_the_spread_of_processes_is_in_it():
    wide, narrow = ({"xeon-2-cores": Spread(share)} for share in (0.05, 0.001))
    found = [before_after(cell(), cell("b", step_ms=15), (spread, spread)).step for spread in (wide, narrow)]
    assert [one.verdict for one in found] == ["undecided", "faster"]
    one_seed = before_after(cell(accuracies=(0.8,)), cell("b", (0.8,), step_ms=15), HOSTS)
    assert one_seed.step.margin > before_after(cell(), cell("b", step_ms=15), HOSTS).step.margin
    assert one_seed.means[0].processes == 1


def test_other_work_is_refused_and_other_software_only_within_a_suite():
    wider = [changed(record, ("data", "shape"), [48, 48, 3]) for record in cell("b").records]
    found = before_after(cell(), *repeats(wider), HOSTS)
    assert isinstance(found.step, Refusal)
    assert "data.shape differs" in str(found.step)
    newer = [changed(record, ("software", "tensorflow"), "2.22.0") for record in cell("b").records]
    assert "software.tensorflow differs" in str(before_after(cell(), *repeats(newer), HOSTS).step)
    across = before_after(cell(), *repeats(newer), HOSTS, across=True)
    assert isinstance(across.step, Ratio)
    assert ("tensorflow", "2.21.0", "2.22.0") in across.differs


def test_hosts_compare_across_alone():
    there = cell(host="t4", step_ms=4)
    assert "host differs" in str(before_after(cell(), there, HOSTS).step)
    found = before_after(cell(), there, HOSTS, across=True)
    assert found.step.verdict == "faster"
    assert ("host", "xeon-2-cores", "t4") in found.differs


def test_what_never_ran_is_named():
    failed = repeats([make_failed(variant="b", train=cell().first.train)])
    found = before_after(cell(), *failed, HOSTS)
    assert str(found.step) == "simple_cnn/b/b128 is failed"
    assert found.accuracy.value is None


def test_settings_that_differ_are_named():
    after = cell("b", options={"xla": True}, train={"optimizer": {"name": "sgd", "momentum": 0.9}})
    names = [one.name for one in before_after(cell(), after, HOSTS).differs]
    assert names == ["optimizer", "xla"]


def test_each_trained_cell_stands_beside_the_baseline_of_its_model_and_batch_size():
    cells = [cell(), cell("xla"), cell(batch_size=64), cell("xla", batch_size=64), cell("lone", batch_size=32)]
    found = beside_baselines(cells, HOSTS[0])
    assert [(one.before.name, one.after.name) for one in found] == [
        ("simple_cnn/notebook/b128", "simple_cnn/xla/b128"),
        ("simple_cnn/notebook/b64", "simple_cnn/xla/b64"),
    ]
    records = [record for one in cells for record in one.records]
    by_record = beside_by_record(records, HOSTS[0])
    assert len(by_record) == 6
    assert by_record[identity(cells[1].records[2])].after.name == "simple_cnn/xla/b128"


def test_of_what_was_not_trained_there_is_none():
    assert beside_by_record([make_record(), make_record(variant="xla")], HOSTS[0]) == {}
    cells = repeats([make_record(), make_record(variant="xla")])
    assert beside_baselines(cells, HOSTS[0]) == ()


def test_a_step_of_several_devices_batches_counts_for_so_many():
    each = {"devices": 2, "strategy": "mirrored", "batch": "per_replica"}
    found = before_after(cell(), cell("each", step_ms=20, options=each), HOSTS)
    assert found.step.value == pytest.approx(2 * 16 / 20, rel=0.02)
    assert found.step.verdict == "faster"
