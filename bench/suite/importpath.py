"""Whether an import path leads anywhere, found out without importing it."""

from __future__ import annotations

import ast
import importlib.util
import symtable
import warnings
from pathlib import Path

from bench.errors import nearest
from bench.suite.user_code import find_module
from bench.suite.wording import close, quoted

__all__ = ["import_fault"]


def import_fault(path: str, folder: Path) -> tuple[str, str] | None:
    """What is wrong with the import path `module:function`, and what would be right; None where nothing is.

    The module is looked for in `folder`, the current folder and `sys.path`, in this order. In a source file that lies
    in one of the two folders, the function must be there.
    """
    module, function = path.split(":")
    found = find_module(module, folder)
    if found is None:
        beside = sorted({file.stem for place in (folder, Path()) for file in place.glob("*.py")})
        hint = close(module, beside) or "put its file beside the suite, or install it"
        return f"there is no module {quoted(module)} for {quoted(path)}", hint
    source = Path(found.origin or "")
    own = source.is_relative_to(folder) or source.is_relative_to(Path.cwd())
    if source.suffix != ".py" or not own or "site-packages" in source.parts:
        return None
    try:
        names = _names(source)
    except SyntaxError as error:
        return f"{source} is no Python, at line {error.lineno}: {error.msg}", "mend it first"
    except (OSError, ValueError, RecursionError) as error:
        return f"{source} can't be read: {error}", "mend it first"
    if names is None or function in names:
        return None
    public = [name for name in names if not name.startswith("_")]
    return f"{source} has no {quoted(function)}", nearest(function, public)


def _names(source: Path) -> list[str] | None:
    """What a module defines or imports at its top level; None where that shows only when it runs."""
    content = importlib.util.decode_source(source.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the user's escapes and the like
        tree = ast.parse(content)
        table = symtable.symtable(content, str(source), "exec")
    stars = any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree))
    names = [symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()]
    return None if stars or "__getattr__" in names else names
