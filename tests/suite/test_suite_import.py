"""What reading a suite costs."""

from __future__ import annotations

import subprocess
import sys


def test_nothing_heavy_is_imported():
    program = "import sys, bench.suite; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {"tensorflow", "keras", "numpy", "pandas", "scipy", "matplotlib", "rich", "sklearn"}
    assert not heavy & set(done.stdout.split())
