import math

import pytest

from bench.analyse.bottleneck.breakdown import Attributed, attribute
from bench.analyse.bottleneck.text import words
from bench.analyse.stats.ratio import Refusal
from bench.analyse.stats.spread import Spread
from bench.results.record import Record, Window
from tests.records import T4, make_attributed, make_failed, make_record

VERDICTS = {
    "input-bound": [
        make_attributed(31.5, 31, 12, 11.5),
        make_attributed(31.5, 31, 12),
        make_attributed(45, 30, 15, options={"prefetch": 0}),
        make_attributed(20, 9.8, 10.2, 6),  # neither is late: they are in each other's way
        make_attributed(20, 5, 8, 8, on=T4),
        make_attributed(17.5, 17, 15),  # a small share, and still the pipeline is what is late
    ],
    "host-bound": [make_attributed(5.0, 0.3, 4.9, 2.0), make_attributed(5.0, 1, 4, 1.4)],
    "compute-bound": [
        make_attributed(16, 1, 15.9, 15.8),
        make_attributed(616, 1, 615),
        make_attributed(16, 1, 14.5, 14),
    ],
    "balanced": [make_attributed(16, 6, 12.5, 9), make_attributed(21, 5.5, 15.4, options={"prefetch": 0})],
    "not distinguishable": [make_attributed(67, 1, 67, 65, noise=0.3), make_attributed(45, 42, 38, 36, noise=0.35)],
}


@pytest.mark.parametrize(("verdict", "record"), [(verdict, r) for verdict, rs in VERDICTS.items() for r in rs])
def test_the_verdict(verdict, record):
    found = attribute(record)
    assert isinstance(found, Attributed)
    assert found.verdict == verdict
    assert words(found).startswith(f"{verdict}: ")


@pytest.mark.parametrize("record", [record for records in VERDICTS.values() for record in records])
def test_shares_are_of_the_whole_step(record):
    found = attribute(record)
    shares = (found.compute_share, found.host_share, found.input_share, found.unexplained_share)
    assert sum(shares) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in shares)


def test_the_shares_are_those_of_the_loops():
    found = attribute(make_attributed(20, 5, 16, 8, noise=0))
    assert (found.compute_share, found.host_share, found.input_share) == pytest.approx((0.4, 0.4, 0.2))
    assert found.without_input_seconds == pytest.approx(16e-3)
    assert found.without_host_seconds == pytest.approx(12e-3)


@pytest.mark.parametrize(
    ("loops", "unclear"),
    [
        ((16, 1, 16.3, 16.5), ("host", "input")),
        ((16, 1, 15.8, 16.9), ("host", "input")),
        ((16, 5, 12, 12.3), ("host",)),
        ((16, 1, 16.2, 9), ("input",)),
        ((16, 1, 16.2), ("input",)),
    ],
)
def test_what_noise_could_be_is_nothing_and_said_so(loops, unclear):
    found = attribute(make_attributed(*loops))
    assert tuple(name for name in ("host", "input") if getattr(found, f"{name}_at_most") is not None) == unclear
    assert (found.host_share == 0) == ("host" in unclear or found.device is None)
    assert (found.input_share == 0) == ("input" in unclear)
    assert words(found).count("not distinguishable from none") == len(unclear)


def test_what_could_be_there_all_the_same_is_bounded():
    found = attribute(make_attributed(16, 1, 15.5, 15.4, noise=0))
    allowance = 1.96 * 0.02 * 2**0.5
    assert found.input_at_most == pytest.approx(1 / 16 * math.exp(allowance), rel=0.01)  # as long as the pipeline takes
    assert found.input_at_most + found.unexplained_at_most == pytest.approx(1 - 15.5 / 16 / math.exp(allowance))
    assert f"waiting for input is not distinguishable from none ({found.input_at_most:.0%} at most)" in words(found)


def test_a_step_waits_for_no_more_than_the_pipeline_takes():
    found = attribute(make_attributed(16, 0.1, 14, noise=0))
    assert found.input_share == pytest.approx(0.1 / 16, rel=0.1)
    assert found.unexplained_share == pytest.approx(1.9 / 16, abs=0.002)
    assert "12% is more than the pipeline can cost: the machine's speed changed meanwhile" in words(found)
    assert found.verdict == "compute-bound"
    # a copy to the device is no part of drawing a batch, and its step waits for that too: here 3 ms at most
    copied = attribute(make_attributed(16, 0.1, 14, noise=0, on=T4))
    assert copied.unexplained_share == 0
    assert copied.input_share == pytest.approx(2 / 16)
    held = attribute(make_attributed(16, 0.1, 14, noise=0, on=T4, options={"source": "device"}))
    assert held.unexplained_share > 0.1


def test_many_steps_an_execution_that_are_slower_say_nothing_of_dispatch():
    found = attribute(make_attributed(16, 3, 14, 19))
    assert found.host_share == 0
    assert found.compute_share == pytest.approx(14 / 16, rel=0.01)


def test_a_host_whose_processes_differ_much_claims_less():
    record = make_attributed(16, 1, 14.5)
    assert attribute(record).input_share > 0
    assert attribute(record, Spread(0.08, 9, measured=True)).input_share == 0


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (make_record(), "without --attribute"),
        (make_record(absent={"attribution": "RuntimeError: its cache was not full"}), "cache was not full"),
        (make_failed(), "is failed"),
        (make_attributed(16, 1, 15, count=1), "fewer than two windows"),
        (make_attributed(16, 1, 25), "its step alone took longer"),
        (make_attributed(16, 25, 12), "its pipeline alone took longer"),
        (make_attributed(44, 42, 30, options={"prefetch": 0}), "which follow each other, took less together"),
        (make_attributed(130, 0.6, 61, 55), "all together took longer than pipeline and step one after the other"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_reason(record, why):
    refused = attribute(record)
    assert isinstance(refused, Refusal)
    assert why in str(refused)


ONE = (Window(5, 0.1),)
NOTHING = (Window(5, 0.1), Window(5, 0.0))


@pytest.mark.parametrize(
    ("loop", "windows", "why"),
    [
        ("pipeline", ONE, "its pipeline alone has fewer than two windows"),
        ("step", (), "its step alone has fewer than two windows"),
        ("device", ONE, "its device alone has fewer than two windows"),
        ("step", NOTHING, "its step alone has a window of 0 s"),
    ],
)
def test_a_loop_without_an_interval_is_refused(loop, windows, why):
    record = make_attributed(16, 1, 15, 14)
    loops = record.attribution.model_copy(update={loop: windows})
    refused = attribute(record.model_copy(update={"attribution": loops}))
    assert isinstance(refused, Refusal)
    assert str(refused) == why


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (
            make_attributed(31.5, 31, 12, 11.5, noise=0.001),
            "the pipeline delivers a batch each 31.0 ms, the step needs 12",
        ),
        (
            make_attributed(45, 30, 15, options={"prefetch": 0}, noise=0.001),
            "without prefetch, 30.0 ms for a batch and",
        ),
        (make_attributed(20, 9.8, 10.2, 6), "they share the processor's cores"),
        (make_attributed(20, 5, 8, 8, on=T4), "copying batches to the device"),
        (make_attributed(5.0, 0.3, 4.9, 2.0), "the rest of the step is its dispatch"),
        (
            make_attributed(16, 6, 13, 9, noise=0.001),
            "56% is the computation, 25% host overhead and 19% waiting for input",
        ),
    ],
)
def test_words_hold_the_numbers(record, told):
    assert told in words(attribute(record))


def test_a_record_with_its_loops_is_kept_and_read_again():
    record = make_attributed(16, 1, 15, 14)
    assert Record.model_validate_json(record.model_dump_json()) == record
