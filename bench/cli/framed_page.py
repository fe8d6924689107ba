"""The live page in the output of a notebook's cell."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json

from bench.cli.live import RunPage
from bench.report.html.document import framed_document, message_document
from bench.report.live.view import LiveView

if TYPE_CHECKING:
    from bench.host.profile import HostProfile

__all__ = ["FramedPage", "Frames"]

_MOST_BYTES: Final = 1_000_000
"""Of what is told at once: Jupyter's server drops outputs that come at more than 1 MB/s, over three seconds, and each
stays in the notebook's file."""
_TOO_MUCH: Final = "There are too many results for a notebook's output; `bench report --html` writes them to a file."


class Frames:
    """Three outputs: the page, sent once, and its newest state and blocks, which are replaced as they change and tell
    the page. So the reader's sorting, focus and place stay, and what is saved or opened again is all there.

    It needs no port, which notebooks on other machines hide each in a way of its own. Wants an IPython kernel in this
    process.
    """

    def __init__(self) -> None:
        self._run = secrets.token_urlsafe(12)
        self._version = 0
        self._handles: dict[str, Any] = {}

    def start(self) -> None:
        """Show the page, which nothing is told of yet."""
        page = framed_document("bench: results", self._run)
        look = "width:100%;height:44rem;border:1px solid #8888;resize:vertical"
        self._show("page", f"<iframe srcdoc='{_attribute(page)}' title='bench: results' style='{look}'></iframe>")

    def publish(self, state: Mapping[str, Any], blocks: Mapping[str, Any] | None = None) -> None:
        """Another state; blocks where they may have changed."""
        told = to_json(blocks, inf_nan_mode="null") if blocks is not None else b""
        if len(told) > _MOST_BYTES:
            told, state = b"", {**state, "notes": [*state["notes"], _TOO_MUCH]}
        if told:
            self._tell("blocks", told)
        self._tell("state", to_json(state, inf_nan_mode="null"))

    def _tell(self, kind: str, told: bytes) -> None:
        self._version += 1
        message = message_document(self._run, kind, self._version, told)
        self._show(kind, f"<iframe srcdoc='{_attribute(message)}' title='' aria-hidden='true' hidden></iframe>")

    def _show(self, kind: str, html: str) -> None:
        from IPython.display import DisplayHandle

        output = {"text/html": html, "text/plain": "the live page of bench" if kind == "page" else ""}
        if kind in self._handles:
            self._handles[kind].update(output, raw=True)
        else:
            self._handles[kind] = DisplayHandle()
            self._handles[kind].display(output, raw=True)


class FramedPage(RunPage):
    """A run's page, of its own suite and host, in a notebook's output."""

    def __init__(self, root: Path, suite: str, notice: Callable[[str], object]) -> None:
        self._frames = Frames()
        super().__init__(LiveView(root, suites=[suite]), notice)

    def begins(self, host: HostProfile) -> None:
        """A part of the run begins, on this host."""
        self.view.hosts = [host.id]

    def publish(self, state: Mapping[str, Any], blocks: Mapping[str, Any] | None = None, *, last: bool = False) -> None:  # noqa: ARG002 - nobody waits for an end
        """Another state; blocks where they may have changed."""
        self._frames.publish(state, blocks)

    def open(self) -> None:
        """Show the page."""
        self._frames.start()


def _attribute(document: bytes) -> str:
    """A document as an attribute in single quotes."""
    return document.decode().replace("&", "&amp;").replace("'", "&#39;")
