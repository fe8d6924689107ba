"""Which pairs of options are still to be measured, and that they are kept."""

from dataclasses import replace

import pytest

from bench.results.journal import Journal, pairs_path
from bench.results.pair import PAIR_VERSION, Pair
from bench.results.record import Failure
from bench.run.interleaved.option_pairs import options_left
from bench.run.plan import fingerprints
from bench.run.process.executors import InlineExecutor
from bench.suite.options import Options
from bench.suite.spec import Variant
from tests.pairs import make_pair
from tests.records import make_record


@pytest.fixture
def suite(ready):
    variants = tuple(
        Variant(name=name, options=Options(**options))
        for name, options in {"notebook": {}, "cached": {"cache": "memory"}, "float32": {"pixels": "float32"}}.items()
    )
    return ready.setting.suite.model_copy(update={"variants": variants, "baseline": "notebook"})


@pytest.fixture
def tree(ready, tmp_path):
    return replace(ready, root=tmp_path)


def left(tree, suite, resume=False):
    planned = [tree.executor.plan(cell, tree.setting.hardware) for cell in suite.cells()]
    return options_left(tree, suite, planned, resume)


def pair_of(tree, toggle, **changes):
    setting = tree.setting
    prints = [fingerprints(one, setting.info(one.cell), setting.software)[0] for one in (toggle.a, toggle.b)]
    pair = make_pair(make_record(), make_record(), rounds=8, **changes)
    return pair.model_copy(
        update={
            "a": pair.a.model_copy(update={"fingerprint": prints[0]}),
            "b": pair.b.model_copy(update={"fingerprint": prints[1]}),
        }
    )


def keep(tree, suite, pair):
    Journal(pairs_path(tree.root, tree.setting.host.id, suite.name), Pair).append(pair)


def test_resume_leaves_out_what_has_an_answer(tree, suite):
    cached, float32 = left(tree, suite)
    assert [one.option for one in (cached, float32)] == ["cache", "pixels"]
    keep(tree, suite, pair_of(tree, cached))
    assert [one.option for one in left(tree, suite, resume=True)] == ["pixels"]
    assert len(left(tree, suite)) == 2


def test_what_failed_is_measured_again(tree, suite):
    cached, _ = left(tree, suite)
    failure = Failure(stage="windows", message="killed by SIGKILL")
    keep(tree, suite, pair_of(tree, cached, status="crashed", failure=failure))
    assert len(left(tree, suite, resume=True)) == 2


def test_what_was_interrupted_after_few_rounds_is_measured_again(tree, suite):
    cached, _ = left(tree, suite)
    whole = pair_of(tree, cached)
    keep(tree, suite, whole.model_copy(update={"rounds": whole.rounds[:2]}))
    assert len(left(tree, suite, resume=True)) == 2


def test_an_executor_without_processes_has_none_to_take_turns(tree, suite):
    assert left(replace(tree, executor=InlineExecutor()), suite) == ()


def test_pairs_of_a_newer_bench_are_measured_again_behind_them(tree, suite):
    path = pairs_path(tree.root, tree.setting.host.id, suite.name)
    path.parent.mkdir(parents=True)
    line = pair_of(tree, left(tree, suite)[0]).model_dump_json()
    path.write_text(line.replace(f'"schema_version":{PAIR_VERSION}', '"schema_version":99') + "\n")
    assert left(tree, suite, resume=True) == left(tree, suite)
