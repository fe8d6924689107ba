"""A suite's code in one piece: all of it that counts, whole, and never anywhere else."""

import hashlib
import io
import tarfile

import pytest

from bench.errors import InputError
from bench.run.cluster import archive
from bench.run.cluster.archive import Archive, pack, unpack
from bench.support.files import RefusedError
from tests.trees import tree


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_what_is_unpacked_is_what_was_packed_without_results_and_hidden_files(tmp_path):
    code = {"nets.py": "a = 1\n", "deep/er/data.csv": "1,2\n", ".gitignore": "*.csv\n"}
    rest = {"results/t4/cnn.jsonl": "{}", ".git/config": "", "deep/__pycache__/x.pyc": "", "env/pyvenv.cfg": ""}
    tree(tmp_path / "from", code | rest | {"env/lib/big.py": ""})
    (tmp_path / "from" / "gone.py").symlink_to("nowhere.py")
    unpack(pack({"suite": tmp_path / "from"}), tmp_path / "to")
    assert files(tmp_path / "to") == {f"suite/{name}": text for name, text in code.items() if name != ".gitignore"}


def test_nothing_to_send_is_sent_as_nothing(tmp_path):
    assert pack({}).content == b""
    unpack(pack({}), tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_what_did_not_arrive_as_it_was_sent_is_refused(tmp_path):
    tree(tmp_path / "from", {"nets.py": "a = 1\n"})
    packed = pack({"suite": tmp_path / "from"})
    changed = packed.content.replace(b"a = 1", b"a = 2")
    with pytest.raises(RefusedError, match="as it was sent"):
        unpack(Archive(changed, packed.digest), tmp_path / "to")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../above.py", tarfile.REGTYPE),
        ("/tmp/absolute.py", tarfile.REGTYPE),
        ("suite/../../above.py", tarfile.REGTYPE),
        ("suite/link", tarfile.SYMTYPE),
        ("suite/hard", tarfile.LNKTYPE),
        ("suite/pipe", tarfile.FIFOTYPE),
    ],
)
def test_nothing_is_written_elsewhere_and_nothing_but_files(tmp_path, name, kind):
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        about = tarfile.TarInfo(name)
        about.type, about.linkname = kind, "/etc/passwd"
        tar.addfile(about)
    content = written.getvalue()
    with pytest.raises(RefusedError, match="no file of a suite's code"):
        unpack(Archive(content, hashlib.sha256(content).hexdigest()), tmp_path / "to")
    assert not files(tmp_path)


@pytest.mark.parametrize(("limit", "most"), [("MOST_BYTES", 100), ("MOST_FILES", 1)])
def test_too_much_to_travel_is_told_with_the_largest_file(tmp_path, monkeypatch, limit, most):
    tree(tmp_path / "from", {"nets.py": "a = 1\n", "weights.h5": "w" * 200})
    packed = pack({"suite": tmp_path / "from"})
    monkeypatch.setattr(archive, limit, most)
    with pytest.raises(InputError, match=r"a folder of their own; the largest file is .*weights\.h5"):
        pack({"suite": tmp_path / "from"})
    with pytest.raises(RefusedError, match="more than a suite's code may be"):
        unpack(packed, tmp_path / "to")
