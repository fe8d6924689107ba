"""TensorFlow's process-wide settings and what it says of itself. Every cell has a process, so these are set once."""

from __future__ import annotations

import os
from importlib.metadata import version

import keras
import tensorflow as tf

from bench.host.device import Device
from bench.suite.options import Options

__all__ = [
    "configure",
    "device",
    "grow_memory",
    "hide_gpus",
    "is_out_of_memory",
    "lift_limits",
    "peak_allocated_bytes",
    "peaks_by_device",
    "reset_peak",
    "sync",
]


def device() -> Device:
    """Ask TensorFlow what it sees. Doesn't initialise the GPU's context."""
    gpus = tf.config.list_physical_devices("GPU")
    software = {"tensorflow": tf.__version__, "keras": keras.__version__}
    build = tf.sysconfig.get_build_info()
    software |= {key: str(build[key]) for key in ("cuda_version", "cudnn_version") if gpus and build.get(key)}
    software["numpy"] = version("numpy")
    if not gpus:
        return Device("cpu", None, None, software)
    details = tf.config.experimental.get_device_details(gpus[0])
    capability = details.get("compute_capability")
    return Device(
        "gpu",
        details.get("device_name"),
        ".".join(map(str, capability)) if capability else None,
        software,
        len(gpus),
    )


def configure(options: Options, seed: int, expected: str) -> None:
    """Set threads, precision, TF32, memory growth and seeds of this process, before the first operation runs.

    Memory grows as it is needed, so that NVML's figure says what the cell took, and several processes fit on a card;
    only the first of the GPUs are used, as many as the options say. Raises RuntimeError where TensorFlow then doesn't
    compute on the `expected` kind of device (`gpu` or `cpu`), or on fewer: it only logs that a GPU couldn't be used,
    and trains on the CPU.
    """
    wanted = int(options.devices)
    if options.threads is not None:
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
        tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    if grow_memory(wanted):
        tf.config.experimental.enable_tensor_float_32_execution(options.tf32)
    elif wanted > 1:
        logical = [tf.config.LogicalDeviceConfiguration() for _ in range(wanted)]
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], logical)
    lift_limits()
    keras.config.set_dtype_policy(options.precision)
    keras.config.set_floatx("float32")  # and not what the user's keras.json says
    keras.config.set_image_data_format("channels_last")
    keras.utils.set_random_seed(seed)
    found = "gpu" if tf.config.list_logical_devices("GPU") else "cpu"
    if found != expected:
        raise RuntimeError(f"this cell would compute on the {found}, and not on the {expected}")
    count = len(tf.config.list_logical_devices(found.upper()))
    if count < wanted:
        raise RuntimeError(f"this cell would compute on {count} of the {wanted} devices that it is to have")


def lift_limits() -> None:
    """Let `fit` and `evaluate` go as far as they are asked to, whatever KERAS_MAX_EPOCHS and KERAS_MAX_STEPS_PER_EPOCH
    say: Keras would end without a word. Older ones have no such limits."""
    for name in ("set_max_epochs", "set_max_steps_per_epoch"):
        if (lift := getattr(keras.config, name, None)) is not None:
            lift(None)


def hide_gpus() -> None:
    """Touch no GPU in this process."""
    tf.config.set_visible_devices([], "GPU")


def grow_memory(count: int = 1) -> bool:
    """Use the first `count` GPUs alone, and take their memory as it is needed; gives whether there is one."""
    gpus = tf.config.list_physical_devices("GPU")[:count]
    if gpus:
        tf.config.set_visible_devices(gpus, "GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    return bool(gpus)


def sync() -> None:
    """Wait until every device has done all that was asked of it."""
    tf.test.experimental.sync_devices()


def reset_peak() -> None:
    """Start the allocators' peaks anew, where the devices have allocators that count."""
    if peak_allocated_bytes()[1] is None:
        for place in range(len(tf.config.list_logical_devices("GPU"))):
            tf.config.experimental.reset_memory_stats(f"GPU:{place}")


def peak_allocated_bytes() -> tuple[int | None, str | None]:
    """Peak bytes in use by TensorFlow's GPU allocators since `reset_peak`, of all devices together, or None and why
    there is no figure."""
    peaks, why = peaks_by_device()
    return (sum(peaks), None) if why is None else (None, why)


def peaks_by_device() -> tuple[tuple[int, ...], str | None]:
    """The same of each GPU that this process uses; none, and why, where there is no figure."""
    gpus = tf.config.list_logical_devices("GPU")
    if not gpus:
        return (), "no GPU: on a CPU, TensorFlow counts large allocations alone"
    if os.environ.get("TF_GPU_ALLOCATOR") == "cuda_malloc_async":
        return (), "the allocator cuda_malloc_async keeps no peak"
    infos = [tf.config.experimental.get_memory_info(f"GPU:{place}") for place in range(len(gpus))]
    return tuple(int(info["peak"]) for info in infos), None


def is_out_of_memory(error: BaseException) -> bool:
    """Did the device or the host run out of memory? A card that is full from the start says so in words alone."""
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return True
    words = ("CUDA_ERROR_OUT_OF_MEMORY", "RESOURCE_EXHAUSTED", "out of memory")
    return isinstance(error, tf.errors.OpError) and any(word in str(error) for word in words)
