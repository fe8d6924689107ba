"""The chain's last links: code for this very card, and TensorFlow's own list of GPUs."""

from __future__ import annotations

import re

from bench.host.doctor.check import Check
from bench.host.doctor.cuda import number
from bench.host.doctor.device_code import capability_number, code_for, last_release_with, lowest
from bench.host.doctor.gpu_choice import hidden_on_purpose, visible_count
from bench.host.doctor.gpu_view import Link, View
from bench.host.doctor.stack import Build

__all__ = ["code_link", "seen_link"]

# CUDA 12.8 is the first that compiles for compute capabilities 10 and 12 (its release notes)
_BLACKWELL, _KNOWS_BLACKWELL = (10, 0), (12, 8)
_ON_THE_CPU = "export CUDA_VISIBLE_DEVICES=-1  # measures the CPU"
_FIRST = "mend that first; or, to measure the CPU on purpose: export CUDA_VISIBLE_DEVICES=-1"
_ELSEWHERE = "nvcr.io/nvidia/tensorflow, or a build with CUDA 12.8 or newer"
_ENOUGH_BYTES = (
    2**30
)  # all of 2.21's machine code for a card is 170 MB, and older drivers keep 256 MiB for all programs
_CACHE = "export CUDA_CACHE_MAXSIZE=4294967296"
_IGNORED_SMALL = re.compile(r"Ignoring visible gpu device .*core count: (\d+)")
_IGNORED_OLD = re.compile(r"Ignoring visible gpu device .*compute capability ([\d.]+)\. The minimum.* is ([\d.]+)")
_CUINIT = re.compile(r"failed call to cuInit: (.+)")
_ASK = "TF_CPP_VMODULE=dso_loader=1,gpu_device=1 python -c 'import tensorflow as tf; tf.config.list_physical_devices()'"


def code_link(view: View, build: Build) -> Link | None:
    """Does this build hold code that the card can run? None where the card or the build doesn't tell."""
    what, capability = "GPU: code for it", _capability(view)
    if capability is None or not build.architectures:
        return None
    code, card = code_for(capability, build.architectures), f"compute capability {capability}"
    if code.kind == "binary":
        return Link(Check(what, "fine", f"{code.architecture} runs on {card}"))
    if code.kind == "none":
        release = last_release_with(capability)
        older = f"; TensorFlow {release} was the last that had" if release else ""
        found = f"none for {card}: this build begins at {lowest(build.architectures)}{older}"
        source = f"build TensorFlow from source with HERMETIC_CUDA_COMPUTE_CAPABILITIES=compute_{_digits(capability)}"
        return Link.torn(what, found, f"{_ON_THE_CPU}; or {source}")
    written, known = build.cuda_version, view.stack.driver.version
    if written and known and number(known)[:2] < number(written)[:2]:
        some = "only a part" if code.kind == "mixed" else "none"
        why = f"can't compile that of CUDA {written} (CUDA_ERROR_UNSUPPORTED_PTX_VERSION)"
        return Link.torn(what, f"{some} for {card}, and the driver, which knows CUDA {known}, {why}", view.installation)
    if code.kind == "mixed":
        found = f"there for {card}, but for small kernels: the driver compiles their {code.architecture} at first use"
    else:
        found = f"none for {card}: the driver compiles {code.architecture} at first use, which takes minutes"
    return Link(_compiled(view, what, found, small=code.kind == "mixed", unknown=_unknown(capability, written)))


def _compiled(view: View, what: str, found: str, small: bool, unknown: str | None) -> Check:
    """Code that the driver has to compile: `small` parts alone, or all; `unknown` says why it may not work."""
    mend, off = _CACHE, view.environ.get("CUDA_CACHE_DISABLE", "0") not in ("", "0")
    if off:
        found, mend = f"{found}, and at every other: CUDA_CACHE_DISABLE is set", f"unset CUDA_CACHE_DISABLE; {mend}"
    if view.container is not None and "CUDA_CACHE_PATH" not in view.environ:
        mend += " CUDA_CACHE_PATH=FOLDER  # one that outlives the container"
    else:
        mend += "  # keeps what was compiled"
    if unknown:
        return Check(what, "limited", f"{found}; {unknown}", f"{mend}; if it fails: {_ELSEWHERE}")
    if not off and (small or _keeps(view.environ.get("CUDA_CACHE_MAXSIZE", ""))):
        return Check(what, "fine", found if small else f"{found}; CUDA_CACHE_MAXSIZE keeps it")
    return Check(what, "limited", found, mend)


def _unknown(capability: str, written: str | None) -> str | None:
    """What users say of cards that the build's CUDA doesn't know.

    github.com/tensorflow/tensorflow: issues 89272, 97387, 101746, and 111958 with XLA.
    """
    if capability_number(capability) < _BLACKWELL or not written or number(written)[:2] >= _KNOWS_BLACKWELL:
        return None
    return f"users report that it then fails (CUDA_ERROR_INVALID_PTX), as CUDA {written} doesn't know the card"


def _keeps(size: str) -> bool:
    """Is a cache of this size large enough for all of TensorFlow's code?"""
    return size.isdigit() and int(size) >= _ENOUGH_BYTES


def seen_link(view: View, first_broken: Check | None) -> Link | None:
    """What TensorFlow lists in the end. None where it could not be asked, which is no matter of the GPU."""
    what, framework = "GPU: TensorFlow", view.stack.framework
    if framework.version is None or framework.failed:
        return None
    count, expected = len(framework.gpus), visible_count(view)
    if hidden_on_purpose(view):
        return Link(Check(what, "fine", f"sees {count or 'none'}, as CUDA_VISIBLE_DEVICES has it"))
    if not count and first_broken is not None:
        cause = first_broken.what.partition(": ")[2]
        return Link.torn(what, f"sees none, for want of what is broken above ({cause})", _FIRST)
    if not count:
        reason, mend = _why(view)
        return Link.torn(what, f"sees none: {reason}", mend)
    names = ", ".join(one.name or "unnamed" for one in framework.gpus)
    if expected is not None and count < expected:
        reason, mend = _why(view)
        return Link(Check(what, "limited", f"sees {count} of the {expected} that NVML shows ({names}): {reason}", mend))
    if expected is not None and count > expected:
        return Link(Check(what, "unknown", f"sees {count} ({names}), and NVML shows {expected}"))
    return Link(Check(what, "fine", f"sees {names}"))


def _why(view: View) -> tuple[str, str]:
    """Why TensorFlow leaves a GPU out, as it wrote itself, and the mend."""
    text = "\n".join(view.stack.framework.log)
    if match := _IGNORED_SMALL.search(text):
        found = f"it ignores one with {match[1]} multiprocessors as too small"
        return found, f"export TF_MIN_GPU_MULTIPROCESSOR_COUNT={match[1]}"
    if match := _IGNORED_OLD.search(text):
        return f"it ignores one of compute capability {match[1]}, and begins at {match[2]}", _ON_THE_CPU
    if match := _CUINIT.search(text):
        return f"CUDA did not start in its process ({match[1]})", "nvidia-smi  # says more"
    counted, expected = view.stack.driver.devices, visible_count(view)
    if counted is not None and expected is not None and counted < expected:
        return f"CUDA itself counts {counted or 'none'}", "sudo dmesg | grep NVRM  # may say why"
    return "it doesn't say why", f"{_ASK}  # says more"


def _capability(view: View) -> str | None:
    chosen = view.chosen.value
    found = chosen.compute_capability().value if chosen is not None else None
    return found or next((one.compute_capability for one in view.stack.framework.gpus), None)


def _digits(capability: str) -> str:
    return capability.replace(".", "")
