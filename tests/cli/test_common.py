"""What ends a verb that measures."""

import signal
import subprocess
import sys

import pytest

CODE = """
import os, signal
from bench.cli.common import end_like_ctrl_c

if {ignored}:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
end_like_ctrl_c()
try:
    os.kill(os.getpid(), {number})
    print("goes on")
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize(
    ("number", "ignored", "said"),
    [(signal.SIGHUP, False, "interrupted"), (signal.SIGTERM, True, "interrupted"), (signal.SIGHUP, True, "goes on")],
)
def test_a_lost_terminal_ends_it_like_ctrl_c_unless_it_is_to_outlast_that(number, ignored, said):
    code = CODE.format(number=int(number), ignored=ignored)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == said, done.stderr
