"""The table of layers, and the same for programs."""

import json

from bench.report.network.as_json import layers_json
from bench.report.network.table import layer_table
from tests.report.network.nets import made, residual


def test_its_columns_add_up_to_the_last_row():
    table = layer_table(residual(), "Layers")
    *rows, total = table.rows
    assert total[0] == "in all"
    assert total[4:] == ("76", "0", "0.00104", "100 %")
    assert sum(int(row[4]) for row in rows if row[4]) == 76
    assert [row[0] for row in rows] == [
        "inputlayer_0",
        "conv2d_1",
        "3 × 3 layers, sums over all 3",
        "· branch 1 of 2",
        "· · conv2d_2 … conv2d_8",
        "· · relu_3 … relu_9",
        "· branch 2 of 2: a connection past the others",
        "· add_4 … add_10",
        "dense_11",
    ]
    assert rows[4][1:] == ("Conv2D", "3×3, 8", "4×4×8", "27", "0", "0.0009", "86.5 %")


def test_channels_that_grow_are_told_from_first_to_last():
    row = [("InputLayer", (), {}), *(("ReLU", (n,), {"shapes": ((4, 4, 8 * (n + 1)),)}) for n in range(3))]
    assert layer_table(made(*row), "").rows[1][:4] == ("3 × relu_1 … relu_3", "ReLU", "", "4×4×8 … 24")


def test_types_are_told_where_they_differ():
    assert [one.heading for one in layer_table(residual(), "").columns][-1] == "share"
    mixed = layer_table(residual(dtype="bfloat16"), "")
    assert mixed.columns[-1].heading == "type"
    assert mixed.rows[1][-1] == "bfloat16"


def test_what_is_not_known_is_no_number():
    table = layer_table(made(("Odd", (), {"macs": None}), macs=None, absent="a reason"), "")
    assert table.rows[0][-2:] == table.rows[-1][-2:] == ("–", "–")
    assert table.notes[0].text == "not all multiply-adds are known: a reason"


def test_weights_that_no_layer_holds_are_a_row():
    found = made(("Dense", (), {"trainable": 3}))
    table = layer_table(found.model_copy(update={"trainable": 10}), "")
    assert table.rows[1][0] == "weights of the model itself"
    assert table.rows[1][4] == "7"


def test_programs_get_every_call_with_its_share_and_how_they_repeat():
    found = json.loads(json.dumps(layers_json(residual())))
    assert [call["share"] for call in found["layer_calls"]][1:3] == [100 / 1040, 300 / 1040]
    assert found["structure"] == [
        [0],
        [1],
        {"repeat": 3, "row": [{"branches": [[[2, 5, 8], [3, 6, 9]], []], "join": [4, 7, 10]}]},
        [11],
    ]
    assert found["outputs"] == [11]
