"""What is installed, and for which Python: one truth, told in several places."""

import configparser
import re
import subprocess
import sys
import tomllib

import pytest

from bench.host.doctor.extras import FOR_SCORES, SCORED
from bench.host.doctor.python import LAST_PYTHON, OLDEST_PYTHON
from bench.workload.ai_benchmark import AI_BENCHMARK_VERSION

OLDEST, LAST = (".".join(map(str, version)) for version in (OLDEST_PYTHON, LAST_PYTHON))


@pytest.fixture(scope="module")
def setup(checkout):
    settings = configparser.ConfigParser()
    settings.read(checkout / "setup.cfg")
    return settings


def requirements(text):
    """Names and specifiers: {"numpy": ">=1.26"}."""
    rows = re.findall(r"^([\w.-]+)(?:\[[\w-]+\])?\s*(.*)$", text, re.MULTILINE)
    return {name.lower(): specifier.replace(" ", "") for name, specifier in rows}


def test_every_place_names_the_same_pythons(checkout, setup):
    after = f"{LAST_PYTHON[0]}.{LAST_PYTHON[1] + 1}"
    assert setup["options"]["python_requires"] == f">={OLDEST},<{after}"
    assert re.findall(r"Python :: (\d\.\d+)", setup["metadata"]["classifiers"]) == [
        f"3.{minor}" for minor in range(OLDEST_PYTHON[1], LAST_PYTHON[1] + 1)
    ]
    tools = tomllib.loads((checkout / "pyproject.toml").read_text())["tool"]
    assert tools["ruff"]["target-version"] == f"py{OLDEST.replace('.', '')}"
    assert tools["mypy"]["python_version"] == OLDEST
    assert f"Python {OLDEST} to {LAST} and make" in (checkout / "README.md").read_text()


@pytest.mark.parametrize(
    ("version", "taken"),
    [
        ((OLDEST_PYTHON[0], OLDEST_PYTHON[1] - 1, 18), False),
        ((*OLDEST_PYTHON, 0), True),
        ((*LAST_PYTHON, 9), True),
        ((LAST_PYTHON[0], LAST_PYTHON[1] + 1, 0), False),
    ],
)
def test_make_takes_these_pythons_alone(checkout, version, taken):
    code = re.search(r"\$\(PYTHON\) -c '(.*)'$", (checkout / "Makefile").read_text(), re.MULTILINE)[1]
    given = f"import sys; sys.version_info = {(*version, 'final', 0)}; {code}"
    done = subprocess.run([sys.executable, "-S", "-c", given], capture_output=True, text=True)
    assert (done.returncode == 0) is taken
    if not taken:
        number = ".".join(map(str, version[:2]))
        assert done.stderr == (
            f"Python {OLDEST} to {LAST} is needed, and this is {number}; name one with: make PYTHON=python{LAST}\n"
        )


def test_what_the_score_needs_is_an_extra_alone(setup):
    base = requirements(setup["options"]["install_requires"])
    extra = requirements(setup["options.extras_require"]["score"])
    assert set(extra) == set(FOR_SCORES)
    assert not set(extra) & set(base)
    assert extra["ai-benchmark"] == f"=={SCORED}" == f"=={AI_BENCHMARK_VERSION}"
    # a tf-keras goes with the TensorFlow of its own number
    assert extra["tf-keras"] == base["tensorflow"]


def test_every_requirement_has_a_least_version_and_none_a_greatest(setup):
    base = requirements(setup["options"]["install_requires"])
    assert all(re.fullmatch(r">=[\d.]+", specifier) for specifier in base.values()), base
    assert requirements(setup["options.extras_require"]["gpu"])["tensorflow"] == base["tensorflow"]


def test_make_installs_the_extra_into_its_own_environment(checkout):
    for target, extras in (("run", {"score"}), ("test", {"score", "dev"})):
        done = subprocess.run(
            ["make", "--dry-run", "--always-make", target], cwd=checkout, capture_output=True, text=True, check=True
        )
        last = re.findall(r"-m pip install .* --editable '\.\[([\w,]+)\]'", done.stdout)[-1]
        assert set(last.split(",")) - {"gpu"} == extras
