"""What it takes to read results until the newest record of each cell is known: ours, and DuckDB's own way.

    python tests/soak/reading.py --records 100000 --cells 9200

Plants a tree of ten hosts, made of the records that come with the checkout, and reads it in one process after the
other: every line; the first time with an index, and again; again once a record was appended to one file; and with
DuckDB alone, which is told the types and gives the newest record of each cell, every field of it. It prints processor
seconds, those that pass, and the most memory that was taken, and judges nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
REAL = "results/cpu-amd-epyc-2c/cnn.jsonl"
HOSTS = 10
FILE_BYTES = 2**27
"""Of one file at most: another suite's begins then."""

PLAIN = """
from bench.results.query import latest, read_all
from bench.support.gc_paused import gc_paused
with gc_paused():
    print(len(latest(read_all(root).records)))
"""
OURS = """
from bench.results.index.newest import read_newest
from bench.results.query import latest
from bench.support.gc_paused import gc_paused
with gc_paused():
    print(len(latest(read_newest(root).records)))
"""
DUCKDB = """
import json
import duckdb
duckdb.sql("SET enable_progress_bar = false")
files = [str(path) for path in sorted((root / "results").glob("*/*.jsonl"))]
columns = dict.fromkeys(json.loads(Path(files[0]).open().readline()), "JSON")
columns |= dict.fromkeys(("host", "suite", "model", "variant", "cell", "status", "fingerprint", "executor"), "VARCHAR")
columns |= {"batch_size": "BIGINT", "seed": "UBIGINT", "started": "TIMESTAMP", "windows": "DOUBLE[][]"}
columns |= {"values": "MAP(VARCHAR, DOUBLE)", "absent": "MAP(VARCHAR, VARCHAR)", "software": "MAP(VARCHAR, VARCHAR)"}
found = duckdb.sql(
    "SELECT host, suite, model, variant, batch_size, seed, arg_max(record, started) AS newest "
    "FROM read_json($files, columns = $columns, format = 'newline_delimited') AS record GROUP BY ALL",
    params={"files": files, "columns": columns},
)
print(len(found.fetchall()))
"""


def plant(root: Path, records: int, cells: int) -> None:
    """So many records of so many cells, run after run, in files of each host."""
    real = [json.loads(line) for line in (CHECKOUT / REAL).read_text().splitlines()]
    for host in range(HOSTS):
        folder = root / "results" / f"host-{host}"
        folder.mkdir(parents=True)
        written, suite, file = 0, 0, (folder / "suite-0.jsonl").open("w")
        for number in range(host, records, HOSTS):
            run, cell = divmod(number, cells)
            fields = dict(real[cell % len(real)])
            if written > FILE_BYTES and not cell // HOSTS:
                file.close()
                written, suite = 0, suite + 1
                file = (folder / f"suite-{suite}.jsonl").open("w")
            day = f"{2000 + run // 336}-{run // 28 % 12 + 1:02}-{run % 28 + 1:02}"
            fields |= {"host": f"host-{host}", "seed": cell, "suite": f"suite-{suite}"}
            fields["started"] = f"{day}{fields['started'][10:]}"
            if fields["turns"]:
                fields["turns"] = fields["turns"] | {"run": day}
            line = json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"
            written += file.write(line)
        file.close()


def take(name: str, code: str, root: Path) -> None:
    """Run the code in a process of its own, and print what that took."""
    began = time.perf_counter()
    begin = f"from pathlib import Path\nroot = Path({str(root)!r})\n"
    process = subprocess.Popen(
        [sys.executable, "-c", begin + code], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, env=os.environ
    )
    with process:
        assert process.stdout is not None
        said = process.stdout.read().strip()
        _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    processor = used.ru_utime + used.ru_stime
    how = said if not status else f"ended with {status}"
    print(f"{name:32}{processor:8.2f} s{took:8.2f} s{used.ru_maxrss / 2**10:9,.0f} MiB   {how}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--cells", type=int, default=9_200)
    parser.add_argument("--only", nargs="*", choices=("plain", "duckdb"), default=("plain", "duckdb"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        plant(root, asked.records, asked.cells)
        files = sorted((root / "results").glob("*/*.jsonl"))
        size = sum(path.stat().st_size for path in files)
        print(f"{asked.records:,} records of {asked.cells:,} cells, {size / 1e6:,.0f} MB in {len(files)} files")
        print(f"{'':32}{'processor':>10}{'passed':>10}{'memory':>13}   cells")
        time.sleep(4)  # a file that has just changed is looked into, and not only at
        if "plain" in asked.only:
            take("every line", PLAIN, root)
        take("ours, the first time", OURS, root)
        take("ours, again", OURS, root)
        with files[0].open("rb") as file:
            line = next(islice(file, 1))
        with files[0].open("ab") as file:
            file.write(line)
        take("ours, one file changed", OURS, root)
        if "duckdb" in asked.only:
            take("DuckDB's own", DUCKDB, root)
        index = sum(path.stat().st_size for path in (root / "results" / ".index").glob("*.duckdb"))
        print(f"the index has {index / 1e6:,.1f} MB")


if __name__ == "__main__":
    main()
