"""A Chromium to look at pages with: the system's own, else the one that Playwright has installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

__all__ = ["browser", "executable"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable(playwright: Playwright) -> str | None:
    """Where one lies; None where there is none."""
    own = playwright.chromium.executable_path
    known = next((path for name in _NAMES if (path := shutil.which(name))), own)
    return known if Path(known).exists() else None


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless one, that asks no network on its own account; raises Playwright's error where there is none."""
    with sync_playwright() as playwright:
        # containers often lack what its sandbox needs, and it opens our own pages alone
        chromium = playwright.chromium.launch(executable_path=executable(playwright), args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()
