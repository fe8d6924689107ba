"""Text from files of others, made safe to show: what would move a cursor, hide a word or turn a line around is written
out, as `\\x1b` or `\\u202e`."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["plain_text", "plain_values", "unseen"]

# control characters (C0 with tab and newline, DEL, C1), line and paragraph separators, soft hyphen, zero-width and
# directional characters (Unicode 16, bidirectional controls and the marks of UAX #9), tags, halves of surrogate pairs
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_HARMLESS = "\n\r\t\u200c\u200d"


def plain_text(text: str, *, spaces: bool = False) -> str:
    r"""The text with each character that isn't seen written out.

    With `spaces` also those that look like the usual one: in what is said to be wrong they may be what is.

    >>> plain_text("a\x1b[2Jb"), plain_text("16 ± 0.3 ms")
    ('a\\x1b[2Jb', '16 ± 0.3 ms')
    """
    if text.isascii() and text.isprintable():  # as nearly all are; a pattern takes thrice as long to say so
        return text
    plain = _HIDDEN.sub(_written, text)
    return _SPACES.sub(_written, plain) if spaces else plain


def unseen(text: str) -> str | None:
    r"""The first character that isn't seen, written out; None where there is none, breaks, tabs and joiners aside.

    >>> unseen("a\tb"), unseen("a\x1b[2J")
    (None, '\\x1b')
    """
    found = next((one for one in _HIDDEN.finditer(text) if one[0] not in _HARMLESS), None)
    return None if found is None else _written(found)


def plain_values(value: Any) -> Any:
    """A value of JSON or YAML with every text in it plain, keys too."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, dict):
        return {plain_values(name): plain_values(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(inner) for inner in value]
    return value


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
