"""A real search, of batches whose time is made up: it is the same on any machine."""

import json
import re
from pathlib import Path

import pytest

from bench.analyse.tune.search import SearchPlan
from bench.errors import InputError
from bench.report.core.markdown import render
from bench.report.tune.as_json import tuned_json
from bench.report.tune.text import answer, effects_table, search_lines
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from bench.run.tune import confirm, space
from bench.run.tune.request import BaselineFailed, TuneRequest
from bench.run.tune.tune import tune
from bench.suite.cells import Suite
from bench.suite.options import Options
from bench.suite.spec import ModelSpec, Variant
from bench.testing import Listener
from tests.run.conftest import DATA, QUICK

FAST = "batch_map=napping:nap_20ms"
SHORT = SearchPlan(widest=3, first_seconds=0.05, most_seconds=0.05)


class Watching(Listener):
    """Keeps what it is told of the search, and presses Ctrl-C once it is told of `stop`."""

    def __init__(self, stop=""):
        super().__init__()
        self.told, self.stop, self.known = [], stop, None

    def tell(self, text):
        self.words.append([])
        self.told.append(text)
        if text == self.stop:
            raise KeyboardInterrupt

    def begins(self, host, device, space, known, budget):
        self.known = known
        self.tell("begins")

    def rung_begins(self, number, names, left):
        self.tell(f"rung {number} begins")

    def rung_ends(self, rung, left):
        self.tell(f"rung {rung.number} ends")

    def checking(self, candidate, steps):
        self.tell("checking")

    def checked(self, check):
        self.tell("checked")

    def confirming(self, candidate, left):
        self.tell("confirming")

    def confirmed(self, rounds, ratio):
        self.tell(f"round {rounds}")


def request(root, network="tiny_models:dense", budget=600.0, **changes):
    suite = Suite(
        name="tried",
        folder=str(Path(__file__).parents[1]),
        data=DATA,
        models=(ModelSpec(name="tiny", network=network),),
        variants=(Variant(name="base", options=Options(batch_map="napping:nap_50ms", prefetch=0)),),
        batch_sizes=(16,),
        protocol={**QUICK, "timeout_seconds": 120.0},
    )
    return TuneRequest(suite, suite.cells()[0], root, budget, **{"host": "box", "plan": SHORT} | changes)


@pytest.fixture(scope="module")
def few():
    """Candidates of which one is 2.5 times as fast as the baseline and one fails; and one round to confirm with."""
    naps = tuple(f"napping:{name}" for name in ("nap_50ms", "nap_20ms", "missing"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(space, "axes", lambda base, hardware: {"batch_map": naps})
        patch.setattr(confirm, "_MOST_ROUNDS", 1)
        patch.setattr(confirm, "_SECONDS", 0.05)
        yield


@pytest.fixture(scope="module")
def found(executor, few, tmp_path_factory):
    root, watching = tmp_path_factory.mktemp("tuned"), Watching()
    return tune(request(root), executor, watching), watching, root


def test_it_finds_the_fastest_and_measures_it_again(found):
    tuned, _, _ = found
    assert tuned.best.name == FAST
    assert tuned.confirmed.ratio.low < 2.5 < tuned.confirmed.ratio.high
    assert [one.option for one in tuned.confirmed.effects] == ["batch_map"]
    assert tuned.ratio == tuned.confirmed.ratio


def test_what_fails_costs_itself_alone_with_its_reason(found):
    tuned, _, root = found
    why = tuned.dropped["batch_map=napping:missing"]
    assert "failed in data" in why
    assert "missing" in why
    assert len(list(root.glob("results/box/logs/**/*missing*.log"))) == 1


def test_it_goes_through_its_stages_and_says_so(found):
    tuned, watching, _ = found
    assert watching.told[:4] == ["begins", "rung 0 begins", "rung 1 begins", "rung 1 ends"]
    assert watching.told[-3:] == ["checked", "confirming", "round 1"]
    assert tuned.state == "complete"
    assert sum(tuned.seconds[stage] for stage in ("start", "search", "accuracy", "confirmation")) == pytest.approx(
        tuned.seconds["whole"], abs=1.0
    )


def test_every_process_left_a_record_in_a_journal_of_their_own(found):
    _, watching, root = found
    records = Journal(journal_path(root, "box", "tune-tiny"), Record).read().records
    assert [one.cell for one in records] == [one.cell for one in watching.records]
    assert len({one.turns.run for one in records}) == 1
    assert {one.variant for one in records if one.baseline} == {"base"}


def test_the_processes_of_its_figure_had_no_part_in_the_choice(found):
    tuned, watching, _ = found
    searched = len(tuned.rungs) + 1  # with the baseline by itself
    fresh = [one for one in watching.records if one.turns.group > searched]
    assert {one.variant for one in fresh} == {FAST, "base"}


def test_accuracy_on_synthetic_images_is_not_judged(found):
    tuned, watching, _ = found
    assert "checking" not in watching.told
    assert all(check.change is None and check.why for check in tuned.accuracy)


def test_it_can_be_shown(found):
    tuned, _, _ = found
    assert "tiny on" in answer(tuned)
    assert "batch_map napping:nap_20ms: 2." in answer(tuned)
    assert "| batch_map | napping:nap_20ms | napping:nap_50ms |" in re.sub(" +", " ", render(effects_table(tuned)))
    assert any("missing" in line for line in search_lines(tuned))
    assert json.loads(json.dumps(tuned_json(tuned), allow_nan=False))["best"]["name"] == FAST


def test_it_begins_with_what_results_of_before_say(found, executor, few):
    _, first, root = found
    again = Watching("rung 1 ends")
    tuned = tune(request(root), executor, again)
    assert (first.known, again.known) == (0, 2)
    assert tuned.known_before == ("base", FAST)
    assert FAST in tuned.rungs[0].measured
    assert "results of before on this host say of 2 of them" in " ".join(search_lines(tuned))
    assert tuned_json(tuned)["known_before"] == ["base", FAST]


@pytest.mark.parametrize(
    "other",
    [
        {"fresh": True},
        {"network": "tiny_models:timeless"},
        {"host": "another"},
    ],
    ids=["asked not to", "another network", "another host"],
)
def test_what_does_not_count_is_not_known(found, executor, few, other):
    watching = Watching("begins")
    with pytest.raises(KeyboardInterrupt):
        tune(request(found[2], **other), executor, watching)
    assert watching.known == 0


def test_ctrl_c_gives_what_is_known_by_then(executor, few, tmp_path):
    tuned = tune(request(tmp_path), executor, Watching("rung 1 ends"))
    assert (tuned.state, tuned.confirmed, tuned.best.name) == ("interrupted", None, FAST)
    assert "it was not measured again" in answer(tuned)
    assert Journal(journal_path(tmp_path, "box", "tune-tiny"), Record).read().records


def test_ctrl_c_before_anything_is_known_passes_through(executor, few, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        tune(request(tmp_path), executor, Watching("rung 0 begins"))


def test_what_takes_more_memory_than_it_may_is_dropped(executor, few, tmp_path):
    with pytest.raises(BaselineFailed, match="above the limit of 1 MiB"):
        tune(request(tmp_path, max_bytes=2**20), executor, Watching())


def test_a_batch_that_the_data_does_not_fill_is_told_before_anything_runs(executor, few, tmp_path):
    with pytest.raises(InputError, match="larger than the training data"):
        tune(request(tmp_path, batch_sizes=(100_000,)), executor, Watching())
    assert not list(tmp_path.iterdir())
