import pytest

from bench.cli.main import main
from bench.report.blocks import END

HANDOUT = f"# Ours\n\n<!-- bench report handout -->\n{END}\n"


def report(root, *words):
    with pytest.raises(SystemExit) as ended:
        main(["report", "--write", *map(str, words), "--root", str(root)])
    return ended.value.code


def test_tables_are_made_once_and_stay_as_they_are(root, capsys):
    (root / "README.md").write_text(HANDOUT)
    (root / "plain.md").write_text("# No table\n")
    page = root / "docs" / "course" / "digits.md"
    page.parent.mkdir(parents=True)
    page.write_text(f"<!-- bench report training --suite digits --level 2 -->\n{END}\n")
    assert report(root) == 0
    assert capsys.readouterr().err.splitlines()[-2:] == [f"bench: wrote {root}/README.md", f"bench: wrote {page}"]
    assert "### The handout's table\n\n| ms/step" in (root / "README.md").read_text()
    assert page.read_text().startswith("<!-- bench report training --suite digits --level 2 -->\n\n## Training — Xeon")
    before = {path: (path.read_text(), path.stat().st_mtime_ns) for path in (root / "README.md", page)}
    assert report(root) == 0
    assert f"bench: unchanged: {page}" in capsys.readouterr().err
    assert {path: (path.read_text(), path.stat().st_mtime_ns) for path in before} == before


def test_a_fault_in_one_document_leaves_all_as_they_are(root, capsys):
    good, bad = root / "good.md", root / "bad.md"
    good.write_text(HANDOUT)
    bad.write_text(
        f"<!-- bench report suite --suite cmn -->\n{END}\n<!-- bench report curves --host colab-t4 -->\n{END}\n"
    )
    assert report(root, good, bad) == 2
    first, second = capsys.readouterr().err.splitlines()[-2:]
    assert first == f"bench: {bad}:1: no results of the suite 'cmn'; did you mean 'cnn'?"
    assert second.startswith(f"bench: {bad}:3: these results give no 'curves'; they give handout, ")
    assert good.read_text() == HANDOUT


def test_a_link_is_followed_and_stays_one(root, tmp_path):
    (root.parent / "real.md").write_text(HANDOUT)
    (root / "README.md").symlink_to(root.parent / "real.md")
    assert report(root, root / "README.md") == 0
    assert (root / "README.md").is_symlink()
    assert "| ms/step" in (root.parent / "real.md").read_text()


def test_what_cannot_be_refreshed_is_told(root, capsys):
    assert report(root) == 2
    assert "no table to refresh in " in capsys.readouterr().err
    assert report(root, root / "absent.md") == 2
    assert "absent.md: it can't be read (No such file or directory)" in capsys.readouterr().err
    (root / "latin.md").write_bytes(b"\xe9\n")
    assert report(root, root / "latin.md") == 2
    assert "latin.md: it is no text in UTF-8" in capsys.readouterr().err
    assert report(root, "--suite", "cnn") == 2
    assert "each document says which suites and hosts it shows; '--suite NAME' in its marks" in capsys.readouterr().err
    assert report(root, "--json") == 2
    assert "--json and --write are two forms of the same; one of them at a time" in capsys.readouterr().err
