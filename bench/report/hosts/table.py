"""The table of hosts: what each one scores and takes, and its roofs; and what of this machine can be measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bench.analyse.expectation.band import BATCH_SIZE
from bench.host.candidates import Candidate
from bench.host.names import processor
from bench.host.profile import HostProfile
from bench.host.registry import Recognised
from bench.report.core.footnotes import Footnotes
from bench.report.core.row_names import network_label
from bench.report.core.table import Heading, Note, Table
from bench.report.handout.expectation_text import residual_text
from bench.report.hosts.facts import Fact, HostFacts
from bench.results.metric import ABSENT, significant
from bench.system.nvml import Reading

__all__ = ["HERE", "candidates_table", "hosts_tables"]

HERE = "←"
"""What marks the host that is measured as things are."""

_ORIGINS = {"measured": "", "published": " P", "datasheet": " D"}


def hosts_tables(found: Sequence[HostFacts], here: str | None = None) -> tuple[Table, Table]:
    """Scores and times, then roofs, of each host; `here` is the id of the one that this machine is, marked so."""
    return _times(found, here), _roofs(found, here)


def candidates_table(found: Sequence[tuple[Candidate, Recognised | None]]) -> Table:
    """What of this machine can be measured, each with its host, and how to choose it."""
    ids = [host.profile.id for _, host in found if host is not None]
    notes = [Note("it is measured as things are", HERE)]
    if len(set(ids)) < len(ids):
        notes.append(
            Note(
                "those of one kind share a profile, which is of a kind of card in a machine and holds nothing that "
                "names a single one; --host ID files one of them under an id of its own"
            )
        )
    return Table(
        title="This machine",
        columns=(Heading("what"), Heading("host"), Heading("chosen by, before the command")),
        rows=tuple(
            (
                f"{one.where} {HERE}" if one.is_chosen else one.where,
                host.profile.id if host is not None else ABSENT,
                one.unusable or _shell(one.environment) or "nothing: there is nothing else",
            )
            for one, host in found
        ),
        notes=tuple(notes),
    )


def _shell(environment: Mapping[str, str]) -> str:
    """Variables as they stand before a command."""
    return " ".join(f"{name}={value}" for name, value in environment.items())


def _times(found: Sequence[HostFacts], here: str | None) -> Table:
    letters = Footnotes()
    models = list(dict.fromkeys(model for one in found for model in one.times))
    rows = [
        (
            _id(one.profile, here),
            one.profile.label,
            _shown(one.ai_score, 1, letters, whole=True),
            *(
                cell
                for model in models
                for time in [one.times[model]]
                for cell in (
                    _shown(time.step_seconds, 1e3, letters),
                    _residual(time.residual, letters),
                )
            ),
        )
        for one in found
    ]
    headings = [heading for model in models for heading in (network_label(model), "residual")]
    return Table(
        title="Scores and times",
        columns=(Heading("host"), Heading("name"), *(Heading(text, "right") for text in ("AI-Score", *headings))),
        rows=tuple(rows),
        notes=(*_marks(rows, here), *_legend(models), *letters.notes()),
    )


def _roofs(found: Sequence[HostFacts], here: str | None) -> Table:
    letters = Footnotes()
    rows = [
        (
            _id(one.profile, here),
            _device(one.profile),
            _shown(one.float32_flops_per_second, 1e-12, letters),
            _lower(one.lower_flops_per_second, letters),
            _shown(one.memory_bytes_per_second, 1e-9, letters),
            _shown(one.launch_seconds, 1e6, letters),
        )
        for one in found
    ]
    headings = ("float32, TFLOP/s", "lower precision", "memory, GB/s", "launch, µs")
    return Table(
        title="Roofs",
        columns=(Heading("host"), Heading("GPU or CPU"), *(Heading(heading, "right") for heading in headings)),
        rows=tuple(rows),
        notes=(*_marks(rows, here), *letters.notes()),
    )


def _id(profile: HostProfile, here: str | None) -> str:
    return f"{profile.id} {HERE}" if profile.id == here else profile.id


def _device(profile: HostProfile) -> str:
    hardware = profile.hardware
    if hardware is not None and hardware.kind == "cpu":
        return processor(hardware.cpu) or "CPU"
    return profile.device.removeprefix("NVIDIA ")


def _shown(figure: Fact, scale: float, letters: Footnotes, *, whole: bool = False) -> str:
    if figure.value is None or figure.origin is None:
        return _absent(figure.absent, letters)
    value = figure.value * scale
    if figure.origin != "measured":  # as it stands there
        return f"{value:,g}{_ORIGINS[figure.origin]}"
    return f"{value:,.0f}" if whole else significant(value)


def _lower(figure: Fact, letters: Footnotes) -> str:
    shown = _shown(figure, 1e-12, letters)
    return shown if figure.value is None else f"{figure.of} {shown}"


def _residual(found: Reading[float], letters: Footnotes) -> str:
    return _absent(found.reason, letters) if found.value is None else residual_text(found.value)


def _absent(reason: str | None, letters: Footnotes) -> str:
    return f"{ABSENT} ({letters.marks([reason])})" if reason else ABSENT


def _marks(rows: Collection[Sequence[str]], here: str | None) -> list[Note]:
    cells = [cell for row in rows for cell in row[2:]]
    is_marked = here is not None and any(row[0].endswith(f" {HERE}") for row in rows)
    notes = [Note("this machine", HERE)] if is_marked else []
    if any(cell.endswith(_ORIGINS["published"]) for cell in cells):
        notes.append(Note("published, not measured here", "P"))
    if any(cell.endswith(_ORIGINS["datasheet"]) for cell in cells):
        notes.append(Note("of the card's datasheet, not measured", "D"))
    return notes


def _legend(models: Sequence[str]) -> list[Note]:
    if not models:
        return []
    return [
        Note(
            f"{' and '.join(map(network_label, models))}: ms a step of the notebook's variant, batch {BATCH_SIZE}; "
            "residual: relative distance from the middle of the band that is expected of the host"
        )
    ]
