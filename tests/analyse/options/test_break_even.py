import pytest

from bench.analyse.options.summary import gains
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.results.record import Attribution, Window
from tests.pairs import make_pair
from tests.records import make_record

XLA, FILE = {"xla": True}, {"cache": "file"}
EPOCH_STEPS = 8_500 // 128


def cell(variant="notebook", step_ms=16.0, compile_seconds=0.5, filling=None, warm=100, noise=0.001, **more):
    record = make_record(variant=variant, step_ms=step_ms, noise=noise, **more)
    values = {
        "compile_seconds": compile_seconds,
        "steps": warm + sum(window.steps for window in record.windows),
    }
    update = {"values": record.values | values}
    if filling is not None:  # the pipeline alone, once its cache is full: 2 ms a batch
        loops = {"pipeline": (Window(EPOCH_STEPS, EPOCH_STEPS * 0.002),) * 5, "step": record.windows, "device": ()}
        update["attribution"] = Attribution(**loops, execution=1, filling=Window(EPOCH_STEPS, filling))
    return record.model_copy(update=update)


def found(records, pairs=(), spread=UNMEASURED):
    return gains(records, pairs, Standings(records, {record.host: spread for record in records})).break_evens


def only(*records, **more):
    (one,) = found(records, **more)
    return one


def test_a_compilation_that_is_paid_back():
    one = only(cell(), cell("xla", step_ms=12, compile_seconds=4.5, options=XLA), spread=Spread(0.005))
    assert (one.answer, one.changed, one.company) == ("paid back", {"xla": True}, {})
    assert one.cost_seconds == pytest.approx(4)
    assert one.saving.seconds == pytest.approx(0.004, rel=0.02)
    assert one.steps.value == pytest.approx(1_000, rel=0.02)
    assert one.epochs.value == pytest.approx(one.steps.value / EPOCH_STEPS)
    assert one.steps.low < one.steps.value < one.steps.high
    assert one.epochs.high == pytest.approx(one.steps.high / EPOCH_STEPS)
    # the ratio is known to about 1.4 %, of which a third of the step is saved
    assert one.steps.high / one.steps.value == pytest.approx(1 + 0.014 * 4, rel=0.02)


def test_a_compilation_that_never_is():
    one = only(cell(), cell("xla", step_ms=40, compile_seconds=4.5, options=XLA))
    assert (one.answer, one.steps, one.epochs) == ("never", None, None)
    assert one.saving.high < 0


@pytest.mark.parametrize(("step_ms", "ever"), [(15.8, True), (16.2, False)])
def test_without_evidence_the_interval_has_no_end(step_ms, ever):
    one = only(cell(), cell("xla", step_ms=step_ms, compile_seconds=4.5, options=XLA))
    assert one.answer == "no evidence"
    assert (one.steps.value is not None, one.steps.high) == (ever, None)
    assert one.steps.low > 0
    assert one.epochs.high is None


def test_no_difference_at_all():
    windows = (Window(10, 0.16),) * 5
    base, xla = cell(windows=windows), cell("xla", compile_seconds=4.5, options=XLA, windows=windows)
    one = only(base, xla)
    assert (one.answer, one.steps.value, one.steps.high) == ("no evidence", None, None)
    none = only(base, xla, spread=Spread(0.0))
    assert (none.answer, none.saving.seconds, none.steps) == ("no evidence", 0, None)


def test_a_start_that_takes_no_longer_is_paid_back_at_once():
    one = only(cell(), cell("xla", step_ms=12, compile_seconds=0.4, options=XLA))
    assert (one.answer, one.steps) == ("at once", None)
    slow = only(cell(), cell("xla", step_ms=40, compile_seconds=0.4, options=XLA))
    assert slow.answer == "never"


@pytest.mark.parametrize("side", ["notebook", "xla"])
def test_a_start_that_was_not_recorded(side):
    costs = {"notebook": 0.5, "xla": 4.5} | {side: None}
    base = cell(compile_seconds=costs["notebook"])
    one = only(base, cell("xla", step_ms=12, compile_seconds=costs["xla"], options=XLA))
    assert (one.answer, one.cost_seconds, one.steps) == ("not known", None, None)
    assert "first step" in one.why
    slow = only(base, cell("xla", step_ms=40, compile_seconds=costs["xla"], options=XLA))
    assert slow.answer == "never"


@pytest.mark.parametrize("shuffle", ["all", 8_500, 10_000])
def test_a_shuffle_buffer_for_all_images_makes_the_first_step_fill_the_cache(shuffle):
    rest = {"shuffle": shuffle}
    one = only(cell(options=rest), cell("file", 12, 1.5, warm=3, options=FILE | rest))
    assert (one.answer, one.why) == ("paid back", None)
    assert one.cost_seconds == pytest.approx(1)


@pytest.mark.parametrize("shuffle", ["none", 1_000])
def test_else_what_filling_takes_is_known_only_where_it_was_recorded(shuffle):
    rest = {"shuffle": shuffle}
    base, warm = cell(options=rest), {"options": FILE | rest, "warm": EPOCH_STEPS}
    silent = only(base, cell("file", 12, 0.6, **warm))
    assert (silent.answer, silent.cost_seconds) == ("not known", None)
    assert "filling the cache" in silent.why
    told = only(base, cell("file", 12, 0.6, filling=1.2, **warm))
    assert told.answer == "paid back"
    assert told.cost_seconds == pytest.approx(0.1 + 1.2 - EPOCH_STEPS * 0.002)


def test_windows_from_before_the_cache_was_full_tell_nothing():
    rest = {"shuffle": "none"}
    filling = cell("file", 40, 0.6, filling=1.9, warm=EPOCH_STEPS - 1, options=FILE | rest)
    one = only(cell(options=rest), filling)
    assert (one.answer, one.steps) == ("not known", None)
    assert "before the cache was full" in one.why
    without = filling.model_copy(update={"values": filling.values | {"steps": None}})
    assert only(cell(options=rest), without).answer == "not known"


def test_two_caches_are_paid_for_by_what_each_took_to_fill():
    rest, warm = {"shuffle": "none"}, {"compile_seconds": 0.6, "warm": EPOCH_STEPS}
    memory = cell(options={"cache": "memory"} | rest, filling=1.0, **warm)
    one = only(memory, cell("file", 12, options=FILE | {"precision": "mixed_bfloat16"} | rest, filling=1.5, **warm))
    assert one.cost_seconds == pytest.approx(0.5)


def test_the_same_options_without_it_are_what_it_is_set_against():
    rest = {"precision": "mixed_bfloat16"}
    base, bf16 = cell(), cell("bf16", 10, 0.7, options=rest)
    one = only(base, bf16, cell("both", 8, 2.7, options=rest | XLA))
    assert (one.changed, one.company) == ({"xla": True}, rest)
    assert one.cost_seconds == pytest.approx(2)
    assert one.steps.value == pytest.approx(1_000, rel=0.03)


def test_a_baseline_that_has_it_on_is_set_against_the_variant_without():
    one = only(cell(step_ms=12, compile_seconds=4.5, options=XLA), cell("plain", 16, 0.5))
    assert (one.changed, one.answer) == ({"xla": True}, "paid back")
    assert one.cost_seconds == pytest.approx(4)
    assert one.steps.value == pytest.approx(1_000, rel=0.02)
    both = {"precision": "mixed_bfloat16"}
    assert found([cell(options=XLA), cell("else", 12, options=both)]) == ()


def test_a_variant_as_a_whole_where_nothing_shows_the_option_apart():
    options = {"precision": "mixed_bfloat16"} | XLA | FILE
    one = only(cell(), cell("everything", 8, 2.5, options=options))
    assert one.changed == {"cache": "file", "precision": "mixed_bfloat16", "xla": True}
    assert one.company == {}
    assert one.cost_seconds == pytest.approx(2)
    assert one.steps.value == pytest.approx(250, rel=0.03)


def test_pairs_give_the_saving_and_the_cost():
    base, xla = cell(step_ms=1), cell("xla", 1, options=XLA, compile_seconds=3.5)
    pair = make_pair(xla, base, a_ms=12, b_ms=16)
    one = only(base, xla, pairs=[pair])
    assert one.ratio.value == pytest.approx(16 / 12, rel=0.02)
    assert one.steps.value == pytest.approx(3 / 0.004, rel=0.04)


def test_options_that_cost_nothing_at_the_start_are_passed_over():
    options = {"precision": "mixed_bfloat16", "pixels": "uint8"}
    assert found([cell(), cell("fast", 8, options=options), cell("prefetch", options={"prefetch": 0})]) == ()
    assert found([]) == ()


def test_fewer_images_than_a_batch_are_an_epoch_of_a_step():
    base, xla = cell(batch_size=10_000), cell("xla", 12, 4.5, options=XLA, batch_size=10_000)
    one = only(base, xla)
    assert one.epochs == one.steps
