"""All that is known of one host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.analyse.expectation.band import BATCH_SIZE, published_residual
from bench.analyse.expectation.outcome import outcomes
from bench.analyse.expectation.scaling_laws import published_times
from bench.host.candidates import Candidate
from bench.host.datasheet_share import published_roof
from bench.host.datasheets import Datasheet
from bench.host.measured import ROOF_UNITS, AiBenchmark, Peak
from bench.host.peaks import datasheet_for
from bench.host.profile import HostProfile
from bench.host.roofs import DATA_TYPES, Name, roof_of, value_of
from bench.report.core.markdown import escape, render
from bench.report.core.row_names import network_label
from bench.report.core.table import Heading, Note, Table
from bench.report.handout.expectation_text import expectation_text, outcome_line, residual_text
from bench.report.hosts.calibration_text import ai_text
from bench.report.hosts.costs_text import costs_lines
from bench.report.hosts.published_text import published_lines
from bench.report.hosts.roofs_table import roof_text, roof_title
from bench.results.metric import ABSENT, significant
from bench.results.record import Record

__all__ = ["host_page"]

_NAMES: tuple[Name, ...] = (*DATA_TYPES, *ROOF_UNITS)
_BYTES = ("gpu_memory_bytes", "memory_bytes")


def host_page(
    profile: HostProfile, profiles: Sequence[HostProfile], records: Sequence[Record], here: Sequence[Candidate]
) -> str:
    """The page of a host; `profiles` are all hosts, `records` the newest of this one, `here` what of this machine is
    filed under it."""
    parts = [f"{escape(profile.label)} ({profile.id}{_here(here)})\n"]
    if profile.formerly:
        parts.append(f"formerly {', '.join(profile.formerly)}\n")
    parts += [render(table) for table in _tables(profile)]
    lines = [*_plain(profile), *_expected(profile, profiles, records)]
    return "\n".join((*parts, *(f"{line}\n" for line in lines)))


def _here(here: Sequence[Candidate]) -> str:
    if any(one.is_chosen for one in here):
        return ", this machine"
    return f", this machine's {' and '.join(one.where for one in here)}" if here else ""


def _tables(profile: HostProfile) -> Iterator[Table]:
    if profile.hardware is not None:
        yield _hardware(profile)
    sheet = datasheet_for(profile)
    if sheet is not None:
        yield _datasheet(profile, sheet)
    if profile.peaks or profile.roofs or profile.roofs_absent:
        yield _roofs(profile)
    for name, run in profile.ai_benchmark.items():
        yield _tests(run, ai_text(run, name), name)
    if profile.published is not None and profile.published.times:
        yield _published(profile)


def _hardware(profile: HostProfile) -> Table:
    assert profile.hardware is not None
    facts = profile.hardware.model_dump(exclude_defaults=True)
    rows = [(name.removesuffix("_bytes").replace("_", " "), _text(name, value)) for name, value in facts.items()]
    return Table("Hardware", (Heading(""), Heading("")), tuple(rows))


def _text(name: str, value: object) -> str:
    if name in _BYTES and isinstance(value, int):
        return f"{value / 2**30:.1f} GiB"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _datasheet(profile: HostProfile, sheet: Datasheet) -> Table:
    """What the maker publishes, and how much of it was measured here."""
    rows = []
    given: tuple[Name, ...] = (*DATA_TYPES, "device_bandwidth")
    for name in given:
        most, found = published_roof(profile, name).value, roof_of(profile, name)
        if most is None:
            continue
        shown = f"{most / 1e9:,g} GB/s" if name == "device_bandwidth" else f"{most / 1e12:g} TFLOP/s"
        share = f"{value_of(found) / most * 100:.0f} %" if found is not None else ABSENT
        rows.append((roof_title(name), shown, share))
    return Table(
        f"Datasheet of the {sheet.card}",
        (Heading(""), Heading("published", "right"), Heading("measured of it", "right")),
        tuple(rows),
        (Note(f"source: {sheet.source}"),),
    )


def _roofs(profile: HostProfile) -> Table:
    rows = []
    for name in _NAMES:
        found = roof_of(profile, name)
        if found is not None:
            of = found.reached_by or ABSENT if isinstance(found, Peak) else found.of
            rows.append((roof_title(name), roof_text(name, found), of, found.date))
    absent = tuple(Note(f"{roof_title(name)}: none, since {why}") for name, why in profile.roofs_absent.items())
    columns = (Heading("roof"), Heading("measured", "right"), Heading("of what"), Heading("on"))
    return Table("Roofs", columns, tuple(rows), (*absent, Note("±: within which a repetition is expected")))


def _tests(run: AiBenchmark, summary: str, name: str) -> Table:
    """Every timing, and every test that gave none; the scores, or why there is none, stand below."""
    rows = [(test, f"{mean:,.0f}") for test, mean in run.milliseconds.items()]
    rows += [(test, f"failed: {why}") for test, why in run.failed.items()]
    software = ", ".join(f"{package} {version}" for package, version in run.software.items())
    notes = (
        *(Note(line) for line in summary.splitlines() if not line.startswith("  ")),
        Note(f"{run.date}; {software}"),
    )
    title = "AI Benchmark" if name == "full" else f"AI Benchmark, {name}"
    return Table(title, (Heading("test"), Heading("ms", "right")), tuple(rows), notes)


def _published(profile: HostProfile) -> Table:
    assert profile.published is not None
    published = profile.published
    rows = tuple(
        (network_label(one.model), one.variant, str(one.batch_size), f"{one.step_ms:g}", f"{one.trainable_params:,}")
        for one in published.times
    )
    sized = (Heading(name, "right") for name in ("batch", "ms/step", "trainable"))
    columns = (Heading("network"), Heading("variant"), *sized)
    score = f"{published.ai_score:,}" if published.ai_score else "not given"
    source = f"{published.source}, {published.date}" if published.date else published.source
    return Table("Published", columns, rows, (Note(f"AI-Score {score}"), Note(f"source: {source}")))


def _plain(profile: HostProfile) -> Iterator[str]:
    """Figures that stand alone."""
    if profile.published is not None:
        yield "\n".join(published_lines(profile.published))
    if profile.ai_score is None and "full" not in profile.ai_benchmark:
        yield "no AI-Score: bench calibrate measures it, on that machine"
    if profile.noise is not None:
        noise = profile.noise
        shares = f"{significant(noise.in_turns * 100)} % interleaved, {significant(noise.apart * 100)} % apart"
        yield f"noise: equal processes differ by {shares} (standard deviation, {noise.rounds} rounds, {noise.date})"
    else:
        yield "noise: not known; bench selftest measures it, on that machine"
    if profile.self_test is not None:
        test = profile.self_test
        around_nothing = significant(test.empty_step_seconds * 1e3)
        yield (
            f"self-test: known step times met within {significant(test.largest_error * 100)} % ({test.cells} cells, "
            f"{test.date}, bench {test.version}); fit around nothing takes {around_nothing} ms a step"
        )
    yield from costs_lines(profile)


def _expected(profile: HostProfile, profiles: Sequence[HostProfile], records: Sequence[Record]) -> Iterator[str]:
    text = expectation_text(profile, profiles)
    if text:
        yield text
    published = [
        f"  {network_label(time.model)} {time.step_ms:g} ms/step, {residual_text(found.value)}"
        for _, time in published_times([profile], BATCH_SIZE)
        for found in [published_residual(profile, profiles, time.model)]
        if found.value is not None
    ]
    if published:
        yield "\n".join(("published, and how far from what the other published times lead to expect:", *published))
    measured = [
        f"  {outcome_line(one)}" + (f" ({residual_text(one.residual.value)})" if one.residual.value is not None else "")
        for one in outcomes(records, profiles)
    ]
    if measured:
        yield "\n".join(("measured here, beside what is expected, and how far from its middle:", *measured))
