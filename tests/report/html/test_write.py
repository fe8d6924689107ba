"""`bench report --html` from the command line: where the page lies, and what is wrong with what was asked."""

import pytest

from bench.cli.main import main
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.records import make_record


def bench(capsys, *arguments):
    with pytest.raises(SystemExit) as raised:
        main(["report", *map(str, arguments)])
    said = capsys.readouterr()
    return raised.value.code, said.out, said.err


@pytest.fixture
def tree(tmp_path):
    for host in ("here", "there"):
        record = make_record(host=host)
        Journal(journal_path(tmp_path, host, record.suite), Record).append(record)
    return tmp_path


def test_a_page_lies_beside_the_report_or_where_it_is_wanted(tree, capsys):
    status, out, err = bench(capsys, "--html", "--root", tree)
    assert (status, out) == (0, "")
    assert err == f"bench: wrote {tree / 'results' / 'report.html'}\n"
    wanted = tree / "a folder" / "page.html"
    assert bench(capsys, "--html", wanted, "--root", tree)[0] == 0
    assert wanted.read_bytes() == (tree / "results" / "report.html").read_bytes()
    assert not (tree / "results" / "report.md").exists()


def test_a_page_of_one_host(tree, capsys):
    page = tree / "page.html"
    assert bench(capsys, "--html", page, "--host", "there", "--root", tree)[0] == 0
    assert '"pool":["there"]' in page.read_text()
    assert '"pool":["here"' not in page.read_text()


def test_nothing_was_measured(tmp_path, capsys):
    status, out, err = bench(capsys, "--html", "--root", tmp_path)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "no results yet" in err
    assert not (tmp_path / "results").exists()


def test_a_file_that_cannot_be_written(tree, capsys):
    (tree / "file").write_text("mine")
    for page in (tree, tree / "file" / "page.html"):
        status, out, err = bench(capsys, "--html", page, "--root", tree)
        assert (status, out) == (2, "")
        assert err.startswith(f"bench: {page}: can't be written (")
        assert err.count("\n") == 1
    assert (tree / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--html", "--json"], "--json and --html are two forms"),
        (["page.html"], "only a page is written to a file"),
        (["--html", "--host", "her"], "no results of the host 'her'; did you mean 'here'?"),
    ],
)
def test_bad_input(tree, capsys, arguments, told):
    status, out, err = bench(capsys, *arguments, "--root", tree)
    assert (status, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1


def test_a_damaged_line_is_told_and_costs_itself(tree, capsys):
    path = journal_path(tree, "here", "cnn")
    path.write_text("<<<<<<< ours\n" + path.read_text())
    status, _, err = bench(capsys, "--html", "--root", tree)
    assert status == 0
    assert f"{path}:1: this line is damaged" in err
