"""What an attribution says, in words with its numbers."""

from __future__ import annotations

from bench.analyse.bottleneck.breakdown import Attributed
from bench.instruments.stats import Estimate
from bench.results.metrics import METRICS

__all__ = ["words"]

_WORTH_A_WORD = 0.01


def words(found: Attributed) -> str:
    """The verdict and what it rests on: `input-bound: the pipeline delivers a batch each 31 ms, the step needs 12`."""
    says = {
        "input-bound": _input,
        "host-bound": _host,
        "compute-bound": _compute,
        "balanced": _balanced,
        "not distinguishable": _noise,
    }
    return "; ".join((f"{found.verdict}: {says[found.verdict](found)}", *_unclear(found)))


def _input(found: Attributed) -> str:
    pipeline, step, together = _ms(found.pipeline), _ms(found.step), _ms(found.together)
    if found.in_turn:
        return (
            f"without prefetch, {pipeline} ms for a batch and {step} for its step follow each other and take {together}"
        )
    if found.late:
        return f"the pipeline delivers a batch each {pipeline} ms, the step needs {step}"
    why = (
        "copying batches to the device, or the two in each other's way"
        if found.on_gpu
        else "they share the processor's cores"
    )
    return f"the step needs {step} ms alone and the pipeline {pipeline}, but both together {together}: {why}"


def _host(found: Attributed) -> str:
    return f"of {_ms(found.together)} ms the device computes for {_device(found)}; the rest of the step is its dispatch"


def _compute(found: Attributed) -> str:
    text = f"of {_ms(found.together)} ms a step, {_computation(found)} is the computation itself"
    return f"{text}, and the pipeline delivers a batch each {_ms(found.pipeline)}"


def _balanced(found: Attributed) -> str:
    parts = (
        (found.host_share, "host overhead"),
        (found.input_share, "waiting for input"),
        (found.unexplained_share, "unexplained"),
    )
    known = " and ".join(f"{share:.0%} {name}" for share, name in parts if share > 0)
    return f"of {_ms(found.together)} ms a step, {_computation(found)} is the computation, {known}"


def _computation(found: Attributed) -> str:
    least = found.compute_at_least
    return f"{least:.0%}" if least == found.compute_share else f"at least {least:.0%}"


def _noise(found: Attributed) -> str:
    return (
        f"a step takes {_ms(found.together)} ms, and {_ms(found.step)} on a batch that is there already: too noisy to "
        "tell the bottleneck; measure it again, with nothing else running"
    )


def _unclear(found: Attributed) -> tuple[str, ...]:
    parts = (("host overhead", found.host_at_most), ("waiting for input", found.input_at_most))
    unclear = tuple(
        f"{name} is not distinguishable from none ({share:.0%} at most)" for name, share in parts if share is not None
    )
    if found.unexplained_share < _WORTH_A_WORD:
        return unclear
    return (
        *unclear,
        f"{found.unexplained_share:.0%} is more than the pipeline can cost: the machine's speed changed meanwhile",
    )


def _device(found: Attributed) -> str:
    return _ms(found.device) if found.device is not None else _ms(found.step)


def _ms(figure: Estimate) -> str:
    """Milliseconds a step."""
    return METRICS["step_seconds"].text_to_margin(figure.step_seconds, figure.margin * figure.step_seconds)
