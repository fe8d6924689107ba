"""What a process is to say of AI Benchmark as it is mended."""

import sys


def planned_sets(connection, _):
    from bench.workload.ai_benchmark import planned

    connection.send({which: planned(which) for which in ("full", "inference", "training", "micro")})


def scores(connection, cases):
    from bench.workload.ai_benchmark import run

    connection.send([run(which, (), kept, connection.send) for which, kept in cases])


def usable(connection, folder):
    """Ask as a calibration does, where `folder` comes first among those with packages."""
    from bench.run.process.worker import ai_tests_process

    sys.path.insert(0, folder)
    for name in [name for name in sys.modules if name.partition(".")[0] == "tf_keras"]:
        del sys.modules[name]
    ai_tests_process(connection, "micro")


def announcing(connection, by_its_own_words):
    """Say what the package says of its beginning and end, which it does with its own function or what is in its place.

    Sends how often it was to say something.
    """
    from bench.workload.ai_benchmark import _package

    utils = _package().utils
    if by_its_own_words:
        from ai_benchmark.update_utils import update_info

        utils.update_info = update_info
    info = utils.TestInfo("micro", "normal", False, 0)
    info.results = utils.BenchmarkResults()
    info.results.results_inference_norm.append(1.0)
    utils.update_info("launch", info)
    utils._print_scores(info, utils.PublicResults())
    connection.send(2)


def spoilt(connection, given):
    """Run two of the micro set's tests: of the first's network the file is another, in the second the clock stands.

    Sends what each gave, and last the scores.
    """
    from bench.workload.ai_benchmark import _package, run

    file, tests = given
    utils = _package().utils

    class Damaged(utils.TestConstructor):
        def getTests(self):  # noqa: N802 - the package's name
            networks = super().getTests()
            for network in networks:
                if network.id == tests[0].network:
                    network.model_src = file
            return networks

    utils.TestConstructor = Damaged
    utils.getTimeMillis = lambda: 0
    connection.send(run("micro", tests, (), connection.send))


def failing(connection, test):
    """Run one test where the package raises what TensorFlow does of a full device; then where it does nothing at all.

    Sends the result of the first, and what the second raised.
    """
    from tensorflow import errors

    from bench.workload.ai_benchmark import _package, run

    def full(**_):
        raise errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    utils = _package().utils
    utils.run_tests = full
    run("micro", [test], (), connection.send)
    utils.run_tests = lambda **_: None
    try:
        run("micro", [test], (), connection.send)
    except RuntimeError as error:
        connection.send(str(error))


def given_tests(connection, tests):
    """Send, of the network that the package is told to run for `tests`, the shapes of its training and inference."""
    from bench.workload.ai_benchmark import _package, run

    utils = _package().utils
    seen = []

    def look(**_):
        (network,) = utils.TestConstructor().getTests()
        seen.append([[each.getInputDims() for each in getattr(network, p)] for p in ("training", "inference")])
        raise ValueError("seen")

    utils.run_tests = look
    run("full", tests, (), lambda _: None)
    connection.send(seen)
