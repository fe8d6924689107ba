import os
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.report.write import write_report
from bench.results.journal import journal_path

GOLDEN = Path(__file__).parent / "golden" / "report.md"


def test_the_report_is_as_it_was_agreed_upon(root):
    """After a wanted change of form: BENCH_GOLDEN=write pytest tests/report, and read the difference."""
    write_report(root)
    written = (root / "results" / "report.md").read_text()
    if os.environ.get("BENCH_GOLDEN") == "write":
        GOLDEN.write_text(written)
    assert written == GOLDEN.read_text()


def test_every_figure_linked_is_there_and_every_one_there_is_linked(root):
    report = write_report(root)
    text = (root / "results" / "report.md").read_text()
    drawn = sorted(path.relative_to(root / "results").as_posix() for path in (root / "results").rglob("*.png"))
    assert drawn == [
        "figures/colab-t4/cnn-speedup.png",
        "figures/xeon-2-cores/cnn-speedup.png",
        "figures/xeon-2-cores/digits/simple_cnn-notebook-b128.png",
    ]
    assert text.count("](") == len(drawn)
    assert all(f"]({path})" in text for path in drawn)
    assert set(report.paths) == {root / "results" / name for name in ["report.md", *drawn]}


def test_without_figures_none_is_drawn_or_linked(root):
    report = write_report(root, figures=False)
    assert report.paths == (root / "results" / "report.md",)
    assert not list(root.rglob("*.png"))
    assert "](" not in report.paths[0].read_text()


def test_a_choice_narrows_what_is_printed_and_not_what_is_written(root):
    report = write_report(root, hosts=["colab-t4"], figures=False)
    assert "## Networks under options — Colab (Tesla T4)" in report.text
    assert "Xeon" not in report.text
    assert report.paths[0].read_text() == write_report(root, figures=False).paths[0].read_text()
    assert "Xeon" in report.paths[0].read_text()
    digits = write_report(root, suites=["digits"], figures=False).text
    assert digits.startswith("## The simple CNN on digits — Xeon, 2 cores")


def test_writing_twice_gives_the_same_files(root):
    first = {path: path.read_bytes() for path in write_report(root).paths}
    assert {path: path.read_bytes() for path in write_report(root).paths} == first


def test_no_records_is_bad_input(tmp_path):
    with pytest.raises(InputError, match=r"no results yet.*bench run"):
        write_report(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_unknown_names_are_told_together_with_the_nearest(root):
    with pytest.raises(InputError) as raised:
        write_report(root, hosts=["colab-t5"], suites=["digit"])
    assert [fault.hint for fault in raised.value.faults] == ["did you mean 'colab-t4'?", "did you mean 'digits'?"]
    with pytest.raises(InputError, match="none of the suites named"):
        write_report(root, hosts=["colab-t4"], suites=["digits"])
    assert not (root / "results" / "report.md").exists()


def test_notices_on_damaged_lines_come_along(root):
    with journal_path(root, "colab-t4", "cnn").open("a") as file:
        file.write('{"torn"')
    report = write_report(root, figures=False)
    assert len(report.notices) == 1
    assert "cnn.jsonl:5" in report.notices[0]


def test_a_report_that_cannot_be_written_is_bad_input(root):
    (root / "results" / "report.md").mkdir()
    with pytest.raises(InputError, match=r"report\.md: the report can't be written"):
        write_report(root, figures=False)
