"""A safe door to NVML, the NVIDIA driver's own instruments.

Whatever a card, a driver, a container or a MIG slice does not give comes back as a `Reading` without a value and with
the reason: never as an exception, and never as 0. `pynvml` is imported only when the door is opened.

    with open_nvml() as nvml:
        gpu = nvml.chosen().value
        if gpu is not None:
            print(gpu.name().value, gpu.power_watts())
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from bench.system.cuda_visible import VISIBLE_DEVICES, Visible, visible

__all__ = [
    "DRIVER_MISMATCH",
    "DRIVER_NOT_LOADED",
    "NO_DRIVER_LIBRARY",
    "NO_PACKAGE",
    "SLOWED",
    "ComputeMode",
    "Device",
    "GpuProcess",
    "Nvml",
    "Reading",
    "open_nvml",
]

SLOWED = 0x8 | 0x20 | 0x40 | 0x80
"""Of `Device.event_reasons` those that slow a card which should be cooled or powered better: the hardware, heat (the
software's limit and the hardware's), the power supply (nvmlClocksEventReason* in nvml.h)."""

NO_PACKAGE = "the package nvidia-ml-py is not installed"
NO_DRIVER_LIBRARY = "no NVIDIA device (no driver library)"
DRIVER_NOT_LOADED = "NVML: the NVIDIA driver is not loaded"
DRIVER_MISMATCH = "NVML: the driver's library and kernel module differ in version; restart"
"""Reasons for which the door stays shut, to be told apart."""

ComputeMode = Literal["default", "exclusive", "prohibited"]
"""Who may compute on a GPU: any number of processes, one at a time, none (nvmlComputeMode_t in nvml.h)."""

T = TypeVar("T")
U = TypeVar("U")

_REASONS = {
    "NVMLError_LibraryNotFound": NO_DRIVER_LIBRARY,
    "NVMLError_DriverNotLoaded": DRIVER_NOT_LOADED,
    "NVMLError_LibRmVersionMismatch": DRIVER_MISMATCH,
    "NVMLError_NotSupported": "NVML: not supported by this GPU or driver",
    "NVMLError_NoPermission": "NVML: no permission to read it",
    "NVMLError_FunctionNotFound": "NVML: this driver is too old to give it",
    "NVMLError_GpuIsLost": "NVML: the GPU is lost; restart",
}
_COMPUTE_MODES: dict[int, ComputeMode] = {0: "default", 1: "exclusive", 2: "prohibited", 3: "exclusive"}
_NOT_FOR_SLICES = {"NVMLError_NotSupported", "NVMLError_InvalidArgument", "NVMLError_NoPermission"}


@dataclass(frozen=True)
class Reading(Generic[T]):
    """What an instrument read: `value`, or None and the `reason` in plain words."""

    value: T | None
    reason: str | None = None

    def then(self, convert: Callable[[T], U]) -> Reading[U]:
        """The value converted, or the same absence."""
        return Reading(None, self.reason) if self.value is None else Reading(convert(self.value))


@dataclass(frozen=True)
class GpuProcess:
    """A process that computes on a GPU, by the driver's number of it, and the GPU memory that it holds."""

    pid: int
    memory_bytes: int | None


class Device:
    """One GPU, or one MIG slice of it. A reading is one call of the driver, two where an older call stands in."""

    def __init__(self, pynvml: Any, handle: Any, index: int, parent: Device | None = None) -> None:
        self._pynvml = pynvml
        self._handle = handle
        self.index = index
        self.parent = parent

    @property
    def is_slice(self) -> bool:
        """Is this a MIG slice rather than a whole GPU?"""
        return self.parent is not None

    def name(self) -> Reading[str]:
        return self._read("nvmlDeviceGetName").then(_text)

    def uuid(self) -> Reading[str]:
        return self._read("nvmlDeviceGetUUID").then(_text)

    def identifiers(self) -> tuple[str, ...]:
        """What `CUDA_VISIBLE_DEVICES` may call it: its UUID, and a slice by its GPU's and its two instances too.

        Before R470 the latter is also what NVML gives as a slice's UUID.
        """
        names = [self.uuid().value]
        if self.parent is not None:
            whole = self.parent.uuid().value
            gpu, compute = (self._read(f"nvmlDeviceGet{kind}InstanceId").value for kind in ("Gpu", "Compute"))
            names.append(None if None in (whole, gpu, compute) else f"MIG-{whole}/{gpu}/{compute}")
        return tuple(dict.fromkeys(name for name in names if name))

    def compute_capability(self) -> Reading[str]:
        """As `7.5`. A slice has its GPU's."""
        whole = self.parent or self
        return whole._read("nvmlDeviceGetCudaComputeCapability").then(lambda pair: f"{pair[0]}.{pair[1]}")

    def compute_mode(self) -> Reading[ComputeMode]:
        """Who may compute on it. A slice has its GPU's."""
        whole = self.parent or self
        mode = whole._read("nvmlDeviceGetComputeMode")
        if mode.value is not None and mode.value not in _COMPUTE_MODES:
            return Reading(None, f"NVML gives the unknown compute mode {mode.value}")
        return mode.then(lambda value: _COMPUTE_MODES[value])

    def mig_enabled(self) -> bool:
        """Is the GPU divided into MIG slices? False where NVML can't say: only cards that have MIG can."""
        mode = self._read("nvmlDeviceGetMigMode").value
        return bool(mode and mode[0] == 1)

    def slices(self) -> tuple[Device, ...]:
        """The GPU's MIG slices, in NVML's order."""
        found = []
        for i in range(self._read("nvmlDeviceGetMaxMigDeviceCount").value or 0):
            handle = self._read("nvmlDeviceGetMigDeviceHandleByIndex", i).value
            if handle is not None:  # indices that no slice holds are an error of their own
                found.append(Device(self._pynvml, handle, i, parent=self))
        return tuple(found)

    def memory_total_bytes(self) -> Reading[int]:
        return _positive(self._memory().then(lambda memory: int(memory.total)), "memory")

    def memory_used_bytes(self) -> Reading[int]:
        """In use by all processes, contexts included; without what the driver reserves where it tells the two apart."""
        memory = self._memory()
        if memory.value is not None and not memory.value.total:
            return Reading(None, "NVML gives no memory for this GPU (it may share the machine's)")
        return memory.then(lambda found: int(found.used))

    def processes(self) -> Reading[tuple[GpuProcess, ...]]:
        """The processes that compute on it, numbered as outside of any container.

        WSL gives one number, which is none, for all of them: these are left out.
        """
        running = self._first("nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2")
        return running.then(
            lambda found: tuple(GpuProcess(int(one.pid), one.usedGpuMemory) for one in found if 0 < one.pid < 2**31)
        )

    def utilization(self) -> Reading[float]:
        """Share (0..1) of the driver's last sampling period, 1/6 to 1 s, in which a kernel ran."""
        return self._read("nvmlDeviceGetUtilizationRates").then(lambda rates: rates.gpu / 100)

    def power_watts(self) -> Reading[float]:
        """The board's draw: an average over the last second on Ampere and later except GA100, else instantaneous."""
        return _positive(self._read("nvmlDeviceGetPowerUsage").then(lambda milliwatts: milliwatts / 1e3), "power")

    def energy_joules(self) -> Reading[float]:
        """Energy since the driver was loaded; only differences mean something. Volta and later, no MIG slices."""
        counter = self._read("nvmlDeviceGetTotalEnergyConsumption")
        return _positive(counter.then(lambda millijoules: millijoules / 1e3), "energy")

    def sm_clock_hz(self) -> Reading[float]:
        return self._clock("NVML_CLOCK_SM")

    def memory_clock_hz(self) -> Reading[float]:
        return self._clock("NVML_CLOCK_MEM")

    def temperature_celsius(self) -> Reading[float]:
        reading = self._read("nvmlDeviceGetTemperature", self._pynvml.NVML_TEMPERATURE_GPU).then(float)
        return _positive(reading, "temperature")

    def event_reasons(self) -> Reading[int]:
        """The clocks' event reasons as a bit mask; drivers before R535 call them throttle reasons."""
        return self._first("nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons")

    def _clock(self, domain: str) -> Reading[float]:
        clock = self._read("nvmlDeviceGetClockInfo", getattr(self._pynvml, domain))
        return _positive(clock.then(lambda megahertz: megahertz * 1e6), "clock")

    def _memory(self) -> Reading[Any]:
        # the older call counts the driver's reserve as used, so the newer one goes first
        newer = self._read("nvmlDeviceGetMemoryInfo", getattr(self._pynvml, "nvmlMemory_v2", None))
        return newer if newer.value is not None else self._read("nvmlDeviceGetMemoryInfo")

    def _first(self, *functions: str) -> Reading[Any]:
        reading: Reading[Any] = Reading(None)
        for function in functions:
            reading = self._read(function)
            if reading.value is not None:
                break
        return reading

    def _read(self, function: str, *args: Any) -> Reading[Any]:
        return _attempt(self._pynvml, function, self._handle, *args, is_slice=self.is_slice)


@dataclass(frozen=True)
class Nvml:
    """The opened door: the machine's `devices` in PCI bus order, or none and the `reason`."""

    devices: tuple[Device, ...]
    driver: Reading[str]
    reason: str | None = None

    def chosen(self, environ: Mapping[str, str] | None = None) -> Reading[Device]:
        """The GPU or MIG slice that a TensorFlow process with this environment sees as `GPU:0`.

        Its variable is read as `bench.system.cuda_visible` has it; a GPU in MIG mode stands for its first slice. NVML
        counts in PCI bus order, CUDA with the fastest first unless `CUDA_DEVICE_ORDER=PCI_BUS_ID` is set: on a machine
        with unlike cards an index means the same to both only with that set.
        """
        return self.at(0, environ)

    def at(self, place: int, environ: Mapping[str, str] | None = None) -> Reading[Device]:
        """The one that such a process sees as `GPU:<place>`."""
        found = self.shown(environ)
        if found.value is not None and place >= len(found.value):
            return Reading(None, f"NVML shows the process no GPU:{place}")
        return found.then(lambda devices: devices[place])

    def shown(self, environ: Mapping[str, str] | None = None) -> Reading[tuple[Device, ...]]:
        """All that such a process sees, as `GPU:0`, `GPU:1` …, in that order: CUDA shows a process one MIG slice at
        most, and no other GPU beside it."""
        if not self.devices:
            return Reading(None, self.reason)
        value = (os.environ if environ is None else environ).get(VISIBLE_DEVICES)
        found = self.devices if value is None else self.visible(value).devices
        if not found:
            return Reading(None, f"{VISIBLE_DEVICES} leaves no GPU visible")
        first = _whole_or_slice(found[0])
        if first.value is None or first.value.is_slice:
            return first.then(lambda device: (device,))
        return Reading((first.value, *(one for one in found[1:] if not one.is_slice and not one.mig_enabled())))

    def visible(self, value: str) -> Visible[Device]:
        """The GPUs and MIG slices that this value of `CUDA_VISIBLE_DEVICES` leaves visible."""
        every = [one for device in self.devices for one in (device, *device.slices())]
        identifiers = {name: one for one in every for name in one.identifiers()}
        return visible(value, {str(device.index): device for device in self.devices}, identifiers)


@contextlib.contextmanager
def open_nvml() -> Iterator[Nvml]:
    """Open NVML for the block. Never raises: without a driver, `devices` is empty and `reason` says why."""
    try:
        import pynvml
    except ImportError:
        yield _closed(NO_PACKAGE)
        return
    opened = _attempt(pynvml, "nvmlInit")
    if opened.reason is not None:
        yield _closed(opened.reason)
        return
    try:
        count = _attempt(pynvml, "nvmlDeviceGetCount")
        handles = [_attempt(pynvml, "nvmlDeviceGetHandleByIndex", i) for i in range(count.value or 0)]
        devices = tuple(Device(pynvml, h.value, i) for i, h in enumerate(handles) if h.value is not None)
        refusals = [reading.reason for reading in (count, *handles) if reading.reason]
        reason = None if devices else (refusals or ["no NVIDIA device"])[0]
        yield Nvml(devices, _attempt(pynvml, "nvmlSystemGetDriverVersion").then(_text), reason)
    finally:
        _attempt(pynvml, "nvmlShutdown")


def _closed(reason: str) -> Nvml:
    return Nvml((), Reading(None, reason), reason)


def _whole_or_slice(device: Device) -> Reading[Device]:
    if device.is_slice or not device.mig_enabled():
        return Reading(device)
    slices = device.slices()
    return Reading(slices[0]) if slices else Reading(None, f"GPU {device.index} is in MIG mode and has no slice")


def _attempt(pynvml: Any, function: str, *args: Any, is_slice: bool = False) -> Reading[Any]:
    try:
        return Reading(getattr(pynvml, function)(*args))
    except UnicodeDecodeError as error:  # nvidia-ml-py decodes names itself, strictly
        return Reading(bytes(error.object))
    except AttributeError:
        return Reading(None, f"the installed nvidia-ml-py has no {function}")
    except Exception as error:  # an instrument never ends what it watches
        kind = type(error).__name__
        if is_slice and kind in _NOT_FOR_SLICES:
            return Reading(None, "NVML does not give it for a MIG slice")
        return Reading(None, _REASONS.get(kind) or f"NVML: {str(error).rstrip('.') or kind}")


def _positive(reading: Reading[T], what: str) -> Reading[T]:
    """A running GPU has none of these at 0: where a driver says so, it has no such sensor."""
    return Reading(None, f"NVML gives 0 for the {what}, so nothing measures it") if reading.value == 0 else reading


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
