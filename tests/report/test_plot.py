import pytest

from bench.cli.main import main
from bench.errors import InputError
from bench.host.profile import HostProfile
from bench.report.figures import FIGURES, figures
from bench.report.hosts.side_by_side_plot import draw_side_by_side
from bench.report.plot import draw
from bench.report.suite.bottleneck_plot import draw_bottlenecks
from bench.report.suite.history_plot import draw_history
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.records import make_attributed, make_failed, make_record
from tests.report.test_figures import BLUE, ORANGE, has_colour, pixels

GREEN = "#009E73"


def keep(root, *records):
    for record in records:
        Journal(journal_path(root, record.host, record.suite), Record).append(record)


def test_what_is_asked_for_is_drawn_and_its_places_printed(root, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["plot", "hosts", "roofline", "--into", str(root / "mine"), "--root", str(root)])
    assert ended.value.code == 0
    printed = capsys.readouterr().out.splitlines()
    names = ["hosts-side-by-side.png", "hosts-side-by-side.svg", "colab-t4/roofline.png", "colab-t4/roofline.svg"]
    assert printed == [str(root / "mine" / name) for name in names]
    assert {path.relative_to(root / "mine").as_posix() for path in (root / "mine").rglob("*.*")} == set(names)
    assert not (root / "results" / "figures").exists()


def test_every_figure_of_the_report_and_the_page_has_a_name(root):
    from bench.host.registry import known
    from bench.results.query import read_all

    keep(root, make_record(suite="scaling", variant="two", options={"devices": 2, "strategy": "mirrored"}))
    found = figures(read_all(root).records, known(root).profiles)
    assert list(dict.fromkeys(figure.name for figure in found)) == list(FIGURES)


def test_bad_input_is_told_and_nothing_drawn(root):
    with pytest.raises(InputError, match=r"no figure is called 'speedups'; did you mean 'speedup'\?"):
        draw(root, ["speedups"])
    with pytest.raises(InputError, match="no results of the host 'colab'; did you mean 'colab-t4'"):
        draw(root, hosts=["colab"])
    with pytest.raises(InputError, match="nothing in these results to draw 'curves' of"):
        draw(root, ["curves"], hosts=["colab-t4"])
    assert not (root / "results" / "figures").exists()


def test_a_figure_that_cannot_be_written_costs_itself_alone(root, capsys):
    (root / "results/figures/hosts-side-by-side.png").mkdir(parents=True)
    with pytest.raises(SystemExit) as ended:
        main(["plot", "hosts", "roofline", "--root", str(root)])
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert "hosts-side-by-side.png can't be written (is a folder)" in said.err
    assert said.out.splitlines()[0] == str(root / "results/figures/colab-t4/roofline.png")


def test_hosts_side_by_side_are_those_that_share_a_cell(tmp_path):
    here, there = HostProfile(id="here", label="Here"), HostProfile(id="there", label="There")
    path = tmp_path / "hosts.png"
    cells = [make_record(host="here"), make_record(host="there", variant="xla")]
    assert not draw_side_by_side(cells, [here, there], path)
    assert not path.exists()
    assert draw_side_by_side([*cells, make_record(host="there", step_ms=8)], [here, there], path)
    assert has_colour(pixels(path), BLUE)
    assert has_colour(pixels(path), ORANGE)


def test_bottlenecks_have_their_shares_colours(tmp_path):
    path = tmp_path / "bars.png"
    assert not draw_bottlenecks([make_record()], "Xeon", path)
    assert draw_bottlenecks([make_attributed(20, 18, 3, 2.5, noise=0.01)], "Xeon", path)
    image = pixels(path)
    waiting, computing = (
        (abs(image[..., :3] - colour).max(axis=-1) < 0.01).sum() for colour in (rgb(GREEN), rgb(BLUE))
    )
    assert waiting > 3 * computing > 0


def rgb(colour):
    from matplotlib.colors import to_rgb

    return to_rgb(colour)


def test_history_wants_two_runs_of_a_cell_that_count(tmp_path):
    path = tmp_path / "history.png"
    days = [f"2026-01-0{day}T10:00:00+00:00" for day in (1, 2, 3)]
    first, second, third = (make_record(started=day, step_ms=ms) for day, ms in zip(days, (16, 17, 20), strict=True))
    assert not draw_history([first, make_record(variant="xla", started=days[1])], "Xeon", path)
    assert not draw_history([first, make_failed(started=days[1])], "Xeon", path)
    assert not path.exists()
    assert draw_history([first, second, third], "Xeon", path)
    assert has_colour(pixels(path), BLUE)
    assert not has_colour(pixels(path), ORANGE)
    one = pixels(path)
    assert draw_history([second, third, first], "Xeon", path)
    assert (pixels(path) == one).all()
