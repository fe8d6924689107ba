"""Pickles read as data: NumPy arrays of numbers and Python's plain values, and nothing that runs.

No class of NumPy is handed to the pickle. Each global that an array's pickle names is a stand-in that keeps what it is
given, checks it, and makes the array itself: a pickle can then neither reach a function's attributes nor NumPy's own
state setters.
"""

from __future__ import annotations

import io
import math
import pickle
import struct
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bench.errors import Fault, InputError

__all__ = ["MAX_BYTES", "unpickle"]

MAX_BYTES = 256 * 2**20
"""Pickles longer than this are refused; the longest in the known archives has 148 MiB."""

MAX_DEPTH = 20

_KEY_BITS = 64
_SHOWN = 40
_MAX_DIMENSIONS = 64  # NumPy's own


def unpickle(data: bytes, where: str) -> Any:
    """The value in a pickle of protocol 0 to 5, Python 2's `str` as bytes.

    It is made of NumPy arrays of numbers, str, bytes, int, float, complex, bool, None, list, tuple and dict. Anything
    else, and anything damaged, raises InputError naming `where` and what was refused.
    """
    if len(data) > MAX_BYTES:
        raise InputError(Fault(f"a pickle of {len(data):,} bytes", f"at most {MAX_BYTES:,} are read", file=where))
    try:
        return _plain(_Reader(io.BytesIO(data)).load(), {})
    except _RefusedError as error:
        raise InputError(Fault(f"not read: {error}", "only arrays and plain values are", file=where)) from error
    # a damaged pickle can raise nearly anything: EOFError, KeyError, ValueError, TypeError, MemoryError …
    except Exception as error:
        what = f"a damaged pickle: {error or type(error).__name__}"
        raise InputError(Fault(what, "fetch or unpack it again", file=where)) from error


class _RefusedError(pickle.UnpicklingError):
    """The pickle asks for something that is not data."""


class _Reader(pickle._Unpickler):
    # Python's own unpickler, not the one in C: a damaged memo index makes that one fill up to 64 GiB of memory, and
    # with long strings and lists of numbers this one is as quick

    stack: list[Any]
    read: Callable[[int], bytes]
    pop_mark: Callable[[], list[Any]]

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, encoding="bytes")
        self._encode = _Encode()

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) == ("_codecs", "encode"):
            return self._encode
        try:
            return _GLOBALS[module, name]
        except KeyError:
            raise _RefusedError(f"the pickle asks for {module}.{name}") from None

    def get_extension(self, _code: int) -> Any:
        raise _RefusedError("the pickle asks for a registered extension")

    def persistent_load(self, _pid: Any) -> Any:
        raise _RefusedError("the pickle asks for an object outside it (a persistent id)")

    def load_bytearray8(self) -> None:
        # pickle's own makes an array of the length that is claimed before it reads
        (length,) = struct.unpack("<Q", self.read(8))
        self.stack.append(bytearray(self.read(length)))

    def load_dict(self) -> None:
        items = self.pop_mark()  # brings the stack below the mark back
        self.stack.append(_dict(items))

    def load_setitem(self) -> None:
        self._update([self.stack.pop(-2), self.stack.pop()])

    def load_setitems(self) -> None:
        self._update(self.pop_mark())

    def _update(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], dict):
            raise _RefusedError(f"the pickle sets an entry of a {type(self.stack[-1]).__name__}")
        self.stack[-1].update(_dict(items))

    def refuse_set(self) -> None:
        raise _RefusedError("a set")

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        **pickle._Unpickler.dispatch,
        pickle.BYTEARRAY8[0]: load_bytearray8,
        pickle.DICT[0]: load_dict,
        pickle.SETITEM[0]: load_setitem,
        pickle.SETITEMS[0]: load_setitems,
        **dict.fromkeys((pickle.EMPTY_SET[0], pickle.FROZENSET[0]), refuse_set),
    }


def _dict(items: list[Any]) -> dict[Any, Any]:
    """Keys and values in turn as a dict. Keys are plain: the hash of a tuple that holds one tuple twice, and so on,
    takes time without end, and that of a long number is reckoned anew each time.
    """
    keys = items[::2]
    for key in keys:
        if not (isinstance(key, str | bytes) or (isinstance(key, int) and key.bit_length() <= _KEY_BITS)):
            raise _RefusedError(f"a dict with a key that is neither text nor a whole number of {_KEY_BITS} bits")
    return dict(zip(keys, items[1::2], strict=True))


class _StandIn:
    """A global as the pickle sees it. Without attributes or a state, so that the pickle can't change it."""

    __slots__ = ()

    def __setstate__(self, state: Any) -> None:
        raise _RefusedError(f"the pickle sets the state of {type(self).__name__[1:].lower()}")


class _DtypeValue:
    """A data type that the pickle describes; only numbers and booleans."""

    __slots__ = ("code", "dtype")

    def __init__(self, code: Any) -> None:
        text = code.decode("ascii") if isinstance(code, bytes) else code
        if not isinstance(text, str):
            raise _RefusedError(f"an array whose type is a {type(code).__name__.strip('_')}")
        if text[:1] not in "biufc" or not text[1:].isdecimal():
            raise _RefusedError(f"an array of the type {text[:_SHOWN]!r}")
        self.code = text
        self.dtype = np.dtype(text)

    def __setstate__(self, state: Any) -> None:
        # (version, byte order, subarray, names, fields, item size, alignment, flags[, metadata])
        order = state[1].decode("ascii") if isinstance(state[1], bytes) else state[1]
        if order not in ("<", ">", "=", "|") or any(part is not None for part in state[2:5]):
            raise _RefusedError("an array of a structured type")
        self.dtype = np.dtype(order + self.code)


class _ArrayValue:
    """An array that the pickle describes: at once, or once its state has come."""

    __slots__ = ("array",)

    def __init__(self, array: NDArray[Any] | None = None) -> None:
        self.array = array

    def __setstate__(self, state: Any) -> None:
        shape, dtype, fortran, raw = state[-4:]
        self.array = _array(raw, dtype, shape, "F" if fortran else "C")


class _Dtype(_StandIn):
    __slots__ = ()

    def __call__(self, code: Any, *_align_and_copy: Any) -> _DtypeValue:
        return _DtypeValue(code)


class _Ndarray(_StandIn):
    __slots__ = ()


class _Reconstruct(_StandIn):
    __slots__ = ()

    def __call__(self, kind: Any, *_shape_and_code: Any) -> _ArrayValue:
        if not isinstance(kind, _Ndarray):
            raise _RefusedError("an array of a class other than ndarray")
        return _ArrayValue()


class _Frombuffer(_StandIn):
    __slots__ = ()

    def __call__(self, raw: Any, dtype: Any, shape: Any, order: Any) -> _ArrayValue:
        return _ArrayValue(_array(raw, dtype, shape, order))


class _Scalar(_StandIn):
    __slots__ = ()

    def __call__(self, dtype: Any, raw: Any) -> Any:
        return _array(raw, dtype, (1,), "C")[0].item()


class _Encode(_StandIn):
    """How Python 3 writes bytes in the protocols of Python 2. One for each pickle: it counts what it has made."""

    __slots__ = ("made",)

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, text: Any, encoding: Any) -> bytes:
        if not isinstance(text, str) or encoding not in ("latin1", b"latin1"):
            raise _RefusedError("the pickle encodes something other than Latin-1 text")
        self.made += len(text)
        if self.made > MAX_BYTES:  # one text can be named a million times
            raise _RefusedError(f"more than {MAX_BYTES:,} bytes encoded as text")
        return text.encode("latin1")


_GLOBALS: dict[tuple[str, str], _StandIn] = {
    ("numpy", "dtype"): _Dtype(),
    ("numpy", "ndarray"): _Ndarray(),
}
for _core in ("numpy.core", "numpy._core"):  # the name before and since NumPy 2
    _GLOBALS[f"{_core}.multiarray", "_reconstruct"] = _Reconstruct()
    _GLOBALS[f"{_core}.multiarray", "scalar"] = _Scalar()
    _GLOBALS[f"{_core}.numeric", "_frombuffer"] = _Frombuffer()


def _array(raw: Any, dtype: Any, shape: Any, order: Any) -> NDArray[Any]:
    if not isinstance(dtype, _DtypeValue) or order not in ("C", "F"):
        raise _RefusedError("an array without a type")
    if not isinstance(raw, bytes | bytearray) or not isinstance(shape, tuple):
        raise _RefusedError("an array that isn't numbers")
    if any(type(side) is not int or not 0 <= side <= MAX_BYTES for side in shape) or len(shape) > _MAX_DIMENSIONS:
        raise _RefusedError("an array of an impossible shape")
    if math.prod(shape) * dtype.dtype.itemsize != len(raw):
        raise _RefusedError(f"an array of the shape {shape} in {len(raw):,} bytes")
    if len(raw) > MAX_BYTES:
        raise _RefusedError(f"an array of {len(raw):,} bytes")
    return np.frombuffer(raw, dtype.dtype).reshape(shape, order=order)


def _plain(value: Any, done: dict[int, Any], depth: int = 0) -> Any:
    """`value` with arrays in place of their stand-ins. Refuses what is no data.

    `done` keeps what was walked, by its id: a pickle can name one list a million times. Depth ends a list in itself.
    """
    if isinstance(value, _ArrayValue) and value.array is not None:
        return value.array
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return value
    if depth == MAX_DEPTH:
        raise _RefusedError(f"values nested more than {MAX_DEPTH} deep")
    if id(value) not in done:
        if isinstance(value, list | tuple):
            done[id(value)] = type(value)(_plain(part, done, depth + 1) for part in value)
        elif isinstance(value, dict):
            inner = depth + 1
            done[id(value)] = {_plain(key, done, inner): _plain(part, done, inner) for key, part in value.items()}
        else:
            raise _RefusedError(f"a {type(value).__name__.strip('_')}")
    return done[id(value)]
