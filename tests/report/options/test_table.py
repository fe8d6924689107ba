from bench.analyse.options.summary import gains
from bench.analyse.speedup.standings import Standings
from bench.report.options.as_json import gain_fields
from bench.report.options.break_even_table import break_even_table
from bench.report.options.table import option_table
from bench.results.query import identity
from bench.results.record import Failure, Turns
from tests.pairs import make_pair
from tests.records import make_record

U8, BF16, XLA = {"pixels": "uint8"}, {"precision": "mixed_bfloat16"}, {"xla": True}


def cell(variant="notebook", step_ms=16.0, compile_seconds=0.5, **more):
    record = make_record(variant=variant, step_ms=step_ms, noise=0.001, **more)
    return record.model_copy(update={"values": record.values | {"compile_seconds": compile_seconds}})


def corners(both=9.0):
    return [
        cell(),
        cell("u8", 10, options=U8),
        cell("bf16", 10, options=BF16),
        cell("everything", both, options=U8 | BF16),
    ]


def options_of(records, pairs=()):
    return option_table(gains(records, pairs, Standings(records, {})))


def even_of(records, pairs=()):
    return break_even_table(gains(records, pairs, Standings(records, {})).break_evens)


def column(table, heading):
    (place,) = [i for i, one in enumerate(table.columns) if one.heading.startswith(heading)]
    return [row[place] for row in table.rows]


def notes(table):
    return [f"{note.mark} {note.text}".strip() for note in table.notes]


def test_each_option_has_a_row_alone_and_one_in_company():
    table = options_of(corners())
    assert column(table, "model") == ["simple_cnn", "", "", ""]
    assert column(table, "option") == ["pixels", "", "precision", ""]
    assert column(table, "on") == ["uint8", "", "mixed_bfloat16", ""]
    assert column(table, "off") == ["float64", "", "float32", ""]
    assert column(table, "together with") == ["–", "precision mixed_bfloat16", "–", "pixels uint8"]
    assert [cell[-1] for cell in column(table, "times as fast")] == list("▲▲▲▲")
    assert not any(one.heading == "measured" for one in table.columns)


def test_an_interaction_is_named_first():
    first, *rest = notes(options_of(corners()))
    assert first.startswith("simple_cnn: pixels uint8 gives 1.6")
    assert "together with precision mixed_bfloat16: they overlap (0.69" in first
    assert not any("more or less together" in note for note in rest)
    assert any("more or less together" in note for note in notes(options_of(corners(both=6.25))))


def test_how_it_was_measured_is_a_column_where_pairs_are():
    base, u8, *_ = corners()
    bf16 = cell("bf16", 10, options=BF16)
    table = options_of([base, u8, bf16], [make_pair(u8, base, a_ms=10, rounds=5)])
    assert column(table, "measured") == ["as a pair, 5 rounds", "one after the other"]
    said = " ".join(notes(table))
    assert "as a pair:" in said
    assert "one after the other:" in said
    alone = " ".join(notes(options_of([base], [make_pair(u8, base, a_ms=10)])))
    assert "one after the other" not in alone


def test_the_marks_are_those_of_the_suites_table():
    def shown(step_ms):
        return column(options_of([cell(), cell("prefetch", step_ms, options={"prefetch": 2})]), "times as fast")

    assert shown(16.0) == ["1.00 ± 0.06 ="]
    assert shown(15.6) == ["1.03 ± 0.06 ?"]
    assert shown(12.0) == ["1.33 ± 0.07 ▲"]
    assert shown(20.0) == ["0.80 ± 0.04 ▼"]
    close = make_pair(cell("prefetch", options={"prefetch": 2}), cell(), a_ms=16.0, seed=3)
    rounds = tuple(one.model_copy(update={"b": one.a}) for one in close.rounds)
    same = options_of([cell()], [close.model_copy(update={"rounds": rounds})])
    assert column(same, "times as fast")[0].endswith(" =")
    assert any("= the same within" in note for note in notes(same))


def test_what_took_turns_in_the_suites_rounds_says_so():
    def turned(name, place, step_ms, **more):
        turns = Turns(run="r", round=1, group=1, place=place, cells=2, length=2, seed=1)
        return make_record(variant=name, step_ms=step_ms, baseline=place == 1, turns=turns, **more)

    records = [turned("notebook", 1, 16.0), turned("bf16", 2, 8.0, options=BF16)]
    pair = make_pair(cell("u8", options=U8), cell(), a_ms=10, rounds=5)
    table = options_of(records, [pair])
    assert column(table, "measured") == ["as a pair, 5 rounds", "in the suite's rounds"]
    assert any("whose processes were interleaved" in note for note in notes(table))


def test_what_is_not_known_has_a_row_that_says_how_to_know_it():
    base, _, bf16, everything = corners()
    table = options_of([base, everything])
    assert column(table, "times as fast") == ["not measured (a)", "not measured (a)"]
    (note,) = notes(table)
    assert note == "a attribute: true in the suite measures each option of a variant on against off, as a pair"
    failure = Failure(stage="model", message="out of memory")
    failed = make_pair(everything, bf16, option="pixels", status="failed", failure=failure)
    assert "a out of memory" in notes(options_of([base, everything], [failed]))


def test_batch_and_seed_are_told_where_they_vary():
    table = options_of(
        [*corners(), *(cell(name, 9, options=o, batch_size=64) for name, o in [("notebook", {}), ("u8", U8)])]
    )
    assert column(table, "batch") == ["128", "", "", "", "64"]
    assert any(note.startswith("simple_cnn, batch 128: ") for note in notes(table))


def test_nothing_to_show_is_no_table():
    assert options_of([cell()]) is None
    assert even_of(corners()) is None


def test_values_are_named_as_a_suite_names_them():
    odd = {"xla": {"xla": True}, "threads": {"threads": 1}, "env": {"env": {"A": "1", "B": "x"}}}
    table = options_of([cell(), *(cell(name, 12, options=options) for name, options in odd.items())])
    assert column(table, "on") == ["on", "1", "A=1 B=x"]
    assert column(table, "off") == ["off", "TensorFlow's choice", "none"]


def test_break_even_is_told_in_epochs_and_steps():
    records = [
        cell(),
        cell("xla", 12, 4.5, options=XLA),
        cell("memory", 16.1, 1.5, options={"cache": "memory"}),
        cell("file", 40, 1.5, options={"cache": "file"}),
    ]
    table = even_of(records)
    assert column(table, "switched on") == ["cache file", "cache memory", "xla on"]
    assert column(table, "more at the start") == ["1.00", "1.00", "4.00"]
    file, memory, xla = column(table, "paid back")
    assert file == "never: no faster here"
    assert memory.startswith("no evidence that it ever is; not before ")
    assert xla == "after 15 epochs (12 to 19), 1,000 steps (815 to 1,276)"
    assert column(table, "saved")[0].startswith("−24.0 ± ")
    assert "an epoch is 66 steps: 8,500 images in batches of 128" in notes(table)


def test_break_even_that_is_not_known_says_why():
    table = even_of([cell(), cell("xla", 12, None, options=XLA)])
    assert column(table, "paid back") == ["not known (a)"]
    assert column(table, "more at the start") == ["–"]
    assert notes(table)[0] == "a what the first step took is not recorded"
    (soon,) = column(even_of([cell(), cell("xla", 12, 0.4, options=XLA)]), "paid back")
    assert soon == "at once: the start takes no longer"


def test_fields_for_programs():
    base, u8, bf16, everything = corners()
    xla = cell("xla", 40, 4.5, options=XLA)
    records = [base, u8, bf16, everything, xla]
    fields = gain_fields(records, [], Standings(records, {}))
    assert fields[identity(base)] == {"option_effects": [], "break_even": []}
    pixels, precision = fields[identity(everything)]["option_effects"]
    assert (pixels["option"], pixels["together_with"], pixels["rounds"]) == ("pixels", BF16, None)
    assert precision["speedup_low"] < precision["speedup"] < precision["speedup_high"]
    assert precision["verdict"] == "faster"
    (never,) = fields[identity(xla)]["break_even"]
    assert (never["answer"], never["steps"], never["epochs_low"]) == ("never", None, None)
    assert never["saving_seconds_low"] < never["saving_seconds"] < never["saving_seconds_high"] < 0
