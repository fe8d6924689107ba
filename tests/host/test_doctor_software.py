"""Each kind of broken software, as real folders of installed packages, and what is said to mend it."""

import sys
from pathlib import Path

import pytest

from bench.host.doctor.distributions import everything
from bench.host.doctor.installer import Installer, this_installer
from bench.host.doctor.python import Python, python_check, this_python
from bench.host.doctor.software import software_checks
from bench.host.doctor.stack import Framework
from tests.installations import install, installation

PYTHON = Python(version=(3, 11, 4))
WORKS = Framework("2.21.0", keras="3.15.1")
FAILS = Framework(None, failed="ImportError: numpy.core.multiarray failed to import")
PIP = Installer("python")


def looked(folder, framework=WORKS, pip=PIP, python=PYTHON, avx=True):
    """The checks by name."""
    checks = software_checks(python, everything([str(folder)]), framework, pip, avx)
    assert len({one.what for one in checks}) == len(checks)
    return {one.what.removeprefix("software: "): one for one in checks}


def amiss(checks):
    return {name for name, one in checks.items() if one.state != "fine"}


def test_what_fits_together_is_fine_each_with_its_version(tmp_path):
    checks = looked(installation(tmp_path))
    assert amiss(checks) == set()
    assert {name: one.found for name, one in checks.items() if name in ("TensorFlow", "Keras", "tf-keras")} == {
        "TensorFlow": "2.21.0",
        "Keras": "3.15.1",
        "tf-keras": "2.21.0",
    }
    assert checks["the rest"].found.startswith("2 packages")
    assert checks["import"].found == "TensorFlow 2.21.0 and Keras 3.15.1 can be imported"


@pytest.mark.parametrize(
    ("changes", "framework", "name", "state", "words", "mend"),
    [
        pytest.param(
            {"numpy": ("1.24.0",)},
            FAILS,
            "NumPy",
            "broken",
            "1.24.0, but tensorflow 2.21.0 needs numpy>=1.26.0",
            "python -m pip install 'numpy>=1.26.0'",
            id="a NumPy that TensorFlow can't use",
        ),
        pytest.param(
            {"numpy": ("1.24.0",)}, WORKS, "NumPy", "limited", "1.24.0", "'numpy>=1.26.0'", id="one that it can"
        ),
        pytest.param(
            {"keras": ("2.15.0", ["numpy"])},
            Framework("2.21.0", keras="2.15.0"),
            "Keras",
            "broken",
            "2.15.0, but tensorflow 2.21.0 needs keras>=3.12.0",
            "python -m pip install 'keras>=3.12.0'",
            id="Keras 2",
        ),
        pytest.param(
            {"keras": ("2.15.0",), "tensorflow": ("2.18.0", ["keras>=2"]), "tf_keras": ("2.18.0",)},
            WORKS,
            "Keras",
            "broken",
            "2.15.0, and tensorflow 2.18.0 wants Keras 3",
            "python -m pip install 'keras>=3'",
            id="Keras 2 where no metadata says so",
        ),
        pytest.param(
            {"keras": None}, FAILS, "Keras", "broken", "not installed, and tensorflow", "'keras>=3.12.0'", id="no Keras"
        ),
        pytest.param(
            {"tensorflow": ("2.15.1", ["numpy"]), "tf_keras": ("2.15.0", ["tensorflow<2.16,>=2.15"])},
            WORKS,
            "TensorFlow",
            "broken",
            "2.15.1, but bench-harness 0.1.0 needs tensorflow>=2.18",
            "python -m pip install --upgrade 'tensorflow>=2.18' tf-keras",
            id="an old TensorFlow",
        ),
        pytest.param(
            {"tensorflow": None},
            Framework(None, failed="ModuleNotFoundError: No module named 'tensorflow'"),
            "TensorFlow",
            "broken",
            "not installed, and bench-harness 0.1.0 needs tensorflow>=2.18",
            "python -m pip install --upgrade 'tensorflow>=2.18' tf-keras",
            id="no TensorFlow",
        ),
        pytest.param(
            {"tf_keras": ("2.18.0", ["tensorflow<2.19,>=2.18"])},
            WORKS,
            "tf-keras",
            "limited",
            "tf-keras 2.18.0 needs tensorflow<2.19,>=2.18, and tensorflow 2.21.0 is installed",
            "python -m pip install 'tf-keras==2.21.*' tensorflow==2.21.0",
            id="a tf-keras for another TensorFlow",
        ),
        pytest.param(
            {"tf_keras": ("2.19.0", ["tensorflow"])},
            WORKS,
            "tf-keras",
            "limited",
            "2.19.0, made for another TensorFlow than 2.21.0",
            "'tf-keras==2.21.*'",
            id="one that doesn't say so",
        ),
        pytest.param(
            {"tf_keras": None},
            WORKS,
            "extra score",
            "limited",
            "tf-keras is not installed: only bench calibrate needs that",
            "python -m pip install 'tf-keras==2.21.*'",
            id="no tf-keras",
        ),
        pytest.param(
            {"tf_keras": None, "ai_benchmark": None, "tensorflow": ("2.18.1", ["keras>=3.5.0", "numpy>=1.26"])},
            Framework("2.18.1", keras="3.15.1"),
            "extra score",
            "limited",
            "ai-benchmark and tf-keras are not installed",
            "python -m pip install ai-benchmark==0.1.2 'tf-keras==2.18.*'",
            id="neither",
        ),
        pytest.param(
            {"ai_benchmark": ("0.1.3", ["numpy"])},
            WORKS,
            "ai-benchmark",
            "limited",
            "0.1.3, and only scores of 0.1.2 can be compared",
            "python -m pip install ai-benchmark==0.1.2",
            id="another AI Benchmark",
        ),
        pytest.param(
            {"protobuf": ("5.29.0",)},
            Framework(None, failed="ImportError: cannot import name 'runtime_version' from 'google.protobuf'"),
            "protobuf",
            "broken",
            "5.29.0, but tensorflow 2.21.0 needs protobuf<8.0.0,>=6.31.1",
            "python -m pip install 'protobuf<8.0.0,>=6.31.1'",
            id="deeper down",
        ),
        pytest.param(
            {"packaging": None}, WORKS, "packaging", "broken", "not installed", "pip install packaging", id="bench's"
        ),
        pytest.param(
            {"numpy": ("1.25.0",), "keras": ("3.15.1", ["numpy<1.26"])},
            FAILS,
            "NumPy",
            "broken",
            "1.25.0, but tensorflow 2.21.0 needs numpy>=1.26.0",
            "python -m pip install --upgrade numpy tensorflow keras",
            id="no version that all want",
        ),
        pytest.param(
            {"numpy": ("2.4.6", [], "cp27-cp27mu-manylinux1_x86_64")},
            FAILS,
            "NumPy",
            "broken",
            "built for another Python or system (cp27-cp27mu-manylinux1_x86_64)",
            "python -m pip install --force-reinstall --no-deps numpy==2.4.6",
            id="for another Python",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_what_mends_it(tmp_path, changes, framework, name, state, words, mend):
    checks = looked(installation(tmp_path, **changes), framework)
    assert (checks[name].state, words in checks[name].found) == (state, True), checks[name]
    assert mend in checks[name].mend
    assert amiss(checks) <= {name, "import"} | ({"tf-keras"} if name == "TensorFlow" else set())
    if framework.version is None:  # what it depends on is the likely cause
        assert checks["import"].mend == checks[name].mend


def test_another_tensorflow_stands_in_for_it_and_two_overwrite_each_other(tmp_path):
    cpu = install(tmp_path, "tensorflow-cpu", "2.21.0", ["keras>=3.12.0", "numpy"])
    installation(tmp_path, tensorflow=None)
    alone = looked(tmp_path)
    assert amiss(alone) == set()
    unscored = install(tmp_path / "unscored", "tensorflow-cpu", "2.21.0", ["keras>=3.12.0", "numpy"]).parent
    installation(unscored, tensorflow=None, tf_keras=None, ai_benchmark=None)
    # tf-keras asks for the package `tensorflow`, which would lay itself over this one's files
    assert looked(unscored)["extra score"].mend == (
        "python -m pip install ai-benchmark==0.1.2 && python -m pip install --no-deps 'tf-keras==2.21.*'"
    )
    assert alone["TensorFlow"].found == "2.21.0, as tensorflow-cpu"
    install(tmp_path, "tensorflow", "2.21.0", ["numpy"])
    twice = looked(tmp_path)["TensorFlow twice"]
    assert twice.state == "broken"
    assert "tensorflow 2.21.0 and tensorflow-cpu 2.21.0 lie in one folder" in twice.found
    assert twice.mend == (
        "python -m pip uninstall -y tensorflow tensorflow-cpu && python -m pip install tensorflow==2.21.0"
    )
    assert cpu.exists()


def test_of_two_folders_the_first_counts_and_hides_the_other(tmp_path):
    front = installation(tmp_path / "front")
    install(tmp_path / "back", "tensorflow-cpu", "2.10.0")
    install(tmp_path / "back", "numpy", "1.0")
    found = everything([str(front), str(front), str(tmp_path / "absent"), str(tmp_path / "back")])
    checks = software_checks(PYTHON, found, WORKS, PIP)
    assert all(one.state == "fine" for one in checks), checks


def test_what_a_broken_installation_left_is_passed_over(tmp_path):
    installation(tmp_path)
    (tmp_path / "numpy-9.9.dist-info").mkdir()
    install(tmp_path, "keras", "2.0").rename(tmp_path / "~eras-2.0.dist-info")
    (tmp_path / "broken-1.dist-info").write_text("a file")
    assert amiss(looked(tmp_path)) == set()


def test_run_from_its_folder_and_never_installed(tmp_path):
    checks = looked(installation(tmp_path, bench_harness=None, protobuf=("5.0",)))
    assert amiss(checks) == {"bench", "protobuf"}
    assert "pip install ." in checks["bench"].mend


@pytest.mark.parametrize(
    ("failed", "avx", "mend"),
    [
        ("killed by SIGILL", None, "a machine whose processor has AVX"),
        ("exit status 134", False, "a machine whose processor has AVX"),
        ("killed by SIGILL", True, "python -m pip install --force-reinstall --no-deps tensorflow==2.21.0"),
        ("ModuleNotFoundError: No module named 'google'", True, "--force-reinstall --no-deps protobuf"),
        ("ModuleNotFoundError: No module named 'wrapt'", True, "--force-reinstall --no-deps wrapt"),
        ("ModuleNotFoundError: No module named 'tensorflow.python'", True, "--no-deps tensorflow==2.21.0"),
        (
            "ImportError: libstdc++.so.6: cannot open shared object file: No such file",
            True,
            "apt-file search libstdc++",
        ),
        ("it gave no answer within 120 s", True, "--no-deps tensorflow==2.21.0"),
    ],
)
def test_a_tensorflow_that_dies_is_told_by_its_last_words(tmp_path, failed, avx, mend):
    check = looked(installation(tmp_path), Framework(None, failed=failed), avx=avx)["import"]
    assert (check.state, check.found) == ("broken", f"TensorFlow doesn't work: {failed}")
    assert mend in check.mend


def test_a_keras_that_dies_is_told_apart(tmp_path):
    check = looked(installation(tmp_path), Framework("2.21.0", keras_failed="ImportError: no optree"))["import"]
    assert check.found == "Keras doesn't work: ImportError: no optree"


def test_a_tensorflow_that_stands_before_the_installed_one(tmp_path):
    site, other = installation(tmp_path / "site"), tmp_path / "other" / "tensorflow" / "__init__.py"
    works = looked(site, Framework("2.21.0", keras="3.15.1", file=str(site / "tensorflow" / "__init__.py")))
    assert amiss(works) == set()
    odd = looked(site, Framework("2.21.0", keras="3.15.1", file=str(other)))["import"]
    assert (odd.state, f"from {other}" in odd.found) == ("limited", True)
    dead = looked(site, Framework(None, failed="AttributeError: …", file=str(other)))["import"]
    assert (dead.state, f"is taken from {other}" in dead.found) == ("broken", True)
    for check in (odd, dead):
        assert check.mend.startswith(f"mv {other.parent} {other.parent}.aside")


def test_a_keras_that_stands_before_the_installed_one(tmp_path):
    site, other = installation(tmp_path / "site"), str(tmp_path / "other" / "keras" / "__init__.py")
    for works, state in (
        (Framework("2.21.0", keras="3.15.1", keras_file=str(site / "keras" / "__init__.py")), "fine"),
        (Framework("2.21.0", keras="3.15.1", keras_file=other), "limited"),
        (Framework("2.21.0", keras="2.15.0", keras_file=other), "broken"),
    ):
        check = looked(site, works)["import"]
        assert (check.state, f"but Keras from {other}" in check.found) == (state, state != "fine")
    assert check.mend.startswith(f"mv {tmp_path}/other/keras {tmp_path}/other/keras.aside")
    dead = looked(site, Framework("2.21.0", keras_failed="AttributeError: …", keras_file=other))["import"]
    assert (dead.found.startswith(f"Keras is taken from {other}"), dead.mend) == (True, check.mend)
    overwritten = looked(site, Framework("2.21.0", keras="2.15.0"))["import"]
    assert overwritten.mend == "python -m pip install --force-reinstall --no-deps keras==3.15.1"


@pytest.mark.parametrize(
    ("module", "file", "place"),
    [
        ("numpy", "numpy/numpy.py", "numpy/numpy.py"),
        ("numpy.core", "numpy/core/__init__.py", "numpy"),
        ("random", "random.py", "random.py"),
    ],
)
def test_a_module_that_stands_before_the_one_that_tensorflow_wants(tmp_path, module, file, place):
    site = installation(tmp_path / "site", keras=("3.15.1", ["numpy", "absl-py"]))  # and another thing is broken
    reason = "ImportError: cannot import name 'x' from '{}' ({})"
    shadowed = Framework(None, failed=reason.format(module, tmp_path / "here" / file))
    check = looked(site, shadowed)["import"]
    name = module.partition(".")[0]
    assert check.found.startswith(f"{name} is taken from {tmp_path}/here/")
    assert check.mend.startswith(f"mv {tmp_path}/here/{place} {tmp_path}/here/{place}.aside")
    own = Framework(None, failed=reason.format("numpy", site / "numpy/__init__.py"))
    assert "taken from" not in looked(site, own)["import"].found


@pytest.mark.parametrize(
    ("folders", "mend"),
    [
        ("/opt/old/lib", "unset LD_LIBRARY_PATH"),
        ("/opt/cuda/lib64:/opt/old/lib", "export LD_LIBRARY_PATH=/opt/cuda/lib64"),
        ("/opt/cuda/lib64", "python -m pip install --force-reinstall --no-deps tensorflow==2.21.0"),
    ],
)
def test_a_library_that_stands_before_the_one_that_tensorflow_wants(tmp_path, monkeypatch, folders, mend):
    monkeypatch.setenv("LD_LIBRARY_PATH", folders)
    short = Framework(None, failed="ImportError: /opt/old/lib/libstdc++.so.6: file too short")
    assert looked(installation(tmp_path), short)["import"].mend == mend


def test_an_environment_made_of_links_is_no_stranger(tmp_path):
    site = installation(tmp_path / "site")
    (tmp_path / "real/tensorflow").mkdir(parents=True)
    (site / "tensorflow").symlink_to(tmp_path / "real/tensorflow")
    linked = Framework("2.21.0", keras="3.15.1", file=str(site / "tensorflow" / "__init__.py"))
    assert amiss(looked(site, linked)) == set()


def test_commands_ask_for_what_suits_all_in_few_words(tmp_path):
    others = {"keras": ("3.15.1", ["numpy>=2", "numpy!=2.1"]), "ai_benchmark": ("0.1.2", ["numpy<2.9,>=1.2"])}
    check = looked(installation(tmp_path, numpy=("1.20",), **others))["NumPy"]
    assert check.mend == "python -m pip install 'numpy!=2.1,<2.9,>=2'"


def test_files_of_another_version_in_place_of_the_installed_one(tmp_path):
    check = looked(installation(tmp_path), Framework("2.20.0", keras="3.15.1"))["import"]
    assert (check.state, "tensorflow 2.21.0 calls itself 2.20.0" in check.found) == ("broken", True)
    nightly = installation(tmp_path / "nightly", tensorflow=None, tf_keras=None)
    install(nightly, "tf-nightly", "2.22.0.dev20261101")
    checks = looked(nightly, Framework("2.22.0-dev20261101", keras="3.15.1"))
    assert checks["import"].state == "fine"
    assert checks["extra score"].mend == "python -m pip install --no-deps tf-keras-nightly"


@pytest.mark.parametrize(
    ("python", "words"),
    [
        (Python((3, 10, 12)), "bench needs 3.11 or newer"),
        (Python((3, 14, 0)), "TensorFlow has no wheels for it yet, but for 3.11 to 3.13"),
        (Python((3, 13, 1), free_threaded=True), "free-threaded"),
        (Python((3, 12, 0), bits=32), "64 bit alone"),
        (Python((3, 12, 0), implementation="pypy"), "this is pypy"),
        (Python((3, 12, 0), machine="riscv64"), "no wheels for riscv64 under linux"),
        (Python((3, 12, 0), system="win32", machine="AMD64"), "no wheels for AMD64 under win32"),
        (Python((3, 12, 0), libc=("", "")), "musl"),
        (Python((3, 12, 0), libc=("glibc", "2.17")), "this system has glibc 2.17"),
    ],
)
def test_a_python_that_tensorflow_has_no_wheels_for(tmp_path, python, words):
    checks = looked(installation(tmp_path, tensorflow=None, tf_keras=None), FAILS, python=python)
    assert (checks["Python"].state, words in checks["Python"].found) == ("broken", True), checks["Python"]
    assert checks["Python"].mend
    # which is to be mended before anything is installed
    assert checks["import"].mend == checks["Python"].mend


def test_an_installed_tensorflow_was_built_for_some_python():
    assert python_check(Python((3, 15, 0)), has_tensorflow=True).state == "fine"
    assert python_check(this_python(), has_tensorflow=False).state == "fine"


def test_commands_install_into_this_very_python(tmp_path):
    here = Path(sys.executable)
    assert this_installer(folder=here.parent.parent).python in ("python", "python3", f"bin/{here.name}")
    away = this_installer(executable=str(tmp_path / "bin/python"), folder=tmp_path / "elsewhere")
    assert away.install("numpy") == f"{tmp_path}/bin/python -m pip install numpy"
    gpu = Installer(".venv/bin/python", gpu=True)
    assert gpu.install("tensorflow") == ".venv/bin/python -m pip install 'tensorflow[and-cuda]'"
    assert gpu.install("tensorflow-cpu==2.21.0").endswith("install tensorflow-cpu==2.21.0")
    uv = Installer(".venv/bin/python", uv=True)
    assert uv.replace(["keras"], "keras>=3") == (
        "uv pip uninstall --python .venv/bin/python keras && uv pip install --python .venv/bin/python 'keras>=3'"
    )
    bare = Installer("python", bare=True)
    assert bare.install("numpy") == "python -m ensurepip && python -m pip install numpy"


def test_a_tensorflow_that_takes_too_long_is_asked_again_and_not_installed_again(tmp_path):
    slow = Framework(None, failed="it gave no answer within 600 s", late=True)
    checks = looked(installation(tmp_path, numpy=("1.24.0",)), slow)
    assert (checks["import"].state, checks["import"].found) == ("unknown", f"TensorFlow: {slow.failed}")
    assert checks["import"].mend.startswith("bench doctor  # try again")
    assert checks["NumPy"].state == "limited"


def test_two_packages_with_one_module_that_do_equally_well(tmp_path):
    folder = installation(tmp_path, ai_benchmark=("0.1.2", ["numpy", "py-cpuinfo", "setuptools"]))
    install(folder, "py-cpuinfo", "9.0.0")
    install(folder, "py-cpuinfo2", "10.0.0")
    assert amiss(looked(folder)) == set()
