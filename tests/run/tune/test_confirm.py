"""The best candidate measured again, and what each of its options adds: from made-up processes."""

from types import SimpleNamespace

import pytest

from bench.analyse.tune.candidate import Candidate
from bench.host.profile import HostProfile
from bench.results.window import Turns
from bench.run.plan import Planned
from bench.run.tune.confirm import Confirmation
from bench.suite.cells import Cell
from bench.suite.options import Options
from bench.suite.spec import DataSpec, ModelSpec, Protocol, Variant
from tests.records import make_data, make_failed, make_record

FACTORS = {"pixels=uint8": 0.8, "xla=on": 0.9, "prefetch=2": 1.0}


def cell(name, options):
    return Cell(
        id=f"net/{name}/b128",
        suite="tune-net",
        folder=".",
        data=DataSpec(name="digits"),
        model=ModelSpec(name="net", network="simple_cnn"),
        variant=Variant(name=name, options=options),
        batch_size=128,
        seed=0,
        protocol=Protocol(),
        train=None,
    )


class Machine:
    """In the place of an evaluator: each option multiplies a step's time by its factor. A round takes ten seconds."""

    def __init__(self, fails=(), stops=0):
        self.runs, self.stops = SimpleNamespace(records=[]), stops
        self.now, self.fails, self.groups = 0.0, fails, []
        setting = SimpleNamespace(host=HostProfile(id="box", label="box"), hardware=None, info=lambda cell: make_data())
        self.ready = SimpleNamespace(
            executor=SimpleNamespace(clock=lambda: self.now),
            setting=setting,
            plan=lambda cell: Planned(cell, cell.variant.options, None),
        )
        self.planned = {one.name: Planned(cell(one.name, one.options), one.options, None) for one in (BASE, BEST)}

    def measure(self, cells, seconds):
        self.now += 10.0
        if self.stops and len(self.groups) == self.stops:
            raise KeyboardInterrupt
        self.groups.append([one.cell.variant.name for one in cells])
        self.runs.records += [
            self._record(one.cell.variant.name, place, len(cells)) for place, one in enumerate(cells, 1)
        ]

    def _record(self, name, place, cells):
        if name in self.fails:
            return make_failed("net", name)
        step = 20.0
        for option in name.split("+"):
            step *= FACTORS.get(option, 1.0)
        number = len(self.groups)
        turns = Turns(run="r", round=number, group=number, place=place, cells=cells, length=1, seed=1)
        return make_record("net", name, step_ms=step, noise=0.002, turns=turns, host="box", suite="tune-net")


def candidate(name, **options):
    own = Options(**options)
    return Candidate(name, {key: getattr(own, key) for key in ("pixels", "xla", "prefetch")}, own, 128)


BASE = candidate("base")
BEST = candidate("pixels=uint8+prefetch=2+xla=on", pixels="uint8", prefetch=2, xla=True)


def confirmed(machine, until, best=BEST):
    heard = []
    confirmation = Confirmation(machine, BASE, best, 1.0, lambda rounds, ratio: heard.append(rounds))
    confirmation.run(until)
    return confirmation.confirmed(), heard


def test_the_speed_up_and_what_each_option_adds():
    found, heard = confirmed(Machine(), 100.0)
    assert found.ratio.value == pytest.approx(1 / 0.72, rel=0.01)
    adds = {one.option: one.ratio.value for one in found.effects}
    assert adds == pytest.approx({"pixels": 1.25, "xla": 1 / 0.9, "prefetch": 1.0}, rel=0.01)
    assert {one.option: (one.value, one.otherwise) for one in found.effects}["pixels"] == ("uint8", "float64")
    assert found.step_seconds[BEST.name] == pytest.approx(0.0144, rel=0.01)
    assert heard == [*range(1, found.rounds + 1)]


def test_each_option_alone_is_taken_away_in_every_round():
    machine = Machine()
    confirmed(machine, 100.0)
    without = {"prefetch=2+xla=on", "pixels=uint8+xla=on", "pixels=uint8+prefetch=2"}
    assert all({"base", BEST.name, *without} == {*group} for group in machine.groups)


def test_where_there_is_no_room_for_all_they_come_in_turn():
    machine = Machine()
    confirmation = Confirmation(machine, BASE, BEST, 10.0)
    confirmation.run(35.0)
    assert all(group[:2] == ["base", BEST.name] and len(group) == 3 for group in machine.groups)
    assert len({group[2] for group in machine.groups}) == 3


def test_rounds_end_with_the_time():
    machine = Machine()
    found, _ = confirmed(machine, 25.0)
    assert found.rounds == 2
    assert machine.now <= 25.0


def test_where_no_time_is_left_nothing_is_measured_again():
    machine = Machine()
    assert confirmed(machine, 0.5) == (None, [])
    assert not machine.groups


def test_one_that_fails_without_an_option_costs_that_options_figure_alone():
    found, _ = confirmed(Machine(fails=["prefetch=2+xla=on"]), 100.0)
    effects = {one.option: one for one in found.effects}
    assert effects["pixels"].ratio is None
    assert effects["pixels"].why
    assert effects["xla"].ratio is not None
    assert found.ratio is not None


def test_ctrl_c_leaves_what_was_measured():
    confirmation = Confirmation(Machine(stops=1), BASE, BEST, 1.0)
    with pytest.raises(KeyboardInterrupt):
        confirmation.run(100.0)
    assert confirmation.confirmed().rounds == 1


def test_a_single_option_adds_all_of_it():
    machine, best = Machine(), candidate("pixels=uint8", pixels="uint8")
    machine.planned[best.name] = Planned(cell(best.name, best.options), best.options, None)
    found, _ = confirmed(machine, 100.0, best)
    assert [one.ratio for one in found.effects] == [found.ratio]
    assert {name for group in machine.groups for name in group} == {"base", "pixels=uint8"}


def test_a_best_that_fails_has_no_figure():
    found, heard = confirmed(Machine(fails=[BEST.name]), 100.0)
    assert found is None
    assert heard == [1]
