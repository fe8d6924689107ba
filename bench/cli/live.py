"""`bench run --live`: the page of results on this machine's own address, while a run goes on."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import typer

from bench.cli.common import note
from bench.cli.console import in_notebook
from bench.cli.live_state import LivePart, LiveState
from bench.cli.progress_text import begins_text
from bench.errors import Fault, InputError
from bench.report.html.document import live_document
from bench.report.live.feed import Feed
from bench.report.live.server import LiveServer
from bench.report.live.view import LiveView

if TYPE_CHECKING:
    from bench.analyse.speedup.standings import Standing
    from bench.cli.remaining import Remaining
    from bench.host.profile import HostProfile
    from bench.results.query import Identity
    from bench.results.record import Record
    from bench.run.plan import Planned

__all__ = ["LOCAL", "LivePage", "PagePart", "RunPage", "address_of", "told_page"]

LOCAL = ("127.0.0.1", 0)
"""Where nobody but this machine gets, and a port that is free."""
_MOST_PORT = 65_535


def address_of(text: str | None) -> tuple[str, int]:
    """Host and port of `HOST:PORT`, `LOCAL` where there is none. Raises InputError."""
    if text is None:
        return LOCAL
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > _MOST_PORT:
        hint = "HOST:PORT, such as 127.0.0.1:8000 or [::1]:8000; port 0 is a free one"
        raise InputError(Fault(f"--live-address {text} is no address", hint))
    return host, int(port)


class RunPage:
    """A page that is told of a run as it goes, by its parts.

    What it costs is spent where these are called, which is between cells. No trouble of it reaches the run: it is told
    once by `notice`, and the page stands still. Where the page is, is for subclasses to say: they `open` it, `publish`
    there and `close` it.
    """

    def __init__(self, view: LiveView, notice: Callable[[str], object]) -> None:
        self._notice, self._broken = notice, False
        self.view, self._state = view, LiveState()

    def open(self) -> None:
        """Show it, with nothing on it yet."""

    def publish(self, state: Mapping[str, Any], blocks: Mapping[str, Any] | None = None, *, last: bool = False) -> None:
        """Another state; blocks where they may have changed."""
        raise NotImplementedError

    def close(self) -> None:
        """The run has ended, and nothing more is published."""

    def __enter__(self) -> Self:
        self.guarded(self.open)
        self.guarded(self.tell)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        from bench.run.run_suite import RunInterrupted

        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt | RunInterrupted)
        self._state.end = "The run was interrupted." if interrupted else "The run has ended."
        if kind is not None and not interrupted:
            self._state.end = "The run ended early, with an error that is told where it was started."
        try:
            self.guarded(lambda: self.publish(self._state.told(), self.view.read(), last=True))
            if self._broken:
                with suppress(Exception):
                    self.publish(self._state.told(), last=True)
        finally:
            self.close()

    def begins(self, host: HostProfile) -> None:
        """A part of the run begins, on this host."""

    def part(self, name: str = "") -> PagePart:
        """Who is told of the part of the run that one machine has: the node of this name; else there is one."""
        return PagePart(self, self._state.part(name))

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._state.notes.append(text)

    def tell(self, *, drawn: bool = False, read: bool = False) -> None:
        """Publish the state, with the results where they are to be `drawn` anew, or `read` anew before that."""
        blocks = self.view.read() if read else self.view.blocks() if drawn else None
        self.publish(self._state.told(), blocks)

    def guarded(self, act: Callable[[], object]) -> None:
        """Do it, and let no trouble of it reach the run."""
        if self._broken:
            return
        try:
            act()
        except Exception as error:  # whatever it is, it is worth no cell
            self._broken = True
            self._notice(f"the live page stands still from here on ({type(error).__name__}: {error}); the run goes on")


class PagePart:
    """One machine's part of a run's page: see `bench.run.run_suite.Observer` for what its methods mean."""

    def __init__(self, page: RunPage, part: LivePart) -> None:
        self._page, self._part = page, part
        self._left: Remaining | None = None

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._page.notice(text)

    def begins(self, host: HostProfile, device: str, cells: Sequence[Planned], resumed: int, left: Remaining) -> None:
        """The part begins; `left` is what the console's own display knows of the time."""

        def act() -> None:
            self._left = left
            self._page.begins(host)
            self._part.begins(begins_text(host, device, cells, resumed, left.expected), len(cells))
            self._page.tell(read=True)

        self._page.guarded(act)

    def cell_begins(self, planned: Planned) -> None:
        """A cell begins."""
        self._works(f"{planned.cell.id} is measured", 1)

    def cell_ends(self, record: Record) -> None:
        """A process of a cell has ended."""

        def act() -> None:
            self._page.view.add(record)
            if not record.ok or record.whole:
                self._part.ends(record.cell, well=record.ok)
            if self._page.view.due:
                self._page.tell(drawn=True)

        self._page.guarded(act)

    def turns_begin(self, number: int, cells: Sequence[Planned]) -> None:
        """Cells are about to take turns."""
        new = sum(one.cell.id not in self._part.done for one in cells)
        self._works(f"Round {number}: {len(cells)} cell{'' if len(cells) == 1 else 's'}, interleaved", new)

    def stands(self, standing: Mapping[Identity, Standing]) -> None:
        """A group has had its turns."""

        def act() -> None:
            self._part.stands(Counter(one.verdict for one in standing.values() if one.verdict is not None))
            self._page.tell(drawn=self._page.view.due)

        self._page.guarded(act)

    def over(self) -> None:
        """All of it has ended; others may go on."""

        def act() -> None:
            self._part.over()
            self._page.tell()

        self._page.guarded(act)

    def moved(self) -> None:
        """What is left of it is another's part from now on."""

        def act() -> None:
            self._part.moved()
            self._page.tell()

        self._page.guarded(act)

    def pair_begins(self, what: str) -> None:
        """Two cells are measured against one another."""
        self._works(f"{what}, in turns", 0)

    def pair_ends(self) -> None:
        """A pair has ended: it stands in no table of the page."""
        self._page.guarded(lambda: self._page.tell(drawn=self._page.view.due))

    def _works(self, now: str, cells: int) -> None:
        def act() -> None:
            self._part.works(now, cells, self._left.seconds if self._left is not None else None)
            self._page.tell()

        self._page.guarded(act)


class LivePage(RunPage):
    """A run's page, of all that lies in the tree, and its server. While this machine measures a cell nothing is
    published, and every thread sleeps; what nodes say comes at any time.

    Raises InputError where the address can't be listened on.
    """

    def __init__(self, root: Path, address: tuple[str, int], notice: Callable[[str], object]) -> None:
        super().__init__(LiveView(root), notice)
        self._feed = Feed()
        page, policy = live_document("bench: results")
        try:
            self._server = LiveServer(address, page, policy, self._feed)
        except (OSError, UnicodeError) as error:
            where = "{}:{}".format(*address)
            why = error.strerror if isinstance(error, OSError) and error.strerror else error
            if isinstance(error, socket.gaierror):
                why = "no such host"
            hint = "another one, or port 0 for one that is free: --live-address 127.0.0.1:0"
            raise InputError(Fault(f"the live page can't have the address {where} ({why})", hint)) from None
        self.url = self._server.url

    def open(self) -> None:
        """Begin to serve it."""
        self._server.start()

    def publish(self, state: Mapping[str, Any], blocks: Mapping[str, Any] | None = None, *, last: bool = False) -> None:
        """To whoever listens."""
        self._feed.publish(state, blocks, last=last)

    def close(self) -> None:
        """End the server."""
        self._server.close()


def told_page(root: Path, address: tuple[str, int]) -> LivePage:
    """The page of a command, whose address is told on its error stream. Raises InputError as `LivePage` does."""
    page = LivePage(root, address, note)
    typer.echo(f"live: {page.url}", err=True)
    if in_notebook():
        note("a browser on another machine can't open that; bench.run_suite(SUITE, live=True) can")
    return page
