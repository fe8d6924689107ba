"""The drawing: nothing lies on anything else, every connection is there, and text is text."""

import random
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from bench.errors import InputError
from bench.report.network.draw import ENDINGS, draw
from bench.report.network.layout import drawing
from bench.report.network.svg import svg
from tests.report.network.nets import made, residual

SPACE = "{http://www.w3.org/2000/svg}"
PLANTED = "\uffff</text><script>alert(1)</script>&\u202e\x07"


def overlap(one, other):
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def drawn_well(found):
    assert not [pair for pair in combinations(found.boxes, 2) if overlap(*pair)]
    for one in (*found.boxes, *found.frames):
        assert one.x >= 0
        assert one.y >= 0
        assert one.x + one.width <= found.width
        assert one.y + one.height <= found.height
    for wire in found.wires:
        assert all(0 <= x <= found.width and 0 <= y <= found.height for x, y in wire.points)


def test_a_repeat_is_a_frame_around_one_block_with_its_connection_past():
    found = drawing(residual(), "a network")
    drawn_well(found)
    (frame,) = found.frames
    assert frame.label == "× 3"
    inner = [box.lines[0] for box in found.boxes if overlap(box, frame)]
    assert inner == ["Conv2D 3×3, 8", "Add"]
    assert next(box.lines for box in found.boxes if overlap(box, frame)) == (
        "Conv2D 3×3, 8",
        "+ ReLU",
        "4×4×8 · 9 params",
    )
    assert any(len(wire.points) == 6 for wire in found.wires)  # it goes around


def test_any_graph_is_drawn_without_boxes_on_boxes():
    draw_ = random.Random(3)
    for _ in range(120):
        size = draw_.randrange(1, 30)
        takes = [
            tuple({draw_.randrange(max(0, place - 6), place) for _ in range(draw_.randrange(3))}) if place else ()
            for place in range(size)
        ]
        kinds = [draw_.choice(("Conv2D", "ReLU", "Dense", "Add")) for _ in range(size)]
        found = made(*((kind, one, {}) for kind, one in zip(kinds, takes, strict=True)))
        drawn_well(drawing(found, "a network"))


def test_a_long_row_breaks_into_columns():
    row = [("InputLayer", (), {}), *(("Dense", (n,), {"alike": str(n)}) for n in range(60))]
    found = drawing(made(*row), "a network")
    drawn_well(found)
    assert len({box.x for box in found.boxes}) > 2
    assert 0.5 < found.height / found.width < 2.5


def test_svg_holds_text_a_title_and_a_description_and_no_markup_of_others():
    found = drawing(made(("Odd", (), {"settings": PLANTED})), PLANTED)
    root = ET.fromstring(svg(found))
    assert {one.tag.removeprefix(SPACE) for one in root.iter()} <= {"svg", "title", "desc", "rect", "g", "path", "text"}
    assert root.get("aria-labelledby") == "title desc"
    texts = [one.text for one in root.iter(f"{SPACE}text")]
    assert any("<script>" in text for text in texts)
    assert not any("\u202e" in text or "\x07" in text for text in [*texts, root[0].text])
    assert svg(found) == svg(found)


@pytest.mark.parametrize("ending", ENDINGS)
def test_files_begin_as_their_form_does(tmp_path, ending):
    path = tmp_path / f"network{ending.upper()}"
    draw(residual(), "a network", path)
    begins = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}[ending]
    content = path.read_bytes()
    assert content.startswith(begins)
    draw(residual(), "a network", path)
    assert path.read_bytes() == content


def test_what_cannot_be_drawn_or_written(tmp_path):
    with pytest.raises(InputError, match="more than 3 layers"):
        draw(made(absent="it has more than 3 layers", outputs=(), graph=False), "a network", tmp_path / "a.svg")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(InputError, match="can't be written"):
        draw(residual(), "a network", tmp_path / "folder.svg")
