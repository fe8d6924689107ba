"""A tree as a stranger might hand it on: what would be code or a way out of it, in every text that is stored.

Run as a program, in a folder of traps, it has verbs read such a tree, and prints what any of them touched that lies
outside. Each verb runs in this very process under an audit hook of Python, which hears of all that is opened, imported
or started there.
"""

import contextlib
import io
import json
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

TRAP = "stranger_trap"
"""A module in the current folder that leaves a mark when it is imported."""

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")
_LOOKS = ("os.listdir", "os.scandir", "os.chdir")
_STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.forkpty", "socket.connect")


def plants(base: Path) -> tuple[str, ...]:
    """What is planted: an import path of the trap, and ways to files and folders outside of the tree in `base`."""
    return (
        f"{TRAP}:fire",
        str(base / "outside" / "secret"),
        "../../../outside/secret",
        "../../outside/folder",
        "../outside/secret",
    )


def lay(base: Path) -> None:
    """The folders: `here` to be in, with the trap; `outside`, which nothing may touch; `scratch`, which all may."""
    for name in ("here", "outside/folder", "scratch", "tree/hosts", "tree/results"):
        (base / name).mkdir(parents=True)
    fire = f"open({str(base / 'fired')!r}, 'w').close()\n"
    (base / "here" / f"{TRAP}.py").write_text(f"{fire}def fire(*_, **__):\n    {fire}")
    for name in ("secret", "secret.yaml", "secret.jsonl", "secret.png", "folder/x.jsonl"):
        (base / "outside" / name).write_text("{}\n")


def texts(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every text in plain data, the names in mappings not among them."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from texts(one, (*way, key))
    if isinstance(value, str):
        yield way


def text_fields(form: type[BaseModel], way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The ways to every field of a form that may be text, through the forms within it; `*` is any key or item."""
    for name, field in form.model_fields.items():
        yield from _texts_of(field.annotation, (*way, name))


def _texts_of(annotation: Any, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    origin, inner = getattr(annotation, "__origin__", None), get_args(annotation)
    if annotation is str or any(isinstance(one, str) for one in inner):  # a literal's words
        yield way
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from text_fields(annotation, way)
    else:
        for one in inner[1:] if origin in (dict, Mapping) else inner:
            yield from _texts_of(one, (*way, "*") if origin in (tuple, dict, list, Mapping) else way)


def spots(form: type[BaseModel], value: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The ways to every text in `value`, which is of that form, and to every field of the form that may be text.

    Raises ValueError where `value` holds nothing that a field could stand in.
    """
    found = list(texts(value))
    alike = {tuple("*" if isinstance(key, int) else key for key in way) for way in found}
    for way in dict.fromkeys(text_fields(form)):
        shown = re.compile(r"\0".join("[^\0]+" if key == "*" else re.escape(key) for key in way) + r"(\0.*)?")
        if any(shown.fullmatch("\0".join(one)) for one in alike):
            continue
        place: Any = value
        for key in way[:-1]:
            place = place.get(key) if isinstance(place, dict) else None
        if not isinstance(place, dict) or way[-1] == "*":
            raise ValueError(f"nothing stands in {way}")
        found.append(way)
    return found


def planted(value: Any, way: tuple[Any, ...], plant: Any) -> Any:
    """A copy of plain data with `plant` at the end of `way`."""
    if not way:
        return plant
    if isinstance(value, dict):
        return value | {way[0]: planted(value.get(way[0]), way[1:], plant)}
    return [planted(one, way[1:], plant) if i == way[0] else one for i, one in enumerate(value)]


def planted_everywhere(value: Any, plant: str) -> Any:
    """A copy of plain data with `plant` for every text in it."""
    if isinstance(value, dict):
        return {key: planted_everywhere(one, plant) for key, one in value.items()}
    if isinstance(value, list):
        return [planted_everywhere(one, plant) for one in value]
    return plant if isinstance(value, str) else value


class Watch:
    """What happened that mustn't: by Python's audit hook, from `begin` on."""

    def __init__(self, base: Path) -> None:
        self._outside = str(base / "outside")
        self._writable = (*(str(base / name) for name in ("tree", "drawn", "odd", "scratch")), os.devnull)
        self.seen: list[str] = []
        self._is_on = False

    def begin(self) -> None:
        """Watch for as long as this process lives: a hook can't be taken away."""
        sys.addaudithook(self._hear)
        self._is_on = True

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_on:
            return
        if event == "import" and str(arguments[0]).partition(".")[0] == TRAP:
            self._note(event, arguments[0])
        elif event == "open":
            self._opened(*arguments)
        elif event in _LOOKS:
            self._opened(arguments[0], "r", 0)
        elif event in ("os.remove", "os.rmdir") and arguments[1] >= 0:  # within a folder that is open already
            self._opened(Path(f"/proc/self/fd/{arguments[1]}").resolve() / arguments[0], "w", 0)
        elif event in _CHANGES:
            for path in arguments[: 2 if event in ("os.rename", "os.link", "os.symlink") else 1]:
                self._opened(path, "w", 0)
        elif event in _STARTS:
            self._note(event, arguments[:2])

    def _opened(self, path: Any, mode: Any, flags: Any) -> None:
        if path is None or isinstance(path, int):
            return
        full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - a link's own place, as it was asked for
        real = os.path.realpath(full)
        writes = any(letter in str(mode or "") for letter in "wax+") or bool((flags or 0) & _WRITES)
        if any(one.startswith(self._outside) for one in (full, real)):
            self._note("open", path)
        elif writes and not any(real.startswith(place) for place in self._writable):
            self._note("write", path)

    def _note(self, event: str, what: Any) -> None:
        self._is_on = False
        where = [
            f"{Path(one.filename).name}:{one.lineno}" for one in traceback.extract_stack() if "bench" in one.filename
        ]
        self.seen.append(f"{event} {what} in {' '.join(where[-4:])}")
        self._is_on = True


def told(*argv: str) -> tuple[int, str]:
    """How a verb ends in this process, and all that it says."""
    from bench.cli.main import main

    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            main([*argv])
            status: Any = 0
        except SystemExit as end:
            status = end.code
        except BaseException:
            status = -1
            traceback.print_exc(file=out)
    return status or 0, out.buffer.getvalue().decode()


def replayed(root: str, file: str, suite: str) -> str:
    """How replays of a file's records end, each by itself, into the tree at `root`."""
    from bench.errors import InputError
    from bench.results.reading import read
    from bench.run.prepare import Request
    from bench.run.run_suite import run_suite
    from bench.suite import load
    from bench.testing import Listener, ReplayExecutor

    ends = []
    wanted = load(Path(suite))
    for record in read(Path(file)).records:
        try:
            summary = run_suite(Request(wanted, wanted.cells(), Path(root)), ReplayExecutor([record]), Listener())
            ends += [one.status for one in summary.records]
        except InputError as error:
            ends.append(str(error))
    return "\n".join(ends)


def main() -> None:
    """`BASE`, and on standard input a list of command lines: print how each ended and what was seen, as JSON.

    The verb `replay` is `replayed`.
    """
    base = Path(sys.argv[1])
    import matplotlib.font_manager  # which looks for the machine's fonts, and may keep what it finds  # noqa: F401

    from bench.support import side_by_side

    side_by_side._may_fork = lambda: False  # all of the work in this process, which is the one that is watched
    watch = Watch(base)
    watch.begin()
    ends = []
    for verb, *line in json.load(sys.stdin):
        ends.append((0, replayed(*line)) if verb == "replay" else told(verb, *line))
    print(json.dumps({"ends": ends, "seen": watch.seen}))  # noqa: T201


if __name__ == "__main__":
    main()
