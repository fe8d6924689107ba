"""For tests without the machine: runs replayed from what another machine recorded.

    from bench.run.run_suite import run_suite
    from bench.run.prepare import Request
    from bench.suite import load
    from bench.testing import Listener, ReplayExecutor

    def test_five_percent_show_in_my_table(tmp_path):
        suite = load(Path("suites/cnn.yaml"))
        executor = ReplayExecutor("results/colab-t4/cnn.jsonl", slow_down={"vgg16/*": 1.05})
        summary = run_suite(Request(suite, suite.cells(), tmp_path), executor, Listener())
        ...    # no GPU, no TensorFlow, a second

What is replayed are the times of steps; the clock that measures them, its stopping rules, the findings, the records
and their tables are the real ones. Records of a replay say so, and never count.
"""

from bench.testing.listener import Listener
from bench.testing.recording import Recording
from bench.testing.replay import ReplayExecutor

__all__ = ["Listener", "Recording", "ReplayExecutor"]
