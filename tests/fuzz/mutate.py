"""Files damaged in every way that we could think of, always the same for the same seed."""

from __future__ import annotations

import copy
import random

_TOKENS = (
    b"null", b"true", b"-1", b"0", b"1e999", b"-1e308", b"9" * 400, b"NaN", b"Infinity", b".nan", b".inf", b'""', b"''",
    b"{}", b"[]", b"[" * 200, b"{" * 200, b": ", b"- ", b"&a ", b"*a", b"<<: ", b"!!python/none ", b"\x00", b"\x1b[2J",
    b"\xff", b"\xef\xbb\xbf", b"\r\n", b"\n", b"<<<<<<< HEAD\n", b"\\ud800", b"\xed\xa0\x80", b"\xe2\x80\xae",
    b"../../x",
)  # fmt: skip
_NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**64), 10**400, 0.0, -0.0, 1e-320, 1e308, -1e308, float("inf"), float("nan"))
_VALUES = (None, True, False, "", "x" * 5000, "\x1b[31m", "\u202e", "NaN", [], {}, [[]], {"": None}, "2026-13-45")


def damaged(rng: random.Random, content: bytes) -> bytes:
    """The file with one to four bytes, stretches or lines of it changed, moved, doubled, cut or replaced."""
    for _ in range(rng.randint(1, 4)):
        content = _damage(rng, content)
    return content


def _damage(rng: random.Random, content: bytes) -> bytes:
    at, end = sorted(rng.randint(0, len(content)) for _ in range(2))
    match rng.randrange(8):
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
    holder, key = rng.choice(places)
    match rng.randrange(7):
        case 0:
            holder[key] = rng.choice(_NUMBERS)
        case 1:
            holder[key] = rng.choice(_VALUES)
        case 2:
            del holder[key]
        case 3:
            other, place = rng.choice(places)
            holder[key] = copy.deepcopy(other.get(place) if isinstance(other, dict) else other[place])
        case 4:
            nested = holder[key]
            for _ in range(rng.choice((1, 3, 60))):
                nested = [nested] if rng.random() < 0.5 else {"a": nested}
            holder[key] = nested
        case 5 if isinstance(holder, dict):
            holder[rng.choice(("x", "", "id", "date", "name", "0", "a" * 300))] = holder.pop(key)
        case 6 if isinstance(holder, list):
            holder += [copy.deepcopy(holder[key])] * rng.choice((1, 5, 500))
        case _:
            holder[key] = str(holder[key])


def _places(value: object):
    """Every mapping and list within, each with each of its keys."""
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    else:
        return
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)
