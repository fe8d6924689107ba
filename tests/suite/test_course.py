"""A suite's `course:` section that contradicts the rest of it, or doesn't."""

import pytest

from bench.suite import load

SUITE = """\
data: cifar10
models: [simple_cnn]
variants: [notebook]
train: {epochs: 20, target_accuracy: 0.7, stop_at_target: on, max_params: 60000}
table: [epochs, test_accuracy]
course:
  max_epochs: 20
  max_params: 60000
  min_accuracy: 0.7
  data: [cifar10, digits]
  columns: [epochs]
"""


def test_what_agrees_is_taken(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SUITE)
    course = load(path).course
    assert (course.max_epochs, course.min_accuracy, course.accuracy) == (20, 0.7, "test_accuracy")
    assert (course.data, course.columns, course.real_data) == (("cifar10", "digits"), ("epochs",), True)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("max_epochs: 20", "max_epochs: 19", "7: the course allows 19 epochs, and 'simple_cnn' is trained for 20; let"),
        (
            "max_params: 60000\n",
            "max_params: 50000\n",
            "8: the course allows 50,000 parameters, and 'train' of 'simple_cnn' 60,000; let",
        ),
        (
            "min_accuracy: 0.7",
            "min_accuracy: 0.8",
            "9: the course asks for 80.0%, and the training of 'simple_cnn' stops at 70.0%; raise",
        ),
        (
            "data: [cifar10, digits]",
            "data: [digits]",
            "10: the course allows the data of digits, and 'simple_cnn' is trained on cifar10; let",
        ),
        (
            "columns: [epochs]",
            "columns: [best_epoch]",
            "11: the course asks for the column 'best_epoch', which 'table'",
        ),
        ("max_epochs: 20", "max_epoch: 20", "7: unknown key 'max_epoch' in 'course'; did you mean 'max_epochs'?"),
        ("min_accuracy: 0.7", "min_accuracy: 70", "9: 'min_accuracy' must be at most 1, is 70"),
        (
            "data: cifar10\n",
            "data: {name: cifar10, held_out: 0}\n",
            "4: 'target_accuracy' needs held-out images, and none are held out; hold",
        ),
    ],
)
def test_what_contradicts_is_one_fault_at_its_line(faults_of, before, after, said):
    (fault,) = faults_of(SUITE.replace(before, after, 1))
    assert fault.startswith(said)


def test_what_is_of_a_training_wants_one(faults_of):
    text = SUITE.replace(SUITE.splitlines()[3] + "\n", "").replace("  max_params: 60000\n", "")
    assert [fault.partition(";")[0] for fault in faults_of(text)] == [
        "6: 'max_epochs' of the course is of a training, and the suite doesn't train 'simple_cnn'",
        "7: 'min_accuracy' of the course is of a training, and the suite doesn't train 'simple_cnn'",
    ]


def test_held_out_images_want_to_be_held_out(faults_of):
    suite = "data: {name: cifar10, held_out: 0}\nmodels: [simple_cnn]\nvariants: [notebook]\ntrain: {epochs: 2}\n"
    (fault,) = faults_of(f"{suite}course:\n  accuracy: held_out_accuracy\n")
    assert fault.startswith("6: the course goes by held-out images, and none are held out of 'simple_cnn'")


def test_who_overrides_a_suite_may_go_beyond_its_course(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SUITE)
    assert load(path, ["train.epochs=90", "dataset=digits"]).cells()[0].train.epochs == 90
