"""A page of a tree with all that it can show, in a browser."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from bench.host.measured import Peak, Roof
from bench.host.profile import HostProfile, Published, PublishedTime, save
from bench.report.html.write import write_page
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from bench.results.stored_networks import keep_network
from tests.records import make_attributed, make_failed, make_record
from tests.report.conftest import laid_out
from tests.report.html.browser import executable
from tests.report.network.nets import residual

PLANTED = (
    "</script><script>document.title='planted'</script><img src=x onerror=\"document.title='planted'\">&\u2028\u202e"
)

NETWORK = residual(settings=PLANTED[:200], name=PLANTED[:200])
"""A stranger's, with a block that repeats."""

PATIENCE = 300_000
"""Milliseconds: a busy machine is slow, and what never comes ends all the same."""


def plant(root):
    """The tree of reports, with a cell of two runs, one that waits for its input, published times, roofs, and a
    stranger's record."""
    laid_out(root)
    peak = Peak(flops_per_second=2e11, low=1.9e11, high=2.1e11, date="2026-01-04")
    memory = Roof(value=4e10, low=3.9e10, high=4.1e10, date="2026-01-04", of="a copy")
    xeon = HostProfile(
        id="xeon-2-cores", label="Xeon, 2 cores", peaks={"float32": peak}, roofs={"device_bandwidth": memory}
    )
    time = PublishedTime(model="simple_cnn", batch_size=128, step_ms=15, trainable_params=128_420)
    card = HostProfile(id="card", label="A card", published=Published(source="a table", times=(time,)))
    for profile in (xeon, card):
        save(profile, root / "hosts" / f"{profile.id}.yaml")
    strange = {"suite": "strange", "suite_title": PLANTED, "variant": PLANTED}
    for record in (
        make_record(variant="prefetch_0", step_ms=15.7, options={"prefetch": 0}, started="2026-01-06T10:00:00+00:00"),
        make_attributed(31, 30, 12, 11.8, variant="waits", suite="loops", cell="simple_cnn/waits/b128"),
        make_record(PLANTED, **strange, cell=PLANTED, network=NETWORK.digest),
        make_failed("other", message=PLANTED, **strange, cell=f"other/{PLANTED}"),
    ):
        Journal(journal_path(root, record.host, record.suite), Record).append(record)
    keep_network(root / "results" / record.host, NETWORK)
    return root


@dataclass
class Tab:
    """A page in a browser, what its console said, and what it asked for beside itself."""

    page: object
    said: list = field(default_factory=list)
    asked: list = field(default_factory=list)

    def open(self, path, fragment=""):
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.set_default_timeout(PATIENCE)
        self.page.goto(path.as_uri() + fragment)
        self.page.wait_for_selector("#charts > *, #run h2", state="attached")
        return self.page


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Path:
    """The page of that tree."""
    root = plant(tmp_path_factory.mktemp("page"))
    return write_page(root)


@pytest.fixture(scope="session")
def chromium():
    """One browser for all; where there is none, what wants it is skipped."""
    with sync_playwright() as playwright:
        path = executable(playwright)
        if path is None:
            pytest.skip("no Chromium here: apt install chromium, or playwright install chromium")
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def tab(chromium):
    """A tab of its own, that reads the console and looks on at requests."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield Tab(context.new_page())
    context.close()
