"""What disturbed cells that took turns is said as of records, with the rounds that it was in."""

import pytest

from bench.analyse.findings.pairs import disturbed
from bench.analyse.findings.registry import judge
from bench.analyse.stats.spread import UNMEASURED
from bench.results.pair import Pair
from tests.pairs import make_pair, make_rounds
from tests.records import make_record

RECORD = make_record()


def pair_of(*seen):
    rounds = [
        one.model_copy(update={"values": values})
        for one, values in zip(make_rounds(count=len(seen)), seen, strict=True)
    ]
    return make_pair(RECORD, RECORD, rounds=tuple(rounds))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"foreign_cpu_share": 0.3}, "busy-machine"),
        ({"cpu_steal_share": 0.04}, "busy-machine"),
        ({"cgroup_throttled_seconds": 5.0}, "busy-machine"),
        ({"cpu_thermal_throttles": 2.0}, "throttled"),
        ({"gpu_throttle_reasons": float(0x40)}, "throttled"),
        ({"foreign_gpu_processes": 1.0, "foreign_gpu_memory_bytes": 2.0**30}, "foreign-gpu-process"),
    ],
)
def test_each_disturbance_is_worded_as_a_records(values, code):
    (found,) = disturbed(pair_of({}, values, {}, values))
    (of_record,) = [one for one in judge(make_record(values=RECORD.values | values), UNMEASURED) if one.code == code]
    assert found.code == code
    assert found.message == f"{of_record.message} (in 2 of 4 rounds)"


def test_quiet_rounds_and_rounds_that_nobody_watched_have_nothing():
    quiet = {"foreign_cpu_share": 0.01, "gpu_throttle_reasons": None, "cgroup_throttled_seconds": 0.0}
    assert disturbed(pair_of(quiet, {}, quiet)) == ()
    assert disturbed(pair_of({"gpu_throttle_reasons": float(0x4)})) == ()  # a power cap is normal


def test_pairs_stored_before_rounds_were_watched_are_read():
    stored = make_pair(RECORD, RECORD).model_dump(mode="json")
    for one in stored["rounds"]:
        del one["values"]
    assert Pair.model_validate(stored).rounds[0].values == {}
