"""A tree with the results of a small class, as bundles that were taken in would leave it."""

from bench.host.profile import save
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.host_trees import gpu, make_profile
from tests.records import T4, make_data, make_record, make_trained

SUITE = """\
title: A small network
data: cifar10
models: [compact]
variants: [notebook]
train: {epochs: 20}
course:
  max_params: 50000
  rankings:
    most accurate: {by: test_accuracy}
  grades:
    points: {formula: "20*(accuracy-min)/(max-min)"}
"""
ACCURACIES = {"01": 0.80, "02": 0.801, "03": 0.70, "04": 0.90}
TOO_LARGE = "05"


def class_tree(root):
    """Five teams with a card each, the last of which has too large a network; and the staff's own record."""
    save(make_profile("tesla-t4", label="Tesla T4", hardware=gpu("Tesla T4")), root / "hosts/tesla-t4.yaml")
    data = make_data(name="cifar10", requested="cifar10", test_images=10_000)
    for number, (team, accuracy) in enumerate((ACCURACIES | {TOO_LARGE: 0.99}).items()):
        values = {"trainable_params": 60_000 if team == TOO_LARGE else 45_000}
        fields = {"host": "tesla-t4", "team": team, "device": T4}
        keep(root, make_trained("tiny", test=accuracy, suite="mine", data=data, values=values, **fields))
        keep(root, make_record(step_ms=10.0 + number, noise=0.0, **fields))
    keep(root, make_record(host="tesla-t4", step_ms=99.0, device=T4))
    (root / "mine.yaml").write_text(SUITE)
    return root


def keep(root, record):
    Journal(journal_path(root, record.host, record.suite, record.team), Record).append(record)
