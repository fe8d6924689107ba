"""What instruments read of the machine while a cell was measured: memory, GPU, processors."""

from __future__ import annotations

from bench.results.metric import Metric, significant
from bench.results.metric_kinds import (
    bytes_metric,
    count_metric,
    lower_share_metric,
    seconds_metric,
    share_metric,
    value_of,
)
from bench.results.window_stats import impossible

__all__ = ["MACHINE_METRICS"]


def _bits(mask: float) -> str:
    return f"{int(mask):#x}"


MACHINE_METRICS = (
    bytes_metric(
        "peak_gpu_allocator_bytes",
        "peak GPU memory in use",
        "most GPU memory that TensorFlow's allocator had handed out at once, after warm-up",
    ),
    bytes_metric(
        "peak_gpu_nvml_bytes",
        "peak GPU memory reserved",
        "most GPU memory that NVML saw in use: reserved by TensorFlow, its context, and other processes; short peaks "
        "escape",
    ),
    bytes_metric(
        "peak_gpu_process_bytes",
        "peak GPU memory of the process",
        "most GPU memory that NVML saw the cell's process hold; containers often hide it",
    ),
    bytes_metric(
        "peak_resident_bytes",
        "peak memory",
        "most main memory that the cell's process held (resident set) until its windows had ended, what it shares with "
        "other processes (the data set, TensorFlow's code) included",
    ),
    share_metric("gpu_utilization", "GPU utilisation", "share of the time in which a kernel ran on the GPU (NVML)"),
    Metric(
        "gpu_power_watts",
        "GPU power",
        "W",
        "lower",
        significant,
        1,
        "mean power drawn by the card during the windows (NVML)",
        value_of("gpu_power_watts"),
    ),
    Metric(
        "gpu_energy_joules",
        "GPU energy",
        "J",
        "lower",
        significant,
        1,
        "energy drawn by the card during the windows: its counter, or power integrated where it has none",
        lambda record: None if impossible(record.windows) else record.values.get("gpu_energy_joules"),
        of_windows=True,
    ),
    Metric(
        "gpu_sm_clock_hz",
        "GPU clock",
        "MHz",
        "higher",
        ",.0f",
        1e-6,
        "mean clock of the card's multiprocessors during the windows (NVML)",
        value_of("gpu_sm_clock_hz"),
    ),
    Metric(
        "gpu_memory_clock_hz",
        "GPU memory clock",
        "MHz",
        "higher",
        ",.0f",
        1e-6,
        "mean clock of the card's memory during the windows (NVML)",
        value_of("gpu_memory_clock_hz"),
    ),
    Metric(
        "gpu_temperature_celsius",
        "GPU temperature",
        "°C",
        "lower",
        ".0f",
        1,
        "highest temperature of the card during the windows (NVML)",
        value_of("gpu_temperature_celsius"),
    ),
    Metric(
        "gpu_throttle_reasons",
        "GPU held back",
        "",
        None,
        _bits,
        1,
        "every reason for lower clocks that NVML gave during the windows, a bit each, idle left out",
        value_of("gpu_throttle_reasons"),
    ),
    Metric(
        "gpu_idle_watts",
        "GPU idle power",
        "W",
        "lower",
        significant,
        1,
        "mean power drawn by the card with nothing on it, in a second before the first cell (NVML); subtracted from "
        "no other metric",
        value_of("gpu_idle_watts"),
    ),
    count_metric(
        "foreign_gpu_processes",
        "other processes on the GPU",
        "lower",
        "processes other than the cell's that computed on the card during the windows; containers often hide them",
    ),
    bytes_metric(
        "foreign_gpu_memory_bytes", "GPU memory of other processes", "GPU memory that those other processes held"
    ),
    share_metric(
        "cpu_share", "processor use", "share of the usable processors' time that the cell took during the windows"
    ),
    lower_share_metric("foreign_cpu_share", "processor use by others", "share of that time that other processes took"),
    lower_share_metric(
        "ray_cpu_share",
        "processor use by Ray",
        "share of that time that Ray took on its node, and the driver beside it",
    ),
    bytes_metric(
        "ray_resident_bytes",
        "memory of Ray",
        "main memory of Ray's processes on the node as the windows ended, resident sets added up",
    ),
    lower_share_metric(
        "cpu_steal_share", "stolen processor time", "share of that time that the hypervisor gave to others"
    ),
    seconds_metric(
        "cgroup_throttled_seconds",
        "time throttled",
        "time that a container's quota held the cell off the processors during the windows",
    ),
    count_metric(
        "cpu_thermal_throttles",
        "processor throttled by heat",
        "lower",
        "how often a processor was slowed for being hot during the windows",
    ),
)
"""In the order in which they are shown."""
