"""A class of thirty, from an empty folder to a published page. Not one of the tests: it takes some five minutes.

    python tests/soak/class_of_thirty.py [--teams 30] [--into FOLDER]

Each team trains a network of its own making, of its own width and options, on the digits that come with the harness:
real runs, on cards that a stand-in for NVML tells of (T4s of Colab, P100s of Kaggle, own 2080 Tis). One team breaks the
course's limit, one hands in twice, one edits its times, one hands its notebook in, one hands in another file. Then come
the commands of docs/how-to/course.md and publish-board.md:

    bench init course --team staff; bench collect; bench audit; bench board --out; bench hosts publish

and the page of results. Exit status 1, with what was found, where one of these doesn't say what it must.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
CARDS = CHECKOUT / "tests" / "run" / "cluster" / "cards"
TRACES = CHECKOUT / "tests" / "nvml" / "traces"
HOSTS = {
    "t4": ("Tesla T4/7.5", {"COLAB_GPU": "1"}),
    "p100": ("Tesla P100-PCIE-16GB/6.0", {"KAGGLE_KERNEL_RUN_TYPE": "Batch"}),
    "rtx-2080-ti": ("NVIDIA GeForce RTX 2080 Ti/7.5", {}),
}
LIMIT = 1_500_000
EDITED = 5
"""The team that edits its times."""
SUITE = f"""\
data: digits
models:
  given: {{network: simple_cnn}}
  ours: {{network: "own:network", args: {{width: WIDTH}}}}
variants:
  notebook: {{}}
  ours: OPTIONS
batch_sizes: [32]
protocol: {{max_seconds: 0.5, precision: 0.5}}
train: {{epochs: 4}}

course:
  max_params: {LIMIT}
  min_accuracy: 0.5
  accuracy: test_accuracy
  rankings:
    most accurate: {{by: test_accuracy, model: ours}}
    best before and after: {{by: speedup, model: ours}}
    steps: {{by: step_seconds, model: given, variant: notebook, group: host}}
  grades:
    points: {{formula: "20*(accuracy-min)/(max-min)", model: ours}}
"""
NETWORK = """\
import keras


def network(input_shape, classes, width=16):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(width, activation="relu"),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )
"""
OPTIONS = (
    "{pixels: uint8}",
    "{cache: memory, shuffle: none}",
    "{steps_per_execution: 8}",
    "{prefetch: 2}",
    "{xla: true}",
)


def bench(tree: Path, *words: str, status: int | None = 0, **environment: str) -> str:
    """What a command prints, in a tree. Raises SystemExit where it ends with another status."""
    command = [sys.executable, "-m", "bench", *words]
    path = f"{environment.pop('PYTHONPATH', '')}{os.pathsep}{CHECKOUT}".lstrip(os.pathsep)
    environ = {**os.environ, "PYTHONPATH": path, **environment}
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, env=environ, check=False)
    if status is not None and done.returncode != status:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def hand_in(team: int, folder: Path, submissions: Path, library: Path, draw: random.Random) -> str:
    """A team's whole work, in a tree of its own; gives the card that it has."""
    name, trace = f"{team:02}", [*HOSTS][team % len(HOSTS)]
    card, more = HOSTS[trace]
    tree = folder / name
    bench(folder, "init", name, "--team", name)
    width = 900 if team == 3 else draw.choice((20, 24, 32, 40, 48, 56))
    suite = SUITE.replace("WIDTH", str(width)).replace("OPTIONS", OPTIONS[team % len(OPTIONS)])
    (tree / "suites" / "final.yaml").write_text(suite)
    (tree / "suites" / "own.py").write_text(NETWORK)
    environment = {
        "LD_LIBRARY_PATH": str(library),
        "NVML_STANDIN_TRACE": str(TRACES / f"{trace}.ini"),
        "STANDIN_CARD": card,
        "PYTHONPATH": str(CARDS),
        **more,
    }
    bench(tree, "run", "suites/final.yaml", **environment)
    if team == EDITED:
        edit(tree)
    bench(tree, "pack")
    bundle = (tree / f"bench-{name}.zip").read_bytes()
    place = submissions / str(1000 + draw.randrange(9000))
    place.mkdir(exist_ok=True)
    if team == 7:
        link = f'<a href="data:application/zip;base64,{base64.b64encode(bundle).decode()}">bench-{name}.zip</a>'
        output = {"output_type": "display_data", "data": {"text/html": [link]}, "metadata": {}}
        cell = {"cell_type": "code", "source": "", "metadata": {}, "execution_count": 1, "outputs": [output]}
        notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (place / "final.ipynb").write_text(json.dumps(notebook))
    else:
        (place / f"bench-{name}.zip").write_bytes(bundle)
    if team == 9:
        (place / "once-more.zip").write_bytes(bundle)
    if team == 11:
        (place / "report.docx").write_bytes(b"PK\x03\x04 no archive at all")
    return trace


def edit(tree: Path) -> None:
    """Halve the times of a team's records, as somebody would with an editor."""
    for path in tree.glob("results/*/*/final.jsonl"):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        for line in lines:
            line["windows"] = [[steps, seconds / 2] for steps, seconds in line["windows"]]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teams", type=int, default=30)
    parser.add_argument("--into", type=Path, help="keep the course's tree there")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        library = base / "nvml"
        library.mkdir()
        standin = CHECKOUT / "tests" / "nvml" / "standin.c"
        target = library / "libnvidia-ml.so.1"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", str(standin), "-o", str(target)], check=True)
        submissions = base / "submissions"
        submissions.mkdir()
        began = time.monotonic()
        for team in range(1, asked.teams + 1):
            card = hand_in(team, base, submissions, library, draw)
            print(f"team {team:02} on {card}: {time.monotonic() - began:.0f} s", flush=True)
        with zipfile.ZipFile(base / "submissions.zip", "w") as archive:
            for path in sorted(submissions.rglob("*")):
                archive.write(path, path.relative_to(submissions))
        publish(base, asked.teams, asked.into or base / "course")


def publish(base: Path, teams: int, course: Path) -> None:
    """The staff's commands, and what each must have said."""
    began = time.monotonic()
    bench(base, "init", str(course))
    taken = json.loads(bench(course, "collect", str(base / "submissions.zip"), "--json", status=None))
    audit = json.loads(bench(course, "audit", "--json", status=1 if teams >= EDITED else 0))
    (course / "suites" / "final.yaml").write_text(SUITE.replace("WIDTH", "32").replace("OPTIONS", OPTIONS[0]))
    (course / "suites" / "own.py").write_text(NETWORK)
    bench(course, "board", "suites/final.yaml", "--out", "pages", "--csv", "grades.csv", "--pseudonyms", "key.csv")
    reference = ("colab-t4", "colab-t4-class", "--source", "a class of thirty")
    published = bench(course, "hosts", "publish", *reference, status=None)
    bench(course, "report", "--html", "pages/results.html")
    print(f"five commands and a page: {time.monotonic() - began:.1f} s; {course}")
    states = [one["state"] for one in taken["bundles"]]
    print("collected:", {state: states.count(state) for state in dict.fromkeys(states)})
    doubted = sorted({one["team"] for one in audit["records"]})
    print("doubted:", doubted)
    print("published:", published.strip().splitlines()[-1:] or "nothing")
    grades = (course / "grades.csv").read_text().splitlines()
    print(*grades[:4], f"… {len(grades) - 1} teams", sep="\n")
    pages = sorted(path.name for path in (course / "pages").iterdir())
    print(len(pages), "pages:", *pages[:5])
    wrong = []
    if doubted != [f"{EDITED:02}"][: teams >= EDITED]:
        wrong.append(f"doubted: {doubted}")
    if teams >= 7 and "simple_cnn" not in published:
        wrong.append("nothing was published")
    if states.count("taken") != teams:
        wrong.append(f"{states.count('taken')} of {teams} bundles were taken")
    if len(grades) - 1 != teams:
        wrong.append(f"the gradebook has {len(grades) - 1} rows")
    if wrong:
        sys.exit("; ".join(wrong))


if __name__ == "__main__":
    main()
