import os
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.report.write import FULL_NAME, NAME, NotWrittenError, write_report
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.records import make_failed, make_trained

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def again(reported):
    """The report and its figures, written once more over those that are there."""
    return write_report(reported.root)


@pytest.mark.parametrize("name", [NAME, FULL_NAME])
def test_the_report_is_as_it_was_agreed_upon(reported, name):
    """After a wanted change of form: BENCH_GOLDEN=write pytest tests/report, and read the difference."""
    written = reported.files[reported.root / "results" / name].decode()
    if os.environ.get("BENCH_GOLDEN") == "write":
        (GOLDEN / name).write_text(written)
    assert written == (GOLDEN / name).read_text()


def test_every_figure_linked_is_there_and_every_one_there_is_linked(reported, again):
    root, report = reported.root, again
    text = (root / "results" / FULL_NAME).read_text()
    drawn, vectors = (
        sorted(path.relative_to(root / "results").as_posix() for path in (root / "results").rglob(f"*.{ending}"))
        for ending in ("png", "svg")
    )
    assert drawn == [
        "figures/colab-t4/cnn-speedup.png",
        "figures/xeon-2-cores/cnn-speedup.png",
        "figures/xeon-2-cores/digits/simple_cnn-notebook-b128.png",
        "figures/xeon-2-cores/trained-effects.png",
        "figures/xeon-2-cores/trained-speedup.png",
        "figures/xeon-2-cores/trained-tradeoff.png",
        "figures/xeon-2-cores/trained/compact-bf16-b128.png",
        "figures/xeon-2-cores/trained/compact-notebook-b128.png",
        "figures/xeon-2-cores/trained/compact-notebook-b32.png",
    ]
    assert vectors == [path.replace(".png", ".svg") for path in drawn]
    assert text.count("](") == len(drawn)
    assert all(f"]({path})" in text for path in drawn)
    assert set(report.paths) == {root / "results" / name for name in [NAME, FULL_NAME, *drawn, *vectors]}
    assert report.figures == len(drawn)


def test_without_figures_none_is_drawn_or_linked(root):
    report = write_report(root, figures=False)
    assert report.paths == (root / "results" / NAME, root / "results" / FULL_NAME)
    assert not [*root.rglob("*.png"), *root.rglob("*.svg")]
    assert not [path for path in report.paths if "](" in path.read_text()]


def test_a_choice_narrows_what_is_printed_and_not_what_is_written(root):
    report = write_report(root, hosts=["colab-t4"], figures=False)
    assert "## Networks under options — Colab (Tesla T4)" in report.text
    assert "Xeon" not in report.text
    assert report.paths[0].read_text() == write_report(root, figures=False).paths[0].read_text()
    assert "Xeon" in report.paths[0].read_text()
    digits = write_report(root, suites=["digits"], figures=False).text
    assert digits.startswith("## The simple CNN on digits — Xeon, 2 cores")


def test_writing_twice_gives_the_same_files(reported, again):
    assert {path: path.read_bytes() for path in again.paths} == reported.files


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


def test_a_report_that_cannot_be_written_is_shown_all_the_same(root):
    (root / "results" / "report.md").mkdir()
    shown = []
    with pytest.raises(NotWrittenError, match=r"report\.md can't be written \(is a folder\); what was printed holds"):
        write_report(root, figures=False, show=lambda text, _: shown.append(text))
    assert shown == [write_text(root)]


def write_text(root):
    (root / "results" / "report.md").rmdir()
    return write_report(root, figures=False).text


def test_a_suite_whose_trainings_all_failed_has_a_report(tmp_path):
    for variant in ("notebook", "xla"):
        record = make_failed(variant=variant, train=make_trained().train)
        Journal(journal_path(tmp_path, record.host, record.suite), Record).append(record)
    report = write_report(tmp_path)
    assert report.figures == 0
    assert "### Training — xeon-2-cores" in report.text
    assert "failed (a)" in report.text
