import pytest

from bench.analyse.training.effects import effects
from bench.analyse.training.seeds import repeats
from bench.report.core.log_axis import known_ticks
from bench.report.suite.speedup_plot import draw_speedups
from bench.report.training.curve_plot import curves_note, draw_curve, with_curves
from bench.report.training.effects_plot import draw_effects
from bench.report.training.epochs_table import epoch_table
from bench.report.training.tradeoff_plot import draw_tradeoff
from tests.records import SYNTHETIC, make_failed, make_history, make_record, make_trained


def pixels(path):
    from matplotlib.image import imread

    return imread(path)


def has_colour(image, colour):
    from matplotlib.colors import to_rgb

    return (abs(image[..., :3] - to_rgb(colour)).max(axis=-1) < 0.01).sum() > 100


BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8C8C8C"


def test_bars_have_the_colour_of_their_verdict(tmp_path):
    base = make_record()
    variants = {BLUE: make_record(variant="a", step_ms=8), ORANGE: make_record(variant="a", step_ms=32)}
    for colour, record in variants.items():
        path = tmp_path / "figures" / "bars.png"
        assert draw_speedups([base, record], "Xeon", path)
        image = pixels(path)
        assert image.shape[1] == 1680
        assert has_colour(image, colour)
        assert not has_colour(image, ORANGE if colour == BLUE else BLUE)


@pytest.mark.parametrize("models", [1, 2, 3])
def test_each_model_has_a_panel(tmp_path, models):
    records = [
        make_record(f"model{i}", variant, step_ms=ms, batch_size=batch)
        for i in range(models)
        for batch in (64, 128)
        for variant, ms in (("notebook", 16), ("xla", 900), ("f", 0.5))
    ]
    path = tmp_path / "bars.png"
    assert draw_speedups([*records, make_failed(variant="gone")], "Xeon", path)
    assert pixels(path).shape[0] > 250 * models


def test_nothing_to_compare_is_no_figure(tmp_path):
    path = tmp_path / "figures" / "bars.png"
    assert not draw_speedups([make_record()], "Xeon", path)
    assert not draw_speedups([make_record(variant="xla")], "Xeon", path)
    assert not draw_speedups([make_record(), make_failed(variant="xla")], "Xeon", path)
    assert not path.parent.exists()


def cell(*records):
    (found,) = repeats(records)
    return found


def test_a_curve_shows_both_lines(tmp_path):
    path = tmp_path / "curve.png"
    assert draw_curve(cell(make_record(history=make_history(), data=SYNTHETIC)), "Xeon", path)
    image = pixels(path)
    assert image.shape[1] == 1680
    assert has_colour(image, BLUE)
    assert has_colour(image, ORANGE)


def test_a_figure_is_drawn_as_an_svg_too_and_both_are_the_same_each_time(tmp_path):
    for folder in ("one", "two"):
        assert draw_curve(cell(make_trained()), "Xeon", tmp_path / folder / "v1.5.png")
    names = ["v1.5.png", "v1.5.svg"]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    text = (tmp_path / "one" / "v1.5.svg").read_text()
    assert "<text" not in text  # letters are shapes, whatever fonts a reader has
    assert "dc:date" not in text


def test_a_curve_without_held_out_images_shows_training_alone(tmp_path):
    history = tuple(epoch.model_copy(update={"val_loss": None, "val_accuracy": None}) for epoch in make_history())
    path = tmp_path / "curve.png"
    assert draw_curve(cell(make_record(history=history)), "Xeon", path)
    assert not has_colour(pixels(path), BLUE)
    table = epoch_table(cell(make_record(history=history)))
    assert {row[3] for row in table.rows} == {"–"}


def test_fewer_than_two_epochs_are_no_curve(tmp_path):
    path = tmp_path / "curve.png"
    assert not draw_curve(cell(make_record()), "Xeon", path)
    assert not draw_curve(cell(make_record(history=make_history(1))), "Xeon", path)
    assert not path.exists()


def test_phases_reductions_and_the_best_epoch_leave_marks(tmp_path):
    def drawn(name, **changes):
        assert draw_curve(cell(make_trained(**changes)), "Xeon", tmp_path / name)
        return pixels(tmp_path / name)

    def dark(image):
        return int((image[..., :3].max(axis=-1) < 0.5).sum())

    plain = drawn("plain.png", history=make_trained(shake=0).history)
    reduced = drawn("reduced.png", history=make_trained(shake=0).history, reduced_after=(5, 9, 12))
    assert dark(reduced) > dark(plain)
    phased = drawn("phased.png", shake=0, phases=(("head", 5), ("all", 15)))
    assert plain.shape == phased.shape
    assert (plain != phased).any()


def test_a_share_of_no_wrong_answers_is_drawn_too(tmp_path):
    history = [epoch.model_copy(update={"accuracy": 1.0, "val_accuracy": 1.0}) for epoch in make_history()]
    assert draw_curve(cell(make_record(history=tuple(history))), "Xeon", tmp_path / "curve.png")


def test_seeds_share_a_curve_though_one_stops_before_the_others(tmp_path):
    records = [make_trained(seed=s, epochs=12 + s, train={"epochs": 20}) for s in range(3)]
    path = tmp_path / "curve.png"
    assert draw_curve(cell(*records), "Xeon", path)
    assert has_colour(pixels(path), BLUE)
    table = epoch_table(cell(*records))
    assert [row[0] for row in table.rows] == [str(i) for i in range(1, 13)]
    assert table.title == "simple_cnn/notebook/b128, by epoch"
    assert table.notes[0].text == "means of 3 seeds, until the first of them ends after 12"
    mean = sum(record.history[0].val_loss for record in records) / 3
    assert table.rows[0][3] == f"{mean:.4f}"


def test_few_epochs_are_all_in_the_table():
    table = epoch_table(cell(make_record(history=make_history(3))))
    assert [row[0] for row in table.rows] == ["1", "2", "3"]
    assert table.rows[0][1:] == ("1.1500", "58.0", "1.3150", "56.5", "0.500")
    (note,) = table.notes
    assert "training accuracy are means over an epoch's steps" in note.text


def test_phase_and_rate_have_columns_where_they_change():
    head, whole = make_trained(phases=(("head", 2), ("all", 2))).history, 1e-4
    history = [epoch.model_copy(update={"learning_rate": whole if i > 1 else 1e-3}) for i, epoch in enumerate(head)]
    table = epoch_table(cell(make_trained(history=tuple(history))))
    assert [column.heading for column in table.columns][:4] == ["epoch", "phase", "learning rate", "loss"]
    assert [row[1:3] for row in table.rows] == [("head", "0.001")] * 2 + [("all", "0.0001")] * 2


def test_many_epochs_are_thinned_but_for_the_first_best_and_last():
    history = list(make_history(100))
    history[42] = history[42].model_copy(update={"val_accuracy": 0.999})
    table = epoch_table(cell(make_record(history=tuple(history), data=SYNTHETIC)))
    shown = [int(row[0]) for row in table.rows]
    assert len(shown) <= 51
    assert {1, 43, 100} <= set(shown)
    assert shown == sorted(shown)
    assert table.rows[0][2] == "58.0†"
    assert [note.mark for note in table.notes] == ["†", "", ""]


def test_two_seeds_under_one_cell_id_have_a_panel_each(tmp_path):
    records = [make_record(variant=v, step_ms=ms, seed=s) for s in (0, 1) for v, ms in (("notebook", 16), ("xla", 8))]
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    assert draw_speedups(records[:2], "Xeon", one)
    assert draw_speedups(records, "Xeon", two)
    assert pixels(one).shape == pixels(two).shape
    assert (pixels(one) != pixels(two)).any()


def test_what_was_found_of_a_record_stands_below_its_epochs():
    table = epoch_table(cell(make_record(history=make_history(3), noise=0.2, count=30, data=SYNTHETIC)))
    assert [note.text for note in table.notes if "vary by more than 10 %" in note.text]
    assert sum("synthetic" in note.text for note in table.notes) == 1


def test_a_bar_with_a_remark_in_the_table_has_a_mark(tmp_path):
    def drawn(name, values):
        records = [make_record(), make_record(variant="a", step_ms=8, values=values)]
        assert draw_speedups(records, "Xeon", tmp_path / name)
        return pixels(tmp_path / name)

    plain, remarked = drawn("plain.png", {}), drawn("remarked.png", {"foreign_cpu_share": 0.5})
    assert plain.shape == remarked.shape
    assert (plain != remarked).any()


def suite(models, variants=("notebook",), **changes):
    return [
        make_trained(
            f"model{i}",
            variant,
            accuracy=0.4 + 0.4 * i / models,
            seconds=1 + i,
            values=make_record().values | {"trainable_params": 1000 * (i + 1)},
            network={"network": f"net{i % 3}", "freeze": i},
            **changes,
        )
        for i in range(models)
        for variant in variants
    ]


@pytest.mark.parametrize(("models", "variants"), [(2, 1), (9, 2), (40, 1)])
def test_what_accuracy_costs_is_drawn_for_few_cells_and_for_many(tmp_path, models, variants):
    path = tmp_path / "costs.png"
    cells = repeats(suite(models, [f"v{i}" for i in range(variants)]))
    assert draw_tradeoff(cells, "Xeon", path)
    assert pixels(path).shape[1] == 1680
    assert has_colour(pixels(path), BLUE)


def test_one_trained_cell_costs_nothing_to_compare(tmp_path):
    path = tmp_path / "costs.png"
    assert not draw_tradeoff(repeats(suite(1)), "Xeon", path)
    assert not draw_tradeoff(repeats([make_record(), make_record(variant="b")]), "Xeon", path)
    assert not draw_tradeoff(repeats([make_trained(), make_trained(variant="b")]), "Xeon", path)  # all cost the same
    assert not path.exists()


def test_effects_have_the_colour_of_what_they_do(tmp_path):
    def batch(size, by):
        return [make_trained(variant=f"b{size}", batch_size=size, test=0.6 + by + s / 500, seed=s) for s in range(3)]

    for name, by, colour in (("up", 0.2, BLUE), ("down", -0.2, ORANGE), ("same", 0.0, GREY)):
        path = tmp_path / f"{name}.png"
        assert draw_effects(effects([*batch(128, 0), *batch(64, by)]), "suite — Xeon", path)
        assert has_colour(pixels(path), colour)
        assert not any(has_colour(pixels(path), other) for other in {BLUE, ORANGE} - {colour})
    assert not draw_effects((), "suite", tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()


def test_all_curves_are_shown_of_few_cells_and_of_many_the_first_and_the_best():
    few = repeats(suite(12))
    assert with_curves(few) == few
    assert curves_note(few) == []
    wide = repeats(suite(2, [f"v{i}" for i in range(7)]))
    assert [one.name for one in with_curves(wide)] == ["model0/v0/b128", "model1/v0/b128"]
    many = repeats(suite(13))
    assert [one.name for one in with_curves(many)] == ["model0/notebook/b128", "model12/notebook/b128"]
    (note,) = curves_note(many)
    assert note.text.startswith("by epoch 2 of 13 cells are shown below: model0/notebook/b128, model12/notebook/b128")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.8, 120, [1, 10, 100]),
        (8, 120, [10, 30, 100]),
        (14, 70, [15, 30, 50, 70]),
        (60, 95, [60, 70, 80, 90]),
        (1e-3, 1e9, [1e-3, 1, 1e3, 1e6, 1e9]),
    ],
)
def test_ticks_are_round_numbers(low, high, ticks):
    assert known_ticks(low, high) == pytest.approx(ticks)
