"""`bench calibrate` where the extra `score` isn't installed: told at once, in a line, with the command for here."""

import pytest

from bench.cli.main import main
from bench.errors import Fault, InputError
from bench.host.doctor.distributions import everything
from tests.installations import installation

NEITHER = {"tf_keras": None, "ai_benchmark": None}


@pytest.fixture
def calibrated(tmp_path, monkeypatch, capsys):
    """Run the verb where GOOD is installed but for some changes: its exit status, and the lines on standard error."""

    def run(*arguments, **changes):
        site, tree = installation(tmp_path / "site", **changes), tmp_path / "tree"
        tree.mkdir()
        monkeypatch.setattr("bench.run.calibration.calibrate.everything", lambda: everything([str(site)]))
        with pytest.raises(SystemExit) as end:
            main(["calibrate", *arguments, "--root", str(tree)])
        assert list(tree.iterdir()) == []
        return end.value.code, capsys.readouterr().err.splitlines()

    return run


@pytest.mark.parametrize("arguments", [[], ["--quick"], ["--training"], ["--resume"]], ids=" ".join)
@pytest.mark.parametrize(
    ("changes", "lacks", "wanted"),
    [
        (NEITHER, "ai-benchmark and tf-keras are not installed", "ai-benchmark==0.1.2 'tf-keras==2.21.*'"),
        ({"tf_keras": None, "tensorflow": ("2.18.1",)}, "tf-keras is not installed", "'tf-keras==2.18.*'"),
        ({"ai_benchmark": None}, "ai-benchmark is not installed", "ai-benchmark==0.1.2"),
    ],
    ids=["neither", "no tf-keras", "no ai-benchmark"],
)
def test_the_extra_is_named_with_the_command_that_leaves_tensorflow_alone(
    calibrated, arguments, changes, lacks, wanted
):
    status, lines = calibrated(*arguments, **changes)
    assert status == 2
    (line,) = lines
    assert line.startswith(f"bench: the AI-Score needs the extra `score`, and {lacks} (--roofs does without); ")
    assert line.endswith(f"python -m pip install {wanted}")


def test_roofs_need_no_extra(calibrated, monkeypatch):
    def reached(*_):
        raise InputError(Fault("reached"))

    monkeypatch.setattr("bench.run.calibration.calibrate.this_machine", reached)
    assert calibrated("--roofs", **NEITHER)[1][-1] == "bench: reached"
