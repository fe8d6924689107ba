"""Only data comes out of a pickle."""

from __future__ import annotations

import copyreg
import os
import pickle
import struct
import subprocess
import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bench.errors import InputError
from bench.workload.data.unpickle import MAX_BYTES, unpickle

NUMBERS = st.one_of(
    arrays.boolean_dtypes(),
    arrays.integer_dtypes(),
    arrays.unsigned_integer_dtypes(),
    arrays.floating_dtypes(sizes=(16, 32, 64)),
    arrays.complex_number_dtypes(sizes=(64, 128)),
)


@given(arrays.arrays(NUMBERS, arrays.array_shapes(max_dims=3, max_side=4)), st.integers(0, 5), st.booleans())
def test_arrays_of_numbers_come_back_in_every_protocol(array, protocol, by_columns):
    array = np.asfortranarray(array) if by_columns else array
    back = unpickle(pickle.dumps({"a": [array, array.T]}, protocol=protocol), "p")["a"]
    for read, written in zip(back, (array, array.T), strict=True):
        assert read.dtype == written.dtype
        assert read.shape == written.shape
        assert read.tobytes() == written.tobytes()


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(min_size=1),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=10,
)


@given(PLAIN, st.integers(0, 5))
def test_plain_values_come_back_in_every_protocol(value, protocol):
    assert unpickle(pickle.dumps(value, protocol=protocol), "p") == value


@given(st.data())
def test_a_pickle_cut_short_is_refused_everywhere(data):
    whole = pickle.dumps({"data": np.arange(6, dtype=np.uint8), "labels": [1, 2, np.int64(3)]}, protocol=2)
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(InputError, match=r"^some/file: "):
        unpickle(whole[:end], "some/file")


@given(st.data())
def test_a_changed_byte_gives_data_or_an_input_error(data):
    whole = bytearray(pickle.dumps({"data": np.arange(6, dtype=np.uint8), "labels": [1, 2]}, protocol=2))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InputError):
        unpickle(bytes(whole), "p")


def test_scalars_of_numpy_become_numbers():
    assert unpickle(pickle.dumps([np.int64(-5), np.float32(0.5), np.bool_(True)]), "p") == [-5, 0.5, True]


class Runs:
    """Pickles to a call of `function`."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


CALLS = {
    "os.system": Runs(os.system, "touch ran"),
    "subprocess": Runs(subprocess.Popen, ["touch", "ran"]),
    "eval": Runs(eval, "open('ran', 'w')"),
    "exec": Runs(exec, "open('ran', 'w')"),
    "open": Runs(open, "ran", "w"),
    "getattr": Runs(getattr, "text", "upper"),
    "numpy's memmap": Runs(np.memmap, "ran", np.uint8, "w+", 0, (4,)),
    "numpy's fromfile": Runs(np.fromfile, "ran"),
    "numpy's load": Runs(np.load, "ran", None, True),
    "a set": Runs(set, [1]),
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("call", CALLS)
def test_no_call_is_made(call, protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hostile = pickle.dumps({b"data": [(CALLS[call],)]}, protocol=protocol)
    with pytest.raises(InputError, match=r"^some/file: not read: the pickle asks for "):
        unpickle(hostile, "some/file")
    assert list(Path.cwd().iterdir()) == []


def reduce_call(module: str, name: str, *arguments: object) -> bytes:
    """A pickle of protocol 2 that calls module.name with arguments."""
    pushed = b"".join(pickle.dumps(argument, protocol=2)[2:-1] for argument in arguments)
    return b"\x80\x02c" + f"{module}\n{name}\n".encode() + b"(" + pushed + b"tR."


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("__builtin__", "eval"),
        ("numpy.core.multiarray", "fromfile"),
        ("numpy.core.multiarray", "array"),
        ("numpy._core.multiarray", "fromstring"),
        ("numpy", "load"),
        ("numpy", "ndarray.tofile"),
        ("numpy.testing._private.utils", "runstring"),
        ("bench.workload.data.unpickle", "unpickle"),
    ],
)
def test_the_global_that_is_refused_is_named(module, name):
    with pytest.raises(InputError) as caught:
        unpickle(reduce_call(module, name, "x"), "f")
    assert f"f: not read: the pickle asks for {module}.{name}" in str(caught.value)


def test_a_name_on_the_stack_is_refused_too():
    # STACK_GLOBAL takes dotted names
    text = b"\x80\x04\x8c\x05numpy\x8c\x0edtype.__init__\x93."
    with pytest.raises(InputError, match=r"asks for numpy\.dtype\.__init__"):
        unpickle(text, "f")


OBJECTS = {
    "object array": np.array([None, "x"], object),
    "object array of arrays": np.array([np.zeros(1), np.zeros(2)], object),
    "structured": np.zeros(2, [("a", "u1"), ("b", "O")]),
    "text": np.array(["a", "b"]),
    "bytes": np.array([b"a", b"b"]),
    "dates": np.array(["2000-01-01"], "M8[D]"),
    "raw": np.zeros(2, "V3"),
}


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("kind", OBJECTS)
def test_arrays_of_anything_but_numbers_are_refused(kind, protocol):
    with pytest.raises(InputError, match=r"not read: (an array|the pickle asks)"):
        unpickle(pickle.dumps(OBJECTS[kind], protocol=protocol), "f")


@pytest.mark.parametrize(
    ("shape", "raw"),
    [((10**12,), b"x"), ((2**40, 2**40), b"x"), ((-1,), b"x"), ((2,), b"x"), ((True,), b"x"), ("x", b"x"), ((1,), [0])],
)
def test_an_array_is_no_bigger_than_its_bytes(shape, raw):
    array = np.zeros(1, np.uint8)
    reconstruct, arguments, _ = array.__reduce__()

    class Lies:
        def __reduce__(self):
            return reconstruct, arguments, (1, shape, array.dtype, False, raw)

    with pytest.raises(InputError, match=r"not read: an array"):
        unpickle(pickle.dumps(Lies(), protocol=2), "f")


def test_a_memo_index_costs_no_memory():
    assert unpickle(b"\x80\x02K\x01r" + struct.pack("<I", 2**32 - 1) + b".", "f") == 1


CLAIMS = {
    "BYTEARRAY8": b"\x96" + struct.pack("<Q", 2**28),
    "BINBYTES8": b"\x8e" + struct.pack("<Q", 2**28),
    "BINUNICODE8": b"\x8d" + struct.pack("<Q", 2**28),
    "FRAME": b"\x95" + struct.pack("<Q", 2**28),
    "BINBYTES": b"B" + struct.pack("<I", 2**28),
    "LONG4": b"\x8b" + struct.pack("<i", 2**28),
    "BINSTRING": b"T" + struct.pack("<i", 2**28),
}


@pytest.mark.parametrize("opcode", CLAIMS)
def test_a_length_that_is_only_claimed_costs_no_memory(opcode):
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="damaged"):
            unpickle(CLAIMS[opcode] + b".", "f")
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


# an empty tuple, and sixty times a tuple that holds the last one twice
DOUBLED = b")" + b"2\x86" * 60


@pytest.mark.parametrize(
    "hostile",
    [
        b"}" + DOUBLED + b"Ns.",
        b"}(" + DOUBLED + b"Nu.",
        b"(" + DOUBLED + b"Nd.",
        b"\x8f(" + DOUBLED + b"\x90.",
        b"(" + DOUBLED + b"\x91.",
        b"cnumpy\ndtype\n" + DOUBLED + b"\x85R.",
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nNNtR(" + b"K\x01" + DOUBLED + b"cnumpy\ndtype\n"
        b"(U\x02u1tRNU\x01xtb.",
        b"]K\x00Ns.",
        b"}\x8b" + struct.pack("<i", 9) + b"\1" * 9 + b"Ns.",
    ],
)
def test_what_would_be_hashed_or_shown_without_end_is_refused(hostile):
    with pytest.raises(InputError, match="not read: ") as caught:
        unpickle(b"\x80\x04" + hostile, "f")
    assert len(str(caught.value)) < 200


def test_keys_of_dicts_may_be_text_and_numbers():
    value = {"a": 1, b"b": 2, 3: {-(2**63): 4, True: 5}}
    assert unpickle(pickle.dumps(value, protocol=4), "f") == value


def test_one_text_is_not_encoded_without_end():
    text = b"X" + struct.pack("<I", 2**20) + b"x" * 2**20 + b"q\x00"
    again = b"c_codecs\nencode\n(h\x00X\x06\x00\x00\x00latin1tR0"
    with pytest.raises(InputError, match="encoded"):
        unpickle(b"\x80\x02" + text + again * 257 + b"N.", "f")


def test_lists_in_lists_named_many_times_cost_no_time():
    # 10 ** 15 leaves, were each walked
    level: list = [1]
    for _ in range(15):
        level = [level] * 10
    assert len(unpickle(pickle.dumps(level), "f")) == 10


def test_a_list_in_itself_is_refused():
    endless: list = []
    endless += [endless, endless]
    with pytest.raises(InputError, match="nested more than"):
        unpickle(pickle.dumps(endless), "f")


def test_deep_nesting_is_refused():
    with pytest.raises(InputError, match="nested more than"):
        unpickle(b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".", "f")


@pytest.mark.parametrize(
    "value", [{1, 2}, frozenset({1}), bytearray(b"x"), {"a": {1}}, {np.dtype("u1"): 1}, np.dtype("u1")]
)
def test_other_values_are_refused(value):
    with pytest.raises(InputError, match="f: not read: "):
        unpickle(pickle.dumps(value, protocol=5), "f")


def test_persistent_ids_are_refused():
    for hostile in (b"Pwhere\n.", b"\x80\x02U\x05whereQ."):
        with pytest.raises(InputError, match="persistent id"):
            unpickle(hostile, "f")


def test_registered_extensions_are_refused():
    copyreg.add_extension("os", "system", 240)
    try:
        with pytest.raises(InputError, match="extension"):
            unpickle(b"\x80\x02\x82\xf0(U\x04truetR.", "f")
    finally:
        copyreg.remove_extension("os", "system", 240)


@pytest.mark.parametrize(
    "target",
    [
        b"cnumpy.core.multiarray\n_reconstruct\n",
        b"cnumpy\ndtype\n",
        b"cnumpy\nndarray\n",
        b"c_codecs\nencode\n",
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n\x85R",
    ],
)
def test_a_pickle_cannot_change_what_it_is_read_with(target):
    with pytest.raises(InputError):
        unpickle(b"\x80\x02" + target + b"N}U\x0c__defaults__)s\x86b.", "f")
    array = np.arange(3, dtype=np.int16)
    assert np.array_equal(unpickle(pickle.dumps(array), "f"), array)


def test_other_encodings_are_refused():
    with pytest.raises(InputError, match="Latin-1"):
        unpickle(reduce_call("_codecs", "encode", "x", "zip"), "f")


def test_too_long_a_pickle_is_refused():
    with pytest.raises(InputError, match="a pickle of 268,435,457 bytes; at most 268,435,456 are read"):
        unpickle(bytes(MAX_BYTES + 1), "f")
