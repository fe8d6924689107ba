"""What makes a machine unfit, from trees of files as Linux writes them, from traces of GPUs, and one real process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.host.fitness import fitness
from bench.host.hardware import Hardware
from tests.run.watching import becomes, ticks

TICKS = os.sysconf("SC_CLK_TCK")
CPUS = (0, 1)
CPU = Hardware(kind="cpu", cpu="a CPU", cores=len(CPUS), memory_bytes=2**34, system="linux")
GPU = """
from pathlib import Path
from bench.host.fitness import fitness
from bench.host.hardware import Hardware
card = Hardware(kind="gpu", gpu_name="a card", cpu="a CPU", cores=2, memory_bytes=2**34, system="linux")
result = [str(one) for one in fitness(card, root=Path("/nowhere"), sleep=lambda seconds: None)]
"""


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch):
    """However many this machine has."""
    for module in ("background_load", "limits"):
        monkeypatch.setattr(f"bench.host.{module}.usable_cpus", lambda: frozenset(CPUS))


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def process(pid, name, seconds, parent=1):
    return {f"proc/{pid}/stat": f"{pid} ({name}) R {parent} {pid} {pid} {'0 ' * 7}{seconds * TICKS:.0f} 0 0 0 20 0\n"}


def machine(now, took=(), own=0.0, child=0.0, stolen=0.0, swapped=0):
    """A machine `now` seconds after its start: what each process in `took` (name, seconds) had of the processors."""
    busy = sum(seconds for _, seconds in took) + own + child
    # what is busy is so on every processor alike
    each, away = busy / len(CPUS), stolen / len(CPUS)
    row = f"{each * TICKS:.0f} 0 0 {(now - each - away) * TICKS:.0f} 0 0 0 {away * TICKS:.0f} 0 0"
    lines = [f"cpu{cpu} {row}" for cpu in CPUS]
    files = {
        "proc/stat": "cpu 0 0 0 0\n" + "\n".join(lines) + "\nintr 0\n",
        "proc/vmstat": f"nr_free_pages 7\npswpin {swapped}\npswpout 0\n",
    }
    files |= process(os.getpid(), "bench", own) | process(9999, "python", child, parent=os.getpid())
    for place, (name, seconds) in enumerate(took):
        files |= process(100 + place, name, seconds)
    return files


def found(root, before, after, seconds=10.0):
    write(root, before)
    return fitness(CPU, root, seconds=seconds, sleep=lambda _: write(root, after))


def test_a_quiet_machine_is_fit(tmp_path):
    before, after = machine(100, [("sshd", 5.0)]), machine(110, [("sshd", 5.1)], own=0.5, child=4.0)
    assert found(tmp_path, before, after) == ()
    assert fitness(CPU, tmp_path / "nothing", sleep=lambda _: None) == ()


def test_who_takes_the_processors_is_named_and_what_would_mend_it(tmp_path):
    before = machine(100, [("cc1plus", 50), ("sshd", 5), ("blender", 1), ("top", 0), ("init", 90)])
    after = machine(110, [("cc1plus", 54), ("sshd", 5), ("blender", 9), ("top", 0.5), ("init", 90)], own=1.0)
    (only,) = found(tmp_path, before, after)
    share = 12.5 / (10 * len(CPUS))
    assert only.what == f"other processes take {share:.0%} of the processors (blender 80%, cc1plus 40%, top 5% of one)"
    assert only.mend == "stop them, or wait for their end"
    assert not only.lasting
    assert str(only) == f"{only.what}: {only.mend}"


def test_others_that_a_container_hides_are_seen_by_what_they_take(tmp_path):
    before, after = machine(100, [("hidden", 5)]), machine(110, [("hidden", 9)])
    for files in (before, after):
        del files["proc/100/stat"]
    (only,) = found(tmp_path, before, after)
    assert "none that can be seen from here" in only.what


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"stolen": 0.5 * len(CPUS)}, "the hypervisor gives 5% of the processors' time to other machines"),
        ({"swapped": 5000}, "memory is being swapped (5,000 pages in 10 s)"),
    ],
)
def test_what_else_goes_on(tmp_path, more, words):
    (only,) = found(tmp_path, machine(100), machine(110, **more))
    assert only.what == words
    assert only.mend


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"},
            f"a quota allows 0.5 of the {len(CPUS)} processors",
        ),
        (
            {
                "proc/self/cgroup": "0::/job\n",
                "sys/fs/cgroup/job/memory.max": "1000\n",
                "sys/fs/cgroup/job/memory.current": "1100\n",
                "sys/fs/cgroup/job/memory.stat": "anon 950\ninactive_file 150\n",
            },
            "95% of the memory that the container may use is taken",
        ),
        (
            {"proc/meminfo": "MemTotal: 16777216 kB\nMemAvailable: 1048576 kB\n"},
            "only 1.0 of 16.0 GiB of memory are free",
        ),
        (
            {f"sys/devices/system/cpu/cpu{CPUS[0]}/cpufreq/scaling_governor": "powersave\n"},
            "the processors' clocks are governed by powersave, not by performance",
        ),
        (
            {"sys/class/power_supply/AC/type": "Mains\n", "sys/class/power_supply/AC/online": "0\n"},
            "the machine runs on its battery",
        ),
        (
            {"sys/class/power_supply/BAT0/type": "Battery\n", "sys/class/power_supply/BAT0/status": "Discharging\n"},
            "the machine runs on its battery",
        ),
    ],
)
def test_what_holds_it_back(tmp_path, files, words):
    write(tmp_path, files)
    (only,) = fitness(CPU, tmp_path, sleep=lambda _: None)
    assert only.what.startswith(words)
    assert only.mend
    assert only.lasting == ("memory" not in only.what)


@pytest.mark.parametrize(
    "files",
    [
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": f"{len(CPUS)}00000 100000\n"},
        {
            "proc/self/cgroup": "0::/job\n",
            "sys/fs/cgroup/job/memory.max": "1000\n",
            "sys/fs/cgroup/job/memory.current": "990\n",
            "sys/fs/cgroup/job/memory.stat": "anon 100\ninactive_file 850\n",
        },
        {"proc/self/cgroup": "0::/job\n", "sys/fs/cgroup/job/memory.max": "max\n"},
        {"proc/meminfo": "MemTotal: 16777216 kB\nMemFree: 7 kB\nMemAvailable: 9048576 kB\nHugePages_Total: 0\n"},
        {"proc/meminfo": "\nnonsense\nMemTotal:\n", "proc/vmstat": "pswpin"},
        {f"sys/devices/system/cpu/cpu{CPUS[0]}/cpufreq/scaling_governor": "performance\n"},
        {
            "sys/class/power_supply/AC/type": "Mains\n",
            "sys/class/power_supply/AC/online": "1\n",
            "sys/class/power_supply/BAT0/type": "Battery\n",
            "sys/class/power_supply/BAT0/status": "Discharging\n",  # as some do beside a weak charger
        },
        {
            "sys/class/power_supply/hid-mouse/type": "Battery\n",
            "sys/class/power_supply/hid-mouse/scope": "Device\n",
            "sys/class/power_supply/hid-mouse/status": "Discharging\n",
        },
    ],
)
def test_what_is_as_it_should_be_is_not_mentioned(tmp_path, files):
    write(tmp_path, files)
    assert fitness(CPU, tmp_path, sleep=lambda _: None) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("temperature = 45\nutilization = 0\nprocesses =\n", []),
        ("processes = 4294967295:?\nutilization = 4\n", []),  # WSL, with a desktop
        ("processes = 77:2147483648\n", ["another process is on the GPU, with 2.0 GiB of its memory"]),
        ("processes = 77:?,78:?\nutilization = 99\n", ["2 other processes are on the GPU"]),
        ("utilization = 60\nprocesses =\n", ["the GPU is 60% at work for something that can't be seen from here"]),
        (
            "memory_total = 17179869184\nmemory_used = 8589934592\nprocesses =\n",
            ["8.0 of 16.0 GiB of the GPU's memory are taken by something"],
        ),
        ("event_reasons = 0x41\ntemperature = 92\n", ["the GPU is slowed by heat or its power supply"]),
        ("event_reasons = 0x5\ntemperature = 83\n", ["the GPU is 83 °C hot before it has anything to do"]),
    ],
)
def test_a_gpu_that_is_not_free(nvml_standin, tmp_path, text, words):
    trace = tmp_path / "card.ini"
    trace.write_text(f"[gpu 0]\nname = a card\n{text}")
    said = nvml_standin.run(trace, GPU)
    assert len(said) == len(words)
    assert all(one.startswith(start) for one, start in zip(said, words, strict=True)), said


ORPHAN = """
import subprocess, sys
null = subprocess.DEVNULL
one = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=null, stderr=null, start_new_session=True)
print(one.pid)
"""
BUSY = "import time\nend = time.monotonic() + 600\nwhile time.monotonic() < end: sum(range(10_000))"


def test_a_real_busy_process_is_named(tmp_path):
    """On a machine on which nothing else is at work, half of whose time it takes: this one may be busy, or large."""
    # an orphan is no descendant of this process, and so anyone's
    done = subprocess.run([sys.executable, "-c", ORPHAN, BUSY], capture_output=True, text=True, check=True)
    pid = int(done.stdout)

    def look(least=0.0):
        """Take its entry over once it has had so many seconds, with a machine to match; gives its seconds."""
        assert becomes(lambda: taken() >= least)
        text = Path(f"/proc/{pid}/stat").read_text()
        seconds = sum(map(int, text.rpartition(")")[2].split()[11:13])) / TICKS
        write(tmp_path, machine(100 + 2 * seconds / len(CPUS), [("all", seconds)]))
        (tmp_path / "proc/100/stat").unlink()
        write(tmp_path, {f"proc/{pid}/stat": text})
        return seconds

    def taken():
        return sum(map(int, ticks(pid))) / TICKS

    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        before = look()
        found = fitness(CPU, tmp_path, seconds=1.0, sleep=lambda _: look(before + 0.5))
    finally:
        os.kill(pid, signal.SIGKILL)
    assert any("other processes take" in one.what and name in one.what for one in found), found
