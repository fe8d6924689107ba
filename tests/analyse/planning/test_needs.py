"""What a target takes and a budget buys, by hand."""

import pytest

from bench.analyse.planning.affordable import affordable
from bench.analyse.planning.amount import Amount
from bench.analyse.planning.budget import parse_budget
from bench.analyse.planning.needs import needs
from bench.analyse.planning.pace import measured_pace
from bench.analyse.planning.prospects import networks_of, prospects
from bench.analyse.planning.target import Accuracy, Epochs, Images
from bench.analyse.training.seeds import repeats
from bench.host.costs import Grid, Price, Quota
from bench.host.measured import Noise
from bench.host.profile import HostProfile, Published, PublishedTime
from bench.results.record import Window
from tests.host_trees import gpu
from tests.records import T4, make_epochs, make_gpu_values, make_record, make_trained

WINDOWS = (Window(10, 0.5), Window(10, 0.5))  # 50 ms a step, 128 images each
START = 0.9 + 0.2 + 0.1 + 0.5
CARD = HostProfile(
    id="card",
    label="Card",
    hardware=gpu("Tesla T4"),
    price=Price(per_hour=1.8, currency="EUR"),
    grid=Grid(kg_co2_per_kwh=0.36, source="a grid"),
    quota=Quota(hours=30, per="week", source="a service"),
    noise=Noise(date="2026-01-05", in_turns=0.0, apart=0.0, rounds=9),
)
BARE = CARD.model_copy(update={"price": None, "grid": None, "quota": None, "costs_absent": {"price": "a gift"}})


def timed(**changes):
    values = make_gpu_values(gpu_energy_joules=100.0)
    fields = {"host": "card", "device": T4, "values": values, "windows": WINDOWS, "absent": {}}
    return make_record(**(fields | changes))


def trained(seed=0, seconds=1.2, reaches=0.8, **changes):
    history = make_epochs(reaches, epochs=20, seed=seed, seconds=seconds, steps=30)
    history = tuple(one.model_copy(update={"energy_joules": 60.0}) for one in history)
    return make_trained(host="card", history=history, seed=seed, windows=WINDOWS, **changes)


def pace_of(*records, profile=CARD):
    (found,) = repeats(records)
    return measured_pace(found, profile)


def test_images_by_hand():
    found = needs(Images(12_800), pace_of(timed()), (), CARD)
    assert found.seconds.value.value == pytest.approx(100 * 0.05 + START)
    assert found.joules.value.value == pytest.approx(100 * 100 / 20)
    assert found.money.value.value == pytest.approx((5 + START) * 1.8 / 3600)
    assert found.currency == "EUR"
    assert found.co2_grams.value.value == pytest.approx(500 / 3.6e6 * 360)
    assert found.quota_hours.value.value == pytest.approx((5 + START) / 3600)


def test_the_interval_holds_the_windows_and_what_processes_differ_by():
    noisy = CARD.model_copy(update={"noise": Noise(date="2026-01-05", in_turns=0.01, apart=0.05, rounds=9)})
    quiet, wide = (pace_of(timed(windows=make_noisy()), profile=one).step_seconds for one in (CARD, noisy))
    assert quiet.low < quiet.value < quiet.high
    assert wide.high / wide.value > 1.15 > quiet.high / quiet.value


def test_a_batch_of_each_device_counts_for_all_of_them():
    options = {"devices": 2, "strategy": "mirrored", "batch": "per_replica"}
    one, two = pace_of(timed()), pace_of(timed(options=options))
    assert (one.batch, two.batch) == (128, 256)
    assert two.epoch_images == 256 * (one.epoch_images // 256)


def make_noisy():
    return tuple(Window(10, 0.5 * factor) for factor in (0.98, 1.02, 1.0, 0.99, 1.01))


def test_what_costs_are_not_known_says_why():
    found = needs(Images(128), pace_of(timed(), profile=BARE), (), BARE)
    assert (found.money.value, found.money.reason) == (None, "a gift")
    assert found.co2_grams.reason == "no grid in hosts/card.yaml"
    assert found.quota_hours.reason == "no quota in hosts/card.yaml"
    cpu = needs(Images(128), pace_of(make_record(host="card")), (), CARD)
    assert cpu.joules.value is cpu.co2_grams.value is None
    assert cpu.joules.reason == cpu.co2_grams.reason


def test_epochs_of_a_training_hold_their_validation():
    found = needs(Epochs(10), pace_of(trained()), (), CARD)
    assert found.seconds.value.value == pytest.approx(10 * (1.2 + 0.12) + START)
    assert found.joules.value.value == pytest.approx(600)
    assert found.notes == ()


def test_epochs_of_what_was_timed_alone_are_its_steps_and_say_so():
    found = needs(Epochs(2), pace_of(timed()), (), CARD)
    assert found.seconds.value.value == pytest.approx(2 * (8_500 // 128) * 0.05 + START)
    assert found.notes == ("it was timed alone: epochs are of its steps, without validation",)


def test_an_accuracy_is_reached_after_the_epochs_that_it_took():
    record = trained()
    count = next(one.epoch for one in record.history if one.val_accuracy >= 0.6)
    found = needs(Accuracy(0.6), pace_of(record), (record,), CARD)
    assert found.seconds.value == Amount(pytest.approx(count * 1.32 + START))
    assert found.joules.value.value == pytest.approx(count * 60)
    assert found.notes == ("of one training: seeds would show by how much others differ",)


def test_over_seeds_an_accuracy_has_an_interval_and_those_that_failed_are_told():
    records = [trained(seed=0, seconds=1.0), trained(seed=1, seconds=1.1), trained(seed=2, reaches=0.3)]
    found = needs(Accuracy(0.6), pace_of(*records[:2]), records, CARD)
    assert found.seconds.value.low < found.seconds.value.value < found.seconds.value.high
    assert found.notes == ("2 of 3 trainings reached it, and the figures are of these",)


def test_an_accuracy_that_was_not_reached_or_means_nothing():
    record = trained()
    best = max(one.val_accuracy for one in record.history)
    never = needs(Accuracy(0.99), pace_of(record), (record,), CARD)
    assert never.seconds.reason == f"99 % of held-out images were not reached; the best was {best * 100:.1f} %"
    assert needs(Accuracy(0.5), pace_of(timed()), (), CARD).seconds.reason == "it was never trained there"
    made_up = record.model_copy(update={"accuracy": record.accuracy.model_copy(update={"synthetic": True})})
    assert "synthetic" in needs(Accuracy(0.5), pace_of(made_up), (made_up,), CARD).seconds.reason


@pytest.mark.parametrize(("budget", "seconds"), [("100 s", 100), ("1 quota hour", 3600), ("0.9 EUR", 1800)])
def test_a_budget_of_time_or_money(budget, seconds):
    record = trained()
    found = affordable(parse_budget(budget), pace_of(record), (record,), CARD)
    assert found.images.value.value == pytest.approx((seconds - START) / 0.05 * 128)
    assert found.epochs.value.value == pytest.approx((seconds - START) / 1.32)
    assert found.accuracy.value.value == max(one.val_accuracy for one in record.history)
    assert found.notes == ("accuracy is of 20 epochs, the longest training there was",)


def test_a_short_budget_reaches_what_its_epochs_had_reached():
    record = trained()
    found = affordable(parse_budget("9 s"), pace_of(record), (record,), CARD)
    whole = int(found.epochs.value.low)
    assert found.accuracy.value.value == max(one.val_accuracy for one in record.history[:whole])
    assert affordable(parse_budget("2 s"), pace_of(record), (record,), CARD).accuracy.reason.startswith("the budget is")
    assert "before its first step" in affordable(parse_budget("1 s"), pace_of(record), (), CARD).images.reason


def test_a_budget_of_energy_is_the_gpus():
    found = affordable(parse_budget("1 kWh"), pace_of(timed()), (), CARD)
    assert found.images.value.value == pytest.approx(3.6e6 / 5 * 128)
    as_grams = affordable(parse_budget("360 g CO2"), pace_of(timed()), (), CARD)
    assert as_grams.images.value.value == pytest.approx(found.images.value.value)
    assert (
        affordable(parse_budget("360 g CO2"), pace_of(timed()), (), BARE).images.reason == "no grid in hosts/card.yaml"
    )


def test_money_in_another_currency_buys_nothing_here():
    found = affordable(parse_budget("5 USD"), pace_of(timed()), (), CARD)
    assert found.epochs.reason == "card is paid in EUR, and no rates of exchange are known here"
    assert affordable(parse_budget("5 EUR"), pace_of(timed()), (), BARE).epochs.reason == "a gift"
    assert affordable(parse_budget("5 quota hours"), pace_of(timed()), (), BARE).epochs.value is None


PUBLISHED = HostProfile(
    id="theirs",
    label="Theirs",
    published=Published(
        source="a page",
        times=(PublishedTime(model="simple_cnn", batch_size=128, step_ms=15, trainable_params=128_420),),
    ),
)


def test_each_host_has_what_is_known_of_the_network():
    other = CARD.model_copy(update={"id": "other"})
    found = prospects([timed(), timed(variant="xla")], [CARD, other, PUBLISHED], "simple_cnn")
    assert [(one.profile.id, one.cell, one.is_published, one.pace is None) for one in found] == [
        ("card", "simple_cnn/notebook/b128", False, False),
        ("other", "simple_cnn", False, True),
        ("theirs", "simple_cnn/notebook/b128", True, False),
    ]
    epochs = needs(Epochs(1), found[2].pace, (), PUBLISHED)  # as many images as where it was measured
    assert epochs.seconds.value.value == pytest.approx(8_500 / 128 * 0.015)
    assert needs(Images(128), found[2].pace, (), PUBLISHED).joules.reason == "a published time tells nothing of energy"
    assert [one.cell for one in prospects([timed(variant="xla")], [CARD], None, ["x*"])] == ["simple_cnn/xla/b128"]
    assert networks_of([timed(model="vgg16")], [PUBLISHED]) == ("vgg16", "simple_cnn")


def test_where_it_was_only_timed_epochs_of_another_host_tell_what_an_accuracy_takes():
    there = trained()
    count = next(one.epoch for one in there.history if one.val_accuracy >= 0.6)
    short = there.train.model_copy(update={"steps_per_epoch": 30})
    other = CARD.model_copy(update={"id": "other"})
    (_, found) = prospects([there, timed(host="other", train=short)], [CARD, other], "simple_cnn")
    assert (found.trained, found.elsewhere) == ((), (there,))
    what = needs(Accuracy(0.6), found.pace, found.trained, other, found.elsewhere)
    assert what.seconds.value.value == pytest.approx(count * 30 * 0.05 + START)
    assert what.notes[0] == "as many epochs as on card"
    bought = affordable(parse_budget("1 h"), found.pace, found.elsewhere, other)
    assert bought.accuracy.value.value == max(one.val_accuracy for one in there.history)
    assert bought.notes[-1] == "accuracy is of trainings on card"
    (_, longer) = prospects([there, timed(host="other")], [CARD, other], "simple_cnn")  # of 66 steps
    assert longer.elsewhere == ()


def test_of_equal_cells_the_trained_one_counts():
    two = [timed(suite="cnn"), trained(suite="handout", fingerprint=timed().fingerprint)]
    (found,) = prospects(two, [CARD], "simple_cnn")
    assert (found.suite, len(found.trained)) == ("handout", 1)


def test_epochs_of_no_time_and_batches_of_nothing_count_for_nothing():
    record = trained()
    still = tuple(one.model_copy(update={"seconds": 0.0, "val_seconds": 0.0}) for one in record.history)
    pace = pace_of(record.model_copy(update={"history": still, "values": {"examples_per_step": -3.0}}))
    assert pace.batch == 128
    assert needs(Epochs(3), pace, (), CARD).seconds.reason == "its epochs took no time at all"
    assert affordable(parse_budget("1 h"), pace, (), CARD).epochs.value is None


def test_what_no_clock_gives_counts_for_nothing():
    (found,) = prospects([timed(windows=(Window(5, 0.0), Window(5, 1.0)))], [CARD], "simple_cnn")
    assert found.pace is None
