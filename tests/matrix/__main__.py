"""Installing the package touches nothing: tried in environments such as users have, one after the other.

Each is a virtual environment in a temporary folder, made of `environments.toml`. The wheel, built once of the working
tree, is installed into it with pip; `pip freeze` before and after shows that nothing was replaced. Then come the verbs:
`bench run` on real images and on two cells of the handout's network, `report`, `evaluate`, `doctor`, a gate of pytest,
and `bench calibrate` without the extra `score`, whose message names a command: that is run, and must replace nothing.

    tests/matrix/run                    # all of them; the documentation's table is made anew of what came of it
    tests/matrix/run --only 'Python 3.13'   # those with that in their name; the others' rows stay
    tests/matrix/run --score            # AI Benchmark's micro set as well, two minutes each
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.matrix.packages import oldest
from tests.matrix.table import table, write
from tests.matrix.trial import Tried, Wanted, progress, tried

HERE = Path(__file__).parent
CHECKOUT = HERE.parent.parent
STORED = HERE / "tried.json"


def environments() -> list[Wanted]:
    """Those of the file."""
    listed = tomllib.loads((HERE / "environments.toml").read_text())["environment"]
    return [
        Wanted(
            one["name"],
            one["python"],
            (*(oldest(CHECKOUT / "setup.cfg") if one.get("oldest") else ()), *one["packages"]),
            one.get("held", False),
        )
        for one in listed
    ]


def built(folder: Path) -> Path:
    """The wheel of the working tree, built of a copy: a folder `build` that lies there would be taken in."""
    copy = folder / "checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (CHECKOUT / name).is_file() or (CHECKOUT / name).is_symlink():  # links to folders are what is shipped
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, copy / name, follow_symlinks=False)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(copy)]
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def stored() -> list[Tried]:
    """What came of the environments when they were last tried, in the order of the file."""
    rows = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    return [Tried.from_json(one, rows[one.title]) for one in environments() if one.title in rows]


def store(new: Tried) -> None:
    """Keep it in place of an older one of that environment, and make the documentation's table anew."""
    rows = {one.wanted.title: one for one in stored()} | {new.wanted.title: new}
    ordered = [rows[one.title] for one in environments() if one.title in rows]
    lines = [f"{json.dumps(one.wanted.title)}: {json.dumps(one.to_json(), ensure_ascii=False)}" for one in ordered]
    STORED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    write(CHECKOUT / "docs" / "how-to" / "install.md", table(ordered))


def main() -> int:
    """Exit status 0: nothing was replaced anywhere, and all verbs worked."""
    parser = argparse.ArgumentParser(prog="tests/matrix/run", description="Try the package in many environments.")
    parser.add_argument(
        "--only",
        metavar="TEXT",
        action="append",
        help="only those with this in 'NAME, Python VERSION'; may be repeated",
    )
    parser.add_argument("--score", action="store_true", help="run AI Benchmark's micro set too")
    parser.add_argument("--logs", type=Path, metavar="DIR", help="where all that was said is kept (else: not)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the environments here, and leave them there")
    given = parser.parse_args()
    wanted = [one for one in environments() if any(text in one.title for text in given.only or [""])]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="bench-matrix-") as temporary:
        folder = given.keep or Path(temporary)
        logs = given.logs or folder
        logs.mkdir(parents=True, exist_ok=True)
        wheel = built(Path(temporary))
        for one in wanted:
            name = re.sub(r"\W+", "-", one.title).lower()
            (logs / f"{name}.log").unlink(missing_ok=True)
            (folder / name).mkdir(parents=True)
            found = tried(one, wheel, folder / name, logs / f"{name}.log", progress(one.title), given.score)
            store(found)
            failed += bool(found.failed)
            if given.keep is None:
                shutil.rmtree(folder / name)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
