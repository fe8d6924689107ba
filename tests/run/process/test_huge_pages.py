"""Memory in huge pages: asked for where that does something, and taken by a real server's children."""

import os

import pytest

from bench.run.process import huge_pages
from bench.run.process.forkserver import ForkServer
from bench.run.process.huge_pages import in_huge_pages, with_huge_pages

ASKED = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Sets what the kernel says, and which C library there is."""

    def as_it_says(words, library="glibc 2.36"):
        file = tmp_path / "enabled"
        file.write_text(words)
        monkeypatch.setattr(huge_pages, "_KERNEL", file)
        monkeypatch.setattr(os, "confstr", lambda _: library)

    return as_it_says


@pytest.mark.parametrize("words", ["always [madvise] never", "[always] madvise never"])
def test_it_is_asked_for_where_the_kernel_gives_it(kernel, words):
    kernel(words)
    assert with_huge_pages({}) == ASKED
    assert in_huge_pages({})


@pytest.mark.parametrize(
    ("words", "library"),
    [
        ("always madvise [never]", "glibc 2.36"),
        ("always [madvise] never", "glibc 2.34"),
        ("always [madvise] never", None),
        ("always [madvise] never", "musl 1.2"),
    ],
)
def test_and_not_where_it_would_do_nothing(kernel, words, library):
    kernel(words, library)
    assert with_huge_pages({}) == {}
    assert not in_huge_pages(ASKED)


def test_what_the_user_set_stays(kernel):
    kernel("always [madvise] never")
    assert with_huge_pages({"GLIBC_TUNABLES": "glibc.malloc.hugetlb=0"}) == {}
    assert not in_huge_pages({"GLIBC_TUNABLES": "glibc.malloc.hugetlb=0"})
    added = with_huge_pages({"GLIBC_TUNABLES": "glibc.malloc.arena_max=2"})
    assert added == {"GLIBC_TUNABLES": "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1"}


def tell(connection, _):
    connection.send(os.environ.get("GLIBC_TUNABLES"))


def test_a_servers_children_have_it():
    with ForkServer([__name__]) as server:
        child = server.fork(tell, None)
        said = child.hear(60)
        child.end()
    if in_huge_pages(os.environ):
        assert "glibc.malloc.hugetlb=1" in said
    else:
        assert said == os.environ.get("GLIBC_TUNABLES")
