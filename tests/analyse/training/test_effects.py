import pytest

from bench.analyse.training.effects import effects
from bench.analyse.training.settings import settings_of
from tests.records import SYNTHETIC, make_data, make_failed, make_record, make_trained

BASE = {"network": "simple_cnn"}
SHARES = (0.600, 0.604, 0.596)


def cell(model="base", variant="notebook", by=0.0, shares=SHARES, network=None, **changes):
    """A record for each seed, of one network whatever the model is called."""
    return [
        make_trained(
            model,
            variant,
            accuracy=share + by,
            test=share + by,
            shake=0,
            seed=seed,
            network=BASE | (network or {}),
            **dict(changes),
        )
        for seed, share in enumerate(shares)
    ]


def found(*cells):
    return {one.setting: one for one in effects([record for records in cells for record in records])}


def values(effect):
    return [level.value for level in effect.levels]


def test_each_setting_that_differs_alone_is_an_effect():
    every = found(
        cell(),
        cell("rate", by=-0.05, network={"learning_rate": 3e-4}),
        cell("half", by=0.03, network={"freeze": 0.5}),
        cell("loaded", network={"weights": "imagenet"}),
        cell("epochs", train={"epochs": 100}),
        cell("base", "b-32", batch_size=32),
        cell("base", "large", options={"image_size": 48}),
        cell("base", "flipped", options={"augment": "pipeline"}),
        cell("wide", network={"args": {"width": 2}}),
    )
    assert {name: values(one) for name, one in every.items()} == {
        "freeze": [0.0, 0.5],
        "weights": [None, "imagenet"],
        "learning_rate": [None, 3e-4],
        "epochs": [20, 100],
        "batch_size": [128, 32],
        "augment": ["none", "pipeline"],
        "image_size": [None, 48],
        "args.width": [None, 2],
    }
    lower = every["learning_rate"].others[0]
    assert lower.gain == pytest.approx(-0.05)
    assert lower.gain_interval.low < -0.05 < lower.gain_interval.high < 0
    assert every["weights"].others[0].gain_interval.side == "around"
    assert every["freeze"].base.gain is None
    assert all(one.company == {} and one.metric == "test_accuracy" for one in every.values())
    assert len(every["freeze"].base.values) == 3
    assert every["freeze"].base.interval.value == pytest.approx(0.6)


def test_what_differs_in_two_settings_is_none():
    assert found(cell(), cell("both", network={"freeze": 0.5, "weights": "imagenet"})) == {}


def test_no_frozen_layer_is_none_whether_as_a_number_or_as_a_share():
    every = found(cell(network={"freeze": 0}), cell("loaded", network={"freeze": 0.0, "weights": "imagenet"}))
    assert list(every) == ["weights"]


def of_classes(model, count, by, **changes):
    data = make_data(subset=tuple(range(count)), train_images=425 * count, digest=f"{count}")
    return cell(model, by=by, data=data, data_spec={"subset": count, "team_seed": 1} | changes)


def test_one_frozen_layer_is_another_level_than_all_of_them():
    every = found(cell(), cell("one", by=0.01, network={"freeze": 1}), cell("all", by=-0.2, network={"freeze": 1.0}))
    assert [(type(value), value) for value in values(every["freeze"])] == [(float, 0.0), (int, 1), (float, 1.0)]


def test_the_number_of_classes_is_one_setting_though_the_images_are_others():
    every = found(of_classes("a", 20, 0), of_classes("b", 40, -0.1), of_classes("c", 80, -0.2))
    assert {name: values(one) for name, one in every.items()} == {"classes": [20, 40, 80]}
    assert [round(level.gain, 3) for level in every["classes"].others] == [-0.1, -0.2]


def test_all_classes_are_no_other_draw():
    data = make_data(subset=None, digest="all")
    every = cell("all", by=-0.3, data=data, data_spec={"subset": None, "team_seed": None})
    assert values(found(of_classes("a", 20, 0), every)["classes"]) == [20, 100]


def test_other_classes_of_the_same_number_are_a_setting_of_their_own():
    drawn = [of_classes(name, 20, 0, team_seed=seed) for name, seed in (("a", 1), ("b", 2))]
    assert list(found(*drawn)) == ["which_classes"]


def test_an_optimizer_brings_its_own_rate():
    sgd = {"optimizer": {"name": "sgd", "momentum": 0.9}, "learning_rate": 0.01}
    every = found(
        cell(),
        cell("rate-3e-3", by=0.01, network={"learning_rate": 3e-3}),
        cell("sgd", by=-0.05, train=sgd),
        cell("rmsprop", by=-0.02, train={"optimizer": "rmsprop", "learning_rate": 0.001}),
    )
    assert set(every) == {"learning_rate", "optimizer"}
    assert values(every["learning_rate"]) == [None, 3e-3]
    names = [value and value["name"] for value in values(every["optimizer"])]
    assert names == [None, "sgd", "rmsprop"]


def test_a_rule_beside_none_is_an_effect_whatever_it_goes_by():
    rules = {"early_stopping": {"patience": 3, "min_delta": 0.0}}
    assert list(found(cell(), cell("stopped", by=0.01, train=rules))) == ["early_stopping"]


def test_the_share_that_is_held_out_by_default_is_told_as_what_it_is():
    usual, none = (settings_of(make_trained(data_spec=spec)) for spec in ({}, {"held_out": 0.0}))
    assert (usual["data.held_out"], none["data.held_out"]) == (0.15, 0.0)


def test_where_a_setting_varies_apart_from_the_usual_ones_its_company_is_told():
    vgg = {"network": "vgg16", "weights": "imagenet"}
    every = found(
        cell(),
        cell("scratch", network={"network": "vgg16"}),
        cell("all", network=vgg),
        cell("head", network=vgg | {"freeze": 1.0}),
        cell("batch", batch_size=32),
    )
    assert every["freeze"].company == {"network": "vgg16", "weights": "imagenet"}
    assert every["weights"].company == {"network": "vgg16"}
    assert every["network"].company == {}
    assert every["batch_size"].company == {}


def test_the_usual_settings_are_those_that_most_others_are_one_step_from():
    """Whatever was measured first, as after `bench run --only`."""
    every = found(
        cell("filters-5", network={"args": {"blocks": 4, "filter": 5}}),
        cell("blocks-2", network={"args": {"blocks": 2, "filter": 3}}),
        cell("blocks-4", network={"args": {"blocks": 4, "filter": 3}}),
        cell("filters-7", network={"args": {"blocks": 4, "filter": 7}}),
    )
    assert {name: one.base.value for name, one in every.items()} == {"args.blocks": 4, "args.filter": 3}
    assert all(one.company == {} for one in every.values())


def test_of_all_combinations_one_is_told_and_the_others_are_counted():
    every = found(*(cell(f"{n}-{f}", network={"network": n, "freeze": f}) for n in ("a", "b", "c") for f in (0.0, 0.5)))
    assert (every["freeze"].elsewhere, every["network"].elsewhere) == (2, 1)
    assert every["freeze"].company == every["network"].company == {}


def test_options_that_change_speed_alone_are_known_as_such():
    every = found(cell(), cell(variant="xla", options={"xla": True}), cell(variant="f", options={"pixels": "uint8"}))
    assert {name: one.speed_only for name, one in every.items()} == {"xla": True, "pixels": False}


def test_one_seed_gives_a_difference_without_an_interval():
    (effect,) = found(cell(shares=(0.6,)), cell(variant="b", batch_size=32, by=0.1, shares=(0.6,))).values()
    (other,) = effect.others
    assert other.gain == pytest.approx(0.1)
    assert other.gain_interval is None
    assert other.interval is None


def test_synthetic_accuracies_are_shown_and_not_compared():
    (effect,) = found(cell(data=SYNTHETIC), cell(variant="b", batch_size=32, by=0.1, data=SYNTHETIC)).values()
    assert effect.synthetic
    assert effect.others[0].values
    assert (effect.others[0].gain, effect.others[0].gain_interval) == (None, None)


def test_without_test_images_the_held_out_ones_judge():
    none = make_data(test_images=0)
    (effect,) = found(cell(data=none), cell(variant="b", batch_size=32, data=none)).values()
    assert effect.metric == "held_out_accuracy"


def test_only_what_was_trained_by_a_recipe_and_went_well_counts():
    assert effects([make_record(), make_record(variant="b", batch_size=32)]) == ()
    assert found(cell(), [make_failed(variant="b", batch_size=32, train=cell()[0].train)]) == {}
    assert effects(cell()) == ()


def test_two_cells_of_equal_settings_are_not_taken_for_twice_as_many_seeds():
    (effect,) = found(cell("a"), cell("b"), cell("c", batch_size=32)).values()
    assert [len(level.values) for level in effect.levels] == [3, 3]


@pytest.mark.parametrize(
    ("train", "differs"),
    [
        ({"keep_weights": True}, set()),
        ({"max_params": 10**7}, set()),
        ({"target_accuracy": 0.7}, set()),
        ({"target_accuracy": 0.7, "stop_at_target": True}, {"stops_at"}),
        ({"monitor": "val_accuracy"}, set()),
        ({"monitor": "val_accuracy", "restore_best": True}, {"monitor", "restore_best"}),
        ({"early_stopping": {"patience": 3}}, {"early_stopping", "monitor"}),
        ({"learning_rate": 0.1}, {"learning_rate"}),
        ({"phases": [{"name": "head", "freeze": 1.0}]}, {"phases"}),
    ],
)
def test_what_changes_nothing_of_what_is_learnt_is_no_setting(train, differs):
    usual, other = settings_of(make_trained()), settings_of(make_trained(train=train))
    assert {name for name in usual | other if usual.get(name) != other.get(name)} == differs


def test_a_recipes_rate_comes_before_the_models():
    both = make_trained(network={"learning_rate": 0.5}, train={"learning_rate": 0.1})
    assert settings_of(both)["learning_rate"] == 0.1
    assert settings_of(make_trained(network={"learning_rate": 0.5}))["learning_rate"] == 0.5


def test_listed_classes_are_their_own_level():
    record = make_trained(data_spec={"subset": (3, 5), "team_seed": None})
    assert settings_of(record)["classes"] == [3, 5]
    assert settings_of(make_record())["classes"] == 20
