"""Seals: digests at the end of a journal's lines, each of its line and of the line before it as it was written.

A line reads `{…,"seal":{"after":"…","digest":"…"}}`. `digest` is the first half of the SHA-256 of all of the line's
bytes before it, `after` the digest of the line that stood last in the file by then, null where there was none. So a
line that is changed no longer has its own digest, and one that is changed and sealed anew, or taken out, is missed by
the line after it. Lines may stand in any order, and those of several journals together, as git merges them: each names
one of them, and which doesn't matter. Whoever rewrites all of the following lines too leaves no trace: there is no
secret in it.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

__all__ = ["Seal", "digest_of", "resealed", "seal_of", "sealed", "unsealed"]

_DIGITS = 32
_SEAL = re.compile(
    rb',"seal":\{"after":(?:null|"(?P<after>[0-9a-f]{32})"),"digest":"(?P<digest>[0-9a-f]{32})"\}\}[ \t\r\n]*\Z'
)
_LONGEST = 160
"""Bytes of a seal, and of white space behind it."""


class Seal(NamedTuple):
    """A line's seal: the digest of the line before it and its own, and whether that is still the line's."""

    after: str | None
    digest: str
    holds: bool


def sealed(line: bytes, before: str | None) -> bytes:
    """The line, a JSON object without a seal, with one; `before` is the digest of the line before it."""
    after = b"null" if before is None else b'"%b"' % before.encode()
    text = line[:-1] + b',"seal":{"after":%b,"digest":"' % after
    return text + _hash(text).encode() + b'"}}'


def seal_of(line: bytes) -> Seal | None:
    """The seal that the line ends in; None where it has none."""
    found = _found(line)
    if found is None:
        return None
    after, digest = found["after"], found["digest"].decode()
    holds = _hash(line[: len(line) - len(found.string) + found.start("digest")]) == digest
    return Seal(after.decode() if after is not None else None, digest, holds)


def unsealed(line: bytes) -> bytes:
    """The line without its seal."""
    found = _found(line)
    return line if found is None else line[: len(line) - len(found.string) + found.start()] + b"}"


def digest_of(line: bytes) -> str:
    """What the next line calls it: the digest that it bears, or where it has no seal, that of all of it."""
    found = _found(line)
    return _hash(line.strip()) if found is None else found["digest"].decode()


def resealed(line: bytes, changed: bytes, known: dict[str, str]) -> bytes:
    """`changed`, what has become of the line, sealed as it was: one whose seal held has one that holds, and no other.

    `known` are the new digests of lines before it by the old ones; this one's is added.
    """
    seal = seal_of(line)
    if seal is None:
        known[digest_of(line)] = digest_of(changed)
        return changed
    after = known.get(seal.after, seal.after) if seal.after is not None else None
    new = sealed(unsealed(changed), after)
    if not seal.holds:
        new = new.replace(b'"digest":"' + digest_of(new).encode(), b'"digest":"' + seal.digest.encode())
    known[seal.digest] = digest_of(new)
    return new


def _found(line: bytes) -> re.Match[bytes] | None:
    return _SEAL.search(line[-_LONGEST:]) if b'"seal":{' in line[-_LONGEST:] else None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]
