"""A report's files: written whole or not at all, and never where a link leads."""

import os
import resource
import subprocess
import sys

import pytest

from bench.cli.main import main
from bench.report import sections, write
from bench.report.write import NotWrittenError, write_report
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.records import make_record


@pytest.fixture
def root(tmp_path):
    """A tree with a suite that has a figure."""
    root = tmp_path / "tree"
    for variant in ("notebook", "xla"):
        record = make_record(variant=variant)
        Journal(journal_path(root, record.host, record.suite), Record).append(record)
    return root


def listed(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def bench(*words, stdout=subprocess.PIPE):
    command = [sys.executable, "-m", "bench", *map(str, words)]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True)


def test_links_are_replaced_and_what_they_lead_to_stays(root):
    victim = root.parent / "victim"
    victim.write_text("mine")
    paths = write_report(root).paths
    for path in paths:
        path.unlink()
        path.symlink_to(victim)
    assert write_report(root).paths == paths
    assert victim.read_text() == "mine"
    assert len(paths) == 4
    assert not any(path.is_symlink() or path.read_bytes() == b"mine" for path in paths)


@pytest.mark.parametrize("folder", ["results/figures", "results/figures/xeon-2-cores"])
def test_no_figure_is_drawn_where_a_folders_link_leads(root, folder):
    away = root.parent / "away"
    away.mkdir()
    (root / folder).parent.mkdir(exist_ok=True)
    (root / folder).symlink_to(away)
    shown = []
    with pytest.raises(NotWrittenError, match="lies, by a link, outside of"):
        write_report(root, show=lambda text, _: shown.append(text))
    assert list(away.iterdir()) == []
    assert shown[0] in (root / "results/report.md").read_text()


def test_results_may_lie_on_another_disk(root):
    (root / "results").rename(root.parent / "disk")
    (root / "results").symlink_to(root.parent / "disk")
    assert len(write_report(root).paths) == 4


def test_a_pipe_in_the_reports_place_is_left_and_the_tables_are_printed(root):
    os.mkfifo(root / "results/report.md")
    done = bench("report", "--root", root, "--no-figures")
    assert done.returncode == 1
    assert "## " in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        f"bench: {root}/results/report.md can't be written (is a named pipe); what was printed holds"
    )


def test_a_report_that_cannot_be_written_does_not_cost_the_other(root):
    os.mkfifo(root / "results/report.md")
    with pytest.raises(NotWrittenError, match=r"report\.md can't be written"):
        write_report(root, figures=False)
    assert "### Hardware efficiency" in (root / "results/report-full.md").read_text()


def test_a_full_disk_costs_the_files_and_is_told_in_one_line(root, capsys):
    files = listed(root)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, limits[1]))  # in its place: no file gets larger than that
    try:
        with pytest.raises(SystemExit) as ended:
            main(["report", "--root", str(root)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    said = capsys.readouterr()
    assert ended.value.code == 1
    (line,) = said.err.splitlines()
    assert "results/report.md can't be written (File too large), nor can 2 more of the report's files; " in line
    assert listed(root) == files
    assert said.out == write_report(root, figures=False).text


def test_a_figure_that_cannot_be_written_costs_itself_alone(root, monkeypatch):
    path = next(path for path in write_report(root).paths if path.suffix == ".png")
    path.unlink()
    path.mkdir()
    with pytest.raises(NotWrittenError, match=r"\.png can't be written \(is a folder\); what was printed"):
        write_report(root)
    assert path.name not in (root / "results/report.md").read_text()


def test_nothing_is_cut_when_a_report_is_killed(root, monkeypatch):
    write_report(root, figures=False)
    before = (root / "results/report.md").read_bytes()

    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    monkeypatch.setattr(write, "render", lambda *_: "other")
    monkeypatch.setattr("pathlib.Path.replace", killed)
    with pytest.raises(Killed):
        write_report(root, figures=False)
    assert (root / "results/report.md").read_bytes() == before


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110
def test_a_full_standard_output_is_told_in_one_line(root):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = bench("hosts", "--root", root, stdout=full)
    assert done.returncode == 1
    assert "what is printed can't be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_only_figures_that_would_look_otherwise_are_drawn(root, monkeypatch):
    other = make_record(host="t4"), make_record(host="t4", variant="xla")
    for record in other:
        Journal(journal_path(root, "t4", record.suite), Record).append(record)
    drawn = []
    draw = sections.draw_speedups
    monkeypatch.setattr(sections, "draw_speedups", lambda *words: drawn.append(words[1]) or draw(*words))
    first = write_report(root).paths
    before = {path: path.read_bytes() for path in first}
    assert drawn == ["t4", "xeon-2-cores"]
    assert write_report(root).paths == first
    assert drawn == ["t4", "xeon-2-cores"]
    Journal(journal_path(root, "t4", "cnn"), Record).append(make_record(host="t4", variant="xla", step_ms=9))
    write_report(root)
    assert drawn == ["t4", "xeon-2-cores", "t4"]
    svg = root / "results/figures/xeon-2-cores/cnn-speedup.svg"
    svg.unlink()
    write_report(root)
    assert drawn == ["t4", "xeon-2-cores", "t4", "xeon-2-cores"]
    assert svg.read_bytes() == before[svg]
