"""What it takes to collect and audit a course, beside a plain loop that unzips its bundles and parses their lines.

    .venv/bin/python tests/soak/collect.py --teams 300 --records 200

Both are timed in turns, in processes of their own: at most three times as long, within 1 GiB. Exit status 1: otherwise.
"""

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

MOST_TIMES, MOST_BYTES = 3, 2**30


def plain(folder):
    """The loop that collecting is held against."""
    lines = 0
    for path in sorted(Path(folder).glob("*.zip")):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            for name in archive.namelist():
                content = archive.read(name)
                if name.endswith(".jsonl"):
                    lines += sum(json.loads(line) is not None for line in content.splitlines())
    return lines


def taken(folder, root):
    from bench.analyse.audit.audit import audit
    from bench.bundle.collect import collect
    from bench.bundle.profiles import CameWith

    began = time.perf_counter()
    found = collect(Path(root), [Path(folder)])
    print(f"  collected {len(found.of('taken'))} bundles in {time.perf_counter() - began:.1f} s", file=sys.stderr)
    began = time.perf_counter()
    judged = audit(Path(root), CameWith(Path(root)).of)
    print(f"  audited {judged.records.total()} records in {time.perf_counter() - began:.1f} s", file=sys.stderr)
    return judged.records.total()


def make(folder, teams, records):
    """Bundles of honest teams, in whose records the cells come again and again, as in those of a course."""
    import numpy as np

    from bench.bundle.pack import pack
    from bench.host.profile import profile_path, save
    from bench.results.owner import keep_owner
    from tests.course import honest_team, keep, profile_of, sealed_lines

    for number in range(teams):
        team = f"{number:03}"
        with tempfile.TemporaryDirectory() as tree:
            root = Path(tree)
            keep_owner(root, team)
            found = honest_team(np.random.default_rng([3, number]), team, cells=records)
            keep(root, team, sealed_lines(found[:records]))
            for host in {record.host for record in found[:records]}:
                save(profile_of(host, team), profile_path(root, host))
            Path(folder, f"{team}.zip").write_bytes(pack(root).content)


def in_a_process(what, *arguments):
    """What it gave, the seconds that it took, and the most memory that it held."""
    command = [sys.executable, __file__, f"--{what}", *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    sys.stderr.write(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--teams", type=int, default=300)
    parser.add_argument("--records", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=3)
    for what in ("plain", "taken"):
        parser.add_argument(f"--{what}", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for what, work in (("plain", plain), ("taken", taken)):
        if given := getattr(options, what):
            began = time.perf_counter()
            count = work(*given)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            print(json.dumps([count, time.perf_counter() - began, peak]))
            return
    with tempfile.TemporaryDirectory() as folder:
        make(folder, options.teams, options.records)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        print(f"{options.teams} bundles of {options.records} records, {size / 2**20:.0f} MiB")
        ratios, most = [], 0
        for _ in range(options.repeats):
            count, seconds, _ = in_a_process("plain", folder)
            with tempfile.TemporaryDirectory() as root:
                judged, took, peak = in_a_process("taken", folder, root)
            assert judged == count, (judged, count)
            ratios.append(took / seconds)
            most = max(most, peak)
            print(f"plain {seconds:.1f} s, collected and audited {took:.1f} s: {took / seconds:.2f} times", end="; ")
            print(f"{peak / 2**20:.0f} MiB at most", flush=True)
    ratio = sorted(ratios)[len(ratios) // 2]
    print(f"median {ratio:.2f} times, {most / 2**20:.0f} MiB")
    sys.exit(0 if ratio <= MOST_TIMES and most <= MOST_BYTES else 1)


if __name__ == "__main__":
    main()
