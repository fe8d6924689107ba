"""Which records of before say anything of a search's candidates."""

import pytest

from bench.run.tune.earlier import same_work, samples_of
from tests.records import make_record

XLA = {"xla": True}


def process(place, group=1, **changes):
    turns = {"run": "r", "round": 1, "group": group, "place": place, "cells": 3, "length": 3, "seed": 1}
    return make_record(count=12, turns=turns, **changes)


def both(**changes):
    return process(1), process(2, variant="xla", cell="simple_cnn/xla/b128", options=XLA, **changes)


def samples(records, of):
    names = {same_work(one.workload): one.variant for one in of}
    return samples_of(records, names, of[0].software)


def test_candidates_that_took_turns_are_set_beside_each_other():
    found = samples(both(), both())
    assert [(one.candidate, one.group) for one in found] == [("notebook", -1), ("xla", -1)]


def test_processes_of_one_candidate_say_nothing_of_others():
    assert samples([process(1), process(2)], both()) == ()
    assert samples([*both(), process(1, group=2), process(2, group=2)], both())[-1].group == -1


def test_what_is_no_candidate_is_passed_over():
    assert samples(both(), both()[:1]) == ()


@pytest.mark.parametrize("changed", [{"keras": "3.5.0"}, {"malloc": "huge pages"}])
def test_other_software_is_trusted_less(changed):
    records = both()
    names = {same_work(one.workload): one.variant for one in records}
    then = samples_of(records, names, records[0].software)
    now = samples_of(records, names, records[0].software | changed)
    assert all(later.variance > 3 * one.variance for one, later in zip(then, now, strict=True))
