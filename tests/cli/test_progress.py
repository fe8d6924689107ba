"""The line that stays of each cell."""

import io

import pytest

from bench.analyse.judge import judge
from bench.cli.progress import Display
from bench.run.job import Progress
from tests.records import SYNTHETIC, make_failed, make_record


@pytest.mark.parametrize(
    ("record", "end"),
    [
        (make_record(), "images/s"),
        (make_record(data=SYNTHETIC), "images/s"),  # told as the run began
        (make_record(values={"foreign_cpu_share": 0.4}), "images/s  [busy-machine]"),
        (make_record(values={"foreign_cpu_share": 0.4, "cpu_steal_share": 0.4}), "images/s  [busy-machine]"),
        (make_record(noise=0.2, count=30, values={"foreign_cpu_share": 0.4}), "images/s  [busy-machine, noisy]"),
        (make_failed(message="ValueError: bad"), "failed in model: ValueError: bad"),
    ],
)
def test_it_ends_in_what_was_found(record, end):
    stream = io.StringIO()
    Display(stream, lambda host: None).cell_ends(record.model_copy(update={"findings": judge(record)}))
    assert stream.getvalue().rstrip().endswith(end)


def test_what_a_running_loop_takes_is_told_with_its_name():
    display = Display(io.StringIO(), lambda host: None)
    for word, shown in [
        (Progress("windows", 0.0162, 0.012), "16.2 ms/step ± 1.2%"),
        (Progress("attribution, step", 0.0162, 0.012), "attribution, step: 16.2 ms/step ± 1.2%"),
        (Progress("attribution, device"), "attribution, device"),
    ]:
        display.cell_says(word)
        assert display._bar.tasks[0].fields["doing"] == shown
