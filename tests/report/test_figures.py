import pytest

from bench.report.curve_figure import draw_curve
from bench.report.epoch_table import epoch_table
from bench.report.speedup_figure import draw_speedups
from tests.records import SYNTHETIC, make_failed, make_history, make_record


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


def test_a_curve_shows_both_lines(tmp_path):
    path = tmp_path / "curve.png"
    assert draw_curve(make_record(history=make_history(), data=SYNTHETIC), "Xeon", path)
    image = pixels(path)
    assert image.shape[1] == 1680
    assert has_colour(image, BLUE)
    assert has_colour(image, ORANGE)


def test_a_curve_without_held_out_images_shows_training_alone(tmp_path):
    history = [epoch.model_copy(update={"val_loss": None, "val_accuracy": None}) for epoch in make_history()]
    path = tmp_path / "curve.png"
    assert draw_curve(make_record(history=history), "Xeon", path)
    assert not has_colour(pixels(path), BLUE)
    table = epoch_table(make_record(history=history))
    assert {row[3] for row in table.rows} == {"–"}


def test_fewer_than_two_epochs_are_no_curve(tmp_path):
    path = tmp_path / "curve.png"
    assert not draw_curve(make_record(), "Xeon", path)
    assert not draw_curve(make_record(history=make_history(1)), "Xeon", path)
    assert not path.exists()


def test_few_epochs_are_all_in_the_table():
    table = epoch_table(make_record(history=make_history(3)))
    assert [row[0] for row in table.rows] == ["1", "2", "3"]
    assert table.rows[0][1:] == ("1.1500", "58.0", "1.3150", "56.5", "0.500")
    assert table.notes == ()


def test_many_epochs_are_thinned_but_for_the_first_best_and_last():
    history = list(make_history(100))
    history[42] = history[42].model_copy(update={"val_accuracy": 0.999})
    table = epoch_table(make_record(history=history, data=SYNTHETIC))
    shown = [int(row[0]) for row in table.rows]
    assert len(shown) <= 21
    assert {1, 43, 100} <= set(shown)
    assert shown == sorted(shown)
    assert table.rows[0][2] == "58.0†"
    assert [note.mark for note in table.notes] == ["†", ""]


def test_two_seeds_under_one_cell_id_have_a_panel_each(tmp_path):
    records = [make_record(variant=v, step_ms=ms, seed=s) for s in (0, 1) for v, ms in (("notebook", 16), ("xla", 8))]
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    assert draw_speedups(records[:2], "Xeon", one)
    assert draw_speedups(records, "Xeon", two)
    assert pixels(one).shape == pixels(two).shape
    assert (pixels(one) != pixels(two)).any()


def test_what_was_found_of_a_record_stands_below_its_epochs():
    table = epoch_table(make_record(history=make_history(3), noise=0.2, count=30, data=SYNTHETIC))
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
