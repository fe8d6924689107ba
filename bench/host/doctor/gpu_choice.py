"""Which of the GPUs a cell may use: CUDA_VISIBLE_DEVICES, MIG, the compute mode."""

from __future__ import annotations

from collections.abc import Iterator

from bench.host.doctor.check import Check
from bench.host.doctor.gpu_view import Link, View
from bench.system.cuda_visible import VISIBLE_DEVICES, Visible
from bench.system.nvml import Device

__all__ = ["choice_links", "hidden_on_purpose", "visible_count"]

_NONE = {"", "-1", "none", "nodevfiles", "void"}
_PER_SLICE = "power, energy, load, clocks and temperature are the whole card's, and not given for a slice"


def hidden_on_purpose(view: View) -> bool:
    """Does the user want the CPU?"""
    return view.environ.get(VISIBLE_DEVICES, "all").split(",")[0].strip().lower() in _NONE


def choice_links(view: View) -> Iterator[Link]:
    """The links that hold for the GPUs that NVML shows; none where all is as it comes."""
    if (visible := _visible(view)) is not None:
        yield visible
        if not visible.holds:
            return
    yield from _mig(view)
    yield from _mode(view)


def visible_count(view: View) -> int | None:
    """How many GPUs CUDA should count; None where NVML can't tell, and where MIG is in play: CUDA takes one slice."""
    if not view.nvml.devices or any(device.mig_enabled() for device in view.nvml.devices):
        return None
    value = view.environ.get(VISIBLE_DEVICES)
    return len(view.nvml.devices if value is None else view.nvml.visible(value).devices)


def _visible(view: View) -> Link | None:
    value = view.environ.get(VISIBLE_DEVICES)
    what, told = f"GPU: {VISIBLE_DEVICES}", f"'{value}'"
    if value is None:
        return None
    if hidden_on_purpose(view):
        found = f"{told} hides the GPU: cells compute on the CPU"
        return Link(Check(what, "limited", found, f"unset {VISIBLE_DEVICES}  # to use it"), holds=False)
    if not view.nvml.devices:
        return None
    visible = view.nvml.visible(value)
    there = ", ".join(f"{device.index} is {device.name().value or 'unnamed'}" for device in view.nvml.devices)
    if not visible.devices:
        return Link.torn(what, _none_found(view, told, visible), f"export {VISIBLE_DEVICES}=0  # {there}")
    names = ", ".join(device.name().value or "unnamed" for device in visible.devices)
    if visible.ended_by is not None:
        found = f"{told}: '{visible.ended_by}' {_not_one(view, visible)}, and ends the list; {names} is left"
        return Link(Check(what, "limited", found, f"export {VISIBLE_DEVICES}={_all(view)}  # {there}"))
    return Link(Check(what, "fine", f"{told}: {names}"))


def _none_found(view: View, told: str, visible: Visible[Device]) -> str:
    if visible.repeated is not None:
        return f"{told} names a GPU twice ('{visible.repeated}'), and CUDA then shows none"
    if visible.like:
        return f"{told}: '{visible.ended_by}' {_not_one(view, visible)}, and CUDA shows none"
    return f"{told} names no GPU that is here"


def _not_one(view: View, visible: Visible[Device]) -> str:
    if visible.like:
        return f"is the beginning of {' and of '.join(visible.like)}"
    if visible.ended_by and view.nvml.visible(visible.ended_by).devices:
        return "is not of the first entry's kind, index or UUID"
    return "is no GPU that is here"


def _all(view: View) -> str:
    return ",".join(str(device.index) for device in view.nvml.devices)


def _mig(view: View) -> Iterator[Link]:
    chosen = view.chosen.value
    for device in view.nvml.devices:
        if not device.mig_enabled():
            continue
        what, slices = f"GPU: MIG, card {device.index}", device.slices()
        if not slices:
            whole = f"sudo nvidia-smi -i {device.index} -mig 0"
            mend = f"sudo nvidia-smi mig -i {device.index} -cgi 0 -C  # one slice of all of it; or MIG off: {whole}"
            found = "the card is in MIG mode and has no slice, so nothing can compute on it"
            if chosen is None or len(view.nvml.devices) == 1:
                yield Link.torn(what, found, mend)
            else:
                yield Link(Check(what, "limited", found, mend))
            continue
        names = ", ".join(one.name().value or "unnamed" for one in slices)
        used = ""
        if chosen is not None and chosen.parent is not None and chosen.parent.index == device.index:
            used = f"; cells use {chosen.name().value or 'the first'}"
            used += "" if len(slices) == 1 else f" ({VISIBLE_DEVICES}=MIG-… chooses, nvidia-smi -L names them)"
        yield Link(Check(what, "fine", f"{names}{used}; {_PER_SLICE}"))


def _mode(view: View) -> Iterator[Link]:
    device = view.chosen.value
    mode = device.compute_mode().value if device is not None else None
    if device is None or mode is None or mode == "default":
        return
    what, index = "GPU: compute mode", (device.parent or device).index
    mend = f"sudo nvidia-smi -i {index} -c DEFAULT"
    if mode == "prohibited":
        yield Link.torn(what, "prohibited: no process may compute on it", mend)
    elif others := device.processes().value:
        yield Link.torn(what, f"exclusive, and process {others[0].pid} has it", mend)
    else:
        yield Link(Check(what, "limited", "exclusive: one process at a time, and bench ab needs two", mend))
