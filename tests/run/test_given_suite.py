"""Suites of what a program gives: its functions travel to processes, and what can't is named."""

import sys
import threading
from pathlib import Path

import pytest

import bench
from bench.errors import InputError
from bench.run.given_suite import Given, given_suite
from bench.suite.user_code import load_function
from tests.workload import own_pipelines

LOCK = threading.Lock()


def local(value):
    def build():
        return value

    return build


def using_a_lock():
    def data():
        with LOCK:
            return own_pipelines.texts()

    return data


@pytest.fixture(autouse=True)
def _forget_modules():
    yield
    for name in [name for name in sys.modules if name.startswith("given_")]:
        del sys.modules[name]


def test_functions_of_any_kind_travel(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    given = Given(local(7), lambda: 8, {"fast": {"xla": True}}, args={"width": 2}, unit={"tokens": 3}, batch_sizes=[4])
    with given_suite(given) as suite:
        (model,) = suite.models
        folder = Path(suite.folder)
        assert load_function(model.network, folder)() == 7
        assert load_function(suite.data.pipeline, folder)() == 8
        assert (model.name, model.args, suite.data.unit) == ("build", {"width": 2}, {"tokens": 3})
        assert [cell.id for cell in suite.cells()] == ["build/notebook/b4", "build/fast/b4"]
    assert not folder.exists()


def digest_of(build):
    with given_suite(Given(build, "digits", [])) as suite:
        return (Path(suite.folder) / "given_build.py").read_text()


def test_code_that_changed_is_told_apart():
    assert digest_of(local(7)) == digest_of(local(7))
    assert digest_of(local(7)) != digest_of(local(8))


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (Given(local(1), using_a_lock(), []), "data can't be handed to another process: it uses 'LOCK'"),
        (Given(local(threading.Lock()), "digits", []), "build can't be handed .* uses 'value'"),
        (Given(5, "digits", []), "build is a int; give a function"),
        (Given(local(1), own_pipelines.texts(), []), "that can't go to another process"),
        (Given(local(1), "digits", {"fast": {"xla": "maybe"}}), "'xla' must be on, off or 'auto'"),
        (Given(local(1), "digits", ["no-such"]), "unknown variant 'no-such'"),
        (Given(local(1), "digits", [], args={"width": object()}), "not made of plain values"),
    ],
)
def test_what_cannot_be_a_suite_is_told_without_a_place(given, fault):
    with pytest.raises(InputError, match=fault) as raised, given_suite(given):
        pass
    assert all(one.file is None for one in raised.value.faults)


@pytest.mark.long
def test_the_best_options_of_what_is_given(tmp_path):
    build, data = own_pipelines.two_towers, own_pipelines.texts
    found = bench.tune(build, data, batch_size=8, budget_seconds=6, check_accuracy=False, root=tmp_path)
    assert (found.baseline.name, found.model) == ("notebook", "two_towers")
    assert {record.model for record in bench.read_records(tmp_path)} == {"two_towers"}
    assert "two_towers on " in str(found)
    assert "<strong>two_towers on " in found._repr_html_()
    assert (found.code is None) == (found.best is None)
