"""The script for SLURM, with stand-ins for SLURM's and Ray's commands that write down how they were called."""

import os
import subprocess
import sys

import pytest

STAND_IN = """\
#!/bin/sh
printf '%s|%s|%s\\n' "$(basename "$0")" "$RAY_worker_niceness$RAY_AUTH_MODE" "$*" >> "$CALLS"
case "$(basename "$0")" in
    scontrol) printf 'gpu-7\\ngpu-9\\ngpu-10\\n' ;;
    ray) [ "$1" = status ] && grep -o 'ray|[^|]*|start' "$CALLS" | sed 's/.*/ 1 node_abc/' ;;
    srun) while [ "${1#--}" != "$1" ]; do shift; done; "$@"; exec sleep 60 ;;
esac
"""


@pytest.fixture
def calls(tmp_path, checkout):
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("scontrol", "srun", "ray", "bench"):
        (commands / name).write_text(STAND_IN)
        (commands / name).chmod(0o755)
    (commands / "python").symlink_to(sys.executable)
    written = tmp_path / "calls"
    environment = {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "CALLS": str(written)}
    script = checkout / "docs" / "how-to" / "cluster.sbatch"
    job = {"SLURM_JOB_NODELIST": "gpu-[7,9-10]"}
    subprocess.run(["bash", script], env={**os.environ, **environment, **job}, check=True, cwd=tmp_path)
    return [line.split("|") for line in written.read_text().splitlines()]


def test_the_job_starts_a_node_each_runs_the_suite_there_and_ends(calls):
    by_name = {name: [(setting, words) for one, setting, words in calls if one == name] for name, *_ in calls}
    started = [words for _, words in by_name["ray"] if words.startswith("start")]
    assert sorted(words.split(" --node-name=")[1].split()[0] for words in started) == ["gpu-10", "gpu-7", "gpu-9"]
    assert sum("--head --port=6379" in words for words in started) == 1
    assert sum("--address=gpu-7:6379" in words for words in started) == 2
    # with a token, and at the priority of a local run
    assert {setting for setting, words in by_name["ray"] if words.startswith("start")} == {"0token"}
    ((_, run),) = by_name["bench"]
    assert run.startswith("run suites/cnn.yaml --executor ray:gpu-7:6379 --on all")


def test_what_it_types_is_what_the_command_line_offers(checkout):
    from bench.cli.where import Where

    line = (checkout / "docs" / "how-to" / "cluster.sbatch").read_text().splitlines()[-1]
    words = line.replace('"', "").replace("$head:$port", "gpu-7:6379").split()
    offered = (checkout / "bench" / "cli" / "run.py").read_text()
    options = [word for word in words if word.startswith("--")]
    assert all(f'"{word}"' in offered or f"{word[2:].replace('-', '_')}:" in offered for word in options)
    assert Where.of(words[words.index("--executor") + 1], "all", True).ray
