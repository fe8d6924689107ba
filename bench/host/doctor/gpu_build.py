"""The chain's links within TensorFlow: a build for CUDA, and the libraries that it opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from bench.host.doctor.check import Check
from bench.host.doctor.distributions import FAMILIES
from bench.host.doctor.gpu_view import Link, View
from bench.host.doctor.stack import Build

__all__ = ["build_link", "libraries_link"]

_NOT_OPENED = re.compile(r"Could not load dynamic library '([^']+)'")
_CUDNN = "nvidia-cudnn-"


def build_link(view: View, build: Build) -> Link:
    """Can this TensorFlow use NVIDIA's GPUs at all?"""
    what, framework = "GPU: TensorFlow's build", view.stack.framework
    there = [f"{name} {view.stack.packages[name]}" for name in FAMILIES["tensorflow"] if name in view.stack.packages]
    if build.cuda:
        cuda = f"for CUDA {build.cuda_version}" if build.cuda_version else "for CUDA"
        cudnn = f" and cuDNN {build.cudnn_version}" if build.cudnn_version else ""
        return Link(Check(what, "fine", f"{framework.version}, {cuda}{cudnn}"))
    if framework.gpus:
        return Link(Check(what, "fine", f"{framework.version}, whose GPUs a plug-in brings"))
    kind = "for AMD's GPUs (ROCm), not for NVIDIA's" if build.rocm else "without CUDA: it computes on the CPU alone"
    wanted, gone = f"tensorflow[and-cuda]=={framework.version}", [name.split()[0] for name in there]
    mend = view.pip.replace(gone, wanted) if gone else view.pip.install(wanted)
    installed = f" (installed: {' and '.join(there)})" if there else ""
    return Link.torn(what, f"{framework.version}, built {kind}{installed}", mend)


def libraries_link(view: View) -> Link | None:
    """Which of CUDA's libraries are missing, by name. None where it isn't known which this build opens."""
    what, stack = "GPU: CUDA libraries", view.stack
    if stack.framework.gpus:  # it lists none before it has opened them all
        return _strange(view, what) or Link(Check(what, "fine", "all that it needs are opened"))
    not_opened = set(_NOT_OPENED.findall("\n".join(stack.framework.log)))  # the driver's may be among them
    refused = [one for one in stack.libraries if one.name in not_opened]
    missing = [one for one in stack.libraries if one.file is None]
    if not missing and not refused:
        found = f"all {len(stack.libraries)} that it opens are there"
        return _strange(view, what) or (Link(Check(what, "fine", found)) if stack.libraries else None)
    if not missing:  # a build of somebody else's that doesn't look into the packages
        folders = sorted({str(Path(one.file).parent) for one in refused if one.file})
        found = f"TensorFlow doesn't find {', '.join(one.name for one in refused)}, which NVIDIA's packages have"
        return Link.torn(what, found, f"export LD_LIBRARY_PATH={':'.join([*folders, '$LD_LIBRARY_PATH'])}")
    names = ", ".join(one.name for one in missing)
    sick = next((one.error for one in missing if one.error and not one.error.startswith(one.name)), None)
    return Link.torn(what, f"can't be loaded: {names}" + (f" ({sick})" if sick else ""), _with_libraries(view))


def _with_libraries(view: View) -> str:
    """The command that brings the CUDA libraries that fit the installed TensorFlow."""
    name = next((one for one in FAMILIES["tensorflow"] if one in view.stack.packages), "tensorflow")
    version = view.stack.packages.get(name) or view.stack.framework.version
    return view.pip.install(f"{name}[and-cuda]=={version}" if version else f"{name}[and-cuda]")


def _strange(view: View, what: str) -> Link | None:
    """Libraries of other versions than TensorFlow asks for: another framework wants them, or the system has them."""
    if others := [one for one in view.stack.libraries if one.instead_of]:
        folders = ", ".join(dict.fromkeys(str(Path(one.file or "").parent) for one in others))
        found = f"LD_LIBRARY_PATH sets those of {folders} before TensorFlow's own packages"
        names = ", ".join(one.name for one in others)
        return Link(
            Check(what, "limited", f"{found}: {names}", f"unset LD_LIBRARY_PATH  # or take {folders} out of it")
        )
    wrong = list(_unmet(view))
    if not wrong:
        return None
    found = "; ".join(f"{name} {view.stack.packages[name]}, and TensorFlow wants {spec}" for name, spec in wrong)
    if any(name.startswith(_CUDNN) for name, _ in wrong):  # it refuses to start one older than it was built with
        return Link.torn(what, found, _with_libraries(view))
    return Link(Check(what, "limited", found, _with_libraries(view)))


def _unmet(view: View) -> Iterator[tuple[str, str]]:
    for text in view.stack.wanted:
        asked = Requirement(text)
        version = view.stack.packages.get(asked.name)
        if version is not None and not asked.specifier.contains(version, prereleases=True):
            yield asked.name, str(asked.specifier)
