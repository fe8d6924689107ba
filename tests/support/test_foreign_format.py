"""Files and lines that are something else than they should be."""

import bz2
import gzip
import io
import lzma
import zipfile

import pytest

from bench.support.foreign_format import describe_file, describe_line


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("cnn.jsonl", "{}")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gzip.compress(b"{}"), "compressed with gzip: gunzip it first"),
        (bz2.compress(b"{}"), "compressed with bzip2"),
        (lzma.compress(b"{}"), "compressed with xz"),
        (zipped(), "a zip archive: unzip it first"),
        ('{"a": 1}'.encode("utf-16"), "in UTF-16: save it in UTF-8"),
        ('{"a": 1}'.encode("utf-16-be"), "in UTF-16: save it in UTF-8"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS"),
        (b"\n<!DOCTYPE html>\n<html>", "a web page"),
    ],
)
def test_a_file_is_called_what_it_is(content, told):
    assert describe_file(content).startswith(f"is {told}")


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"\xef\xbb\xbf{}\r\n", b"id: x\n", b"{}", b"\0\0\0\0", "{é}".encode()]
)
def test_text_may_well_be_what_it_should(content):
    assert describe_file(content) is None


@pytest.mark.parametrize("line", [b"<<<<<<< HEAD", b"=======", b">>>>>>> theirs\r", b"||||||| base", b"<<<<<<<"])
def test_a_conflict_marker_is_called_so(line):
    assert describe_line(line) == "a git conflict marker: resolve the merge, keeping the lines that belong here"


def test_a_hole_that_a_crash_left_is_called_so():
    assert describe_line(bytes(4096)).startswith("zeros that a crash")


@pytest.mark.parametrize("line", [b"", b"{}", b"========", b"< <", b"<<<<<<<<", b'{"a": "<<<<<<< HEAD"}'])
def test_other_lines_are_left_to_who_reads_them(line):
    assert describe_line(line) is None
