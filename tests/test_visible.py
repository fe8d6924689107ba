"""CUDA_VISIBLE_DEVICES, value by value, and where it is known from what the driver makes of it.

G: NVIDIA, *CUDA Programming Guide*, "CUDA Environment Variables" (also of MIG's two forms of identifiers).
P: PyTorch's tests of its reader of this variable, which their author held against driver 525.60.13.
S: follows from P's finding that indices are read as C's strtoul reads them.
U: known from nobody; what was read so before still is.
"""

import pytest

from bench.system.cuda_visible import Visible, visible

A, B = "GPU-5a000000-0000-0000-0000-00000000000a", "GPU-5a000000-0000-0000-0000-00000000000b"
C = "GPU-9e8d35e3-a134-0fdd-0e01-23811fdbd293"
SLICE, OLD_SLICE = "MIG-55555555-aaaa-bbbb-cccc-000000000006", f"MIG-{C}/9/0"
INDICES = {"0": "a", "1": "b", "2": "c"}
IDENTIFIERS = {A: "a", B: "b", C: "c", SLICE: "slice 9", OLD_SLICE: "slice 9", f"MIG-{C}/3/0": "slice 3"}

TABLE = [
    # indices
    ("0", "a", "G"),
    ("2,1", "c b", "G"),
    ("0,2,-1,1", "a c", "G"),
    ("1,5,0", "b", "P"),
    ("-1", "", "G"),
    ("-1,0", "", "G"),
    ("0,-1", "a", "G"),
    ("", "", "G"),
    ("3", "", "G"),
    # as strtoul reads them
    ("0, 1, 2, -1", "a b c", "P"),
    (" 1", "b", "S"),
    ("\t1 ", "b", "S"),
    ("2, +1, -0", "c b a", "P"),
    ("+1", "b", "P"),
    ("1gpu2,2ampere", "b c", "P"),
    ("1x", "b", "P"),
    ("1.9", "b", "S"),
    ("0-2", "a", "P"),  # no ranges
    ("01", "b", "S"),
    ("-00,1", "a b", "S"),
    ("1" + "0" * 5000, "", "S"),
    ("0x1", "", "U"),
    ("+0X1,1", "", "U"),
    ("0x", "a", "S"),
    ("٠", "", "S"),
    ("--1", "", "S"),
    ("+ 1", "", "S"),
    (",0", "", "P"),
    ("1,", "b", "P"),
    # what is no number
    ("one,two,3,4", "", "P"),
    ("2,1,two,0", "c b", "P"),
    ("NoDevFiles", "", "P"),
    # words of NVIDIA_VISIBLE_DEVICES, which is the container toolkit's variable
    ("all", "", "P"),
    ("none", "", "P"),
    ("void", "", "P"),
    # named twice
    ("0,0", "", "P"),
    ("1,1", "", "P"),
    ("0,1,2,1", "", "P"),
    ("1,+01", "", "S"),
    ("0,7,0", "a", "U"),
    ("0,-1,0", "a", "G"),
    (f"{C},GPU-9e", "", "P"),
    (f"{A},{B},{A}", "", "P"),
    # UUIDs
    (A, "a", "G"),
    (B, "b", "G"),
    ("GPU-9e8d35e3", "c", "G"),
    (f"GPU-9,{B}", "c b", "P"),
    ("GPU-5a", "", "G"),
    ("GPU-", "", "G"),
    (f"GPU-9e8d35e3,GPU-5a,{A}", "c", "P"),
    (f"GPU-123,{A}", "", "P"),
    (f"{C},GPU-123,{A}", "c", "P"),
    (f" {C}", "c", "U"),
    (f"{C}0", "", "G"),
    (C.lower(), "", "S"),
    (f"GPU-{C[4:].upper()}", "", "U"),
    (C.removeprefix("GPU-"), "", "S"),  # index 9
    (B.removeprefix("GPU-").replace("5a", "1a", 1), "b", "S"),  # index 1
    # the first entry decides which of the two it is
    ("GPU-9e,1", "c", "P"),
    (f"1,{C}", "b", "P"),
    # MIG: by its own UUID, or (before R470 only) by its GPU's and its two instances
    (SLICE, "slice 9", "G"),
    ("MIG-5555", "slice 9", "U"),
    (OLD_SLICE, "slice 9", "G"),
    (f"MIG-{C}/3/0,{SLICE}", "slice 3|slice 9", "U"),
    (f"MIG-{C}", "", "U"),
    ("MIG-", "", "U"),
    ("MIG-7", "", "G"),
    (f"{SLICE},{OLD_SLICE}", "", "U"),
]


@pytest.mark.parametrize(("value", "devices", "source"), TABLE, ids=lambda value: value[:48])
def test_each_value_makes_visible_what_the_driver_does(value, devices, source):
    assert source in set("GPSU")
    expected = devices.split("|") if "slice" in devices else devices.split()
    assert list(visible(value, INDICES, IDENTIFIERS).devices) == expected


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2,seven,0", Visible(("c",), ended_by="seven")),
        ("1, 01", Visible(repeated="01")),
        ("GPU-5a", Visible(ended_by="GPU-5a", like=(A, B))),
        ("GPU-77", Visible(ended_by="GPU-77")),
    ],
)
def test_it_says_which_entry_ends_the_list_or_empties_it(value, found):
    assert visible(value, INDICES, IDENTIFIERS) == found


def test_of_identifiers_one_of_which_begins_another_the_whole_one_is_meant():
    found = {"MIG-GPU-9e/1/0": "one", "MIG-GPU-9e/1/01": "two"}
    assert visible("MIG-GPU-9e/1/0", {}, found).devices == ("one",)
