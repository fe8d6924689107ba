"""AI Benchmark as it is mended: its own tests, its own formula, nothing sent, and why it can't be used."""

import os
import subprocess
import sys

import pytest

from bench.results.ai_benchmark import AiScores
from bench.run.process.forkserver import ForkServer
from bench.run.process.worker import ai_benchmark_process
from tests.ai_lines import ai_failed, ai_result, ai_tests, score
from tests.workload import asking


@pytest.fixture(scope="module")
def ask(offline):
    """Ask a process in which the package can be imported, whose every connection is noted and refused."""
    path = os.pathsep.join([offline.environment["PYTHONPATH"], *filter(None, sys.path)])
    given = {"TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": ""}
    with ForkServer(["bench.workload.ai_benchmark"], offline.environment | given | {"PYTHONPATH": path}) as server:

        def answer(work, argument=None, words=1):
            child = server.fork(work, argument)
            try:
                found = [child.hear() for _ in range(words)]
            finally:
                child.end()
            return found if words > 1 else found[0]

        yield answer


def test_its_tests_are_those_of_its_own_list(ask):
    planned = ask(asking.planned_sets)
    assert {which: len(tests) for which, tests in planned.items()} == {
        "full": 42,
        "inference": 24,
        "training": 18,
        "micro": 16,
    }
    for which, tests in planned.items():
        assert tests == ai_tests(which)
        assert len({test.label for test in tests}) == len(tests)  # by which a profile keeps them


def timed(which):
    return [ai_result(test, 50.5 + 7 * number) for number, test in enumerate(ai_tests(which))]


def test_scores_are_ten_thousand_times_the_geometric_mean_of_its_reference_times_over_ours(ask):
    full = timed("full")
    sets = {which: timed(which) for which in ("inference", "training", "micro")}
    lacking = [
        ("full", full[:-1]),
        ("full", [*full[1:], ai_failed(full[0].test)]),
        ("training", sets["training"][:-1]),
        ("micro", [*sets["micro"][:-1], ai_failed(sets["micro"][-1].test)]),
    ]
    found = ask(asking.scores, [("full", full), *sets.items(), *lacking])
    inference, training = (score([one for one in full if one.test.part == p]) for p in ("inference", "training"))
    assert found == [
        AiScores(inference=inference, training=training, ai=inference + training),
        AiScores(inference=score(sets["inference"])),
        AiScores(training=score(sets["training"])),
        AiScores(inference=score(sets["micro"])),
        *[None] * len(lacking),
    ]


def test_a_test_that_raises_or_is_too_quick_for_the_clock_has_no_time_and_costs_no_other(ask, tmp_path):
    file = tmp_path / "mobilenet_v2.meta"
    file.write_bytes(b"torn")
    tests = [test for test in ai_tests("micro") if test.name in ("MobileNet-V2", "ResNet-V2-50")]
    damaged, quick, scores = ask(asking.spoilt, (str(file), tests), words=3)
    assert [damaged.test, quick.test] == tests
    assert damaged.failed.startswith(("DecodeError", "OSError", "ParseError")), damaged.failed
    assert quick.failed == "its passes take less than the package's clock shows, which counts whole milliseconds"
    assert (damaged.mean_ms, quick.mean_ms, set(quick.passes_ms), scores) == (None, None, {0}, None)


def test_a_full_device_is_told_as_such_and_no_test_is_waited_for_forever(ask):
    test = ai_tests("micro")[0]
    full, silent = ask(asking.failing, test, words=2)
    assert (full.test, full.failed) == (test, "out of memory")
    assert silent == f"AI Benchmark ended without a result of {test.label}"


def test_the_package_runs_those_that_are_left_and_a_recurrent_network_is_built_by_its_training(ask):
    network = next(test.network for test in ai_tests("full") if test.part == "inference" and test.number == 2)
    tests = [test for test in ai_tests("full") if test.network == network]
    shapes = {part: [list(test.shape) for test in tests if test.part == part] for part in ("training", "inference")}
    seen = ask(asking.given_tests, tests)
    left = [[*tests][done:] for done in range(len(tests))]
    for (training, inference), waiting in zip(seen, left, strict=True):
        parts = {test.part for test in waiting}
        wanted = [list(test.shape) for test in waiting if test.part == "training"]
        assert [list(shape) for shape in training] == (wanted if "training" in parts else shapes["training"])
        if "inference" in parts:
            assert [list(shape) for shape in inference] == [list(t.shape) for t in waiting if t.part == "inference"]


def test_nothing_is_sent(ask, offline):
    assert ask(asking.announcing, False) == 2
    assert offline.attempts() == []


def test_its_own_words_would_be_sent_and_that_is_seen(ask, offline):
    assert ask(asking.announcing, True) == 2
    attempts = offline.attempts()
    assert len(attempts) >= 2, attempts
    assert "getaddrinfo" in attempts[0]


def test_what_compiled_code_sends_is_seen_too(offline):
    if "LD_PRELOAD" not in offline.environment:
        pytest.skip("needs a C compiler")
    code = "import socket\ntry: socket.create_connection(('192.0.2.1', 9))\nexcept OSError: pass\n" * 2
    environment = os.environ | offline.environment
    subprocess.run([sys.executable, "-S", "-c", code], env=environment, check=True)  # -S: without what watches Python
    assert offline.attempts() == ["getaddrinfo", "getaddrinfo"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"tf_keras.py": "raise ModuleNotFoundError(\"No module named 'tf_keras'\")"}, "No module named 'tf_keras'"),
        (
            {"ai_benchmark-0.1.1.dist-info/METADATA": "Name: ai-benchmark\nVersion: 0.1.1\n"},
            "ai-benchmark 0.1.1 is installed, and its score is known for 0.1.2 alone",
        ),
    ],
    ids=["without tf-keras", "another version"],
)
def test_why_it_cannot_be_used_is_told_before_anything_is_run(ask, tmp_path, files, says):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert ask(asking.usable, str(tmp_path)) == says


def test_where_another_kind_of_device_would_compute_nothing_is_run(ask, tmp_path):
    given = (tmp_path / "logs" / "ai-benchmark.log", "micro", ai_tests("micro"), (), "gpu")
    answer = ask(ai_benchmark_process, given)
    assert answer == "TensorFlow would compute on the cpu, and not on the gpu"
