from bench.report.suite.table import suite_table
from bench.results.metrics import METRICS
from bench.results.record import Accuracy, Failure, Window
from tests.records import SYNTHETIC, T4, make_data, make_failed, make_gpu_values, make_history, make_record


def table_of(records):
    return suite_table(records, "Xeon, 2 cores")


def column(table, heading):
    (place,) = [i for i, column in enumerate(table.columns) if column.heading.startswith(heading)]
    return [row[place] for row in table.rows]


def headings(table):
    return [column.heading for column in table.columns]


def notes(table):
    return [f"{note.mark} {note.text}".strip() for note in table.notes]


def test_models_stand_together_with_their_baseline_first():
    table = table_of(
        [
            make_record(variant="xla", step_ms=45),
            make_record("vgg16", "xla", step_ms=900),
            make_record("vgg16", step_ms=616),
            make_record(),
        ]
    )
    assert column(table, "model") == ["simple_cnn (128,420)", "", "vgg16 (14,765,988)", ""]
    assert column(table, "variant") == ["notebook", "xla", "notebook", "xla"]
    assert [cell[-1] for cell in column(table, "speed-up over notebook")] == ["1", "▼", "1", "▼"]


def test_batch_and_seed_are_columns_only_where_they_vary():
    one = make_record()
    assert headings(table_of([one]))[:3] == ["model (trainable parameters)", "variant", "ms/step"]
    more = make_record(batch_size=256, seed=1)
    assert headings(table_of([one, more]))[:5] == [
        "model (trainable parameters)",
        "variant",
        "batch",
        "seed",
        "ms/step",
    ]
    assert column(table_of([one, more]), "batch") == ["128", "256"]


def test_a_cell_without_figures_says_why():
    table = table_of(
        [
            make_record(),
            make_failed(variant="f16", status="skipped", message="no tensor cores"),
            make_failed(variant="big", status="out_of_memory", message="OOM", log="results/x.log"),
        ]
    )
    assert column(table, "ms/step")[1:] == ["skipped (a)", "out of memory (b)"]
    assert column(table, "images/s")[1:] == ["", ""]
    assert column(table, "notes") == ["", "", "results/x.log"]
    assert {"a no tensor cores", "b model: OOM"} <= set(notes(table))


def test_a_cell_that_failed_after_its_windows_says_what_they_gave():
    failure = Failure(stage="training", message="DivergedError: loss is nan in epoch 2")
    diverged = make_record(variant="fast", status="failed", failure=failure, step_ms=8)
    table = table_of([make_record(), diverged])
    assert column(table, "ms/step")[1:] == ["failed (a)"]
    told = next(note for note in notes(table) if note.startswith("a training: DivergedError: loss is nan in epoch 2"))
    assert told.endswith("; its windows gave 8.00 ms/step before that")


def test_a_suite_of_which_nothing_worked_has_a_table_too():
    table = table_of([make_failed(variant=name) for name in "ab"])
    assert headings(table) == ["model", "variant", "ms/step"]
    assert column(table, "ms/step") == ["failed (a)", "failed (a)"]


def test_columns_wholly_absent_are_dropped_with_the_reason():
    table = table_of([make_record(), make_record(variant="xla")])
    assert not any("GPU" in heading for heading in headings(table))
    assert notes(table)[-1] == "no GPU here: no GPU memory to show"


def test_columns_absent_on_a_gpu_keep_their_reasons_together():
    none = {"peak_gpu_allocator_bytes": "hidden", "peak_gpu_nvml_bytes": "hidden"}
    table = table_of([make_record(device=T4, values=make_gpu_values(**dict.fromkeys(none)), absent=none)])
    assert notes(table)[-1] == "no peak GPU memory in use and no peak GPU memory reserved: hidden"


def test_a_column_is_kept_for_one_record_that_has_it():
    values = make_gpu_values(peak_gpu_nvml_bytes=None)
    absent = {"peak_gpu_nvml_bytes": "NVML does not see the process"}
    gpu = make_record(variant="xla", device=T4, values=values, absent=absent)
    table = table_of([make_record(), gpu])
    assert column(table, "peak GPU memory in use") == ["–", "310"]
    assert "peak GPU memory reserved, MiB" not in headings(table)
    assert any("no peak GPU memory reserved: NVML does not see" in note for note in notes(table))


def test_accuracy_on_synthetic_data_is_marked_wherever_it_stands():
    table = table_of([make_record(data=SYNTHETIC), make_record(variant="xla")])
    assert column(table, "held-out accuracy") == ["3.5† (187)", "3.5 (187)"]
    (note,) = [note for note in notes(table) if note.startswith("†")]
    assert "no network" in note
    assert "accuracies don't" in note


def test_accuracy_that_was_not_judged_is_not_shown():
    accuracy = Accuracy(train=0.5, held_out=None, held_out_images=0, steps=10, synthetic=False)
    table = table_of([make_record(accuracy=accuracy), make_record(variant="xla", accuracy=accuracy)])
    assert not any("accuracy" in heading for heading in headings(table))


def test_findings_are_lettered_by_what_they_say():
    table = table_of(
        [
            make_record(noise=0.2, count=30),
            make_record(variant="few", count=3),
            make_record(variant="both", noise=0.3, count=4),
        ]
    )
    assert column(table, "notes") == ["a", "b", "a, b"]
    lettered = [note for note in notes(table) if note[:2] in ("a ", "b ")]
    assert lettered == [
        "a its windows vary by more than 10 %: something else may have run beside it",
        "b fewer windows than the 5 wanted fitted into its time: its ± is little more than a guess",
    ]


def test_what_may_not_be_compared_has_no_speedup_and_says_why():
    other = make_record(variant="image_64", data=make_data(shape=(64, 64, 3)))
    table = table_of([make_record(), make_record(variant="xla"), other])
    assert column(table, "speed-up")[2] == "–"
    assert column(table, "notes")[2] == "a"
    assert any(note.startswith("a not compared: data.shape differs") for note in notes(table))


def test_without_a_baseline_there_is_no_speedup_column():
    table = table_of([make_record(variant="xla"), make_record(variant="cache")])
    assert not any("speed-up" in heading for heading in headings(table))
    assert "no speed-up: its baseline was not measured" in notes(table)


def test_a_lone_baseline_needs_no_word_on_speedups():
    table = table_of([make_record()])
    assert not any("speed-up" in text for text in [*headings(table), *notes(table)])


def test_one_window_gives_a_figure_without_an_interval():
    table = table_of([make_record(windows=(Window(10, 0.16),))])
    assert column(table, "ms/step") == ["16.0"]


def test_differing_software_is_named():
    other = make_record(variant="xla", software={"tensorflow": "2.20.0", "keras": "3.8.0"})
    (first,) = [note for note in notes(table_of([make_record(), other])) if note.startswith("suite ")]
    assert "TensorFlow 2.21.0, Keras 3.15.1 and TensorFlow 2.20.0, Keras 3.8.0" in first


def test_the_title_is_the_suites_newest_and_the_hosts_label():
    old = make_record(suite_title="An older title", started="2026-01-05T10:00:00Z")
    new = make_record(variant="xla", suite_title="Networks under options", started="2026-01-07T23:30:00-02:00")
    table = table_of([new, old])
    assert table.title == "Networks under options — Xeon, 2 cores"
    assert any("suite cnn on xeon-2-cores, measured 2026-01-05 to 2026-01-08 (UTC)" in note for note in notes(table))
    assert table_of([make_record()]).title == "cnn — Xeon, 2 cores"


def test_a_line_for_each_model_says_what_is_fastest():
    steps = {"notebook": 16, "b": 8, "c": 8.1, "d": 12}
    records = [make_record(variant=name, step_ms=ms, noise=0.001) for name, ms in steps.items()]
    records += [make_record("vgg16", name, step_ms=600) for name in ("notebook", "b")]
    first, second, *_ = notes(table_of(records))
    assert first == "simple_cnn: fastest is b, 2.00 ± 0.11 × notebook (not surely slower: c)"
    assert second == "vgg16: no variant is surely faster than notebook"


def test_a_poorly_known_baseline_is_told_once():
    shaky = make_record(noise=0.06, count=6, stopped_by="budget")
    said = [
        note
        for note in notes(table_of([shaky, make_record(variant="b"), make_record(variant="c")]))
        if "itself" in note
    ]
    assert len(said) == 1
    assert said[0].startswith("simple_cnn: the baseline itself was known only to ±")
    assert said[0].endswith("every speed-up of simple_cnn shares that error")
    assert not any("itself" in note for note in notes(table_of([make_record(), make_record(variant="b")])))
    assert not any("itself" in note for note in notes(table_of([shaky])))


def test_trainable_parameters_stand_at_a_variant_only_where_they_differ():
    other = make_record(variant="image_48", values=make_record().values | {"trainable_params": 325_028})
    table = table_of([make_record(), other, make_record(variant="xla")])
    assert column(table, "variant") == ["notebook", "image_48 (325,028)", "xla"]


def test_accuracy_after_unequal_training_is_said_not_to_be_comparable():
    (timed,) = [note for note in notes(table_of([make_record()])) if note.startswith("held-out accuracy")]
    assert "over 512 images" in timed
    assert "not comparable between rows" in timed
    (trained,) = [
        note for note in notes(table_of([make_record(history=make_history())])) if note.startswith("held-out accuracy")
    ]
    assert "not comparable" not in trained


def test_legends_stand_for_what_is_shown():
    said = notes(table_of([make_record()]))
    assert f"compile time – {METRICS['compile_seconds'].legend}" in said
    assert not any(METRICS["peak_gpu_nvml_bytes"].legend in note for note in said)


def test_debugging_records_are_marked():
    table = table_of([make_record(executor="inline")])
    assert column(table, "notes") == ["a"]
    assert "a measured in the debugging executor: not a figure that counts" in notes(table)
