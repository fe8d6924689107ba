from collections import Counter

import numpy as np
import pytest

from bench.analyse.audit.audit import audit, kinds
from bench.analyse.audit.copies import copies
from bench.analyse.audit.curves import curves
from bench.analyse.audit.others import beside_others
from bench.analyse.audit.registry import doubts_of
from bench.analyse.audit.traces import Where, trace_of
from bench.host.profile import HostProfile
from bench.results.record import Record
from tests.course import FORGERS, forged_tree, honest_team, honest_tree, keep, profile_of, sealed_lines
from tests.host_trees import gpu
from tests.records import T4, make_gpu_values, make_record, make_trained

OTHER_CARD = {"kind": "gpu", "gpu_name": "Tesla T4", "compute_capability": "8.0"}


@pytest.fixture(scope="module")
def team():
    """The records of an honest team, one of them trained."""
    return honest_team(np.random.default_rng(7), "07")


def codes(record):
    return {doubt.code for doubt in doubts_of(record, profile_of(record.host, None))}


def test_honest_teams_are_plausible(tmp_path):
    """More of them are tried by tests/soak/audit.py."""
    honest_tree(tmp_path, 40)
    found = audit(tmp_path, profile_of)
    assert [(str(one.where), one.doubts) for one in found.doubted] == []
    assert len(found.records) == 40


def test_forgeries_are_found(tmp_path):
    made = forged_tree(tmp_path, 3 * len(FORGERS))
    found = audit(tmp_path, profile_of)
    missed = Counter(kind for team, kind in made.items() if found.verdict_of(team) == "plausible")
    assert missed == {}
    assert {doubt.code for one in found.doubted for doubt in one.doubts} <= {kind.code for kind in kinds()}


def changed(record, **fields):
    return Record.model_validate(record.model_dump() | fields)


def test_a_record_as_it_was_measured_raises_no_doubt(team):
    assert [codes(record) for record in team] == [set()] * len(team)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda one: {"windows": [(steps, seconds * 0.9) for steps, seconds in one.windows]}, "clocks"),
        (lambda one: {"windows": [(steps, round(seconds, 3)) for steps, seconds in one.windows]}, "digits"),
        (lambda one: {"windows": [one.windows[0]] * len(one.windows)}, "digits"),
        (lambda one: {"windows": [(steps, seconds * 1.1) for steps, seconds in one.windows]}, "clock-digits"),
        (
            lambda one: {"history": [epoch.model_dump() | {"loss": epoch.loss * 0.9} for epoch in one.history]},
            "single-precision",
        ),
        (
            lambda one: {"accuracy": one.accuracy.model_copy(update={"held_out": 1234 / 1500}).model_dump()},
            "single-precision",
        ),
        (lambda one: {"windows": [(5, -0.1), *one.windows]}, "ranges"),
        (lambda one: {"values": one.values | {"first_step_seconds": 0.001}}, "clocks"),
        (lambda one: {"values": one.values | {"seconds": 0.01}}, "clocks"),
        (lambda one: {"values": one.values | {"cpu_share": 3.0}}, "ranges"),
        (lambda one: {"values": one.values | {"peak_resident_bytes": 1e6}}, "ranges"),
        (lambda one: {"values": one.values | {"gpu_energy_joules": 1e-9}}, "energy"),
        (lambda one: {"values": one.values | {"gpu_energy_joules": 1e9}}, "energy"),
        (lambda one: {"values": one.values | {"trainable_params": 1e4}}, "sizes"),
        (lambda one: {"values": one.values | {"macs_per_image": 1.0}}, "sizes"),
        (lambda one: {"software": one.software | {"keras": "3.5.9"}}, "versions"),
        (lambda one: {"started": "2199-01-01T00:00:00+00:00"}, "dates"),
        (lambda one: {"started": "2026-01-01T00:00:00+00:00"}, "dates"),
        (lambda one: {"batch_size": 64}, "names"),
        (lambda one: {"seed": 12}, "fingerprint"),
        (lambda one: {"fingerprint": "0" * 16}, "fingerprint"),
        (lambda one: {"accuracy": one.accuracy.model_copy(update={"test": 0.9999}).model_dump()}, "image-counts"),
        (lambda one: {"accuracy": one.accuracy.model_copy(update={"held_out": 1.0}).model_dump()}, "curve"),
        (
            lambda one: {"history": [epoch.model_dump() | {"accuracy": 0.4375 + 2**-14} for epoch in one.history]},
            "image-counts",
        ),
        (
            lambda one: {"history": [epoch.model_dump() | {"val_accuracy": 0.4375} for epoch in one.history]},
            "image-counts",
        ),
        (lambda one: {"history": [epoch.model_dump() | {"val_loss": 0.001} for epoch in one.history]}, "curve"),
        (lambda one: {"history": [epoch.model_dump() | {"seconds": 1e-3} for epoch in one.history]}, "curve"),
        (lambda one: {"history": [epoch.model_dump() | {"seconds": 1e3} for epoch in one.history]}, "curve"),
        (
            lambda one: {
                "device": one.device.plain | {"kind": "gpu", "gpu_name": "Tesla T4", "compute_capability": "8.0"}
            },
            "machine",
        ),
    ],
)
def test_what_contradicts_itself_is_found(team, change, code):
    record = team[0]
    assert record.history
    assert code in codes(changed(record, **change(record)))


@pytest.mark.parametrize(("devices", "found"), [(4, set()), (1, {"machine", "energy"})])
def test_memory_and_energy_of_several_cards_are_sums(devices, found):
    values = make_gpu_values(peak_gpu_nvml_bytes=4 * 14e9, gpu_energy_joules=3_000.0, gpu_power_watts=2_400.0)
    options = {"devices": devices, "strategy": "mirrored"}
    record = make_record(device=T4, values=values, options=options, stages={"windows": 1.2})
    profile = HostProfile(id="four", label="four", hardware=gpu("Tesla T4"))
    assert {one.code for one in doubts_of(record, profile)} & {"machine", "energy", "datasheet"} == found


def test_what_a_seal_tells_of_is_found_and_merged_journals_are_fine(tmp_path, team):
    lines = sealed_lines(team)
    (host,) = lines
    other = sealed_lines(honest_team(np.random.default_rng(8), "07"))
    keep(tmp_path, "07", {host: [*lines[host], *next(iter(other.values()))]})  # two that began apart
    assert {doubt.code for one in audit(tmp_path, profile_of).doubted for doubt in one.doubts} <= {"machine"}
    keep(tmp_path, "07", {host: lines[host][::-1]})
    assert audit(tmp_path, profile_of).doubted == []
    keep(tmp_path, "07", {host: [lines[host][0], *lines[host][2:]]})
    (one,) = audit(tmp_path, profile_of).doubted
    assert [(doubt.code, doubt.sure, one.where.line) for doubt in one.doubts] == [("seal", "certain", 2)]


def test_only_the_teams_asked_for_are_told_of_and_others_looked_at(tmp_path):
    made = forged_tree(tmp_path, len(FORGERS))
    forger = next(team for team, kind in made.items() if kind == "copied")
    found = audit(tmp_path, profile_of, [forger])
    assert set(found.records) == {forger}
    assert {one.where.team for one in found.doubted} == {forger}


def test_a_file_that_cant_be_read_costs_itself(tmp_path):
    honest_tree(tmp_path, 2)
    path = next(tmp_path.glob("results/*/0000/cnn.jsonl"))
    path.write_bytes(b"\x1f\x8b" + path.read_bytes())
    found = audit(tmp_path, profile_of)
    assert "0001" in found.records
    assert len(found.notices) == 1


@pytest.mark.parametrize(
    ("change", "doubted"),
    [
        ({"options": {"prefetch": 2, "steps_per_execution": 8, "cache": "memory"}}, False),  # as real trainings did
        ({"options": {"precision": "bfloat16"}}, True),
        ({"seed": 7}, True),
        ({"batch_size": 64}, True),
    ],
)
def test_one_learning_curve_may_come_of_several_ways_to_execute_a_training_but_not_of_several_trainings(
    change, doubted
):
    one = make_trained()
    options = one.options.plain | change.get("options", {})
    other = changed(one, **{**change, "options": options, "accuracy_fingerprint": "f" * 16})
    traces = [
        trace_of(each, Where("cnn.jsonl", line, "t4", None, "cnn", each.cell, each.started))
        for line, each in enumerate((one, other), 1)
    ]
    found = {doubt.code for _, doubt in curves(traces)}
    assert ("same-curve" in found) == doubted


def class_of(size):
    """An honest class, and in it one team with records that are to be changed."""
    return [honest_team(np.random.default_rng([3, number]), f"{number:02}") for number in range(size)]


def beside(teams):
    """The codes of what is found of each team's records beside the others'."""
    traces = [
        trace_of(one, Where("cnn.jsonl", line, one.host, one.team, "cnn", one.cell, one.started))
        for records in teams
        for line, one in enumerate(records, 1)
    ]
    found = {}
    for check in (curves, beside_others):
        for place, doubt in check(traces):
            found.setdefault(traces[place].where.team, set()).add(doubt.code)
    return found


def faster_by(factor):
    return lambda one: {"windows": [(steps, seconds * factor) for steps, seconds in one.windows]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda one: {} if one.baseline else faster_by(0.6)(one), "faster-than-others"),
        (lambda one: faster_by(0.4)(one) if one.variant == "xla" else {}, "faster-than-others"),
        (
            lambda one: (
                {"values": one.values | {"compile_seconds": one.values["compile_seconds"] / 4}}
                if one.variant == "xla"
                else {}
            ),
            "unlike-its-variant",
        ),
        (
            lambda one: (
                {"values": one.values | {"peak_resident_bytes": one.values["peak_resident_bytes"] * 1.6}}
                if one.variant == "prefetch-0"
                else {}
            ),
            "unlike-its-variant",
        ),
        (lambda one: faster_by(0.6)(one), None),  # a faster machine
        (lambda one: {} if one.baseline else faster_by(1.3)(one), None),  # nobody gains from that
    ],
)
def test_what_no_other_team_comes_near_is_odd(change, code):
    teams = class_of(80)
    number, own = next((number, own) for number, own in enumerate(teams) if own[0].host == "colab-t4")
    teams[number] = [changed(one, **change(one)) for one in own]
    assert beside(teams) == ({f"{number:02}": {code}} if code else {})


def test_few_teams_are_no_class():
    teams = [[one for one in own if one.host == "colab-t4"] for own in class_of(30)]
    teams = [own for own in teams if own][:7]
    teams[0] = [changed(one, **({} if one.baseline else faster_by(0.3)(one))) for one in teams[0]]
    assert beside(teams) == {}


def test_a_curve_a_few_images_off_anothers_is_odd_but_not_that_of_an_equal_training():
    teams, rng = class_of(40), np.random.default_rng(1)
    (source,) = [one for one in teams[7] if one.history][:1]
    epochs = [
        epoch.model_dump()
        | {
            "loss": epoch.loss * (1 + 0.002 * rng.standard_normal()),
            "val_loss": epoch.val_loss * (1 + 0.002 * rng.standard_normal()),
            "val_accuracy": epoch.val_accuracy + rng.integers(-2, 3) / 1_500 + 0.01,
        }
        for epoch in source.history
    ]
    for other, found in ((8, {"07": {"curve-alike"}, "08": {"curve-alike"}}), (17, {})):
        forged = [*teams]
        place = next(place for place, one in enumerate(teams[other]) if one.history and one.seed == source.seed)
        forged[other] = [
            changed(one, history=epochs) if number == place else one for number, one in enumerate(teams[other])
        ]
        assert beside(forged) == found  # team 17 has the data of team 07, and the seed


def t4s(teams):
    """Those of the class on a T4, each with its own records alone."""
    found = [[one for one in own if one.host == "colab-t4"] for own in teams]
    return [own for own in found if own]


def test_who_ran_fewer_variants_or_more_rounds_is_as_plausible_as_others():
    teams = t4s(class_of(60))
    assert len(teams) >= 12
    by_variant = {one.variant: one for one in teams[0]}
    again = [
        by_variant["xla"].model_copy(update={"started": f"2026-11-27T10:{place:02}:00+00:00"}) for place in range(9)
    ]
    for own in (
        [by_variant["notebook"], by_variant["xla"]],
        [by_variant["xla"]],
        [*teams[0], *again],
    ):
        assert beside([own, *teams[1:]]) == {}


def test_many_records_of_one_team_are_no_majority():
    teams = t4s(class_of(60))[:9]
    values = {"peak_resident_bytes": 3e9}
    lying = [changed(one, values=one.values | values) if not one.baseline else one for one in teams[0]]
    many = [one for one in lying if one.variant == "cache"] * 20
    assert beside([[*lying, *many], *teams[1:]]) == {teams[0][0].team: {"unlike-its-variant"}}


@pytest.mark.parametrize(
    "change", [{"epochs": 9}, {"keep_weights": True}, {"target_accuracy": 0.9}, {"max_params": 10**9}]
)
def test_trainings_that_differ_in_nothing_that_is_learnt_may_have_one_curve(change):
    one = make_trained()
    other = changed(
        one, train=one.train.plain | change, accuracy_fingerprint="f" * 16, started="2026-11-27T10:00:00+00:00"
    )
    traces = [
        trace_of(each, Where("cnn.jsonl", line, "t4", None, "cnn", each.cell, each.started))
        for line, each in enumerate((one, other), 1)
    ]
    assert [*curves(traces)] == []


def test_times_alike_are_found_among_many_records():
    draw = np.random.default_rng(5)
    made = make_record()

    def timed(team, seconds, at):
        record = changed(made, team=team, windows=[(5, float(one)) for one in seconds], started=at)
        return trace_of(record, Where("cnn.jsonl", 1, "t4", team, "cnn", record.cell, record.started))

    every = 0.1 * (1 + 0.02 * draw.standard_normal((700, 24)))
    every[699] = every[3] * 0.8 * (1 + 0.001 * draw.standard_normal(24))
    traces = [timed(f"{n:04}", one, f"2026-11-{n % 28 + 1:02}T10:00:00+00:00") for n, one in enumerate(every)]
    found = {(traces[place].where.team, doubt.code) for place, doubt in copies(traces)}
    assert found == {("0003", "alike"), ("0699", "alike")}
