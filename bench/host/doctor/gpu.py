"""The chain from the card to TensorFlow, link by link, and where it breaks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.host.detect import platform_of
from bench.host.doctor.check import Check
from bench.host.doctor.gpu_build import build_link, libraries_link
from bench.host.doctor.gpu_choice import choice_links, hidden_on_purpose
from bench.host.doctor.gpu_code import code_link, seen_link
from bench.host.doctor.gpu_container import container
from bench.host.doctor.gpu_driver import cuda_link, device_link, driver_link, nvml_link
from bench.host.doctor.gpu_files import driver_installation, gpu_files
from bench.host.doctor.gpu_view import Link, View
from bench.host.doctor.installer import this_installer
from bench.host.doctor.stack import Stack
from bench.system.nvml import open_nvml

__all__ = ["gpu_checks"]


def gpu_checks(stack: Stack, root: Path = Path("/"), environ: Mapping[str, str] | None = None) -> tuple[Check, ...]:
    """Look at each link in turn: card, driver, NVML, CUDA, choice of GPU, TensorFlow's build, its libraries, its list.

    What a broken link takes along is not looked at, so the first that is broken is the one to mend; what doesn't hang
    on it (the driver's links, TensorFlow's own) is, so that all there is to mend is known at once. A machine without
    an NVIDIA GPU gets one check, and it is fine. Where `CUDA_VISIBLE_DEVICES` hides the GPU on purpose, nothing of it
    is called broken. `environ` is the environment of what will be measured (None: this process's own), `root` the file
    tree that stands for the machine.
    """
    environ = os.environ if environ is None else environ
    within = container(environ, root)
    with open_nvml() as nvml:
        view = View(
            files=gpu_files(root),
            nvml=nvml,
            stack=stack,
            environ=environ,
            installation=driver_installation(root, container=within is not None),
            pip=this_installer(),
            container=within,
            platform=platform_of(environ),
        )
        links = list(_links(view))
        if hidden_on_purpose(view):
            links = [link.as_limited() for link in links]
        return tuple(link.check for link in links)


def _links(view: View) -> Iterator[Link]:
    device = device_link(view)
    yield device
    if not device.holds:
        return
    found = [*_driver(view), *_tensorflow(view)]
    yield from found
    seen = seen_link(view, next((link.check for link in found if not link.holds), None))
    if seen is not None:
        yield seen


def _driver(view: View) -> Iterator[Link]:
    for link_of in (driver_link, nvml_link):
        link = link_of(view)
        yield link
        if not link.holds:
            return
    choice = list(choice_links(view))
    yield from choice
    if all(link.holds for link in choice):  # CUDA starts with no other GPUs than these
        yield cuda_link(view)


def _tensorflow(view: View) -> Iterator[Link]:
    build = view.stack.framework.build
    if build is None:
        return
    link = build_link(view, build)
    yield link
    if not link.holds or not build.cuda:
        return
    for further in (libraries_link(view), code_link(view, build)):
        if further is not None:
            yield further
