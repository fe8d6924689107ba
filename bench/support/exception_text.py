"""What exceptions of other people's code say, in one line."""

from __future__ import annotations

import re
import textwrap

__all__ = ["exception_summary", "exception_text"]

_NOISE = re.compile(r"\x1b\[[0-9;]*m|\{\{function_node [^}]*\}\} ?|\s*\[Op:\w+\]( name: *)?")
"""Colours, and TensorFlow's names for what it ran."""
_NODE = re.compile(r"\{\{node ([^}]*)\}\}")
_LAYER = re.compile(r"Exception encountered when calling (?:layer )?'?(\w+)")
_UNCOMPILED = re.compile(r"Detected unsupported operations when trying to compile graph \S+ on \S+: (.*)")
_OPERATION = re.compile(r"(\w+) \(No registered ")
_AROUND = re.compile(
    r"Exception encountered when calling |Arguments received by |Graph execution error:|Detected at node "
    r"|Detected unsupported operations when trying to compile graph |Hint: |File \"|<stack traces|\s"
)
"""How lines begin that tell where it happened or what might be done: frames and their code are indented."""


def exception_summary(error: BaseException) -> str:
    """What went wrong, without the frames, colours and advice that Keras and TensorFlow put around it.

    >>> exception_summary(ValueError("Exception encountered when calling MaxPooling2D.call().\\n\\nNegative size: -1"))
    'Negative size: -1 (in MaxPooling2D)'
    >>> exception_summary(ValueError("2 could not be loaded. Example <Dense>:\\n\\nIt expected 2\\n\\nList: []"))
    '2 could not be loaded. Example <Dense>: It expected 2'
    """
    if (found := _UNCOMPILED.search(str(error))) is not None:
        return f"XLA can't compile {', '.join(dict.fromkeys(_OPERATION.findall(found[1])))}"
    text = _NODE.sub(r"\1", _NOISE.sub("", str(error))).strip().removeprefix("in user code:")  # which AutoGraph indents
    every = [line.rstrip() for line in textwrap.dedent(text.lstrip("\n")).splitlines()]
    lines = [line for line in every if line and not _AROUND.match(line)] or [line for line in every if line]
    if not lines:
        return type(error).__name__
    layer = _LAYER.match(text)
    what = f"{lines[0]} {lines[1]}" if len(lines) > 1 and lines[0].endswith(":") else lines[0]
    return f"{what} (in {layer[1]})" if layer and layer[1] not in what else what


def exception_text(error: BaseException) -> str:
    """The exception's type, and what it says."""
    what, kind = exception_summary(error), type(error).__name__
    return what if what == kind else f"{kind}: {what}"
