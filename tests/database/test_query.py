"""SQL over results: what the views hold, what a question may be, and what it may take."""

import csv
import io
import json
import re
from pathlib import Path

import duckdb
import pytest

from bench.cli.main import main
from bench.database import child
from bench.database.ask import Limits, asked
from bench.database.faults import QuestionError
from bench.database.guard import look
from bench.database.tables import up_to_date
from bench.database.views import VIEWS, columns_of
from bench.results.journal import Journal, journal_path, pairs_path
from bench.results.metrics import METRICS
from bench.results.pair import Pair
from bench.results.query import latest, read_all
from bench.results.record import Record
from bench.results.window import Turns
from tests.pairs import make_pair
from tests.records import make_failed, make_record, make_trained

CHECKOUT = Path(__file__).parents[2]


def turns(run, place):
    return Turns(run=run, round=place, group=1, place=1, cells=1, length=2, seed=0)


RECORDS = (
    make_record(started="2026-01-05T10:00:00+02:00"),
    make_record(started="2026-01-06T10:00:00+00:00", turns=turns("r1", 1), step_ms=20),
    make_record(started="2026-01-06T10:05:00+00:00", turns=turns("r1", 2), step_ms=24, seed=0),
    make_failed(variant="xla"),
    make_record(variant="xla", seed=2**64 - 1, host="a 'quoted' host", suite="été"),
    make_trained(variant="bfloat16"),
)
PAIR = make_pair(make_record(), make_record(variant="xla"), a_ms=16, b_ms=24)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    root = tmp_path_factory.mktemp("tree")
    for record in RECORDS:
        Journal(journal_path(root, "box", "cnn"), Record).append(record)
    Journal(pairs_path(root, "box", "cnn"), Pair).append(PAIR)
    with journal_path(root, "box", "cnn").open("a") as file:
        file.write('{"schema_version": 99}\n{"torn')
    return root


@pytest.fixture(scope="module")
def database(tree):
    with up_to_date(tree, lambda _: None) as path:
        yield path


def rows_of(database, sql):
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_each_view_has_the_columns_that_it_is_said_to_have(database):
    for view in VIEWS.values():
        told = [(one.name, one.type) for one in columns_of(view)]
        there = [row[:2] for row in rows_of(database, f"DESCRIBE {view.name}")]
        rows_of(database, f"SELECT {', '.join(name for name, _ in told)} FROM {view.name}")  # none needs quotes
        assert [(name, form.replace('"', "")) for name, form in there] == told
        comments = rows_of(database, f"SELECT comment FROM duckdb_columns() WHERE table_name = '{view.name}'")
        assert [row[0] for row in comments] == [one.comment for one in columns_of(view)]
        assert all(one.about for one in columns_of(view))


def test_a_row_holds_what_its_record_holds(database, tree):
    records = read_all(tree).records
    assert [row[0] for row in rows_of(database, "SELECT line FROM records ORDER BY line")] == [1, 2, 3, 4, 5, 6]
    figures = rows_of(database, f"SELECT {', '.join(METRICS)} FROM records ORDER BY line")
    assert figures == [tuple(metric.read(record) for metric in METRICS.values()) for record in records]
    plain = "host, suite, model, variant, batch_size, seed, status, options.xla, software['keras'], epoch_ms(started)"
    for row, record in zip(rows_of(database, f"SELECT {plain} FROM records ORDER BY line"), records, strict=True):
        names = record.host, record.suite, record.model, record.variant, record.batch_size, record.seed, record.status
        assert row[:7] == names
        assert row[7:9] == (record.options.xla, record.software["keras"])
    windows = rows_of(database, "SELECT steps, seconds FROM windows ORDER BY record, place")
    assert windows == [tuple(window) for record in records for window in record.windows]
    epochs = rows_of(database, "SELECT epoch, val_accuracy FROM epochs ORDER BY record, epoch")
    assert epochs == [(one.epoch, one.val_accuracy) for record in records for one in record.history]


def test_the_newest_are_those_that_tables_show_and_give_their_figures(database, tree):
    newest = latest(read_all(tree).records)
    lines = rows_of(database, "SELECT line FROM records WHERE newest ORDER BY line")
    shown = {one.started + one.variant for record in newest for one in record.processes}
    every = read_all(tree).records
    assert [line for (line,) in lines] == [i for i, one in enumerate(every, 1) if one.started + one.variant in shown]
    mean = "SELECT exp(avg(ln(step_seconds))) FROM records WHERE newest AND variant = 'notebook'"
    assert rows_of(database, mean)[0][0] == pytest.approx(METRICS["step_seconds"].read(newest[0]))


def test_pairs_and_hosts_are_there(database):
    ((a, b, speedup, rounds),) = rows_of(database, "SELECT a, b, speedup, rounds FROM pairs")
    assert (a, b, rounds) == (PAIR.a.cell, PAIR.b.cell, len(PAIR.rounds))
    assert speedup == pytest.approx(1.5, rel=0.02)
    assert ("colab-t4", True, 14248) in rows_of(database, "SELECT host, is_published, ai_score FROM hosts")


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("", "nothing"),
        ("-- nothing", "nothing"),
        ("SELECT 1; SELECT 2", "several"),
        ("SELECT 1; SET threads = 4", "several"),
        ("SET threads = 4", "no select"),
        ("PRAGMA version", "no select"),
        ("CREATE TABLE x (a INTEGER)", "no select"),
        ("EXPLAIN SELECT 1", "no select"),
        ("SELECT * FRO m records", "syntax"),
        ("SELECT * FROM recrods", "table"),
        ("FROM records_rows", "table"),
        ("FROM main.records", "table"),
        ("FROM information_schema.tables", "table"),
        ("FROM 'README.md'", "table"),
        ("FROM read_text('README.md')", "table function"),
        ("SELECT (SELECT count(*) FROM glob('*'))", "table function"),
        ("WITH q AS (FROM duckdb_settings()) FROM q", "table function"),
        ("SELECT getenv('HOME')", "function"),
        ("SELECT current_setting('threads')", "function"),
        ("SHOW TABLES", "show"),
        ("FROM records WHERE host IN (FROM other)", "table"),
    ],
)
def test_what_is_no_question_to_the_views_is_refused(sql, kind):
    with duckdb.connect() as connection:
        assert look(connection, sql, frozenset(VIEWS)).refused.kind == kind


@pytest.mark.parametrize(
    "sql",
    [
        "FROM records",
        "SELECT 1;",
        "WITH q AS (SELECT * FROM windows), r AS (FROM q) SELECT count(*) FROM r, Records",
        "SELECT * FROM (VALUES (1)) AS v(a), unnest([1, 2]) AS u(b), range(3)",
        "WITH RECURSIVE q(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM q WHERE a < 3) FROM q",
        "SELECT host FROM hosts UNION SELECT host FROM records ORDER BY ALL",
    ],
)
def test_what_is_one_is_let_through(sql):
    with duckdb.connect() as connection:
        assert look(connection, sql, frozenset(VIEWS)).refused is None


def test_duckdb_itself_is_locked_too(database):
    with duckdb.connect(database, read_only=True, config=child._config(2**28)) as connection:
        for sql in ("FROM read_text('README.md')", "FROM glob('*')", "SET threads = 4", "CREATE TABLE x (a INTEGER)"):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)


def failed(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        main(["query", *map(str, arguments)])
    assert end.value.code == 2
    return capsys.readouterr().err


def answered(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        main(["query", *map(str, arguments)])
    assert not end.value.code
    return capsys.readouterr()


def test_an_answer_is_a_table_with_units_or_csv_or_json(capsys, tree, tmp_path):
    sql = (
        "SELECT variant, seconds, seconds * 2 AS twice, 'nan'::DOUBLE AS odd, NULL AS gone, findings "
        "FROM records WHERE line = 1"
    )
    table = answered(capsys, sql, "--root", tree)
    assert re.search(r"variant +seconds, s +twice +odd +gone", table.out)
    assert "newer" in table.err
    assert "torn" in table.err
    file = tmp_path / "question.sql"
    file.write_text(sql)
    (row,) = json.loads(answered(capsys, "--file", file, "--json", "--root", tree).out)
    seconds = METRICS["seconds"].read(read_all(tree).records[0])
    expected = {"variant": "notebook", "seconds": seconds, "twice": seconds and seconds * 2, "odd": None, "gone": None}
    assert row == expected | {"findings": []}
    (line,) = csv.DictReader(io.StringIO(answered(capsys, sql, "--csv", "--root", tree).out))
    assert (line["odd"], line["gone"], line["variant"]) == ("nan", "", "notebook")


def test_a_question_that_is_wrong_is_told_with_its_place(capsys, tree, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 'é',\n  modle FROM records"))
    said = failed(capsys, "--root", tree).splitlines()[-3:]
    assert said == [
        "bench: the query:2: there is no column 'modle'; did you mean 'model'?",
        "      modle FROM records",
        "      ^",
    ]
    said = failed(capsys, "SELECT 'é', 1 FROM recrods", "--root", tree).splitlines()[-3:]
    assert said[0] == "bench: the query:1: there is no view 'recrods'; did you mean 'records'?"
    assert said[2].index("^") == said[1].index("recrods")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--json", "--csv", "SELECT 1"], "one of them at a time"),
        (["--schema", "SELECT 1"], "takes no query"),
        (["SELECT 1", "--file", "x.sql"], "two queries"),
        (["--file", "nowhere.sql"], "No such file"),
        (["SELECT 1", "--timeout", "long"], "is no time"),
        (["SELECT 1", "--memory", "1"], "is no size"),
        (["SELECT 1 AS a, 2 AS a", "--json"], "two columns"),
    ],
)
def test_bad_input(capsys, tree, arguments, words):
    assert words in failed(capsys, *arguments, "--root", tree)


def test_what_runs_away_is_ended_with_one_message(database):
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7"
    large = "SELECT list(a.range) FROM range(100000000) a"
    for sql, limits, words in (
        (endless, Limits(seconds=0.5), "more than 0.5 s"),
        (large, Limits(memory=2**26), "more than 64 MiB"),
    ):
        with pytest.raises(QuestionError, match=words), asked(database, sql, limits) as answer:
            list(answer.rows)


def test_who_leaves_ends_the_question(database):
    before = {path.name for path in Path("/proc/self/task").iterdir()}
    with asked(database, "FROM range(100000000)", Limits()) as answer:
        assert next(answer.rows) == [0]
    left = {path.name for path in Path("/proc/self/task").iterdir()} - before
    while left & {path.name for path in Path("/proc/self/task").iterdir()}:
        pass  # the timer's thread, which was told to end


def test_a_question_has_what_came_since(tree, tmp_path):
    def count(sql="SELECT count(*), count(*) FILTER (newest) FROM records"):
        with up_to_date(tmp_path, lambda _: None) as path:
            return rows_of(path, sql)[0]

    journal = Journal(journal_path(tmp_path, "box", "cnn"), Record)
    journal.append(make_record())
    assert count() == (1, 1)
    journal.append(make_record(started="2026-01-07T10:00:00+00:00"))
    assert count() == (2, 1)
    journal.path.write_bytes(b"".join(journal.path.read_bytes().splitlines(keepends=True)[1:]))
    assert count() == (1, 1)
    (tmp_path / "results" / ".index" / "tables.duckdb").write_bytes(b"no database")
    assert count() == (1, 1)
    (tmp_path / "hosts").mkdir()
    (tmp_path / "hosts" / "mine.yaml").write_text(
        "schema_version: 1\nid: mine\nlabel: Mine\npublished: {source: a book}\n"
    )
    assert count("SELECT count(*), count(label) FROM hosts") == (4, 4)
    journal.path.unlink()
    assert count() == (0, 0)


def test_a_tree_that_cannot_be_written_is_asked_all_the_same(tmp_path):
    Journal(journal_path(tmp_path, "box", "cnn"), Record).append(make_record())
    (tmp_path / "results" / ".index").write_text("a file in its place")
    notices = []
    with up_to_date(tmp_path, notices.append) as path:
        assert rows_of(path, "SELECT count(*) FROM records") == [(1,)]
        assert tmp_path not in path.parents
    assert len(notices) == 1
    assert "can't be kept" in notices[0]
    assert not path.exists()


def test_what_is_shown_in_the_guide_can_be_asked():
    text = (CHECKOUT / "docs" / "how-to" / "query.md").read_text()
    queries = re.findall(r"^```sql\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(queries) == 5
    with up_to_date(CHECKOUT, lambda _: None) as path:
        for sql in queries:
            with asked(path, sql, Limits()) as answer:
                rows = list(answer.rows)
            assert rows or "failure_stage" in sql


def test_the_schema_is_listed_for_people_and_programs(capsys):
    listed = answered(capsys, "--schema").out
    assert "records: one row each" in listed
    rows = json.loads(answered(capsys, "--schema", "--json").out)
    assert {row["view"] for row in rows} == set(VIEWS)
    assert next(row for row in rows if row["column"] == "window_seconds")["unit"] == "s"
