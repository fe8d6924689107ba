"""What measured hosts took for the handout's cells, beside what was to be expected of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.analyse.expectation.handout import Handout
from bench.analyse.expectation.outcome import Outcome, outcomes
from bench.host.profile import HostProfile
from bench.report.core.footnotes import Footnotes
from bench.report.core.row_names import network_label
from bench.report.core.table import Heading, Note, Table
from bench.report.handout.expectation_text import band, disagreement, ground, residual_text
from bench.results.metric import ABSENT, with_margin
from bench.results.metrics import METRICS

__all__ = ["expectation_table"]

_MARGIN = "the windows' 95 % interval and what equal processes differ by"
_COLUMNS = (
    Heading("measured"),
    Heading("network"),
    Heading(METRICS["step_seconds"].heading, "right"),
    Heading("expected", "right"),
    Heading("from the middle", "right"),
    Heading("verdict"),
)


def expectation_table(handout: Handout, labels: Mapping[str, str], profiles: Sequence[HostProfile]) -> Table:
    """A row for each record of `handout`; `labels` name the hosts that measured them, `profiles` hold what is known."""
    letters = Footnotes()
    records = [row.measured[host] for host in handout.measured for row in handout.rows if host in row.measured]
    return Table(
        title="What was to be expected",
        columns=_COLUMNS,
        rows=tuple(_row(one, labels, letters) for one in outcomes(records, profiles)),
        notes=(
            Note(
                "expected: where the published times, by AI-Score and by card, and the host's own roofs agree; letters "
                "say what each band rests on"
            ),
            *letters.notes(),
        ),
    )


def _row(outcome: Outcome, labels: Mapping[str, str], letters: Footnotes) -> tuple[str, ...]:
    record, one, residual = outcome.record, outcome.expectation.value, outcome.residual.value
    return (
        labels[record.host],
        network_label(outcome.network),
        _step(outcome),
        band(one.low, one.high) if one else ABSENT,
        ABSENT if residual is None else residual_text(residual),
        f"{outcome.verdict or ABSENT} ({letters.marks(_remarks(outcome))})",
    )


def _step(outcome: Outcome) -> str:
    if not outcome.is_borderline:
        return METRICS["step_seconds"].text(outcome.step_seconds)
    return with_margin(outcome.step_seconds * 1e3, outcome.margin * 1e3)


def _remarks(outcome: Outcome) -> list[str]:
    one, name = outcome.expectation.value, network_label(outcome.network)
    texts = [outcome.question] if outcome.question else []
    if one is None:
        return [*texts, f"nothing was expected: {outcome.expectation.reason}"]
    if outcome.is_borderline:
        texts.append(f"outside of the band, and within it for all that can be told: ± is {_MARGIN}")
    if not one.agree:
        texts.append(disagreement(one))
    return [*texts, *(f"{name}, by its {ground(each)}" for each in one.deciding)]
