import pytest

from bench.analyse.training.effects import effects
from bench.report.as_json import rows
from bench.report.training.effects_table import effects_table
from bench.report.training.effects_text import effect_sentence
from tests.records import SYNTHETIC, make_record, make_trained

SHARES = (0.600, 0.604, 0.596)
SAME = {"network": "simple_cnn"}


def cell(variant="notebook", by=0.0, seeds=3, **changes):
    return [
        make_trained(variant=variant, accuracy=share + by, test=share + by, seed=seed, shake=0, **dict(changes))
        for seed, share in enumerate(SHARES[:seeds])
    ]


def found(*cells):
    return effects([record for records in cells for record in records])


def column(table, heading):
    (place,) = [i for i, column in enumerate(table.columns) if column.heading == heading]
    return [row[place] for row in table.rows]


def notes(table):
    return [f"{note.mark} {note.text}".strip() for note in table.notes]


BATCHES = (cell(), cell("b-64", 0.03, batch_size=64), cell("b-256", 0.001, batch_size=256))


def test_a_row_for_each_value_the_base_first():
    table = effects_table(found(*BATCHES), "Xeon")
    assert table.title == "What each choice does to accuracy — Xeon"
    assert column(table, "setting") == ["batch size", "", ""]
    assert column(table, "value") == ["128 (base)", "64", "256"]
    assert column(table, "seeds") == ["3"] * 3
    assert column(table, "test accuracy, %") == ["60.0", "63.0", "60.1"]
    assert column(table, "95 % interval")[0] == "59.0 to 61.0"
    assert column(table, "points beside the base") == ["", "+3.0 (+2.1 to +3.9) ▲", "+0.1 (−0.8 to +1.0) ≈"]
    assert column(table, "training time, s") == ["24.0"] * 3


def test_a_sentence_for_each_setting():
    table = effects_table(found(*BATCHES), "Xeon")
    assert notes(table)[0] == (
        "batch size: 64 instead of 128 gives +3.0 points (95 %: +2.1 to +3.9, 3 seeds); "
        "256: not distinguishable (−0.8 to +1.0)"
    )


def test_one_seed_says_that_the_spread_is_not_known():
    (effect,) = found(cell(seeds=1), cell("b", 0.03, seeds=1, batch_size=64), cell("c", 0.01, seeds=1, batch_size=32))
    assert effect_sentence(effect) == (
        "batch size: in points beside 128 – 64: +3.0, 32: +1.0; one seed a side, so it isn't known what seeds differ by"
    )
    table = effects_table((effect,), "Xeon")
    assert column(table, "points beside the base") == ["", "+3.0", "+1.0"]
    assert column(table, "95 % interval") == ["–"] * 3


def test_synthetic_accuracies_are_marked_and_not_compared():
    table = effects_table(found(cell(data=SYNTHETIC), cell("b", 0.3, batch_size=64, data=SYNTHETIC)), "Xeon")
    assert column(table, "test accuracy, %") == ["60.0†", "90.0†"]
    assert column(table, "points beside the base") == ["", "–"]
    assert notes(table)[0] == "batch size: accuracies on synthetic images are not compared"
    assert notes(table)[-1].startswith("† images are synthetic")


def test_options_for_speed_alone_have_a_note_and_no_rows():
    xla = cell("xla", options={"xla": True})
    assert effects_table(found(cell(), xla), "Xeon") is None
    table = effects_table(found(*BATCHES, xla), "Xeon")
    assert column(table, "setting") == ["batch size", "", ""]
    assert (
        "options that change the speed alone, where they differ alone – xla: on: not distinguishable (−0.9 to +0.9)"
        in notes(table)
    )


def test_a_suite_that_did_not_train_or_varies_nothing_shows_none():
    assert effects_table(effects([make_record(), make_record(variant="b", options={"image_size": 48})]), "Xeon") is None
    assert effects_table(found(cell()), "Xeon") is None


def test_company_and_rates_are_named():
    vgg = {"network": "vgg16", "weights": "imagenet"}
    sgd = {"optimizer": {"name": "sgd", "momentum": 0.9}, "learning_rate": 0.01}
    every = (
        cell(),
        cell("sgd", train=sgd, rate=0.01),
        cell("b", network={"network": "vgg16"}),
        cell("c", network=vgg),
        cell("d", -0.1, network=vgg | {"freeze": 0.5}),
    )
    table = effects_table(found(*every), "Xeon")
    shown = list(zip(column(table, "setting"), column(table, "value"), strict=True))
    assert ("layers trained (network vgg16, initial weights imagenet)", "all (base)") in shown
    assert ("", "50 %") in shown
    assert ("optimizer", "adam, rate 0.001 (base)") in shown
    assert ("", "sgd, momentum 0.9, rate 0.01") in shown
    assert any(
        note.startswith("layers trained (network vgg16, initial weights imagenet): 50 % instead of all gives −10.0")
        for note in notes(table)
    )


def test_fields_for_programs():
    every = [record for records in BATCHES for record in records]
    by_variant = {row["variant"]: row for row in rows(every)}
    (base,), (larger,) = (by_variant[name]["effects"] for name in ("notebook", "b-64"))
    assert (base["setting"], base["value"], base["gain"]) == ("batch_size", 128, None)
    assert (larger["value"], larger["base"], larger["seeds"]) == (64, 128, 3)
    assert larger["gain"] == pytest.approx(0.03)
    assert larger["gain_low"] < 0.03 < larger["gain_high"]
    assert by_variant["b-64"]["settings"]["batch_size"] == 64
    assert by_variant["b-64"]["training"]["stopped_by"] == "epochs"
    assert by_variant["b-64"]["train"]["epochs"] == 20
    assert by_variant["b-64"]["data_spec"]["subset"] == 20
    assert by_variant["b-64"]["test_accuracy"] == pytest.approx(0.626)
    assert by_variant["b-64"]["before_after"] is None  # it is the baseline of no other batch size
    (plain,) = rows([make_record()])
    assert (plain["train"], plain["training"], plain["settings"], plain["before_after"], plain["effects"]) == (
        None,
        None,
        None,
        None,
        [],
    )


def test_values_that_read_the_same_go_by_their_cells():
    """Two recipes of phases of the same names."""

    def phases(epochs):
        return {"epochs": None, "phases": [{"name": "head", "epochs": epochs}, {"name": "all", "epochs": 9}]}

    def trained(model, epochs):
        return [
            make_trained(model, accuracy=share, test=share, seed=seed, shake=0, network=SAME, train=phases(epochs))
            for seed, share in enumerate(SHARES)
        ]

    table = effects_table(found(trained("short", 2), trained("long", 5)), "Xeon")
    assert column(table, "value") == ["head, then all (short) (base)", "head, then all (long)"]
    assert any(note.startswith("phases: head, then all (long): not distinguishable") for note in notes(table))
