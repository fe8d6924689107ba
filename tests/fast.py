"""Which tests are slow: they start a process or import TensorFlow. The others are `make test-fast`, which proves it.

`SLOW` names them by file: all of its tests (None), or functions. What a process is started for by a fixture is slow
by the fixture's name. Where slow tests are left out, one that starts a process, or imports TensorFlow or Keras, fails.
"""

import sys
from pathlib import Path

import pytest

SLOW = {
    "cli/test_bad_input.py": None,
    "cli/test_run.py": None,
    "cli/test_train.py": None,
    "report/test_figures.py": None,
    "run/test_attribution.py": None,
    "run/test_executors.py": None,
    "run/test_forkserver.py": None,
    "run/test_stack.py": None,
    "workload/test_ai_benchmark.py": None,
    "workload/test_augment.py": None,
    "workload/test_kept.py": None,
    "workload/test_macs.py": None,
    "workload/test_networks.py": None,
    "workload/test_pipeline.py": None,
    "workload/test_ran.py": None,
    "workload/test_roofs.py": None,
    "workload/test_rules.py": None,
    "workload/test_trainer.py": None,
    "workload/test_training.py": None,
}
SLOW_FIXTURES = frozenset({"executor", "nvml_standin", "offline"})

_LEFT_OUT = "not slow"
_STARTS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "os.exec"})
_FRAMEWORKS = frozenset({"tensorflow", "keras", "tf_keras"})
_caught = []
_watching = False


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: starts a process or imports TensorFlow; see tests/fast.py")
    if config.option.markexpr == _LEFT_OUT:
        sys.addaudithook(_watch)


def pytest_ignore_collect(collection_path, config):
    """What is slow as a whole may import TensorFlow as it is collected."""
    if config.option.markexpr == _LEFT_OUT and _functions(collection_path) is None:
        return True
    return None


def pytest_collection_modifyitems(items):
    for item in items:
        functions = _functions(item.path)
        named = functions is None or getattr(item, "originalname", item.name) in functions
        if named or SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


@pytest.fixture(autouse=True)
def _nothing_slow(request):
    global _watching
    _watching = request.config.option.markexpr == _LEFT_OUT
    yield
    _watching = False
    caught = [*_caught]
    _caught.clear()
    assert not caught, f"it is slow, and tests/fast.py doesn't say so: {', '.join(caught)}"


def _functions(path):
    """The functions of the file at `path` that are slow, None: all of them."""
    tests = Path(__file__).parent
    return SLOW.get(str(path.relative_to(tests)), ()) if path.is_relative_to(tests) else ()


def _watch(event, args):
    if not _watching:
        return
    if event in _STARTS:
        _caught.append(f"{event} {args[:2]}")
    elif event == "import" and args[0].partition(".")[0] in _FRAMEWORKS:
        _caught.append(f"import {args[0]}")
