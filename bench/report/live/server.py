"""The server of the page: asleep until someone asks or something is published, and nothing else can be reached."""

from __future__ import annotations

import io
import secrets
import selectors
import socket
import socketserver
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar, Final

from bench.report.live.access import EVENTS, known_host, place_of
from bench.report.live.feed import Feed

__all__ = ["LiveServer"]

_MOST_CONNECTIONS: Final = 32
_MOST_BYTES: Final = 16_384
"""Of a request: its line and headers. A body is read of none."""
_PATIENCE: Final = 10.0
"""Seconds in which a request must be there, and an answer taken."""
_GRACE: Final = 3.0
"""Seconds at the end of a run in which browsers may take the last of it."""
_SOON: Final = 1.0
"""Seconds within which a page that was given asks for its data."""
_RETRY_MS: Final = 3000
_KEEPALIVE: Final = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 20, "TCP_KEEPCNT": 3}


class LiveServer(socketserver.TCPServer):
    """Serves `page` and what `feed` publishes, from threads that all sleep while nothing comes.

    `url` is its address, with the token without which nothing is answered. Raises OSError where the address can't be
    listened on.

    >>> server = LiveServer(("127.0.0.1", 0), page, policy, feed)
    >>> server.start()
    >>> server.close()
    """

    request_queue_size = 16
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], page: bytes, policy: str, feed: Feed) -> None:
        self.page, self.policy, self.feed = page, policy, feed
        self.bound, self.token = address[0], secrets.token_urlsafe(24)
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        self._ending = threading.Event()
        self._changed = threading.Condition()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._streams, self._page_given = 0, -_GRACE
        self._thread = threading.Thread(target=self.serve_forever, args=(None,), name="bench-live", daemon=True)
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """Where the page is."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes | bytearray) else str(host)
        if name in ("0.0.0.0", "::"):  # noqa: S104 - nobody listens there: it is asked whether anybody does
            name = socket.gethostname()
        return f"http://{f'[{name}]' if ':' in name else name}:{port}/{self.token}/"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """End: whoever listens may take what was last published, for a few seconds; then every thread and socket is
        gone."""
        try:
            self._let_them_take_it()
        finally:
            self._ending.set()
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for connections
            if self._thread.is_alive():
                self.shutdown()
                self._thread.join()
            self.server_close()
            with self._changed:
                still = [*self._open.items()]
                for one, _ in still:
                    with suppress(OSError):
                        one.shutdown(socket.SHUT_RDWR)
            for _, thread in still:
                thread.join()

    def _let_them_take_it(self) -> None:
        end = time.monotonic() + _GRACE
        with self._changed:
            while (now := time.monotonic()) < end:
                soon = self._page_given + _SOON - now
                if not self._streams and soon <= 0:
                    return
                self._changed.wait(min(end - now, soon if soon > 0 and not self._streams else end - now))

    def gives_page(self) -> None:
        """A browser has the page, and will listen."""
        with self._changed:
            self._page_given = time.monotonic()

    def listens(self, change: int) -> None:
        """One more listens (1), or one fewer (-1)."""
        with self._changed:
            self._streams += change
            self._page_given = -_GRACE if change > 0 else self._page_given
            self._changed.notify_all()

    def get_request(self) -> tuple[Any, Any]:
        """The next connection; one that can't be had, for want of open files, isn't tried again at once."""
        try:
            return super().get_request()
        except OSError:
            self._ending.wait(_SOON)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own, while there is room."""
        thread = threading.Thread(target=self._answer, args=(request, client_address), name="bench-live", daemon=True)
        with self._changed:
            room = len(self._open) < _MOST_CONNECTIONS
            if room:
                self._open[request] = thread
        if not room:
            self.shutdown_request(request)
            return
        try:
            thread.start()
        except RuntimeError:  # no more threads
            self._left(request)

    def _answer(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self._left(request)

    def _left(self, request: Any) -> None:
        self.shutdown_request(request)
        with self._changed:
            self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser went away, or asked for nonsense: no affair of the run's."""


class _Handler(BaseHTTPRequestHandler):
    """One request of a connection; then the connection ends."""

    server: LiveServer
    timeout: ClassVar[float] = _PATIENCE

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(io.BytesIO(self._head()))

    def _head(self) -> bytes:
        """The request's line and headers, of bounded size and in bounded time; what is too much is cut."""
        head, end = b"", time.monotonic() + _PATIENCE
        while b"\r\n\r\n" not in head and len(head) < _MOST_BYTES and (left := end - time.monotonic()) > 0:
            self.connection.settimeout(left)
            more = self.connection.recv(_MOST_BYTES - len(head))
            if not more:
                break
            head += more
        self.connection.settimeout(_PATIENCE)
        return head if b"\r\n\r\n" in head else b""

    def do_GET(self) -> None:
        """The page, or its events."""
        if not known_host(self.headers, self.server.bound):
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        place = place_of(self.path, self.server.token)
        if place is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif place == EVENTS:
            self._events()
        else:
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.server.page)
            self.server.gives_page()

    do_HEAD = do_GET  # noqa: N815

    def _events(self) -> None:
        self._headers(HTTPStatus.OK, "text/event-stream; charset=utf-8")
        if self.command == "HEAD":
            return
        for name, value in _KEEPALIVE.items():  # the kernel's own, which wakes nobody, finds those that are gone
            if hasattr(socket, name):
                self.connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        given = self.headers.get("Last-Event-ID", "0")
        self.server.listens(1)
        try:
            self._tell(int(given) if given.isascii() and given.isdigit() and len(given) < _MOST_DIGITS else 0)
        finally:
            self.server.listens(-1)

    def _tell(self, version: int) -> None:
        self.wfile.write(b"retry: %d\n\n" % _RETRY_MS)
        with self.server.feed.listening() as woken, selectors.DefaultSelector() as selector:
            selector.register(woken, selectors.EVENT_READ)
            selector.register(self.connection, selectors.EVENT_READ)
            while True:
                while (event := self.server.feed.since(version)) is not None:
                    self.wfile.write(b"id: %d\ndata: %b\n\n" % (event.version, event.data))
                    version = event.version
                    if event.last:
                        return
                ready = [key.fileobj for key, _ in selector.select()]
                if self.connection in ready:  # it is gone, or says what it has no business to say
                    return
                with suppress(BlockingIOError):
                    woken.recv(_MOST_BYTES)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 - as http.server calls it
        """In few words that repeat nothing of what was asked."""
        found = HTTPStatus(code)
        if found is HTTPStatus.NOT_IMPLEMENTED:
            found = HTTPStatus.METHOD_NOT_ALLOWED
        self._send(found, "text/plain; charset=utf-8", f"{found.value} {found.phrase}\n".encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self._headers(status, kind, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _headers(self, status: HTTPStatus, kind: str, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()

    def version_string(self) -> str:
        """No versions for strangers."""
        return "bench"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as http.server calls it
        """Nothing: what is asked for has the token in it."""


_MOST_DIGITS: Final = 12
