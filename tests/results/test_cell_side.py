import pytest

from bench.errors import InputError
from bench.results.cell_side import split_cell


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("old.jsonl", "a:b.jsonl", "x@y.jsonl"):
        (tmp_path / name).touch()
    (tmp_path / "tree").mkdir()
    (tmp_path / "odd:tree").mkdir()


@pytest.mark.parametrize(
    "text",
    [
        "@",
        "my-host",
        "my-host/digits",
        "@HEAD~1",
        "@2026-11-20",
        "@2026-11-20T13:00",
        "my-host@2026-11-20T13:00:05.5+02:00",
        "@HEAD@{2026-11-20 13:00}",
        "old.jsonl",
        "a:b.jsonl",
        "x@y.jsonl",
        "odd:tree",
        "absent:file.jsonl",
        "",
    ],
)
def test_no_cell(text):
    assert split_cell(text) == (text, "")


@pytest.mark.parametrize(
    ("text", "side", "cell"),
    [
        (":simple_cnn", "@", "simple_cnn"),
        (":simple_cnn/xla/b128/s1", "@", "simple_cnn/xla/b128/s1"),
        ("my-host:simple_cnn/xla", "my-host", "simple_cnn/xla"),
        ("my-host/digits:simple_cnn/notebook/", "my-host/digits", "simple_cnn/notebook"),
        ("/digits:simple_cnn", "/digits", "simple_cnn"),
        ("@:simple_cnn", "@", "simple_cnn"),
        ("@HEAD~1:simple_cnn", "@HEAD~1", "simple_cnn"),
        ("my-host/digits@v1:simple_cnn/xla", "my-host/digits@v1", "simple_cnn/xla"),
        ("@2026-11-20:simple_cnn", "@2026-11-20", "simple_cnn"),
        ("h@2026-11-20T13:00:simple_cnn", "h@2026-11-20T13:00", "simple_cnn"),
        ("h@2026-11-20T13:00Z:simple_cnn", "h@2026-11-20T13:00Z", "simple_cnn"),
        ("@HEAD@{2026-11-20 13:00}:simple_cnn", "@HEAD@{2026-11-20 13:00}", "simple_cnn"),
        (":my_models:build/notebook", "@", "my_models:build/notebook"),
        ("my-host:my_models:build", "my-host", "my_models:build"),
        ("old.jsonl:simple_cnn/xla", "old.jsonl", "simple_cnn/xla"),
        ("a:b.jsonl:simple_cnn", "a:b.jsonl", "simple_cnn"),
        ("x@y.jsonl:simple_cnn", "x@y.jsonl", "simple_cnn"),
        ("old.jsonl@v1:simple_cnn", "old.jsonl@v1", "simple_cnn"),
        ("tree:simple_cnn", "tree", "simple_cnn"),
        ("odd:tree:simple_cnn", "odd:tree", "simple_cnn"),
        ("odd:tree@v1:simple_cnn", "odd:tree@v1", "simple_cnn"),
        ("absent.jsonl:simple_cnn", "absent.jsonl", "simple_cnn"),
    ],
)
def test_a_cell_after_the_side(text, side, cell):
    assert split_cell(text) == (side, cell)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("my-host:", "'my-host:': no cell follows the colon"),
        (":/", "no cell follows the colon"),
        ("@HEAD:", "no cell follows the colon"),
        ("my-host:simple_cnn@HEAD", "the cell comes last; 'my-host@HEAD:simple_cnn'"),
    ],
)
def test_bad_sides(text, says):
    with pytest.raises(InputError) as raised:
        split_cell(text)
    assert says in str(raised.value)
