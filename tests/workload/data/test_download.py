"""Fetching, from a real server on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.suite.spec import DataSpec
from bench.workload.data import fetch, load

FILE = "cifar-100-python.tar.gz"


class Server(ThreadingHTTPServer):
    """Serves one content, of which it may hold back the end."""

    content = b""
    end: int | None = None
    requests = 0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests += 1
        if self.path != f"/{FILE}":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content[: self.server.end])

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def published(cifar100, server, tmp_path):
    path = tmp_path / "published.tar.gz"
    known = cifar100.pack(path)
    server.content = path.read_bytes()
    return replace(known, archive=replace(known.archive, url=f"http://127.0.0.1:{server.server_port}/{FILE}"))


def test_it_lands_in_the_keras_cache_and_a_run_finds_it(published, cache):
    seen = []
    path = fetch("cifar100", None, lambda done, total: seen.append((done, total)), archives=published.table)
    assert path == cache / FILE
    assert list(cache.iterdir()) == [path]
    assert seen[-1] == (published.archive.size, published.archive.size)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    spec = DataSpec(name="cifar100")
    info = load(spec, data_dir=None, strict=True, folder=Path(), archives=published.table).info
    assert info.train_images == 170


def test_a_good_one_that_is_there_is_kept(published, server, tmp_path):
    to = tmp_path / "new" / "folder"
    first = fetch("cifar100", to, archives=published.table)
    seen = []
    second = fetch("cifar100", to, lambda done, _: seen.append(done), archives=published.table)
    assert first == second == to / FILE
    assert (seen, server.requests) == ([], 1)


def test_kerass_own_copy_counts(published, server, cache):
    cache.mkdir()
    copy = cache / "cifar-100-python-target_archive"
    copy.write_bytes(server.content)
    assert fetch("cifar100", None, archives=published.table) == copy
    assert server.requests == 0


def test_a_damaged_one_that_is_there_is_replaced(published, server, tmp_path):
    (tmp_path / FILE).write_bytes(b"damaged")
    assert fetch("cifar100", tmp_path, archives=published.table).read_bytes() == server.content


@pytest.mark.parametrize("end", [0, 1000, -1])
def test_a_connection_that_breaks_off_leaves_nothing(published, server, tmp_path, end):
    server.end = end
    to = tmp_path / "to"
    with pytest.raises(InputError, match=r"try again"):
        fetch("cifar100", to, archives=published.table)
    assert list(to.iterdir()) == []


def test_a_wrong_checksum_leaves_what_was_there(published, server, tmp_path):
    server.content = b"<html>log in to the network</html>"
    (tmp_path / FILE).write_bytes(b"older")
    with pytest.raises(InputError, match=rf"34 bytes with the MD5 \w+, not {published.archive.md5}"):
        fetch("cifar100", tmp_path, archives=published.table)
    assert (tmp_path / FILE).read_bytes() == b"older"


def test_an_answer_of_not_found_is_said(published, tmp_path):
    table = {"cifar100": replace(published.archive, url=published.archive.url + "x")}
    with pytest.raises(InputError, match=r"can't be fetched from http://127.*: HTTP Error 404.*by any other means"):
        fetch("cifar100", tmp_path / "to", archives=table)
    assert not (tmp_path / "to").exists()


def test_without_a_network_it_says_what_to_do(published, server, tmp_path, monkeypatch):
    table = {"cifar100": replace(published.archive, url="http://127.0.0.1:9/x")}  # the discard port: nobody listens
    with pytest.raises(InputError) as caught:
        fetch("cifar100", tmp_path / "to", archives=table)
    assert "Connection refused" in str(caught.value)
    assert "http://127.0.0.1:9/x" in str(caught.value)
    assert "--data-dir" in str(caught.value)
    assert not (tmp_path / "to").exists()


def test_a_folder_that_cannot_be_written_is_said(published, tmp_path):
    (tmp_path / "file").write_text("")
    for to in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match=r"file.*can't be written.*--to"):
            fetch("cifar100", to, archives=published.table)


def test_names_without_an_archive_are_errors():
    with pytest.raises(InputError, match="digits needs no fetching"):
        fetch("digits", None)
    with pytest.raises(InputError, match="'cifar' to fetch; did you mean 'cifar10'"):
        fetch("cifar", None)
