"""What is expected of the handout's cell on a host, and what came of it, as text and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.analyse.expectation.band import BATCH_SIZE, Expectation, expected
from bench.analyse.expectation.evidence import Evidence
from bench.analyse.expectation.outcome import Outcome, outcomes
from bench.analyse.expectation.scaling_laws import published_times
from bench.host.profile import HostProfile
from bench.report.core.row_names import network_label
from bench.results.record import Record
from bench.system.nvml import Reading

__all__ = [
    "band",
    "disagreement",
    "expectation_fields",
    "expectation_text",
    "expectations",
    "ground",
    "outcome_fields",
    "outcome_line",
    "outcome_lines",
    "remark",
    "residual_text",
]


_BORDERLINE = {
    "healthy or slower": "healthy or a little slower, which can't be distinguished here",
    "healthy or faster": "healthy or a little faster, which can't be distinguished here",
}
_SECONDS_FROM = 10.0
_WHOLE_FROM, _TOO_LONG = 9.95, 1e6


def expectations(profile: HostProfile, profiles: Sequence[HostProfile]) -> dict[str, Reading[Expectation]]:
    """What is expected of each network that references publish a time for, by its name."""
    models = dict.fromkeys(time.model for _, time in published_times(profiles, BATCH_SIZE))
    return {model: expected(profile, profiles, model) for model in models}


def expectation_text(profile: HostProfile, profiles: Sequence[HostProfile]) -> str:
    """What the handout's two timings should be here, and what that rests on; empty where nothing is published.

    >>> print(expectation_text(profile, profiles))
    expected here of the notebook's variant, batch 128:
      simple CNN 9.5–21 ms/step, VGG16 39–85 ms/step
      ...
    """
    found = expectations(profile, profiles)
    if not found:
        return ""
    known = {model: one.value for model, one in found.items() if one.value is not None}
    parts = [f"{network_label(model)} {_a_step(band(one.low, one.high))}" for model, one in known.items()]
    lines = [f"  {', '.join(parts)}"] if parts else []
    lines += [f"  {network_label(model)}: {disagreement(one)}" for model, one in known.items() if not one.agree]
    lines += [
        f"  {network_label(model)}, by its {ground(each)}" for model, one in known.items() for each in one.deciding
    ]
    lines += [
        f"  {network_label(model)}: nothing, since {one.reason}" for model, one in found.items() if one.value is None
    ]
    sharper = next((one.sharper for one in known.values() if one.sharper), None)
    lines += [f"  {sharper} would narrow that"] if sharper else []
    return "\n".join((f"expected here of the notebook's variant, batch {BATCH_SIZE}:", *lines))


def expectation_fields(profile: HostProfile, profiles: Sequence[HostProfile]) -> dict[str, Any]:
    """The same for programs: by network, its fields (seconds a step) or why there are none."""
    return {model: _fields(one) for model, one in expectations(profile, profiles).items()}


def outcome_lines(records: Sequence[Record], profiles: Sequence[HostProfile]) -> tuple[str, ...]:
    """What a run ends with, for each of the handout's cells: `VGG16 61 ms/step, expected 39–85: healthy`.

    Where TensorFlow left a GPU unused, that card's band stands there.
    """
    return tuple(outcome_line(one) for one in outcomes(records, profiles, of_unused=True))


def outcome_fields(outcome: Outcome) -> dict[str, Any]:
    """For programs: the band and where the time fell; `absent` says why there is none."""
    return _fields(outcome.expectation) | {
        "margin_seconds": outcome.margin,
        "verdict": outcome.verdict,
        "question": outcome.question,
        "residual": outcome.residual.value,
    }


def band(low: float, high: float) -> str:
    """A band of seconds in milliseconds, or in seconds if it goes on for ten: whole ones from 10 on, two digits below.

    >>> band(0.0057, 0.0123), band(1.047, 1.56), band(4.1, 35)
    ('5.7–12', '1,047–1,560', '4.1–35 s')
    """
    if high < _SECONDS_FROM:
        return f"{_digits(low * 1e3)}–{_digits(high * 1e3)}"
    return f"{_digits(low)}–{_digits(high)} s"


def residual_text(value: float) -> str:
    """By how much a time lies above the middle of its band or, where negative, below; from double on as a factor.

    >>> residual_text(0.083), residual_text(-0.124), residual_text(1.31)
    ('+8 %', '−12 %', '×2.3')
    """
    return f"×{1 + value:.2g}" if value >= 1 else f"{value * 100:+.0f} %".replace("-", "−")


def ground(evidence: Evidence) -> str:
    """One ground in words: `roofs: 1,047–1,560 (…)`."""
    match evidence.low, evidence.high:
        case float() as low, float() as high:
            span = band(low, high)
        case float() as low, None:
            span = f"from {_time(low)} on"
        case _:
            span = f"up to {_time(evidence.high or 0.0)}"
    return f"{evidence.name}: {span} ({evidence.rests_on})"


def disagreement(expectation: Expectation) -> str:
    """That two grounds contradict each other, and what they say."""
    names = " and ".join(one.name for one in expectation.contradicting)
    said = ", ".join(ground(one).partition(" (")[0] for one in expectation.contradicting)
    return f"{names} contradict each other ({said}), and the band holds both: bench doctor looks for why"


def remark(outcome: Outcome) -> str:
    """What a line's end says: the question, the verdict, or why nothing was expected."""
    if outcome.verdict is None:
        return outcome.question or f"nothing was expected: {outcome.expectation.reason}"
    return outcome.question or _BORDERLINE.get(outcome.verdict, outcome.verdict)


def outcome_line(outcome: Outcome) -> str:
    """The line of one."""
    margin = outcome.margin if outcome.is_borderline else None
    shown = f"{network_label(outcome.network)} {_a_step(_time(outcome.step_seconds, margin))}"
    expectation = outcome.expectation.value
    if expectation is None:
        return f"{shown}; {remark(outcome)}"
    of = f" of the {outcome.of}" if outcome.of else ""
    return f"{shown}, expected{of} {band(expectation.low, expectation.high)}: {remark(outcome)}"


def _fields(reading: Reading[Expectation]) -> dict[str, Any]:
    one = reading.value
    return {
        "low_seconds": one.low if one else None,
        "middle_seconds": one.middle if one else None,
        "high_seconds": one.high if one else None,
        "agree": one.agree if one else None,
        "evidence": [
            {"source": e.source, "low_seconds": e.low, "high_seconds": e.high, "rests_on": e.rests_on}
            for e in (one.evidence if one else ())
        ],
        "sharper": one.sharper if one else None,
        "absent": reading.reason,
    }


def _time(seconds: float, margin: float | None = None) -> str:
    scale, unit = (1e3, "") if seconds < _SECONDS_FROM else (1.0, " s")
    more = "" if margin is None else f" ± {_digits(margin * scale)}"
    return f"{_digits(seconds * scale)}{more}{unit}"


def _a_step(shown: str) -> str:
    return f"{shown}/step" if shown.endswith(" s") else f"{shown} ms/step"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if _WHOLE_FROM <= value < _TOO_LONG else f"{value:.2g}"
