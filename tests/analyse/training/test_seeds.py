from bench.analyse.training.seeds import has_trained, repeats
from tests.records import SYNTHETIC, changed, make_failed, make_history, make_record, make_trained


def test_seeds_of_a_cell_are_together():
    records = [
        make_trained(variant=variant, seed=seed, batch_size=batch)
        for seed in (1, 0)
        for variant in ("notebook", "xla")
        for batch in (64, 128)
    ]
    found = repeats(records)
    assert [cell.name for cell in found] == [
        "simple_cnn/notebook/b64",
        "simple_cnn/notebook/b128",
        "simple_cnn/xla/b64",
        "simple_cnn/xla/b128",
    ]
    assert [[record.seed for record in cell.records] for cell in found] == [[0, 1]] * 4


def test_hosts_and_suites_are_apart():
    assert len(repeats([make_trained(), make_trained(host="t4"), make_trained(suite="other")])) == 3


def test_a_seed_measured_with_other_settings_is_no_repeat():
    newest = make_trained(seed=0, epochs=20, started="2026-01-06T10:00:00+00:00")
    others = [
        make_trained(seed=1, epochs=10),
        changed(make_trained(seed=2, epochs=20), ("model", "freeze"), 0.5),
        make_trained(seed=3, epochs=20, data=SYNTHETIC.model_copy(update={"digest": "other"})),
    ]
    alike = make_trained(seed=4, epochs=20, train={"keep_weights": True, "max_params": 10**6, "test_each_epoch": True})
    (cell,) = repeats([*others, newest, alike])
    assert [record.seed for record in cell.records] == [0, 4]
    assert [record.seed for record in cell.apart] == [1, 2, 3]


def test_a_good_record_stands_for_all_and_only_those_with_epochs_are_trained():
    good = make_trained(seed=1)
    failed = make_failed(variant="notebook", suite="trained", train=good.train)
    (cell,) = repeats([failed, good])
    assert cell.first is good
    assert cell.ok == cell.trained == (good,)
    assert len(cell.records) == 2
    (untrained,) = repeats([make_record()])
    assert untrained.trained == ()


def test_what_was_trained():
    assert has_trained(make_trained())
    assert has_trained(make_record(history=make_history()))
    assert has_trained(make_failed(train={"epochs": 5}))
    assert not has_trained(make_record())


def test_synthetic_accuracies_are_known():
    (cell,) = repeats([make_trained(data=SYNTHETIC)])
    assert cell.synthetic
    (cell,) = repeats([make_trained()])
    assert not cell.synthetic
