import pytest

from bench.host.profile import HostProfile
from bench.report.core.markdown import render
from bench.report.sections import sections
from bench.report.short import LINES, short
from tests.records import SYNTHETIC, make_record, make_trained

HOST = HostProfile(id="xeon-2-cores", label="Xeon, 2 cores")


def variants(count, model="simple_cnn"):
    """A baseline and so many variants: a few surely faster, a few surely slower, the others alike."""
    steps = {5: 10, count - 5: 45}
    names = ["notebook", *(f"variant-{place}" for place in range(1, count))]
    return [
        make_record(model, name, step_ms=steps.get(place, 16), options={"shuffle": place + 1}, data=SYNTHETIC)
        for place, name in enumerate(names)
    ]


def lines(parts):
    return sum((render(part.table, part.level) + "\n").count("\n") + 2 * (part.drawing is not None) for part in parts)


@pytest.mark.parametrize("count", [30, 60, 300])
def test_one_suite_on_one_host_takes_150_lines_at_most(count):
    records = [
        *variants(count),
        *variants(count, "vgg16"),
        *(make_trained(suite="cnn", variant=f"t{n}") for n in range(40)),
    ]
    whole = sections(records, [HOST])
    told = short(whole, "in full")
    assert lines(whole) > LINES
    assert lines(told) <= LINES
    shown = {row[1] for part in told for row in part.table.rows if len(row) > 1}
    assert {"notebook", "variant-5", f"variant-{count - 5}"} <= shown


def test_what_is_left_out_is_named():
    told = short(sections([make_trained(variant="bf16"), make_trained()], [HOST]), "in report-full.md")
    assert [part.detail for part in told] == [False] * len(told)
    assert told[-1].table.notes[-1].text == (
        "more tables (hardware efficiency; simple_cnn/notebook/b128, by epoch; simple_cnn/bf16/b128, by epoch): "
        "in report-full.md"
    )


def test_each_suite_has_its_share_of_lines():
    records = [*variants(200), *(one.model_copy(update={"suite": "other"}) for one in variants(200))]
    told = short(sections(records, [HOST]), "in full")
    groups = {part.group for part in told if part.group is not None}
    assert len(groups) == 2
    for group in groups:
        assert 60 < lines([part for part in told if part.group == group]) <= LINES
