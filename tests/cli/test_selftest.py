"""`bench selftest` from the outside; the whole of it is a benchmark."""

import pytest

from bench.cli.main import main


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--root", "nowhere"], ["nowhere", "no such folder"]),
        (["--rounds", "3"], ["--rounds", "6"]),
        (["--host"], ["--host"]),
    ],
    ids=" ".join,
)
def test_bad_input_is_refused_before_anything_runs(tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["selftest", *arguments])
    shown = capsys.readouterr()
    assert end.value.code == 2
    assert shown.out == ""
    assert all(part in shown.err for part in says), shown.err
    assert list(tmp_path.iterdir()) == []
