"""Mutated lines of records and of pairs, through every verb that reads them. Not part of the tests:

    .venv/bin/python -m tests.fuzz.records --lines 20000 --seed 1

Each line was a real one before something in it was changed. A verb may refuse the input (exit status 2) or pass a line
over with a notice; it fails with any exception, over 2 s of processor time for a tree of 40 lines, or over 500 MiB.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "results" / "cpu-amd-epyc-2c"
PLACES = {"cnn.jsonl": 6, "digits.jsonl": 2, "compact.jsonl": 1, "pairs/selftest.jsonl": 1}
"""Where the lines come from, and how many of ten."""
VERBS = (
    "report --json",
    "compare one two",
    "compare one two --json --gate",
    "compare one:simple_cnn/notebook one:simple_cnn/xla",
    "hosts",
    "hosts show one --json",
    "hosts rename one three --dry-run",
    "hosts merge one two --dry-run --yes",
)
SLOW = ("report",)  # draws
A_TREE = 40
SECONDS, MEBIBYTES = 2.0, 500
LEAVES = (
    *(None, True, False, 0, 1, -1, 2, 7.5, -0.0, 1e-300, 1e30, -1e30, 1e31, 1e300, 10**15, 2**63, 10**18, 10**400),
    *("", " ", "x" * 2000, "$\\frac{1}{0}$", "\x1b[2J", "\u202eabc", "a|b\nc", "../../x", "/etc/hostname", "=1+1"),
    *("9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+23:59", "2026-13-45", "nan", "inf", "1e999", "simple_cnn"),
    *([], {}, [[]], [1, 2], {"a": 1}, [None] * 3, {"name": None}, [[1, 0.5]] * 3, [[0, 0.0]], [[10**400, 1e-9]]),
)


def leaves(value, path=()):
    """Every place of a value of JSON, by its way from the top."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from leaves(one, (*path, name))


def mutated(line: bytes, rng: random.Random) -> bytes:
    """The line with one to three things changed: mostly values, at times its bytes."""
    if rng.random() < 0.15:
        return broken(line, rng)
    value = json.loads(line)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places = list(leaves(value))
        top = [place for place in places if len(place) <= 3]  # else most would hit a window
        change(value, rng.choice(top if rng.random() < 0.8 else places), rng)
    return json.dumps(value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def change(value, path, rng):
    *way, last = path
    place = value
    for step in way:
        place = place[step]
    kind = rng.random()
    if kind < 0.15:
        del place[last]
    elif kind < 0.25 and isinstance(place, dict):
        place[rng.choice(("unknown", "", "x" * 500, "$x$", str(last).upper()))] = rng.choice(LEAVES)
    elif kind < 0.35:
        nested = place[last]
        for _ in range(rng.choice((1, 30, 300))):
            nested = [nested]
        place[last] = nested
    elif kind < 0.45 and isinstance(place[last], int | float) and not isinstance(place[last], bool):
        place[last] = place[last] * rng.choice((0, -1, 1e-12, 1e12, 1e25, 10**20))
    else:
        place[last] = rng.choice(LEAVES)


def broken(line: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(line))
    return rng.choice(
        (
            line[:at],
            line[:at] + bytes([rng.randrange(256)]) + line[at + 1 :],
            line[:at] + line[rng.randrange(len(line)) :],
            b"\xef\xbb\xbf" + line,
            line + b"\r",
            b"\x1f\x8b" + line,
            b"<<<<<<< HEAD",
            b"[" * 5000 + line,
            line.replace(b":", b": ", 50),
            line.replace(b"null", b"NaN"),
        )
    ).replace(b"\n", b" ")


def tree(root: Path, rng: random.Random, real: dict[str, list[bytes]]) -> int:
    """A tree of two hosts whose every third line is whole; gives how many lines were changed."""
    changed = 0
    for name, share in PLACES.items():
        for host in ("one", "two"):
            path = root / "results" / host / name
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = []
            for _ in range(share * A_TREE // 20):
                line = rng.choice(real[name]).replace(b'"host":"cpu-amd-epyc-2c"', b'"host":"' + host.encode() + b'"')
                lines += [line] if rng.random() < 0.33 else []
                lines.append(mutated(line, rng))
                changed += 1
            path.write_bytes(b"\n".join(lines) + b"\n")
    return changed


def run(verb: str, root: Path) -> tuple[object, float]:
    """How the verb ended, and the seconds of processor that it took."""
    from bench.cli.main import main

    out, said = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    began = time.process_time()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            main([*verb.split(), "--root", str(root)])
        ended: object = 0
    except SystemExit as end:
        ended = end.code
    except BaseException:
        ended = traceback.format_exc()
    return ended, time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    rng = random.Random(wanted.seed)
    real = {name: (RESULTS / name).read_bytes().splitlines() for name in PLACES}
    done, trees, slowest, ends, faults = 0, 0, 0.0, Counter(), Counter()
    while done < wanted.lines:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            done += tree(root, rng, real)
            for verb in (*VERBS, *(SLOW if trees % 25 == 0 else ())):
                ended, seconds = run(verb, root)
                slowest = max(slowest, 0.0 if verb in SLOW else seconds)
                if isinstance(ended, str):
                    faults["\n".join(ended.strip().splitlines()[-5:])] += 1
                    ended = "exception"
                elif seconds > SECONDS and verb not in SLOW:
                    faults[f"{verb}: {seconds:.1f} s"] += 1
                ends[ended] += 1
        trees += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{done:,} lines in {trees} trees; verbs ended with {dict(ends)}; slowest {slowest:.2f} s; peak {peak} MiB")
    for fault, count in faults.most_common():
        print(f"\n{count} times:\n{fault}")
    sys.exit(bool(faults) or peak > MEBIBYTES)


if __name__ == "__main__":
    main()
