import subprocess
import sys

from bench.instruments.memory import AllocatorPeak, peak_resident_bytes

MIB = 2**20


def test_the_resident_peak_counts_memory_that_was_given_back():
    code = (
        "from bench.instruments.memory import peak_resident_bytes as peak\n"
        "before = peak()[0]; block = bytearray(300 << 20); del block; print(before, peak()[0])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    before, after = map(int, output.split())
    assert 290 * MIB < after - before < 320 * MIB


def test_a_small_child_of_a_large_parent_reports_its_own_peak():
    code = (
        "import subprocess, sys\nblock = bytearray(500 << 20)\n"
        "child = 'from bench.instruments.memory import peak_resident_bytes as peak; print(peak()[0])'\n"
        "print(subprocess.run([sys.executable, '-c', child], capture_output=True, text=True).stdout)"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(output) < 200 * MIB


def test_the_resident_peak_is_in_bytes():
    peak, reason = peak_resident_bytes()
    assert reason is None
    assert peak is not None
    assert 10 * MIB < peak < 64 * 1024 * MIB


def test_the_allocators_peak_is_reset_as_the_windows_begin_and_read_as_they_end():
    events = []

    def read():
        events.append("read")
        return 123, None

    peak = AllocatorPeak(lambda: events.append("reset"), read)
    assert peak.peak_bytes is None
    assert peak.reason
    with peak:
        events.append("windows")
    assert events == ["reset", "windows", "read"]
    assert (peak.peak_bytes, peak.reason) == (123, None)
