"""What the page of many records takes: to be written, to be seen, to be sorted and filtered.

    python tests/soak/page.py --records 20000

Plants a tree of that many records, writes its page from the command line, and opens it in a
headless Chromium. It prints seconds and bytes, and judges nothing.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.results.journal import journal_path
from bench.results.record import Window
from tests.records import SYNTHETIC, make_record
from tests.report.html.browser import browser

VARIANTS = ["notebook", *(f"variant-{i}" for i in range(24))]
CELLS = 40 * len(VARIANTS)
"""Of a host."""
REPEATS = 5


def plant(root: Path, records: int, runs: int) -> int:
    """As many records, or up to a host's more, each of 40 windows, in so many runs of each cell; gives how many."""
    generator = np.random.default_rng(0)
    templates = {
        variant: make_record(variant=variant, data=SYNTHETIC, options={"shuffle": place + 1})
        for place, variant in enumerate(VARIANTS)
    }
    hosts = -(-records // (CELLS * runs))
    days = [f"2026-01-{day:02}" for day in range(1, runs + 1)]
    for host, suite in product(range(hosts), range(4)):
        path = journal_path(root, f"host-{host}", f"suite-{suite}")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            for day, model, (variant, template) in product(days, range(10), templates.items()):
                times = generator.normal(0.02 * generator.normal(1, 0.02), 0.0005, 40)
                changes = {
                    "host": f"host-{host}",
                    "suite": f"suite-{suite}",
                    "model": f"model-{model}",
                    "cell": f"model-{model}/{variant}/b128",
                    "started": f"{day}T10:00:00+00:00",
                    "windows": tuple(Window(5, 5 * float(time)) for time in times),
                }
                file.write(template.model_copy(update=changes).model_dump_json() + "\n")
    return hosts * CELLS * runs


def seen(page: Path) -> dict[str, float]:
    """Seconds until the table stands in the page, and those that a sort and a filter take, the median of some."""
    found = {}
    with browser() as chromium:
        tab = chromium.new_page()
        began = time.perf_counter()
        tab.goto(page.as_uri(), wait_until="commit")
        tab.wait_for_selector("table.cells tbody tr")
        found["first view"] = time.perf_counter() - began
        tab.wait_for_selector("#charts figure")
        found["with charts"] = time.perf_counter() - began
        sort = "document.getElementById('sort-step_seconds').click()"
        find = "const q = document.getElementById('filter-q'); q.value = '{}'; q.dispatchEvent(new Event('input'))"
        for name, act in (("sort", lambda i: sort), ("filter", lambda i: find.format(f"variant-{i}"))):
            found[name] = float(np.median([in_page(tab, act(i)) for i in range(REPEATS)]))
    return found


def in_page(tab: Page, act: str) -> float:
    """Seconds from an act in the page to the frame after it, as the page itself counts them."""
    frame = "requestAnimationFrame(() => setTimeout(() => done((performance.now() - began) / 1e3)))"
    return tab.evaluate(f"new Promise(done => {{ const began = performance.now(); {act}; {frame}; }})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=2, choices=range(1, 29), metavar="1..28", help="of each cell")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        records = plant(root, asked.records, asked.runs)
        page = root / "page.html"
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bench", "report", "--html", page, "--root", root], check=True)
        print(f"{records:,} records, {page.stat().st_size / 2**20:.1f} MiB")
        taken, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"written in {taken:.2f} s, {used.ru_utime + used.ru_stime:.2f} s of them a processor's, all of it included"
        )
        for name, seconds in seen(page).items():
            print(f"{name}: {seconds * 1e3:,.0f} ms")


if __name__ == "__main__":
    main()
