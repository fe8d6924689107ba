from bench.report.core.abridged import abridged, lines_of
from bench.report.core.markdown import render
from bench.report.core.table import Heading, Note, Table

COLUMNS = (Heading("model"), Heading("variant"), Heading("ms/step"), Heading("notes"))


def make(rows, notes=(), keep=()):
    return Table("cells", COLUMNS, tuple(rows), tuple(notes), keep)


def variants(count, model="cnn"):
    return [(model if place == 0 else "", f"v{place}", str(place), "") for place in range(count)]


def test_lines_are_those_of_markdown():
    for table in (make(variants(3)), make(variants(4), [Note("one"), Note("two", "a")])):
        assert (render(table) + "\n").count("\n") == lines_of(table)


def test_what_fits_stays_as_it_is():
    table = make(variants(5), [Note("one")])
    assert abridged(table, lines_of(table), "elsewhere") is table


def test_rows_that_matter_stay_in_their_order_under_their_names():
    table = make([*variants(20), *variants(20, "vgg")], keep=(0, 39, 5))
    shown = abridged(table, 10, "in full")
    assert shown.rows == (("cnn", "v0", "0", ""), ("", "v5", "5", ""), ("vgg", "v19", "19", ""))
    assert shown.notes == (Note("37 more rows: in full"),)
    assert lines_of(shown) == 10


def test_a_name_that_its_row_left_unsaid_is_said():
    table = make([*variants(3), *variants(3, "vgg")], keep=(1, 4, 5))
    names = [row[:2] for row in abridged(table, 10, "in full").rows]
    assert names == [("cnn", "v1"), ("vgg", "v1"), ("", "v2")]


def test_notes_give_way_before_rows():
    table = make(variants(6), [Note(f"legend {place}") for place in range(12)])
    shown = abridged(table, 19, "in full")
    assert len(shown.rows) == 6
    assert [note.text for note in shown.notes] == [*(f"legend {place}" for place in range(6)), "6 more notes: in full"]


def test_marks_go_with_their_rows_and_others_keep_their_notes():
    rows = [("cnn", "v0", "1.0†", "a"), *variants(20)[1:-1], ("", "v19", "2", "a, b")]
    table = make(rows, [Note("synthetic", "†"), Note("noisy", "a"), Note("slow", "b")], keep=(0,))
    shown = abridged(table, 14, "in full")
    assert shown.notes[:-1] == (Note("synthetic", "†"), Note("noisy", "a"))
    assert shown.notes[-1].text == f"{20 - len(shown.rows)} more rows and 1 more note: in full"
    assert lines_of(shown) == 14


def test_a_few_rows_stay_whatever_the_lines():
    shown = abridged(make(variants(30), [Note("marked", "a")] * 3), 1, "in full")
    assert [row[1] for row in shown.rows] == ["v0", "v1", "v2"]
