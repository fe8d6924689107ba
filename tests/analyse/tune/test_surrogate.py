"""What a few measured candidates say of all others."""

import math

import numpy as np
import pytest

from bench.analyse.tune.surrogate import Sample, Surrogate
from tests.analyse.tune.worlds import CPU, space

SPACE = space()
NAMES = [one.name for one in SPACE]


def samples(*names, offsets=(0.0,), seconds=CPU):
    """Each in every group, without any noise."""
    by_name = {one.name: one for one in SPACE}
    return [
        Sample(name, group, math.log(seconds(by_name[name].settings)) + offset, 1e-5)
        for group, offset in enumerate(offsets)
        for name in names
    ]


ALONE = ["base", "pixels=uint8", "precision=bfloat16", "xla=on", "steps_per_execution=8"]


def test_options_measured_apart_say_what_they_come_to_together():
    belief = Surrogate(SPACE, 0.01).belief(samples(*ALONE))
    place = NAMES.index("pixels=uint8+precision=bfloat16+steps_per_execution=8")
    truth = -math.log(0.95 * 0.65 * 0.96)
    error = math.sqrt(belief.covariance[place, place])
    assert belief.mean[place] == pytest.approx(truth, abs=0.1)
    assert abs(belief.mean[place] - truth) < 3 * error
    assert error > 0.01  # it was never measured


def test_what_a_group_has_in_common_says_nothing():
    surrogate = Surrogate(SPACE, 0.01)
    still, drifting = (surrogate.belief(samples(*ALONE, offsets=offsets)) for offsets in ((0.0, 0.0), (0.0, 0.4)))
    assert np.allclose(still.mean, drifting.mean, atol=0.02)


def test_the_baseline_is_one_times_as_fast_as_itself_and_that_is_sure():
    belief = Surrogate(SPACE, 0.01).belief(samples(*ALONE))
    assert belief.mean[0] == 0
    assert belief.covariance[0, 0] == pytest.approx(0, abs=1e-12)


def test_nothing_measured_leaves_all_equal_and_open():
    belief = Surrogate(SPACE, 0.01).belief([])
    assert not belief.mean.any()
    assert (np.diag(belief.covariance)[1:] > 0).all()


def test_over_any_other_candidate_it_is_the_difference():
    belief = Surrogate(SPACE, 0.01).belief(samples(*ALONE))
    place = NAMES.index("precision=bfloat16")
    gain, error = belief.over(place)
    assert (gain[place], error[place]) == (0, 0)
    assert gain[0] == pytest.approx(-belief.mean[place])
    assert error[0] == pytest.approx(math.sqrt(belief.covariance[place, place]))


def test_a_process_that_was_disturbed_does_not_mislead():
    names = [*ALONE, *ALONE, "pixels=uint8+precision=bfloat16", "precision=bfloat16+steps_per_execution=8"]
    true = samples(*names, offsets=(0.0, 0.0))
    wild = [*true[:-1], Sample(true[-1].candidate, true[-1].group, true[-1].log - 0.5, true[-1].variance)]
    place = NAMES.index(true[-1].candidate)
    believed, misled = (Surrogate(SPACE, 0.01).belief(one).mean[place] for one in (true, wild))
    assert misled == pytest.approx(believed, abs=0.05)  # and the mean of its two processes would be 0.25 off
