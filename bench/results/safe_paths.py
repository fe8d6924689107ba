"""What a record names, and how far that leads: the one door between stored text and the file system.

Records are passed on, and anyone can write one. A name in it becomes part of a file's name here and nowhere else: it
never leads out of the folder that it is looked up in, and nothing that it names is imported or run.
"""

from __future__ import annotations

import hashlib
import re
import stat
from pathlib import Path, PurePosixPath

from bench.errors import Fault, InputError

__all__ = ["is_plain", "lies_below", "plain", "regular_below"]

_LONGEST = 120
"""Characters of a name in a file's: file systems take 255 bytes, and endings and such come to it."""


def plain(name: str) -> str:
    """A name as part of a file's, whatever it holds; of a very long one its beginning, and a hash of the whole.

    >>> plain("simple_cnn/notebook/b128")
    'simple_cnn-notebook-b128'
    """
    found = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".") or "unnamed"
    if len(found) <= _LONGEST:
        return found
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{found[: _LONGEST - 17]}-{digest}"


def is_plain(name: str) -> bool:
    """Can it be a file's name, in the very folder that it is looked up in?"""
    return name not in ("", ".", "..") and "/" not in name and name.isprintable()


def regular_below(folder: Path, named: str, inner: str) -> Path | None:
    """The regular file that a record calls `named`, a path in its host's `folder` that begins with `inner`.

    None where nothing is there. Raises InputError where the path, or a link on its way, leads out of `folder/inner`,
    and where something else than a regular file lies there.
    """
    way = PurePosixPath(named)
    if not named.isprintable() or way.is_absolute() or ".." in way.parts or way.parts[:1] != (inner,):
        hint = f"it is a path below {folder / inner}, without '..'"
        raise InputError(Fault(f"a record's file can't be {named!r}", hint))
    path = folder / way
    try:
        real = path.resolve(strict=True)
        within = folder.resolve(strict=True) / inner
        mode = real.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a ring
        raise InputError(Fault(f"can't be opened: {getattr(error, 'strerror', None) or error}", None, path)) from None
    if not lies_below(within, real):
        raise InputError(Fault(f"a link leads out of {folder / inner}", "put the file itself there", path))
    if not stat.S_ISREG(mode):
        raise InputError(Fault("is no regular file", None, path))
    return real


def lies_below(folder: Path, path: Path) -> bool:
    """Does `path` lie in `folder`, or in one of its folders? Both have their links resolved."""
    return path != folder and path.is_relative_to(folder)
