"""Bad input, from the outside: one clear error for each fault, exit status 2, no traceback, nothing written."""

import hashlib
import json
import os
import pickle
import sys
import tarfile

import numpy as np
import pytest

from tests import warm

GOOD = "data: digits\nmodels: [simple_cnn]\nvariants: [notebook]\n"

SUITES = {
    "an unknown key": (GOOD + "modles: [vgg16]\n", ["x.yaml:4: ", "'modles'", "did you mean 'models'?"]),
    "an unknown network": ("data: digits\nmodels: [vg16]\nvariants: [notebook]\n", ["x.yaml:2: ", "'vgg16'"]),
    "an unknown variant": ("data: digits\nmodels: [vgg16]\nvariants: [notebok]\n", ["x.yaml:3: ", "'notebook'"]),
    "an unknown data set": ("data: cifr100\nmodels: [vgg16]\nvariants: [notebook]\n", ["x.yaml:1: ", "'cifar100'"]),
    "a wrong type": (GOOD + "batch_sizes: [many]\n", ["x.yaml:4: ", "'many'"]),
    "a negative number": (GOOD + "batch_sizes: [-1]\n", ["x.yaml:4: ", "-1"]),
    "zero": (GOOD + "protocol: {max_seconds: 0}\n", ["x.yaml:4: ", "max_seconds", "0"]),
    "no models": ("data: digits\nmodels: []\nvariants: [notebook]\n", ["x.yaml:2: ", "models"]),
    "an empty file": ("", ["x.yaml", "empty"]),
    "a list": ("- a\n- b\n", ["x.yaml:1: ", "mapping"]),
    "a key twice": (GOOD + "data: digits\n", ["x.yaml:4: ", "'data'"]),
    "a tag that asks for an object": (
        GOOD + "title: !!python/object/apply:os.system ['touch pwned']\n",
        ["x.yaml:4: "],
    ),
    "anchors that explode": (
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{','.join('*' + chr(97 + i) for _ in range(9))}]\n" for i in range(9)
        ),
        ["x.yaml:"],
    ),
    "a batch larger than the data": (
        GOOD + "batch_sizes: [100000]\n",
        ["x.yaml:4: a batch of", "1,275 images"],
    ),
    "a CSV that isn't there": (
        GOOD.replace("digits", "{name: digits, subset: lists.csv}"),
        ["x.yaml:1: ", "lists.csv"],
    ),
}


def bench(folder, *arguments, **environment):
    return warm.run(
        [sys.executable, "-m", "bench", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def everything_in(folder):
    return sorted(
        (str(path.relative_to(folder)), path.read_bytes() if path.is_file() else None) for path in folder.rglob("*")
    )


def refused(folder, *arguments, says=(), **environment):
    before = everything_in(folder)
    done = bench(folder, *arguments, **environment)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for part in says:
        assert part in done.stderr
    assert everything_in(folder) == before
    return done.stderr


@pytest.mark.parametrize("case", SUITES)
def test_a_suite_that_is_wrong(tmp_path, case):
    text, says = SUITES[case]
    (tmp_path / "x.yaml").write_text(text)
    refused(tmp_path, "run", "x.yaml", says=says)


def test_every_fault_of_a_suite_is_told_at_once(tmp_path):
    (tmp_path / "x.yaml").write_text(
        "data: cifar1000\nmodels: [vgg61]\n"
        "variants: {a: {cache: memry}, b: {prefetch: -2}}\nprotocol: {max_second: 3}\n"
    )
    errors = refused(tmp_path, "run", "x.yaml")
    assert [line.split(":")[2] for line in errors.splitlines()] == ["1", "2", "3", "3", "4"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "absent.yaml"], ["absent.yaml"]),
        (["run", "."], ["."]),
        (["run"], ["Missing argument"]),
        (["walk", "x.yaml"], ["walk"]),
        (["run", "x.yaml", "--only", "vgg16/*"], ["vgg16/*", "simple_cnn/notebook/b128"]),
        (["run", "x.yaml", "--set", "protocol.max_second=3"], ["--set protocol.max_second=3", "'max_seconds'"]),
        (["run", "x.yaml", "--set", "protocol"], ["--set protocol"]),
        (["run", "x.yaml", "--executor", "cloud"], ["cloud", "local"]),
        (["run", "x.yaml", "--until", "soon"], ["--until soon", "10m"]),
        (["run", "x.yaml", "--until", "0m"], ["--until 0m", "10m"]),
        (["run", "x.yaml", "--until", "9999h"], ["--until 9999h", "30 days"]),
        (["run", "x.yaml", "--precision", "fine"], ["--precision fine", "1%"]),
        (["run", "x.yaml", "--precision", "70%"], ["--precision 70%", "50%"]),
        (["run", "x.yaml", "--set", "protocol.same_within=2"], ["same_within", "2"]),
        (["run", "x.yaml", "--root", "nowhere"], ["nowhere"]),
        (["run", "x.yaml", "--host", "My Machine"], ["My Machine"]),
        (["run", "x.yaml", "--set", "data={name: cifar100, subset: 20, team_seed: 1}", "--strict-data"], ["cifar100"]),
        (["describe", "vg16"], ["'vg16'", "'vgg16'"]),
        (["describe", "vgg16", "--input", "32"], ["--input 32", "32x32"]),
        (["describe", "vgg16", "--freeze", "1.5"], ["--freeze 1.5", "0.9"]),
        (["describe", "vgg16", "--freeze", "99"], ["99", "19"]),
        (["describe", "Xception", "--input", "16x16"], ["Xception", "16"]),
        (["report"], ["no results yet", "bench run"]),
        (["hosts", "show", "colab-t5"], ["colab-t5", "colab-t4"]),
        (["hosts", "rename", "colab-t4", "mine"], ["colab-t4", "only published times"]),
        (["hosts", "merge", "box", "colab-t4"], ["'box'"]),
        (["data", "fetch", "cifar1000"], ["cifar1000", "cifar100"]),
        (["data", "fetch"], ["Missing argument"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value[0], str) and value[0] in ("run", "data") else None,
)
def test_arguments_that_are_wrong(tmp_path, arguments, says):
    (tmp_path / "x.yaml").write_text(GOOD)
    refused(tmp_path, *arguments, says=says)


def cifar100(folder, images=200):
    """An archive in the real format, of random images."""
    inner = folder / "cifar-100-python"
    inner.mkdir(parents=True)
    generator = np.random.default_rng(0)
    for name in ("train", "test"):
        content = {
            b"data": generator.integers(0, 256, (images, 3072), dtype=np.uint8),
            b"fine_labels": [i % 100 for i in range(images)],
        }
        (inner / name).write_bytes(pickle.dumps(content, protocol=2))
    archive = folder / "cifar-100-python.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(inner, "cifar-100-python")
    return archive


WANTS_CIFAR = "data: cifar100\nmodels: [simple_cnn]\nvariants: [notebook]\n"


@pytest.mark.parametrize("how", ["truncated", "wrong checksum"])
def test_a_damaged_archive(tmp_path, tmp_path_factory, how):
    archive = cifar100(tmp_path_factory.mktemp("data"))
    if how == "truncated":
        archive.write_bytes(archive.read_bytes()[:1000])
    (tmp_path / "x.yaml").write_text(WANTS_CIFAR)
    assert hashlib.md5(archive.read_bytes()).hexdigest() != "eb9058c3a382ffc7106e4002c42a8d85"
    refused(tmp_path, "run", "x.yaml", "--data-dir", archive, says=["cifar-100-python.tar.gz"])


def test_a_pickle_that_asks_for_more_than_data(tmp_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    cifar100(folder)
    (folder / "cifar-100-python.tar.gz").unlink()
    (folder / "cifar-100-python" / "train").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    (tmp_path / "x.yaml").write_text(WANTS_CIFAR)
    refused(tmp_path, "run", "x.yaml", "--data-dir", folder, says=["train", "system"])
    assert not (tmp_path / "pwned").exists()


def test_real_data_is_used_where_it_is(tmp_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    cifar100(folder).unlink()
    (tmp_path / "x.yaml").write_text(
        WANTS_CIFAR + "batch_sizes: [16]\nprotocol: {precision: 0.9, max_seconds: 0.3, min_windows: 3, min_seconds: 0, "
        "warmup_seconds: 0, window_seconds: 0.02}\n"
    )
    done = bench(tmp_path, "run", "x.yaml", "--strict-data", BENCH_DATA_DIR=str(folder))
    assert done.returncode == 0, done.stderr
    assert "synthetic" not in done.stderr
    (path,) = tmp_path.glob("results/*/x.jsonl")
    record = json.loads(path.read_text())
    assert (record["data"]["name"], record["data"]["synthetic"], record["data"]["train_images"]) == (
        "cifar100",
        False,
        170,
    )
    assert record["accuracy"]["synthetic"] is False
    assert "†" not in done.stdout


def test_a_results_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "x.yaml").write_text(GOOD)
    (tmp_path / "results").write_text("a file where a folder should be")
    refused(tmp_path, "run", "x.yaml", says=["results"])
