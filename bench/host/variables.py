"""Environment variables that change what is measured: what each does, and which a record names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from bench.system.procfs import kernel_text

__all__ = ["Variable", "at_work", "changing_figures", "setting"]


def _on(text: str) -> bool:
    return text.strip().lower() not in ("", "0", "false")


def _off(text: str) -> bool:
    return text.strip().lower() in ("0", "false")


def _always(text: str) -> bool:
    return bool(text.strip())


@dataclass(frozen=True)
class Variable:
    """`does` is what it does while `when` says so of its value; `gpu`: only to GPUs.

    `figures`: does it change what a machine reaches? Not where it concerns other things, or is set by hosted notebooks
    for good, as their allocator is. `state` is how the doctor finds it.
    """

    does: str
    when: Callable[[str], bool] = _always
    gpu: bool = False
    state: Literal["fine", "limited"] = "limited"
    figures: bool = True


_THREADS = "gives every cell so many threads, whatever the machine has; the option threads of a suite does so by name"
_FEWER = "lets oneDNN use no newer instructions than these, on a processor that may have them"
_TELLS = "makes oneDNN write a line for each primitive: steps take longer"
_ALLOCATOR = "changes how the C library gives memory, and so a step's time"
_LIFTED = "doesn't count: bench lifts Keras's limits in its cells"
_VARIABLES: Mapping[str, Variable] = {
    # tensorflow/__init__.py takes these three values for yes
    "TF_USE_LEGACY_KERAS": Variable(
        "makes tf.keras Keras 2: networks of your own that use it are none that bench can train",
        lambda text: text in ("1", "true", "True"),
        figures=False,
    ),
    "TF_ENABLE_ONEDNN_OPTS": Variable("turns oneDNN off: convolutions on the CPU take longer", _off),
    "ONEDNN_MAX_CPU_ISA": Variable(_FEWER),
    "DNNL_MAX_CPU_ISA": Variable(_FEWER),
    "ONEDNN_DEFAULT_FPMATH_MODE": Variable(
        "lets oneDNN compute float32 in fewer digits: what is called float32 isn't",
        lambda text: text.strip().lower() not in ("", "strict"),
    ),
    "TF_SET_ONEDNN_FPMATH_MODE": Variable("lets oneDNN compute float32 in fewer digits: what is called float32 isn't"),
    "ONEDNN_VERBOSE": Variable(_TELLS, _on),
    "DNNL_VERBOSE": Variable(_TELLS, _on),
    "TF_NUM_INTRAOP_THREADS": Variable(_THREADS, _on),
    "TF_NUM_INTEROP_THREADS": Variable(_THREADS, _on),
    # tensorflow/core/common_runtime/process_util.cc reads it in builds for OpenMP alone, and no wheel is one
    "OMP_NUM_THREADS": Variable(
        "leaves TensorFlow's wheels alone, which have threads of their own; NumPy in data sets of your own obeys it",
        state="fine",
        figures=False,
    ),
    "TF_XLA_FLAGS": Variable("steers XLA behind the suite's back: xla: off may not be off (--tf_xla_auto_jit)"),
    "XLA_FLAGS": Variable("changes what XLA makes of a step", figures=False),
    "TF_DETERMINISTIC_OPS": Variable("has kernels taken that always give the same: some are slower", _on),
    "TF_CUDNN_DETERMINISTIC": Variable("has cuDNN's kernels taken that always give the same: slower", _on, gpu=True),
    "TF_CUDNN_USE_AUTOTUNE": Variable("keeps cuDNN's fastest kernels from being looked for", _off, gpu=True),
    "CUDA_LAUNCH_BLOCKING": Variable("makes every kernel wait for the one before it", _on, gpu=True),
    "CUDA_CACHE_DISABLE": Variable("has GPU code compiled anew in every process", _on, gpu=True),
    "CUDA_FORCE_PTX_JIT": Variable("has all GPU code compiled as it is loaded, for minutes", _on, gpu=True),
    "NVIDIA_TF32_OVERRIDE": Variable("settles TF32 whatever the option tf32 says: 0 is off, 1 is on", gpu=True),
    "TF_GPU_ALLOCATOR": Variable(
        "takes an allocator that keeps no peak: the memory that a cell used isn't told",
        lambda text: text.strip() == "cuda_malloc_async",
        gpu=True,
        figures=False,
    ),
    "TF_FORCE_GPU_ALLOW_GROWTH": Variable(
        "has each process take the whole card at once: its memory says nothing, and two cells can't take turns",
        _off,
        gpu=True,
        figures=False,
    ),
    "TF_GPU_THREAD_MODE": Variable("gives GPU kernels launching threads of their own", gpu=True),
    "TF_CPP_MAX_VLOG_LEVEL": Variable("makes TensorFlow write all that it does: steps take longer", _on),
    "TF_CPP_VMODULE": Variable("makes parts of TensorFlow write all that they do: steps take longer"),
    "LD_PRELOAD": Variable(
        "puts a library before all others in every cell: another allocator changes its times", figures=False
    ),
    "GLIBC_TUNABLES": Variable(_ALLOCATOR, state="fine", figures=False),
    "CUBLAS_WORKSPACE_CONFIG": Variable("settles which of cuBLAS's kernels may be taken", gpu=True, figures=False),
    "KMP_AFFINITY": Variable("ties OpenMP's threads to processors", state="fine", figures=False),
    "KMP_BLOCKTIME": Variable("lets OpenMP's threads wait at work", state="fine", figures=False),
    "TF_GPU_THREAD_COUNT": Variable(
        "gives GPU kernels so many launching threads", state="fine", gpu=True, figures=False
    ),
    "KERAS_MAX_EPOCHS": Variable(_LIFTED, state="fine", figures=False),
    "KERAS_MAX_STEPS_PER_EPOCH": Variable(_LIFTED, state="fine", figures=False),
    "KERAS_BACKEND": Variable(
        "doesn't count: bench sets tensorflow for its cells",
        lambda text: text.strip() != "tensorflow",
        state="fine",
        figures=False,
    ),
}

_FAMILIES = ("DNNL_", "MALLOC_", "ONEDNN_")
"""What begins so is named by a record too, whatever it does."""

_NEVER_KEPT = frozenset({"KERAS_BACKEND", "KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH"})
_LIBRARIES = "LD_PRELOAD"


def at_work(environ: Mapping[str, str], gpu: bool) -> Iterator[tuple[str, str, Variable]]:
    """Those that are set and do something here, with their values."""
    for name, variable in _VARIABLES.items():
        value = environ.get(name)
        if value is not None and variable.when(value) and (gpu or not variable.gpu):
            yield name, value, variable


def changing_figures(environ: Mapping[str, str], gpu: bool) -> dict[str, str]:
    """Those that change what this machine reaches, by name: their value and what it does."""
    return {name: f"{value!r} {one.does}" for name, value, one in at_work(environ, gpu) if one.figures}


def setting(environ: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """What a record names of the `environ` and of a variant's `own` variables, by name, in order: all that may change
    which kernels run and how fast, and its process's niceness, processors and `oom_score_adj` where those aren't the
    usual ones.

    By name and family: others name hosts and folders. Of libraries that are loaded before all others, their names.
    """
    found = {**environ, **own}
    wanted = {name for name in found if name in _VARIABLES or name.startswith(_FAMILIES)} - _NEVER_KEPT | {*own}
    named = {name: _names(found[name]) if name == _LIBRARIES else found[name] for name in wanted if name in found}
    return dict(sorted((named | _process()).items()))


def _names(libraries: str) -> str:
    return " ".join(PurePath(one).name for one in libraries.replace(":", " ").split())


def _process() -> dict[str, str]:
    found = {}
    if niceness := os.nice(0):
        found["niceness"] = str(niceness)
    if hasattr(os, "sched_getaffinity") and len(mine := os.sched_getaffinity(0)) < (os.cpu_count() or 1):
        found["processors"] = ",".join(map(str, sorted(mine)))
    if (adjusted := kernel_text(Path("/proc/self/oom_score_adj")).strip()) not in ("", "0"):
        found["oom_score_adj"] = adjusted
    return found
