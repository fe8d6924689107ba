"""The search on made-up machines."""

import dataclasses
import statistics

import pytest

from bench.analyse.tune.candidate import changes
from bench.analyse.tune.search import Search, SearchPlan
from tests.analyse.tune.worlds import CPU, World, gpu, product, together


def searched(world, budget=100.0, **plan):
    search = Search(world.space, world, luck=0.014, plan=SearchPlan(**plan))
    search.run(budget)
    return search


@pytest.mark.parametrize("seconds", [CPU, gpu], ids=["multiplicative", "a bottleneck that moves"])
def test_it_ends_near_the_best_of_144_candidates_having_measured_few(seconds):
    lost, measured = [], []
    for seed in range(6):
        world = World(seconds, seed)
        search = searched(world)
        lost.append(world.lost(search.best()))
        measured.append(len({one.candidate for one in search.samples}))
    assert max(lost) <= 0.03
    assert max(measured) < len(world.space) / 4


def test_what_pays_only_together_is_found_more_often_than_one_at_a_time_would():
    lost = [world.lost(searched(world).best()) for world in (World(together, seed) for seed in range(6))]
    assert statistics.median(lost) < 0.05  # either of the two alone loses 30 % and more


def test_the_same_measurements_give_the_same_search():
    logs = []
    for _ in range(2):
        world = World(CPU, seed=3)
        best = searched(world).best()
        logs.append((world.log, best))
    assert logs[0] == logs[1]


def test_the_first_rung_has_each_value_alone_and_later_ones_what_may_be_the_best():
    world = World(CPU)
    search = searched(world)
    first, second = search.rungs[:2]
    assert set(first.measured) == {
        *("pixels=float32", "pixels=uint8", "loader=map", "loader=map+cache", "prefetch=2"),
        *("precision=bfloat16", "xla=on", "steps_per_execution=8"),
    }
    assert all("xla=on" not in name for name in second.measured)
    assert set(second.measured) <= set(first.survive)


def test_rungs_get_smaller_and_their_windows_longer():
    search = searched(World(CPU, luck=0.05), budget=300.0)
    later = search.rungs[1:]
    assert [len(one.measured) for one in later] == sorted((len(one.measured) for one in later), reverse=True)
    assert [one.seconds for one in later] == sorted(one.seconds for one in later)
    assert later[-1].seconds > later[0].seconds


def test_it_keeps_to_its_time():
    for budget in (30.0, 60.0, 150.0):
        search = searched(World(CPU), budget)
        assert search.spent <= budget


def test_more_time_goes_on_where_it_was():
    world = World(CPU, seed=1)
    search = searched(world, 50.0)
    before = len(search.rungs)
    assert not search.over
    search.run(200.0)
    assert search.over
    assert [one.number for one in search.rungs] == [*range(1, len(search.rungs) + 1)]
    assert len(search.rungs) > before
    assert [names for names, _ in world.log].count(()) == 1
    search.run(1000.0)
    assert search.spent < 200


def known_before(seconds):
    """Two rounds of each option alone, and of two together, on a machine of before."""
    world = World(seconds, seed=100)
    alone = [one.name for one in world.space if len(changes(one, world.space[0])) == 1]
    samples = [one for _ in range(2) for one in world([*alone, "precision=bfloat16+xla=on"], 2.0).samples]
    return [dataclasses.replace(one, group=-one.group, variance=one.variance + 2 * 0.03**2) for one in samples]


def until_near(seconds, earlier, seed):
    """What was spent until the best is, and stays, within 6 % of the truly best."""
    world, trace = World(seconds, seed), []
    search = Search(world.space, world, luck=0.014, earlier=earlier)
    search.heard = lambda _rung: trace.append((search.spent, world.lost(search.best())))
    search.run(100.0)
    assert trace[-1][1] <= 0.06
    return min(spent for at, (spent, _) in enumerate(trace) if all(lost <= 0.06 for _, lost in trace[at:]))


@pytest.mark.parametrize("seconds", [CPU, gpu], ids=["multiplicative", "a bottleneck that moves"])
def test_what_was_measured_before_says_where_to_look(seconds):
    earlier = known_before(seconds)
    with_it = [until_near(seconds, earlier, seed) for seed in range(6)]
    without = [until_near(seconds, (), seed) for seed in range(6)]
    assert statistics.median(with_it) < 0.5 * statistics.median(without)


@pytest.mark.parametrize("seconds", [CPU, gpu, together])
def test_a_machine_that_is_another_by_now_misleads_nobody(seconds):
    earlier = known_before(product({"bfloat16": 1.4, "on": 0.9, "uint8": 1.2, "map+cache": 0.6}))
    assert all(until_near(seconds, earlier, seed) <= 100.0 for seed in range(6))


def test_where_results_of_before_promise_nothing_each_value_is_tried_all_the_same():
    earlier = known_before(
        product({"bfloat16": 2.0, "on": 2.0, "uint8": 2.0, "float32": 2.0, "map": 2.0, 8: 2.0, 2: 2.0})
    )
    world = World(CPU)
    search = Search(world.space, world, luck=0.014, earlier=earlier)
    search.run(100.0)
    assert "xla=on" in {name for one in search.rungs[:2] for name in one.measured}
    assert world.lost(search.best()) <= 0.06


def test_a_time_that_is_too_short_gives_one_small_rung():
    search = searched(World(CPU), budget=4.0)
    assert [len(one.measured) for one in search.rungs] == [1]
    assert search.best() is not None


def test_it_ends_once_no_other_may_be_faster():
    world = World(product({"bfloat16": 0.2}), luck=0.002, noise=0.002)
    search = Search(world.space, world, luck=0.002)
    search.run(1e4)
    assert search.spent < 200
    assert search.best().name == "precision=bfloat16"


def test_of_those_that_come_to_the_same_the_one_with_the_fewest_changes_is_the_best():
    world = World(product({"bfloat16": 0.7, 8: 0.999}), luck=0.004, noise=0.004)
    assert searched(world).best().name == "precision=bfloat16"


def test_where_nothing_helps_the_baseline_is_the_best():
    world = World(product({"bfloat16": 1.3, "on": 1.2, "uint8": 1.1}), luck=0.004, noise=0.004)
    assert searched(world).best().name == "base"


def test_what_fails_costs_itself_alone_and_is_not_measured_again():
    failing = [one.name for one in World(CPU).space if "precision=bfloat16" in one.name and "pixels" in one.name]
    world = World(CPU, failing=failing)
    search = searched(world, budget=200.0)
    assert world.lost(search.best()) <= 0.03
    asked = [name for names, _ in world.log for name in names if name in failing]
    assert asked
    assert len(asked) == len(set(asked))
    assert {one.candidate.name for one in search.ranked() if one.failed} == set(asked)


def test_a_baseline_that_fails_ends_it():
    with pytest.raises(RuntimeError, match="out of memory"):
        searched(World(CPU, failing=["base"]))


def test_what_was_interrupted_says_what_is_known_by_then():
    world = World(CPU)

    def evaluate(names, seconds):
        whole = world(names, seconds)
        return dataclasses.replace(whole, interrupted=len(world.log) == 4)

    search = Search(world.space, evaluate, luck=0.014)
    with pytest.raises(KeyboardInterrupt):
        search.run(100.0)
    assert len(search.rungs) == 2
    assert {one.group for one in search.samples} == {2, 3, 4}  # those of the third rung are not lost
    assert world.lost(search.best()) < 0.1
