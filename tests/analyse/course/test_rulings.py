"""Rules of a course, on records by hand."""

import pytest

from bench.analyse.course.rulings import rulings
from bench.suite.cells import Suite
from bench.suite.course import Course
from bench.suite.recipe import TrainSpec
from bench.suite.spec import DataSpec, ModelSpec, Variant
from tests.records import SYNTHETIC, T4, make_data, make_failed, make_record, make_trained

LATER = "2026-01-06T10:00:00+00:00"


def judged(*records, models=("simple_cnn",), **course):
    suite = Suite(
        name="mine",
        data=DataSpec(name="cifar100", subset=20, team_seed=1),
        models=tuple(ModelSpec(name=name, network=name) for name in models),
        variants=(Variant(name="notebook"),),
        baseline="notebook",
        train=TrainSpec(epochs=20),
        course=Course(**course),
    )
    return {(one.cell, one.rule): one for one in rulings(suite, records)}


def ruling(rule, *records, **course):
    return judged(*records, **course)["simple_cnn/notebook/b128", rule]


def trained(**changes):
    return make_trained(**({"suite": "mine"} | changes))


def test_limits_hold_up_to_themselves():
    record = trained(epochs=20, seconds=1.0, test=0.8)
    for course in (
        {"max_params": 128_420},
        {"max_epochs": 20},
        {"max_seconds": 22.0001},
        {"max_state_mib": 12 * 128_420 / 2**20},
        {"min_accuracy": 0.8},
        {"min_accuracy": 0.7, "accuracy": "held_out_accuracy"},
    ):
        assert ruling(next(iter(course)), record, **course).verdict == "holds", course


@pytest.mark.parametrize(
    ("course", "wanted", "found"),
    [
        ({"max_params": 128_419}, "at most 128,419", "trainable parameters 128,420"),
        ({"max_epochs": 19}, "at most 19", "epochs 20"),
        ({"max_seconds": 21}, "at most 21.0 s", "training time with validation 22.0 s"),
        ({"min_accuracy": 0.81}, "at least 81.0 %", "test accuracy 80.0 %"),
    ],
)
def test_a_rule_that_fails_says_what_was_wanted_and_found(course, wanted, found):
    one = ruling(next(iter(course)), trained(epochs=20, seconds=1.0, test=0.8), **course)
    assert (one.verdict, one.wanted, one.found) == ("fails", wanted, found)
    assert one.evidence == "xeon-2-cores, 2026-01-05"


def test_memory_is_the_gpus_where_that_computes():
    values = {"training_peak_resident_bytes": 900 * 2**20, "training_peak_gpu_allocator_bytes": 300 * 2**20}
    assert ruling("max_memory_mib", trained(values=values), max_memory_mib=400).verdict == "fails"
    assert ruling("max_memory_mib", trained(values=values, device=T4), max_memory_mib=400).verdict == "holds"


def test_what_no_record_tells_is_unknown_with_the_reason():
    nothing = ruling(
        "max_memory_mib", trained(values={}, absent={"training_peak_resident_bytes": "why"}), max_memory_mib=1
    )
    assert (nothing.verdict, nothing.found) == ("unknown", "why")
    none = judged(max_params=5)
    assert {key: one.verdict for key, one in none.items()} == {("simple_cnn/notebook/b128", "measured"): "unknown"}
    two = judged(trained(), models=("simple_cnn", "vgg16"), max_params=5)
    assert two["vgg16/notebook/b128", "measured"].found == "never measured: bench run does that"


def test_the_newest_record_counts_on_whatever_host_and_of_this_suite_alone():
    old, new = trained(), trained(host="other", started=LATER, values={"trainable_params": 9})
    assert ruling("max_params", new, old, max_params=10).evidence == "other, 2026-01-06"
    assert ruling("measured", trained(suite="theirs")).verdict == "unknown"
    failed = make_failed(variant="notebook", suite="mine", started=LATER)
    one = ruling("measured", old, failed, max_params=5)
    assert (one.verdict, one.found) == ("fails", "failed: ValueError: bad")
    assert ruling("measured", trained(executor="inline")).verdict == "fails"


def test_the_data_that_was_trained_on():
    assert ruling("data", trained(), data=("cifar100",)).verdict == "holds"
    assert (
        ruling("data", trained(data=make_data(name="digits", requested="digits")), data=("cifar100",)).verdict
        == "fails"
    )
    stand_in = SYNTHETIC.model_copy(update={"requested": "cifar100"})
    one = ruling("real_data", trained(data=stand_in))
    assert (one.verdict, one.found) == ("fails", "synthetic: no archive in the Keras cache, and no network")
    meant = SYNTHETIC.model_copy(update={"requested": "synthetic"})
    assert ruling("real_data", trained(data=meant)).verdict == "holds"
    assert ("simple_cnn/notebook/b128", "real_data") not in judged(trained(data=stand_in), real_data=False)


def test_figures_that_each_record_must_have():
    record = trained()
    assert ruling("columns", record, columns=("epochs", "test_accuracy")).verdict == "holds"
    untested = record.model_copy(update={"accuracy": None, "absent": {"test_accuracy": "no test images"}})
    one = ruling("columns", untested, columns=("epochs", "test_accuracy"))
    assert (one.verdict, one.found) == ("fails", "no test accuracy (no test images)")


def test_a_suite_without_a_section_has_no_rules():
    suite = Suite(
        name="mine", data=DataSpec(name="digits"), models=(ModelSpec(name="a", network="vgg16"),),
        variants=(Variant(name="notebook"),),
    )  # fmt: skip
    assert rulings(suite, [make_record()]) == ()
