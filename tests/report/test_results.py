"""Records as programs get them, and as notebooks show them."""

import pickle
import sys

import pytest

import bench
from bench.errors import InputError
from bench.host.profile import HostProfile
from bench.report.results import Results
from tests.records import make_failed, make_record

PAIR = (make_record(), make_record(variant="xla", step_ms=8))
ELSEWHERE = make_record(host="other", variant="xla")


def test_it_is_a_tuple_of_records_that_says_in_short_what_it_holds():
    found = Results(PAIR)
    assert found == PAIR
    assert repr(found) == "<2 records of cnn on xeon-2-cores>"
    assert repr(Results(PAIR[:1])) == "<1 record of cnn on xeon-2-cores>"
    assert (repr(Results()), str(Results()), Results()._repr_html_()) == ("<0 records>", "<0 records>", None)
    assert str(pickle.loads(pickle.dumps(found))) == str(found)


def test_a_notebook_shows_each_hosts_table_under_its_label():
    profile = HostProfile(id="xeon-2-cores", label="<Xeon>")
    shown = Results((*PAIR, make_failed(variant="gone", message="<b>no</b>"), ELSEWHERE), [profile])._repr_html_()
    assert shown.count("<table>") == 2
    assert "cnn — &lt;Xeon&gt;" in shown
    assert "2.00 ± 0.11 ▲" in shown
    assert "<b>" not in shown
    assert "cnn — other" in shown


def test_printed_it_is_one_brief_table_for_each_host():
    text = str(Results((*PAIR, ELSEWHERE)))
    assert text.count("times as fast") == 2
    assert "<table>" not in text


def test_the_figure_is_of_one_suite_on_one_host(tmp_path):
    figure = Results(PAIR).plot()
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert [text.get_text() for text in figure.axes[0].texts] == ["2.00×"]
    several = Results((*PAIR, ELSEWHERE))
    with pytest.raises(InputError, match="these are 2; suite='cnn', host='xeon-2-cores', suite='cnn', host='other'"):
        several.plot()
    assert several.plot(host="xeon-2-cores", suite="cnn").axes
    for lacking in (Results(), Results(PAIR[:1])):
        with pytest.raises(InputError):
            lacking.plot()


def test_no_window_is_opened_and_pyplot_is_not_imported():
    loaded = "matplotlib.pyplot" in sys.modules
    Results(PAIR).plot()
    assert ("matplotlib.pyplot" in sys.modules) == loaded


def test_a_comparison_shows_its_table(tmp_path):
    later = [make_record(step_ms=8, started="2026-02-01T10:00:00+00:00")]
    found = bench.compare_records(PAIR[:1], later, root=tmp_path)
    assert "<table>" in found._repr_html_()
    assert "| 2.00 ± " in str(found).replace("  ", "")
