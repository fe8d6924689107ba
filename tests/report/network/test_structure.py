"""Rows, branches and tangles, and what of them repeats."""

import random

import pytest

from bench.report.network.folding import folded
from bench.report.network.structure import Block, Branches, Leaf, Repeat, Tangle, leaves, structure
from tests.report.network.nets import made, residual


def shown(row):
    """A row in short: places, `{a|b}` branches, `2[…]` repeats, `<…>` tangles."""
    return " ".join(map(_shown, row))


def _shown(one):
    if isinstance(one, Leaf):
        return "+".join(map(str, one.places))
    if isinstance(one, Block):
        return f"{_shown(one.branches)} {_shown(one.join)}"
    if isinstance(one, Branches):
        return "{" + "|".join(map(shown, one.rows)) + "}"
    if isinstance(one, Tangle):
        return f"<{shown(one.layers)}>"
    return f"{one.count}[{shown(one.row)}]"


def graph(*takes, outputs=()):
    return made(*(("Dense", one, {"alike": str(place)}) for place, one in enumerate(takes)), outputs=outputs)


@pytest.mark.parametrize(
    ("takes", "outputs", "expected"),
    [
        (((), (0,), (1,)), (), "0 1 2"),
        (((), (0,), (1,), (0, 2)), (), "0 {1 2|} 3"),
        (((), (0,), (0,), (1,), (2, 3)), (), "0 {1 3|2} 4"),
        (((), (0,), (1,), (2, 1), (3, 0), (4,)), (), "0 {1 {2|} 3|} 4 5"),  # as a U-Net's levels
        (((), (), (0,), (2, 1), (3,)), (), "{0 2|1} 3 4"),  # two inputs
        (((), (0,), (1,), (1,)), (2, 3), "0 1 {2|3}"),  # two outputs
        (((), (0,), (1,)), (1, 2), "0 1 {2|}"),  # an output that is used as well
        (((), (0,), (0,), (1, 2), (1, 2), (3, 4)), (), "0 <1 2 3 4> 5"),
        (((), (0,), (0, 1), (0, 1, 2), (3,)), (), "0 {<1 2>|} 3 4"),
        (((), (0, 0)), (), "0 1"),  # the same tensor twice
        (((), ()), (), "{0|1}"),
    ],
)
def test_a_graph_is_parted_where_every_way_leads_through(takes, outputs, expected):
    assert shown(structure(graph(*takes, outputs=outputs))) == expected


def test_any_graph_is_told_whole_and_each_layer_once():
    draw = random.Random(7)
    for _ in range(300):
        size = draw.randrange(1, 25)
        takes = [
            tuple({draw.randrange(place) for _ in range(draw.randrange(3))}) if place else () for place in range(size)
        ]
        found = graph(*takes)
        for row in (structure(found), folded(found)):
            assert sorted(place for leaf in leaves(row) for place in leaf.places) == list(range(size))


def test_very_deep_branches_end_in_a_tangle_and_not_in_python():
    depth = 400
    takes = [(), *((place,) for place in range(depth)), *((depth + place, depth - place - 1) for place in range(depth))]
    found = graph(*takes)
    assert any(isinstance(one, Block) for one in structure(found))
    assert len(list(leaves(folded(found)))) == len(takes)


def test_blocks_that_repeat_stand_once():
    assert shown(folded(residual())) == "0 1 3[{2+5+8 3+6+9|} 4+7+10] 11"


def test_the_longest_cover_is_folded_first_and_then_what_lies_within():
    kinds = [*"AABAABC"]
    row = made(*((kind, (place - 1,) if place else (), {}) for place, kind in enumerate(kinds)))
    assert shown(folded(row)) == "2[2[0+1+3+4] 2+5] 6"


def test_a_block_begins_with_no_activation_where_it_may():
    kinds = ["ReLU", "Conv2D", "ReLU", "Conv2D", "ReLU", "Dense"]
    row = made(*((kind, (place - 1,) if place else (), {}) for place, kind in enumerate(kinds)))
    assert shown(folded(row)) == "0 2[1+3 2+4] 5"


@pytest.mark.parametrize(
    ("other", "repeats"),
    [
        ({}, True),
        ({"shapes": ((4, 4, 16),)}, True),  # channels follow from what it takes
        ({"shapes": ((2, 2, 8),)}, False),
        ({"alike": "b"}, False),
        ({"frozen": True}, False),
        ({"dtype": "bfloat16"}, False),
        ({"again": True}, False),
        ({"trainable": 99}, True),
    ],
)
def test_what_counts_as_alike(other, repeats):
    row = made(("InputLayer", (), {}), ("Conv2D", (0,), {"alike": "a"}), ("Conv2D", (1,), {"alike": "a"} | other))
    assert any(isinstance(one, Repeat) for one in folded(row)) is repeats


def test_branches_in_another_order_are_alike():
    def block(before, first, second):
        return [
            ("Conv2D", (before,), {"alike": first}),
            ("Conv2D", (before,), {"alike": second}),
            ("Concatenate", (before + 1, before + 2), {}),
        ]

    found = made(("InputLayer", (), {}), *block(0, "a", "b"), *block(3, "b", "a"))
    assert shown(folded(found)) == "0 2[{1+5|2+4} 3+6]"
