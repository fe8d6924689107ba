"""Environment variables that change what is measured, and what each does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.host.doctor.check import Check, State

__all__ = ["changing_figures", "variable_checks"]


def _on(text: str) -> bool:
    return text.strip().lower() not in ("", "0", "false")


def _off(text: str) -> bool:
    return text.strip().lower() in ("0", "false")


def _always(text: str) -> bool:
    return bool(text.strip())


@dataclass(frozen=True)
class _Variable:
    """`does` is what it does while `when` says so of its value; `gpu`: only to GPUs.

    `figures`: does it change what a machine reaches? Not where it concerns other things, or is set by hosted notebooks
    for good, as their allocator is.
    """

    does: str
    when: Callable[[str], bool] = _always
    gpu: bool = False
    state: State = "limited"
    figures: bool = True


_THREADS = "gives every cell so many threads, whatever the machine has; the option threads of a suite does so by name"
_FEWER = "lets oneDNN use no newer instructions than these, on a processor that may have them"
_TELLS = "makes oneDNN write a line for each primitive: steps take longer"
_VARIABLES: Mapping[str, _Variable] = {
    # tensorflow/__init__.py takes these three values for yes
    "TF_USE_LEGACY_KERAS": _Variable(
        "makes tf.keras Keras 2: networks of your own that use it are none that bench can train",
        lambda text: text in ("1", "true", "True"),
        figures=False,
    ),
    "TF_ENABLE_ONEDNN_OPTS": _Variable("turns oneDNN off: convolutions on the CPU take longer", _off),
    "ONEDNN_MAX_CPU_ISA": _Variable(_FEWER),
    "DNNL_MAX_CPU_ISA": _Variable(_FEWER),
    "ONEDNN_DEFAULT_FPMATH_MODE": _Variable(
        "lets oneDNN compute float32 in fewer digits: what is called float32 isn't",
        lambda text: text.strip().lower() not in ("", "strict"),
    ),
    "TF_SET_ONEDNN_FPMATH_MODE": _Variable("lets oneDNN compute float32 in fewer digits: what is called float32 isn't"),
    "ONEDNN_VERBOSE": _Variable(_TELLS, _on),
    "DNNL_VERBOSE": _Variable(_TELLS, _on),
    "TF_NUM_INTRAOP_THREADS": _Variable(_THREADS, _on),
    "TF_NUM_INTEROP_THREADS": _Variable(_THREADS, _on),
    # tensorflow/core/common_runtime/process_util.cc reads it in builds for OpenMP alone, and no wheel is one
    "OMP_NUM_THREADS": _Variable(
        "leaves TensorFlow's wheels alone, which have threads of their own; NumPy in data sets of your own obeys it",
        state="fine",
        figures=False,
    ),
    "TF_XLA_FLAGS": _Variable("steers XLA behind the suite's back: xla: off may not be off (--tf_xla_auto_jit)"),
    "XLA_FLAGS": _Variable("changes what XLA makes of a step", figures=False),
    "TF_DETERMINISTIC_OPS": _Variable("has kernels taken that always give the same: some are slower", _on),
    "TF_CUDNN_DETERMINISTIC": _Variable("has cuDNN's kernels taken that always give the same: slower", _on, gpu=True),
    "TF_CUDNN_USE_AUTOTUNE": _Variable("keeps cuDNN's fastest kernels from being looked for", _off, gpu=True),
    "CUDA_LAUNCH_BLOCKING": _Variable("makes every kernel wait for the one before it", _on, gpu=True),
    "CUDA_CACHE_DISABLE": _Variable("has GPU code compiled anew in every process", _on, gpu=True),
    "CUDA_FORCE_PTX_JIT": _Variable("has all GPU code compiled as it is loaded, for minutes", _on, gpu=True),
    "NVIDIA_TF32_OVERRIDE": _Variable("settles TF32 whatever the option tf32 says: 0 is off, 1 is on", gpu=True),
    "TF_GPU_ALLOCATOR": _Variable(
        "takes an allocator that keeps no peak: the memory that a cell used isn't told",
        lambda text: text.strip() == "cuda_malloc_async",
        gpu=True,
        figures=False,
    ),
    "TF_FORCE_GPU_ALLOW_GROWTH": _Variable(
        "has each process take the whole card at once: its memory says nothing, and two cells can't take turns",
        _off,
        gpu=True,
        figures=False,
    ),
    "TF_GPU_THREAD_MODE": _Variable("gives GPU kernels launching threads of their own", gpu=True),
    "TF_CPP_MAX_VLOG_LEVEL": _Variable("makes TensorFlow write all that it does: steps take longer", _on),
    "TF_CPP_VMODULE": _Variable("makes parts of TensorFlow write all that they do: steps take longer"),
    "LD_PRELOAD": _Variable(
        "puts a library before all others in every cell: another allocator changes its times", figures=False
    ),
    "KERAS_BACKEND": _Variable(
        "doesn't count: bench sets tensorflow for its cells",
        lambda text: text.strip() != "tensorflow",
        state="fine",
        figures=False,
    ),
}


def variable_checks(environ: Mapping[str, str], gpu: bool) -> tuple[Check, ...]:
    """A line for each that is set and does something here, or one that says there is none."""
    found = tuple(_found(environ, gpu))
    if any(one.state != "fine" for one in found):
        return found
    return (*found, Check("software: environment", "fine", "no variable is set that would change timings"))


def changing_figures(environ: Mapping[str, str], gpu: bool) -> dict[str, str]:
    """Those that change what this machine reaches, by name: their value and what it does."""
    return {name: f"{value!r} {one.does}" for name, value, one in _at_work(environ, gpu) if one.figures}


def _found(environ: Mapping[str, str], gpu: bool) -> Iterator[Check]:
    for name, value, variable in _at_work(environ, gpu):
        mend = None if variable.state == "fine" else f"unset {name}"
        yield Check(f"software: {name}", variable.state, f"{value!r} {variable.does}", mend)


def _at_work(environ: Mapping[str, str], gpu: bool) -> Iterator[tuple[str, str, _Variable]]:
    """Those that are set and do something here, with their values."""
    for name, variable in _VARIABLES.items():
        value = environ.get(name)
        if value is not None and variable.when(value) and (gpu or not variable.gpu):
            yield name, value, variable
