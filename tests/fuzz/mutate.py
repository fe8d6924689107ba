"""Files damaged in every way that we could think of, always the same for the same seed."""

from __future__ import annotations

import copy
import random

_TOKENS = (
    b"null", b"true", b"-1", b"0", b"1e999", b"-1e308", b"9" * 400, b"NaN", b"Infinity", b".nan", b".inf", b'""', b"''",
    b"{}", b"[]", b"[" * 200, b"[" * 5000, b"{" * 200, b": ", b"- ", b"&a ", b"*a", b"<<: ", b"!!python/none ", b"\x00",
    b"\x1b[2J", b"\xff", b"\r\n", b"\n", b"<<<<<<< HEAD\n", b"\\ud800", b"\xed\xa0\x80", b"\xe2\x80\xae", b"../../x",
)  # fmt: skip
_BEGINNINGS = (b"\xef\xbb\xbf", b"\x1f\x8b", b"\xff\xfe", b"PK\x03\x04", b"\n", b"<<<<<<< HEAD\n")
_NUMBERS = (
    0, -1, 1, 2, 7.5, 0.0, -0.0, 1e-320, 1e-300, 1e30, 1e31, 1e308, -1e308, 2**31, 10**15, 10**18, 2**63, -(2**64),
    10**400, float("inf"), float("nan"),
)  # fmt: skip
_FACTORS = (0, -1, 1e-12, 1e12, 1e25, 10**20)
_TEXTS = (
    "", " ", "x" * 5000, "\x1b[31m", "\u202eabc", "$\\frac{1}{0}$", "a|b\nc", "=1+1", "../../x", "/etc/hostname",
    "NaN", "1e999", "2026-13-45", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+23:59", "simple_cnn",
)  # fmt: skip
_VALUES = (
    None, True, False, [], {}, [[]], [1, 2], {"": None}, {"name": None}, [None] * 3, [[1, 0.5]] * 3, [[0, 0.0]],
    [[10**400, 1e-9]],
)  # fmt: skip
_NEAR = 3
_KEYS = ("x", "", "id", "date", "name", "0", "$x$", "a" * 500)


def damaged(rng: random.Random, content: bytes) -> bytes:
    """The file with one to four bytes, stretches or lines of it changed, moved, doubled, cut or replaced."""
    for _ in range(rng.randint(1, 4)):
        content = _damage(rng, content)
    return content


def _damage(rng: random.Random, content: bytes) -> bytes:
    at, end = sorted(rng.randint(0, len(content)) for _ in range(2))
    match rng.randrange(9):
        case 0 if content:
            place = rng.randrange(len(content))
            return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]
        case 1:
            return content[:at]
        case 2:
            return content[:at] + content[end:]
        case 3:
            return content[:at] + rng.choice(_TOKENS) + content[at:]
        case 4:
            return content[:at] + rng.choice(_TOKENS) + content[min(at + rng.randint(1, 20), len(content)) :]
        case 5:
            return content[:end] + content[at:]  # a stretch twice
        case 6:
            lines = content.split(b"\n")
            one, other = (rng.randrange(len(lines)) for _ in range(2))
            lines[one], lines[other] = lines[other], lines[one]
            return b"\n".join(lines)
        case 7:
            return rng.choice(_BEGINNINGS) + content
        case _:
            return content[:at] + rng.randbytes(rng.randint(1, 16)) + content[end if rng.random() < 0.2 else at :]


def altered(rng: random.Random, value: object) -> object:
    """The parsed file with one to three of its values replaced, removed, doubled, nested, or under another's key."""
    value = copy.deepcopy(value)
    for _ in range(rng.randint(1, 3)):
        _alter(rng, value)
    return value


def _alter(rng: random.Random, value: object) -> None:
    places = list(_places(value))
    if not places:
        return
    near = [place for place in places if place[2] <= _NEAR]  # of many places most are in some long list
    holder, key, _ = rng.choice(near if rng.random() < 0.8 else places)
    if rng.random() < 0.4:
        _rearrange(rng, holder, key)
    else:
        other, place, _ = rng.choice(places)
        holder[key] = _replacement(rng, holder[key], other[place])


def _rearrange(rng: random.Random, holder, key) -> None:
    """Take the value at the key away, double it, put it under another key, or another one beside it."""
    match rng.randrange(3):
        case 0:
            del holder[key]
        case _ if isinstance(holder, list):
            holder += [copy.deepcopy(holder[key])] * rng.choice((1, 5, 500))
        case 1:
            holder[rng.choice((*_KEYS, str(key).upper()))] = holder.pop(key)
        case _:
            holder[rng.choice(_KEYS)] = copy.deepcopy(rng.choice(_TEXTS + _VALUES))


def _replacement(rng: random.Random, value: object, other: object) -> object:
    """What to put in the place of a value: `other` is another one of the file."""
    match rng.randrange(6):
        case 0:
            return rng.choice(_NUMBERS)
        case 1:
            return copy.deepcopy(rng.choice(_TEXTS + _VALUES))
        case 2:
            return copy.deepcopy(other)
        case 3:
            for _ in range(rng.choice((1, 3, 60))):
                value = [value] if rng.random() < 0.5 else {"a": value}
            return value
        case 4 if isinstance(value, int | float) and abs(value) < 1e300:
            return value * rng.choice(_FACTORS)
        case _:
            return str(value)


def _places(value: object, depth: int = 1):
    """Every mapping and list within, each with each of its keys, and how deep that lies."""
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    else:
        return
    for key, inner in pairs:
        yield value, key, depth
        yield from _places(inner, depth + 1)
