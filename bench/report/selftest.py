"""What a self-test found, as a table and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.analyse.selftest.ground_truth import TOLERANCE
from bench.analyse.selftest.result import SelfTested
from bench.analyse.stats.noise_floor import smallest_apart, smallest_in_turns
from bench.instruments.rounds import MOST_ROUNDS
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import significant
from bench.suite.spec import Protocol

__all__ = ["selftest_row", "selftest_table"]


def selftest_table(found: SelfTested) -> Table:
    """Every cell of known step time with its error, and below what differences can be told here."""
    return Table(
        title=f"Self-test of {found.profile.label}",
        columns=(
            Heading("cell of known step time"),
            *(
                Heading(heading, "right")
                for heading in ("waits, ms", "known, ms/step", "measured, ms/step", "error, %", "clock's, %")
            ),
            Heading(""),
        ),
        rows=tuple(
            (
                one.name,
                f"{one.waits * 1e3:.2f}",
                f"{one.expected * 1e3:.2f}",
                f"{one.measured * 1e3:.2f}",
                f"{one.error * 100:+.2f} ± {one.margin * 100:.2f}",
                f"{one.clock_error * 100:+.2f}",
                "ok" if one.passed else "missed",
            )
            for one in found.checked
        ),
        notes=tuple(map(Note, _notes(found))),
    )


def selftest_row(found: SelfTested) -> dict[str, Any]:
    """All of it for programs; shares are 0..1."""
    noise, test = found.profile.noise, found.profile.self_test
    return {
        "host": found.profile.id,
        "passed": found.passed,
        "stored": found.stored,
        "fit": not found.unfit,
        "unfit": [{"what": one.what, "mend": one.mend, "lasting": one.lasting} for one in found.unfit],
        "findings": [finding.model_dump() for finding in found.disturbed],
        "known": [
            {
                "name": one.name,
                "waits_seconds": one.waits,
                "known_step_seconds": one.expected,
                "own_step_seconds": one.own,
                "measured_step_seconds": one.measured,
                "error": one.error,
                "clock_error": one.clock_error,
                "margin": one.margin,
                "passed": one.passed,
            }
            for one in found.checked
        ],
        "noise": noise.model_dump(mode="json") if noise else None,
        "self_test": test.model_dump(mode="json") if test else None,
        "smallest_difference": smallest_apart(found.profile, Protocol().precision),
        "smallest_difference_in_turns": smallest_in_turns(found.profile, MOST_ROUNDS),
    }


def _notes(found: SelfTested) -> Iterator[str]:
    noise, test = found.profile.noise, found.profile.self_test
    assert noise is not None
    assert test is not None
    precision = Protocol().precision
    apart, in_turns = smallest_apart(found.profile, precision), smallest_in_turns(found.profile, MOST_ROUNDS)
    yield (
        f"differences under {significant(apart * 100)} % between two cells of a run can't be distinguished from noise "
        f"here (each known to ±{precision * 100:g} % by its windows, and equal processes differ by "
        f"{significant(noise.apart * 100)} %)"
    )
    yield (
        f"bench ab, which interleaves both, resolves differences from {significant((in_turns or 0) * 100)} % on in "
        f"{MOST_ROUNDS} rounds (interleaved equal processes differ by {significant(noise.in_turns * 100)} %)"
    )
    yield (
        "known: the waits, and what the framework costs beside them (from a cell that waits half as long); error: "
        "measured against that; clock's error: against the time from wait to wait, which every step writes down itself"
    )
    yield f"fit around nothing takes {significant(test.empty_step_seconds * 1e3)} ms a step, the framework's own time"
    for one in found.unfit:
        yield f"this machine isn't fit to measure{'' if one.lasting else ' just now'}: {one}"
    for finding in found.disturbed:
        yield f"{finding.code} while a cell was measured against itself: {finding.message}"
    if not found.passed:
        yield f"a known step time was missed by more than {TOLERANCE * 100:g} %: nothing was stored"
    elif not found.stored:
        yield "nothing was stored, since the machine isn't fit: mend that and repeat, or store it with --force"
    else:
        yield f"stored in hosts/{found.profile.id}.yaml: every comparison on this host counts with it"
