"""YAML text turned into PyYAML's tree of nodes, within bounds that keep hostile text harmless."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from yaml.composer import Composer, ComposerError
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import AliasEvent, StreamEndEvent
from yaml.nodes import Node, ScalarNode
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from bench.errors import Fault, InputError

__all__ = ["MAX_DEPTH", "MAX_NODES", "SCALARS", "TAG", "compose"]

TAG = "tag:yaml.org,2002:"
MAX_NODES = 100_000
"""Values that one text may hold, with every alias written out."""
MAX_DEPTH = 40
"""Lists and mappings inside each other."""

SCALARS = {
    TAG + "null": re.compile(r"(?:~|null|Null|NULL|)\Z"),
    TAG + "bool": re.compile(r"(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)\Z"),
    TAG + "int": re.compile(r"[-+]?[0-9]+(_[0-9]+)*\Z"),
    # unlike YAML 1.1, `5e-5` is a number here, as whoever writes a learning rate expects
    TAG + "float": re.compile(
        r"(?:[-+]?(\.[0-9]+|[0-9]+(_[0-9]+)*(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z"
    ),
    TAG + "merge": re.compile(r"<<\Z"),
    TAG + "str": re.compile(""),
}
"""What a scalar of each tag looks like; the first that fits is what a plain scalar means."""

_HINTS = {
    "mapping values are not allowed": "text that holds a colon and a space goes in quotes; else check the indentation",
    "cannot start any token": "indent with spaces, and put text that begins with a special character in quotes",
    "expected <block end>": "check the indentation of this line and of the one above",
    "could not find expected ':'": "a key is followed by a colon and a space",
    "expected the node content": "a value is missing, or a bracket or brace is not closed",
    "expected ',' or": "a bracket or brace is not closed, or a comma is missing",
    "found undefined alias": "an anchor (&name) comes before its alias (*name); text that begins with * goes in quotes",
    "found duplicate anchor": "give each anchor a name of its own",
    "found unexpected end of stream": "a quote is not closed",
}


class _Tree(Reader, Scanner, Parser, Composer, BaseResolver):
    """Composes one document; knows numbers, booleans, null and merge keys, and no dates, octals or objects."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self._nodes = 0
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark = event.start_mark
        if isinstance(event, AliasEvent):
            known = self.anchors.get(event.anchor)
            if known is not None and known.end_mark is None:  # it gets its end once it is whole
                raise ComposerError(None, None, f"the anchor '{event.anchor}' holds itself", mark)
        self._nodes += 1
        self._depth += 1
        if self._nodes > MAX_NODES:
            raise ComposerError(None, None, f"more than {MAX_NODES:,} values", mark)
        if self._depth > MAX_DEPTH:
            raise ComposerError(None, None, f"nested more than {MAX_DEPTH} deep", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


for _tag, _pattern in SCALARS.items():
    _Tree.add_implicit_resolver(_tag, _pattern, None)


def compose(text: str, file: Path | str) -> Node | None:
    """The root node of the one document in `text`; None where nothing stands.

    `file` is what faults name. Raises InputError for what is not YAML, holds several documents, an anchor that holds
    itself, or more values or levels than the bounds.
    """
    tree: _Tree | None = None
    try:
        tree = _Tree(text)
        tree.get_event()  # type: ignore[no-untyped-call]
        if tree.check_event(StreamEndEvent):
            return None
        node = tree.compose_document()
        if not tree.check_event(StreamEndEvent):
            line = tree.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise InputError(Fault("a second document begins here", "keep one document a file", file, line))
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"the control character U+{ord(text[error.position]):04X} is not allowed in YAML"
        raise InputError(Fault(what, "remove it", file, line)) from None
    except MarkedYAMLError as error:
        raise InputError(_syntax(error, file)) from None
    except (YAMLError, ValueError, OverflowError):  # the scanner converts \U escapes and versions unchecked
        line = tree.line + 1 if tree is not None else 1
        what = "not YAML: an escape or a version is out of range"
        raise InputError(Fault(what, "write the character itself", file, line)) from None
    empty = isinstance(node, ScalarNode) and node.tag == TAG + "null" and not node.value
    return None if empty else node


def _syntax(error: MarkedYAMLError, file: Path | str) -> Fault:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or "it can't be read"
    fallback = "check the line's indentation, quotes and brackets"
    hint = next((words for part, words in _HINTS.items() if part in problem), fallback)
    if isinstance(error, ComposerError) and hint is fallback:
        return Fault(problem, "write it out in plain, flat YAML", file, mark.line + 1 if mark else None)
    return Fault(f"not YAML: {problem}", hint, file, mark.line + 1 if mark else None)
