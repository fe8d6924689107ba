"""`bench ab` from the outside."""

import json
import signal
import subprocess
import sys
import time

import pytest

from bench.cli.main import main
from tests import warm
from tests.cli.test_bad_input import everything_in

GOOD = """\
data: {name: synthetic, shape: [24, 24, 1], classes: 5, images: 200, test_images: 10}
models: [simple_cnn, vgg16]
variants: {notebook: {}, uint8: {pixels: uint8}}
batch_sizes: [16, 32]
"""
A, B = "simple_cnn/notebook/b16", "simple_cnn/uint8/b16"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    (tmp_path / "x.yaml").write_text(GOOD)
    (tmp_path / "faulty.yaml").write_text(GOOD + "modles: [vgg16]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["x.yaml", A, A], [f"{A} can't be compared with itself", "bench selftest"]),
        (["x.yaml", A, "simple_cnn/notebook/b1?"], ["can't be compared with itself"]),
        (["x.yaml", "simple_cnn/notebook", B], ["'simple_cnn/notebook' means 2 cells", A, "simple_cnn/notebook/b32"]),
        (["x.yaml", A, "*"], ["'*' means 8 cells", ", …"]),
        (["x.yaml", A, "simple_cnn/uint9/b16"], ["simple_cnn/uint9/b16", B]),
        (["faulty.yaml", A, B], ["faulty.yaml:5", "'modles'", "did you mean 'models'?"]),
        (["absent.yaml", A, B], ["absent.yaml"]),
        (["x.yaml", A, B, "--root", "nowhere"], ["nowhere", "no such folder"]),
        (["x.yaml", A, B, "--set", "protocol.max_second=3"], ["'max_seconds'"]),
        (["x.yaml", "simple_cnn/notebook/b400", "simple_cnn/uint8/b400", "--set", "batch_sizes=[400]"], ["400", "170"]),
    ],
    ids=lambda value: " ".join(value[:3]) if value[0].endswith(".yaml") else "",
)
def test_bad_input_is_one_clear_line_and_nothing_runs(tree, capsys, arguments, says):
    before = everything_in(tree)
    with pytest.raises(SystemExit) as end:
        main(["ab", *arguments])
    shown = capsys.readouterr()
    assert end.value.code == 2
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert all(part in shown.err for part in says), shown.err
    assert everything_in(tree) == before


@pytest.mark.parametrize("option", [["--rounds", "5"], ["--precision", "0"], ["--precision", "nan"]], ids=" ".join)
def test_limits_that_make_no_sense_are_refused(tree, capsys, option):
    with pytest.raises(SystemExit) as end:
        main(["ab", "x.yaml", A, B, *option])
    assert end.value.code == 2
    assert option[0] in capsys.readouterr().err


def test_ctrl_c_answers_from_what_there_is_in_words_for_programs(tree):
    process = warm.Popen(
        [sys.executable, "-m", "bench", "ab", "x.yaml", A, B, "--json"],
        cwd=tree,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        seen = []
        for line in process.stderr:
            seen.append(line)
            if A in line and B in line:
                break
        time.sleep(1)  # the first cell's process is on its way
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, "".join(seen) + errors
    row = json.loads(output)
    assert (row["a"]["cell"], row["b"]["cell"], row["rounds"]) == (A, B, 0)
    assert row["verdict"] is None
    assert "0 rounds" in row["why_no_verdict"]
    assert "Traceback" not in errors
    assert not list(tree.glob("results/*/pairs/*"))
