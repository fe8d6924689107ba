"""What several devices gain, as a table, a figure and plain values."""

from bench.analyse.scaling.curves import scaling_curves
from bench.analyse.speedup.standings import Standings
from bench.report.as_json import rows
from bench.report.sections import sections
from bench.report.suite.devices_table import devices_table
from bench.report.suite.scaling_plot import draw_scaling
from bench.report.suite.scaling_table import scaling_table
from tests.analyse.scaling.test_curves import ONE, shared, strong, weak
from tests.records import make_failed, make_record, make_replication
from tests.report.test_figures import BLUE, ORANGE, has_colour, pixels

SKIPPED = make_failed(
    status="skipped", message="it wants 16 GPUs", variant="strong-16", options={"devices": 16, "strategy": "mirrored"}
)
EVERY = (ONE, *map(strong, (2, 4)), *map(weak, (2, 4)), SKIPPED)


def made(*records):
    return scaling_table(scaling_curves(records, Standings(records, {})), "eight cards")


def by_cell(table):
    headings = [column.heading for column in table.columns]
    told = [dict(zip(headings, row, strict=True)) for row in table.rows]
    return {(row["cell"].split("/")[1], row["scaling"]): row for row in told}


def text_of(table):
    return "\n".join(f"{note.mark} {note.text}" for note in table.notes)


def test_each_cell_has_its_batches_its_speedup_and_its_efficiency():
    rows = by_cell(made(*EVERY))
    two = rows["strong-2", "one batch shared"]
    assert (two["devices"], two["batch of each"], two["all-reduce, %"]) == ("2", "64", "10.01 ± 0.06")
    assert two["speed-up over one device"].startswith("1.86 ± ")
    assert two["efficiency, %"].startswith("93 ± ")
    assert rows["weak-4", "a batch each"]["batch of each"] == "128"
    assert rows["weak-4", "a batch each"]["images/s"] == "1,212"  # of all four
    assert rows["notebook", "a batch each"]["efficiency, %"] == "100"
    assert rows["strong-16", "one batch shared"]["speed-up over one device"] == "skipped (a)"


def test_under_it_stand_the_laws_what_pays_and_why_cells_are_missing():
    text = text_of(made(*EVERY))
    assert "Amdahl's law: 7.5 ± " in text
    assert "Gustafson's law" in text
    assert "each step up to 4 devices was faster" in text
    assert "a it wants 16 GPUs" in text
    slow = text_of(made(ONE, strong(2), shared(4, 214.0, "strong", "global")))
    assert "each step up to 2 devices was faster, 4 over the number before it 1.0" in slow


def test_logical_devices_are_never_taken_for_cards():
    told = make_replication(2, logical=True, remarks=("dropout leaves out the same places",), all_reduce=None)
    one = strong(2, options={"logical_devices": True}).model_copy(
        update={"replication": told, "absent": {"all_reduce_share": "not asked for"}}
    )
    table = made(ONE, one)
    assert by_cell(table)["strong-2", "one batch shared"]["devices"] == "2 logical"
    text = text_of(table)
    assert "these rows say nothing of several cards" in text
    assert "on several devices, dropout leaves out the same places" in text
    assert "all-reduce: not asked for" in text
    assert devices_table([one], "a processor") is None


def test_each_devices_memory_and_energy_and_their_sums():
    absent = (
        make_replication(2)
        .devices[0]
        .model_copy(update={"gpu_energy_joules": None, "absent": {"gpu_energy_joules": "NVML: not supported"}})
    )
    lacking = strong(4).model_copy(update={"replication": make_replication(devices=(absent, absent))})
    table = devices_table([strong(2), lacking], "eight cards")
    assert [row[1] for row in table.rows] == ["GPU:0", "GPU:1", "together", "GPU:0", "GPU:0", "together"]
    assert [row[-1] for row in table.rows] == ["50.0", "51.0", "101", "–", "–", "–"]
    assert [row[-2] for row in table.rows[:3]] == ["2,861", "2,956", "5,817"]
    assert table.notes[0].text == "no GPU energy: NVML: not supported"


def test_the_report_has_both_and_a_figure(tmp_path):
    found = {section.name: section for section in sections(EVERY, [])}
    assert found["scaling"].drawing.place.name == "cnn-scaling.png"
    assert found["devices"].detail
    assert found["scaling"].drawing.draw(tmp_path / "scaling.png")
    shown = pixels(tmp_path / "scaling.png")
    assert has_colour(shown, BLUE)
    assert has_colour(shown, ORANGE)
    assert not draw_scaling(scaling_curves([ONE, SKIPPED], Standings([ONE, SKIPPED], {})), "h", tmp_path / "none.png")
    assert "scaling" not in {section.name for section in sections([make_record()], [])}


def test_programs_get_the_same():
    told = {row["variant"]: row["scaling"] for row in rows(EVERY)}
    assert told["notebook"] is None
    assert told["strong-16"] | {"refused": None} == {
        "kind": "strong",
        "devices": 16,
        "logical": False,
        "over": "simple_cnn/notebook/b128",
        "all_reduce_share_low": None,
        "all_reduce_share_high": None,
        "refused": None,
    }
    four = told["weak-4"]
    assert (four["kind"], four["law"], four["verdict_over_fewer"]) == ("weak", "Gustafson", "faster")
    assert four["efficiency_low"] < four["efficiency"] == four["speedup"] / 4 < four["efficiency_high"]
    assert four["serial_share_low"] < four["serial_share"] < four["serial_share_high"]
