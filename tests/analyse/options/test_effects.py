import pytest

from bench.analyse.options import interactions as interplay
from bench.analyse.options.effects import option_effects, unmeasured
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import Spread
from bench.results.record import Failure
from tests.pairs import make_pair, make_rounds
from tests.records import GONE, SYNTHETIC, changed, make_data, make_failed, make_record

U8, BF16, XLA = {"pixels": "uint8"}, {"precision": "mixed_bfloat16"}, {"xla": True}


def corners(notebook=16.0, u8=15.0, bf16=12.0, both=11.25, **more):
    """The four corners of two options."""
    variants = {"notebook": (notebook, {}), "u8": (u8, U8), "bf16": (bf16, BF16), "everything": (both, U8 | BF16)}
    return [
        make_record(variant=name, step_ms=ms, noise=0.001, options=options, **more)
        for name, (ms, options) in variants.items()
    ]


def effects_of(records, pairs=()):
    return option_effects(records, pairs, Standings(records, {}))


def interactions(effects):
    return tuple(one for one in interplay.interactions(effects) if one.there)


def by_name(effects):
    return {(e.option, *e.company): e for e in effects}


def standings_at(records, share):
    return Standings(records, {record.host: Spread(share) for record in records})


def test_all_four_corners_give_each_option_alone_and_in_company():
    found = by_name(effects_of(corners()))
    assert set(found) == {("pixels",), ("pixels", "precision"), ("precision",), ("precision", "pixels")}
    assert found["precision",].ratio.value == pytest.approx(16 / 12, rel=0.01)
    assert found["precision", "pixels"].ratio.value == pytest.approx(15 / 11.25, rel=0.01)
    assert found["precision", "pixels"].company == U8
    assert (found["precision",].on, found["precision",].off) == ("mixed_bfloat16", "float32")
    assert all(effect.rounds is None for effect in found.values())


def test_options_that_are_independent_have_no_interaction():
    (judged,) = interplay.interactions(effects_of(corners(both=15 * 12 / 16)))
    assert not judged.there
    assert judged.ratio.value == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("steps", "factor", "words"),
    [
        ({"u8": 10, "bf16": 10, "both": 9}, 0.69, "they overlap"),
        ({"u8": 14, "bf16": 14, "both": 8}, 1.53, "together they give more than each by itself would"),
        ({"u8": 8, "bf16": 8, "both": 11}, 0.36, "the gain turns into a loss"),
        ({"u8": 17, "bf16": 17, "both": 30}, 0.60, "they get in each other's way"),
        ({"u8": 24, "bf16": 24, "both": 25}, 1.44, "it costs less there"),
        ({"u8": 24, "bf16": 24, "both": 12}, 3.0, "the loss turns into a gain"),
    ],
)
def test_a_planted_interaction_is_found_once_and_named(steps, factor, words):
    (found,) = interactions(effects_of(corners(**steps)))
    assert found.ratio.value == pytest.approx(factor, rel=0.02)
    assert found.words == words
    assert found.alone.company == {}
    assert found.together.option == found.alone.option


def test_with_three_options_each_has_its_own_interaction():
    base, whole = make_record(), make_record(variant="everything", options=U8 | BF16 | XLA)
    pairs = [
        make_pair(make_record(options=a), make_record(options=b), a_ms=a_ms, b_ms=b_ms)
        for a, b, a_ms, b_ms in [
            (U8, {}, 15, 16),
            (BF16, {}, 12, 16),
            (XLA, {}, 8, 16),
            (U8 | BF16 | XLA, BF16 | XLA, 11, 11.75),
            (U8 | BF16 | XLA, U8 | XLA, 11, 11),
            (U8 | BF16 | XLA, U8 | BF16, 11, 11),
        ]
    ]
    found = interactions(effects_of([base, whole], pairs))
    assert {(one.alone.option, tuple(one.together.company)) for one in found} == {
        ("precision", ("pixels", "xla")),
        ("xla", ("pixels", "precision")),
    }


def test_effects_that_were_measured_in_different_ways_are_not_held_against_each_other():
    records = corners(u8=10, bf16=10, both=9)
    base, u8, bf16, both = records
    assert len(interactions(effects_of(records))) == 1
    turns = [make_pair(u8, base, a_ms=10, b_ms=16), make_pair(bf16, base, a_ms=10, b_ms=16)]
    assert interactions(effects_of(records, turns)) == ()
    turns.append(make_pair(both, bf16, a_ms=9, b_ms=10))
    assert len(interactions(effects_of(records, turns))) == 1


def test_noise_leaves_no_evidence():
    base, u8 = make_record(noise=0.05, count=6), make_record(variant="u8", step_ms=15.7, noise=0.05, options=U8)
    (found,) = effects_of([base, u8])
    assert found.ratio.verdict == "undecided"
    assert found.ratio.low < 1 < found.ratio.high


def test_the_hosts_spread_decides_what_two_records_show():
    records = corners(u8=15.2)
    wide = by_name(option_effects(records, [], standings_at(records, 0.05)))
    narrow = by_name(option_effects(records, [], standings_at(records, 0.001)))
    assert wide["pixels",].ratio.verdict == "undecided"
    assert narrow["pixels",].ratio.verdict == "faster"


def test_a_pair_wins_over_records_of_the_same_two_workloads():
    base, u8, *_ = corners(u8=8)
    (found,) = effects_of([base, u8], [make_pair(u8, base, a_ms=20, b_ms=16, rounds=7)])
    assert found.rounds == 7
    assert found.ratio.value == pytest.approx(0.8, rel=0.02)
    assert found.ratio.verdict == "slower"
    assert found.with_it.step_seconds == pytest.approx(0.020, rel=0.02)


def test_a_pair_counts_whichever_side_has_the_option_on():
    base, u8, *_ = corners()
    (one,) = effects_of([base], [make_pair(u8, base, a_ms=8, b_ms=16)])
    (other,) = effects_of([base], [make_pair(base, u8, a_ms=16, b_ms=8, purpose="ab")])
    for found in (one, other):
        assert found.ratio.value == pytest.approx(2, rel=0.02)
        assert found.ratio.low < found.ratio.value < found.ratio.high
        assert (found.on, found.off) == ("uint8", "float64")


def test_of_two_pairs_the_newest_that_went_well_counts():
    base, u8, *_ = corners()
    old = make_pair(u8, base, a_ms=8, b_ms=16, started="2026-01-05T10:00:00+00:00")
    new = make_pair(u8, base, a_ms=12, b_ms=16, started="2026-01-07T10:00:00+00:00")
    bad = make_pair(
        u8,
        base,
        a_ms=1,
        started="2026-01-08T10:00:00+00:00",
        status="crashed",
        failure=Failure(stage="windows", message="killed"),
    )
    short = make_pair(u8, base, a_ms=1, rounds=2, started="2026-01-08T11:00:00+00:00")
    replayed = make_pair(u8, base, a_ms=1, executor="replay", started="2026-01-08T12:00:00+00:00")
    for pairs in ([old, new, bad, short, replayed], [replayed, short, bad, new, old]):
        (found,) = effects_of([base], pairs)
        assert found.ratio.value == pytest.approx(16 / 12, rel=0.02)


def test_failed_and_short_pairs_leave_what_records_show():
    base, u8, *_ = corners()
    (found,) = effects_of([base, u8], [make_pair(u8, base, a_ms=1, rounds=2)])
    assert found.rounds is None


def test_a_pair_with_impossible_times_shows_nothing():
    base, u8, *_ = corners()
    pair = make_pair(u8, base)
    zero = pair.rounds[0].model_copy(update={"a": tuple(w._replace(seconds=0.0) for w in pair.rounds[0].a)})
    none = pair.rounds[0].model_copy(update={"a": ()})
    for one in (zero, none):
        assert effects_of([base], [pair.model_copy(update={"rounds": (one, *pair.rounds[1:])})]) == ()


def test_no_difference_at_all_is_no_evidence_and_no_error():
    base, u8, *_ = corners()
    windows = make_rounds(noise=0, between=0)
    (found,) = effects_of([base], [make_pair(u8, base, rounds=windows)])
    assert (found.ratio.value, found.ratio.low, found.ratio.high) == (1, 1, 1)
    assert found.ratio.verdict == "same"
    assert effects_of([base, make_record(variant="same", options={})]) == ()


def at_48(variant, **options):
    record = make_record(variant=variant, options={"image_size": 48} | options)
    return changed(record, ("data", "shape"), [48, 48, 3])


OTHER_WORK = {
    "two options": make_record(variant="x", options=U8 | BF16),
    "other data": make_record(variant="x", options=U8, data=make_data(classes=10)),
    "other software": make_record(variant="x", options=U8, software={"tensorflow": "2.20.0", "keras": "3.15.1"}),
    "another batch size": make_record(variant="x", options=U8, batch_size=64),
    "another network": make_record("vgg16", "x", options=U8),
    "another size": at_48("x"),
}


@pytest.mark.parametrize("what", OTHER_WORK)
def test_only_what_differs_in_one_option_alone_is_set_side_by_side(what):
    base, other = make_record(), OTHER_WORK[what]
    assert effects_of([base, other]) == ()
    assert effects_of([base], [make_pair(other, base)]) == ()


@pytest.mark.parametrize(
    "record",
    [
        make_failed(variant="u8", options=U8),
        make_record(variant="u8", options=U8, executor="inline"),
        make_record(variant="u8", options=U8, count=1),
        make_record(variant="u8", options=U8, seed=1),
    ],
)
def test_records_without_figures_that_count_show_nothing(record):
    assert effects_of([make_record(), record]) == ()


def test_two_values_that_are_both_on_are_no_pair():
    base = make_failed(variant="notebook")
    one, other = (make_record(variant=value, options={"cache": value}) for value in ("memory", "file"))
    assert effects_of([base, one, other]) == ()
    assert effects_of([base], [make_pair(one, other)]) == ()


def test_toggles_count_where_the_baseline_itself_failed():
    (_, *others) = corners()
    found = by_name(effects_of([make_failed(variant="notebook"), *others]))
    assert set(found) == {("pixels", "precision"), ("precision", "pixels")}


def test_what_was_measured_with_another_version_than_the_baseline_is_left_out():
    old = {"tensorflow": "2.20.0", "keras": "3.15.1"}
    stale = make_pair(make_record(variant="u8", options=U8, software=old), make_record(software=old))
    assert effects_of(corners()[:1], [stale]) == ()
    assert len(effects_of([], [stale])) == 1


def test_images_of_another_size_may_have_their_own_toggles():
    (found,) = effects_of([make_record(), at_48("image-48"), at_48("image-48-u8", **U8)])
    assert (found.option, found.company) == ("pixels", {"image_size": 48})


def test_environment_variables_are_one_option_whatever_they_hold():
    env = {"env": {"A": "1", "B": "2"}}
    (found,) = effects_of([make_record(), make_record(variant="env", step_ms=8, options=env)])
    assert (found.option, found.on, found.off) == ("env", {"A": "1", "B": "2"}, {})


def mapped(variant, source, **more):
    record = make_record(variant=variant, options={"batch_map": "my:f"}, **more)
    return changed(record, ("options", "batch_map_source"), source)


def test_a_function_of_ones_own_is_one_option_with_its_source():
    base = changed(make_record(), ("options", "batch_map"), GONE)  # as before there was such an option
    (found,) = effects_of([base, mapped("mapped", "abc")])
    assert (found.option, found.on, found.off) == ("batch_map", ["my:f", "abc"], None)
    assert effects_of([base], [make_pair(mapped("mapped", "abc"), mapped("mapped", "def"))]) == ()


def test_synthetic_images_time_like_real_ones():
    base, u8, *_ = corners()
    assert len(effects_of([base, u8.model_copy(update={"data": SYNTHETIC})])) == 1


def test_of_equal_workloads_the_baseline_itself_is_taken():
    base, u8, *_ = corners()
    twin = make_record(variant="twin", step_ms=99, started="2026-02-01T10:00:00+00:00")
    found = by_name(effects_of([base, u8, twin]))
    assert found["pixels",].ratio.value == pytest.approx(16 / 15, rel=0.01)


def test_what_a_variants_options_give_is_said_to_be_unknown_where_it_is():
    base, u8, _, everything = corners()
    records = [base, u8, everything]
    found = effects_of(records)
    (missing,) = unmeasured(records, [], found)
    assert (missing.record.variant, missing.option, missing.on, missing.off, missing.company, missing.why) == (
        "everything",
        "pixels",
        "uint8",
        "float64",
        BF16,
        None,
    )
    assert list(unmeasured(corners(), [], effects_of(corners()))) == []


def test_a_pair_that_failed_says_why_it_is_unknown():
    base, u8, bf16, everything = corners()
    failure = Failure(stage="model", message="out of memory")
    failed = make_pair(everything, bf16, option="pixels", status="failed", failure=failure, rounds=())
    records = [base, u8, everything]
    (missing,) = unmeasured(records, [failed], effects_of(records, [failed]))
    assert missing.why == "out of memory"
    short = make_pair(everything, bf16, option="pixels", rounds=2)
    (missing,) = unmeasured(records, [short], effects_of(records, [short]))
    assert "2 rounds" in missing.why


def test_nothing_is_said_to_be_unknown_where_nothing_can_be_compared():
    base, *_, everything = corners()
    assert list(unmeasured([everything], [], ())) == []
    assert list(unmeasured([make_failed(variant="notebook"), everything], [], ())) == []
    assert len(list(unmeasured([base, everything], [], ()))) == 2


def test_chance_seldom_passes_for_an_interaction():
    """Pairs without any interaction, from a fixed generator: about one in twenty may be called one."""
    base, u8, bf16, both = corners()
    wrong, trials = 0, 300
    for trial in range(trials):
        pairs = [
            make_pair(a, b, a_ms=a_ms, b_ms=b_ms, seed=4 * trial + place)
            for place, (a, b, a_ms, b_ms) in enumerate(
                [(u8, base, 15, 16), (bf16, base, 12, 16), (both, u8, 11.25, 15), (both, bf16, 11.25, 12)]
            )
        ]
        wrong += len(interactions(effects_of([base], pairs)))
    assert wrong / trials < 0.05 + 3 * (0.05 * 0.95 / trials) ** 0.5
