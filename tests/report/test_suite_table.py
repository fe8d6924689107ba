from bench.report.suite_table import suite_table
from bench.results.record import Accuracy, Window
from tests.records import SYNTHETIC, T4, make_data, make_failed, make_gpu_values, make_record


def column(table, heading):
    (place,) = [i for i, column in enumerate(table.columns) if column.heading.startswith(heading)]
    return [row[place] for row in table.rows]


def headings(table):
    return [column.heading for column in table.columns]


def notes(table):
    return [f"{note.mark} {note.text}".strip() for note in table.notes]


def test_models_stand_together_with_their_baseline_first():
    table = suite_table(
        [
            make_record(variant="xla", step_ms=45),
            make_record("vgg16", "xla", step_ms=900),
            make_record("vgg16", step_ms=616),
            make_record(),
        ]
    )
    assert column(table, "model") == ["simple_cnn", "", "vgg16", ""]
    assert column(table, "variant") == ["notebook", "xla", "notebook", "xla"]
    assert [cell[-1] for cell in column(table, "speed-up over notebook")] == ["1", "▼", "1", "▼"]


def test_batch_and_seed_are_columns_only_where_they_vary():
    one = make_record()
    assert headings(suite_table([one]))[:3] == ["model", "variant", "ms/step"]
    more = make_record(batch_size=256, seed=1)
    assert headings(suite_table([one, more]))[:5] == ["model", "variant", "batch", "seed", "ms/step"]
    assert column(suite_table([one, more]), "batch") == ["128", "256"]


def test_a_cell_without_figures_says_why():
    table = suite_table(
        [
            make_record(),
            make_failed(variant="f16", status="skipped", message="no tensor cores"),
            make_failed(variant="big", status="out_of_memory", message="OOM", log="results/x.log"),
        ]
    )
    assert column(table, "ms/step")[1:] == ["skipped", "out of memory"]
    assert column(table, "images/s")[1:] == ["", ""]
    assert column(table, "notes") == ["", "no tensor cores", "model: OOM (results/x.log)"]


def test_a_suite_of_which_nothing_worked_has_a_table_too():
    table = suite_table([make_failed(variant=name) for name in "ab"])
    assert headings(table) == ["model", "variant", "ms/step", "notes"]
    assert column(table, "ms/step") == ["failed", "failed"]


def test_columns_wholly_absent_are_dropped_with_the_reason():
    table = suite_table([make_record(), make_record(variant="xla")])
    assert not any("GPU" in heading for heading in headings(table))
    assert (
        "no peak GPU memory in use and no peak GPU memory reserved: no NVIDIA driver library (libnvidia-ml.so.1)"
        in notes(table)
    )


def test_a_column_is_kept_for_one_record_that_has_it():
    values = make_gpu_values(peak_gpu_nvml_bytes=None)
    absent = {"peak_gpu_nvml_bytes": "NVML does not see the process"}
    gpu = make_record(variant="xla", device=T4, values=values, absent=absent)
    table = suite_table([make_record(), gpu])
    assert column(table, "peak GPU memory in use") == ["–", "310"]
    assert "peak GPU memory reserved, MiB" not in headings(table)
    assert any("no peak GPU memory reserved: NVML does not see" in note for note in notes(table))


def test_accuracy_on_synthetic_data_is_marked_wherever_it_stands():
    table = suite_table([make_record(data=SYNTHETIC), make_record(variant="xla")])
    assert column(table, "held-out accuracy") == ["3.5† (187)", "3.5 (187)"]
    (note,) = [note for note in notes(table) if note.startswith("†")]
    assert "no network" in note
    assert "says nothing about real data" in note


def test_accuracy_that_was_not_judged_is_not_shown():
    accuracy = Accuracy(train=0.5, held_out=None, held_out_images=0, steps=10, synthetic=False)
    table = suite_table([make_record(accuracy=accuracy), make_record(variant="xla", accuracy=accuracy)])
    assert not any("accuracy" in heading for heading in headings(table))


def test_findings_are_lettered_by_kind():
    table = suite_table(
        [
            make_record(noise=0.2, count=30),
            make_record(variant="few", count=3),
            make_record(variant="both", noise=0.3, count=4),
        ]
    )
    assert column(table, "notes") == ["a", "b", "b, a"]
    lettered = [note for note in notes(table) if note[:2] in ("a ", "b ")]
    assert lettered[0].startswith("a noisy: simple_cnn/notebook/b128 – its windows vary by 21 %")
    assert "; simple_cnn/both/b128 – " in lettered[0]
    assert lettered[1].startswith("b few-windows: ")


def test_of_many_messages_of_a_kind_a_few_are_shown():
    records = [make_record(variant=f"v{i}", noise=0.2 + i / 20, count=30) for i in range(6)]
    (noisy,) = [note for note in notes(suite_table(records)) if "noisy" in note]
    assert noisy.endswith("; and 3 more")


def test_what_may_not_be_compared_has_no_speedup_and_says_why():
    other = make_record(variant="image_64", data=make_data(shape=(64, 64, 3)))
    table = suite_table([make_record(), make_record(variant="xla"), other])
    assert column(table, "speed-up")[2] == "–"
    assert column(table, "notes")[2] == "a"
    assert any(note.startswith("a not compared: data.shape differs") for note in notes(table))


def test_without_a_baseline_there_is_no_speedup_column():
    table = suite_table([make_record(variant="xla"), make_record(variant="cache")])
    assert not any("speed-up" in heading for heading in headings(table))
    assert "no speed-up: its baseline was not measured" in notes(table)


def test_a_lone_baseline_needs_no_word_on_speedups():
    table = suite_table([make_record()])
    assert not any("speed-up" in text for text in [*headings(table), *notes(table)])


def test_one_window_gives_a_figure_without_an_interval():
    table = suite_table([make_record(windows=(Window(10, 0.16),))])
    assert column(table, "ms/step") == ["16.0"]


def test_differing_software_is_named():
    other = make_record(variant="xla", software={"tensorflow": "2.20.0", "keras": "3.8.0"})
    first = notes(suite_table([make_record(), other]))[0]
    assert "TensorFlow 2.21.0, Keras 3.15.1 and TensorFlow 2.20.0, Keras 3.8.0" in first
