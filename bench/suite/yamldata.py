"""A tree of YAML nodes turned into plain data, with the line that each value stands on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bench.errors import Fault, InputError
from bench.suite.wording import describe, quoted
from bench.suite.yamltree import MAX_DEPTH, MAX_NODES, SCALARS, TAG
from bench.support.plain_text import plain_text, unseen

__all__ = ["Keys", "Plain"]

Keys = tuple[str | int, ...]
"""The way to a value from the root: `("variants", "xla", "xla")`, `("models", 1)`."""

_INT_BOUND = 2**63
MAX_CHARACTERS = 2**22
"""Of the text that aliases stand for, written out: no file has a quarter of it."""


@dataclass
class Plain:
    """Builds plain data from nodes, and gathers what it meets: `lines` (1-based) and `faults`, in order.

    `broken` holds the ways to values that a fault was found in, which need no second complaint.
    """

    file: Path | str
    lines: dict[Keys, int] = field(default_factory=dict)
    faults: dict[Fault, None] = field(default_factory=dict)
    broken: set[Keys] = field(default_factory=set)
    _count: int = 0
    _characters: int = 0

    def build(self, node: Node, keys: Keys = ()) -> Any:
        """`node` as None, bool, int, float, str, list or dict with text keys.

        Raises InputError where aliases, written out, pass the bounds.
        """
        self._bound(node, len(keys))
        self.lines.setdefault(keys, node.start_mark.line + 1)
        match node:
            case SequenceNode():
                self._check_tag(node, node.tag == TAG + "seq", keys)
                return [self.build(item, (*keys, i)) for i, item in enumerate(node.value)]
            case MappingNode():
                built = {}
                for name, (key_node, value_node) in self._entries(node, keys, len(keys)).items():
                    self.lines[(*keys, name)] = key_node.start_mark.line + 1
                    built[name] = self.build(value_node, (*keys, name))
                return built
            case _:
                return self._scalar(node, keys)

    def _bound(self, node: Node, depth: int) -> None:
        self._count += 1
        if self._count > MAX_NODES or depth > MAX_DEPTH:
            bound = f"more than {MAX_NODES:,} values" if self._count > MAX_NODES else f"more than {MAX_DEPTH} levels"
            line = node.start_mark.line + 1
            raise InputError(Fault(f"aliases expand to {bound}", "write it out in plain YAML", self.file, line))

    def _fault(self, node: Node, keys: Keys | None, what: str, hint: str) -> None:
        # an aliased node is met several times, and complained of once
        self.faults[Fault(what, hint, self.file, node.start_mark.line + 1)] = None
        if keys is not None:
            self.broken.add(keys)

    def _check_tag(self, node: Node, allowed: bool, keys: Keys) -> None:
        if not allowed:
            tag = quoted(node.tag.replace(TAG, "!!"))
            self._fault(node, keys, f"the tag {tag} is not allowed here", "only plain data is read: leave the tag out")

    def _scalar(self, node: Node, keys: Keys) -> Any:
        text: str = node.value
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            what = f"aliases expand to more than {MAX_CHARACTERS >> 20} million characters"
            raise InputError(Fault(what, "write it out in plain YAML", self.file, node.start_mark.line + 1))
        fits = node.tag in SCALARS and SCALARS[node.tag].match(text) is not None
        self._check_tag(node, fits, keys)
        match node.tag if fits else None:
            case "tag:yaml.org,2002:null":
                return None
            case "tag:yaml.org,2002:bool":
                return text.casefold() in ("yes", "true", "on")
            case "tag:yaml.org,2002:float":
                return float(text.casefold().replace(".inf", "inf").replace(".nan", "nan"))
            case "tag:yaml.org,2002:int":
                number = int(text) if len(text) < 100 else _INT_BOUND
                if -_INT_BOUND <= number < _INT_BOUND:
                    return number
                self._fault(node, keys, f"{quoted(text)} is beyond 64 bits", "write a smaller number")
                return 0
        if (hidden := unseen(text)) is not None:
            self._fault(node, keys, f"{quoted(text)} holds a character that isn't seen ({hidden})", "leave it out")
            return plain_text(text)
        return text

    def _entries(self, node: MappingNode, keys: Keys, depth: int) -> dict[str, tuple[Node, Node]]:
        """Key and value nodes by key, merge keys (`<<`) worked in: own keys win, then the first merged."""
        self._bound(node, depth)
        self._check_tag(node, node.tag == TAG + "map", keys)
        merged: dict[str, tuple[Node, Node]] = {}
        own: dict[str, tuple[Node, Node]] = {}
        for key_node, value_node in node.value:
            if key_node.tag == TAG + "merge":
                for base in self._bases(value_node):
                    self._count += len(base.value)
                    merged = self._entries(base, keys, depth + 1) | merged
                continue
            name = self._key(key_node, keys)
            if name in own:
                first = own[name][0].start_mark.line + 1
                self._fault(key_node, None, f"the key {quoted(name)} stands twice", f"the first is on line {first}")
            else:
                own[name] = key_node, value_node
        return merged | own

    def _bases(self, node: Node) -> Iterator[MappingNode]:
        for base in node.value if isinstance(node, SequenceNode) else [node]:
            if isinstance(base, MappingNode):
                yield base
            else:
                self._fault(base, None, "'<<' merges mappings only", "name the anchor of a mapping")

    def _key(self, node: Node, keys: Keys) -> str:
        if not isinstance(node, ScalarNode):
            self._fault(node, keys, "a key must be text, is a list or a mapping", "write a plain word")
            return ""
        value = self._scalar(node, (*keys, plain_text(node.value)))
        if isinstance(value, str):
            return value
        what = f"the key {quoted(node.value)} reads as {describe(value)}"
        self._fault(node, (*keys, node.value), what, "put it in quotes")
        return str(node.value)
