"""`bench board` and `bench hosts publish`, as the staff of a course type them."""

import csv
import io
import json

import pytest

from bench.cli.main import main
from bench.host.profile import load
from tests.course_tree import SUITE, class_tree, keep
from tests.host_trees import content
from tests.records import make_record


@pytest.fixture
def tree(tmp_path):
    return class_tree(tmp_path)


def told(capsys, *argv):
    with pytest.raises(SystemExit) as end:
        main([*map(str, argv)])
    return end.value.code or 0, *capsys.readouterr()


def rows_of(text, title):
    """The cells of the rows of one table."""
    part = text.partition(f"### {title}\n")[2].partition("###")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_a_class_is_ranked_and_graded(tree, capsys):
    before = content(tree)
    status, out, err = told(capsys, "board", tree / "mine.yaml", "--root", tree)
    assert (status, err) == (0, "")
    assert [row[:2] for row in rows_of(out, "most accurate")] == [
        *(["1", "04"], ["2 =", "02"], ["2 =", "01"], ["4", "03"], ["–", "05"])
    ]
    assert "tiny/notebook/b128: max_params, trainable parameters 60,000" in out
    assert rows_of(out, "Grades") == [["01", "10"], ["02", "10.1"], ["03", "0"], ["04", "20"], ["05", "– (a)"]]
    (row,) = rows_of(out, "The handout's table, of this class")
    assert row == ["simple CNN, 128,420 trainable", "12.0 (11.0–13.0)"]
    assert "teams: Tesla T4: 5 teams" in out
    assert content(tree) == before


def test_the_gradebook_has_the_teams_own_names(tree, capsys):
    arguments = ("board", tree / "mine.yaml", "--root", tree, "--pseudonyms", tree / "key.csv")
    status, out, _ = told(capsys, *arguments, "--csv", "-")
    rows = list(csv.reader(io.StringIO(out.removeprefix("\ufeff"))))
    assert (status, rows[0]) == (0, ["team", "points", "rank: most accurate"])
    assert rows[1:] == [
        ["01", "10.0", "2"],
        ["02", "10.1", "2"],
        ["03", "0.0", "4"],
        ["04", "20.0", "1"],
        ["05", "", ""],
    ]
    told(capsys, *arguments, "--csv", tree / "grades.csv")
    assert (tree / "grades.csv").read_text(encoding="utf-8-sig").startswith("team,points,")


def test_pages_call_teams_by_their_pseudonyms_alone(tree, capsys):
    key, pages = tree / "key.csv", tree / "pages"
    key.write_text("team,pseudonym\n04,the winner\n")
    arguments = ("board", tree / "mine.yaml", "--root", tree, "--out", pages, "--pseudonyms", key)
    status, out, err = told(capsys, *arguments)
    assert (status, err) == (0, f"bench: wrote {pages}/index.html and 6 more\n")
    names = dict(csv.reader(key.read_text().splitlines()))
    assert set(names) == {"team", "01", "02", "03", "04", "05"}
    assert names["04"] == "the winner"
    assert {path.name for path in pages.iterdir()} == {
        *("index.html", "board.md"),
        *(f"team-{name.replace(' ', '-')}.html" for team, name in names.items() if team != "team"),
    }
    assert rows_of(out, "most accurate")[0][1] == "the winner"
    told(capsys, *arguments)  # the same names as before
    assert dict(csv.reader(key.read_text().splitlines())) == names
    whole = "".join(path.read_text() for path in pages.iterdir())
    assert not any(f">{team}<" in whole or f"team {team}" in whole for team in ("01", "02", "03", "04", "05"))
    page = (pages / "team-the-winner.html").read_text()
    assert "<h1>A small network: team the winner</h1>" in page
    assert "all 3 rules hold" in page
    assert 'href="index.html"' in page
    assert "style=" not in page.replace("style-src", "")


def test_for_programs(tree, capsys):
    status, out, _ = told(capsys, "board", tree / "mine.yaml", "--root", tree, "--json")
    found = json.loads(out)
    assert (status, found["suite"], found["teams"]) == (0, "mine", ["01", "02", "03", "04", "05"])
    first = found["rankings"][0]["entries"][0]
    assert (first["team"], first["rank"], first["value"]["value"]) == ("04", 1, 0.9)
    assert found["handout"][0]["teams"] == 5


def test_what_others_wrote_is_text_on_a_page(tree, capsys):
    plant = "<script>alert(1)</script>"
    (tree / "mine.yaml").write_text(SUITE.replace("A small network", plant).replace("most accurate", plant))
    keep(tree, make_record(model=plant, suite="mine", host=plant, team="04", started="2026-01-07T10:00:00+00:00"))
    status, _, _ = told(capsys, "board", tree / "mine.yaml", "--root", tree, "--out", tree / "pages")
    pages = [path.read_text() for path in (tree / "pages").glob("*.html")]
    assert status == 0
    assert not any("<script" in page for page in pages)
    assert all("&lt;script&gt;" in page for page in pages)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("course:", "curse:", "unknown key 'curse'"),
        (SUITE[SUITE.index("  rankings") :], "", "mine.yaml: its `course:` section ranks and grades nothing; such as"),
        ("by: test_accuracy", "by: acuracy", "mine.yaml:9: ranking 'most accurate': there is no metric 'acuracy'; did"),
        (
            "(accuracy-min)",
            "(akkuracy-min)",
            "mine.yaml:11: grade 'points': there is no metric 'akkuracy'; did you mean",
        ),
        (
            "(max-min)",
            "(min-min)",
            "mine.yaml:11: grade 'points': '20*(accuracy-min)/(min-min)' divides by nothing; div",
        ),
        ("(max-min)", "(1-1)", "mine.yaml:11: grade 'points': the formula divides by 0"),
        ("(max-min)", "os.system('x')", "mine.yaml:11: grade 'points': 'os.system('x')' has no place in a formula"),
    ],
)
def test_a_section_that_is_wrong(tree, capsys, before, after, said):
    (tree / "mine.yaml").write_text(SUITE.replace(before, after))
    status, out, err = told(capsys, "board", tree / "mine.yaml", "--root", tree, "--out", tree / "pages")
    assert (status, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert not (tree / "pages").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("01,A\n", "key.csv:1: is no key of pseudonyms; its first line is team,pseudonym"),
        ("team,pseudonym\n01,A\n02,a\n", "key.csv:3: the pseudonym a is of two teams; the other is on line 2"),
        ("team,pseudonym\n01,A\n01,B\n", "key.csv:3: team 01 stands there twice; keep one"),
        ("team,pseudonym\n01\n", "key.csv:2: is no team and its pseudonym"),
        ("team,pseudonym\n01,../../x\n", "key.csv:2: is no team and its pseudonym"),
    ],
)
def test_a_key_that_is_none(tree, capsys, text, said):
    (tree / "key.csv").write_text(text)
    arguments = ("--root", tree, "--pseudonyms", tree / "key.csv", "--out", tree / "pages")
    status, _, err = told(capsys, "board", tree / "mine.yaml", *arguments)
    assert status == 2
    assert said in err
    assert not (tree / "pages").exists()


def test_nobody_has_handed_in_anything(tree, capsys):
    (tree / "other.yaml").write_text(SUITE)
    status, _, err = told(capsys, "board", tree / "other.yaml", "--root", tree)
    assert status == 2
    assert "results: no team has results of the suite other" in err


def test_pages_that_can_not_be_written(tree, capsys):
    (tree / "pages" / "index.html").mkdir(parents=True)
    status, _, err = told(capsys, "board", tree / "mine.yaml", "--root", tree, "--out", tree / "pages")
    assert status == 1
    assert "can't be written" in err


def test_a_team_judges_its_own_results_and_the_staff_anyones(tree, capsys, monkeypatch):
    suite = tree / "mine.yaml"
    suite.write_text(SUITE.replace("[compact]", "[{name: tiny, network: compact}]"))
    monkeypatch.setenv("BENCH_TEAM", "04")
    assert told(capsys, "check", suite, "--root", tree)[0] == 0
    monkeypatch.delenv("BENCH_TEAM")
    status, out, _ = told(capsys, "check", suite, "--root", tree, "--team", "05")
    assert status == 1
    assert "trainable parameters 60,000" in out
    status, _, err = told(capsys, "check", suite, "--root", tree, "--team", "055")
    assert status == 2
    assert "no results of the team '055'; did you mean '05'?" in err


def test_the_median_of_a_class_becomes_a_reference(tree, capsys):
    arguments = ("hosts", "publish", "tesla-t4", "t4-2027", "--source", "a course", "--root", tree)
    assert told(capsys, *arguments, "--dry-run")[0] == 0
    assert not (tree / "hosts/t4-2027.yaml").exists()
    status, out, _ = told(capsys, *arguments, "--label", "Tesla T4, 2027")
    assert (status, out) == (0, "simple_cnn, batch 128: 12 ms/step\ntiny, batch 128: 16.06 ms/step\n")
    profile = load(tree / "hosts/t4-2027.yaml")
    time, _ = profile.published.times
    assert (time.model, time.batch_size, time.step_ms, time.trainable_params) == ("simple_cnn", 128, 12.0, 128_420)
    assert (profile.label, profile.published.source, profile.published.gpu_name) == (
        "Tesla T4, 2027",
        "a course",
        "Tesla T4",
    )
    status, out, _ = told(capsys, "hosts", "--root", tree)
    assert "12 P" in next(line for line in out.splitlines() if line.startswith("| t4-2027"))
    status, _, err = told(capsys, *arguments)
    assert status == 2
    assert "'t4-2027' has published times already; --replace puts these in their place" in err
    assert told(capsys, *arguments, "--replace")[0] == 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["tesla-t5", "new"], "unknown host 'tesla-t5'; did you mean 'tesla-t4'?"),
        (["tesla-t4", "New"], "'New' can't be a host's id"),
        (
            ["tesla-t4", "new", "--least", "6"],
            "no cell with the notebook's options was measured on tesla-t4 by 6 teams",
        ),
        (["tesla-t4", "colab-t4"], "'colab-t4' has published times already"),
    ],
)
def test_what_can_not_be_published(tree, capsys, argv, said):
    before = content(tree)
    status, _, err = told(capsys, "hosts", "publish", *argv, "--source", "a course", "--root", tree)
    assert status == 2
    assert said in err
    assert content(tree) == before
