"""`bench hosts`: the machines that results know, the published ones and this one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bench.host.profile import HostProfile
    from bench.host.registry import Recognised

__all__ = ["app"]

app = typer.Typer(help="The machines that results know.", invoke_without_command=True, rich_markup_mode=None)

_SHEET_TYPES = ("float32", "tf32", "float16", "bfloat16")
_SHEET_KEYS = ("card", *_SHEET_TYPES, "memory_gb_per_second", "source")

Root = Annotated[
    Path, typer.Option("--root", envvar="BENCH_ROOT", help="Folder that holds hosts/ and results/.", file_okay=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.callback()
def hosts(context: typer.Context, root: Root = Path(), as_json: AsJson = False) -> None:
    """List the machines that results know: those with published times, those measured on, and this one."""
    if context.invoked_subcommand is not None:
        context.obj = root
        return
    known, here = _known(root)
    if as_json:
        typer.echo(json.dumps([_entry(profile, here) for profile in known], indent=2, ensure_ascii=False))
        return
    from tabulate import tabulate

    rows = [
        (
            profile.id,
            profile.label,
            profile.device,
            (profile.published and profile.published.ai_score) or "–",
            _times(profile, here),
            "yes" if profile.id == here.profile.id else "",
        )
        for profile in known
    ]
    headings = ("host", "name", "GPU or CPU", "AI-Score", "times", "this machine")
    typer.echo(tabulate(rows, headings, tablefmt="pipe", disable_numparse=True, colalign=("left",) * 3 + ("right",)))
    if here.replaced:
        typer.echo(f"bench: {here.replaced}", err=True)


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="A host's id, as `bench hosts` lists it.")],
    root: Annotated[Path | None, typer.Option("--root", help="As for `bench hosts`.", file_okay=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Show one machine: what it is, its card's datasheet, what was measured of it, its price, and the times published
    for it."""
    known, here = _known(root or context.obj)
    profile = next((one for one in known if one.id == name), None)
    if profile is None:
        from bench.errors import Fault, InputError, nearest

        raise InputError(Fault(f"unknown host '{name}'", nearest(name, [one.id for one in known])))
    entry = _entry(profile, here)
    if as_json:
        typer.echo(json.dumps(entry, indent=2, ensure_ascii=False))
        return
    from tabulate import tabulate

    typer.echo(f"{profile.label} ({profile.id}{', this machine' if entry['this_machine'] else ''})")
    if profile.hardware:
        facts = profile.hardware.model_dump(exclude_defaults=True)
        typer.echo("\n" + tabulate([(key, _text(value)) for key, value in facts.items()], ("hardware", ""), "pipe"))
    if sheet := entry["datasheet"]:
        rates = [(f"{name} peak", f"{sheet[name]:g} TFLOP/s") for name in _SHEET_TYPES if sheet[name]]
        rows = [*rates, ("memory", f"{sheet['memory_gb_per_second']:g} GB/s")]
        typer.echo("\n" + tabulate(rows, (f"datasheet of the {sheet['card']}", ""), "pipe", disable_numparse=True))
        typer.echo(f"\nsource: {sheet['source']}")
    measured = list(_measured(profile))
    if measured:
        typer.echo("\n" + tabulate(measured, ("measured", "", "on"), "pipe", disable_numparse=True))
    if profile.price:
        typer.echo(f"\nprice: {profile.price.per_hour:g} {profile.price.currency} an hour")
    if profile.published:
        times = [time.model_dump() for time in profile.published.times]
        typer.echo(f"\npublished: {profile.published.source}; AI-Score {profile.published.ai_score or 'not given'}\n")
        typer.echo(tabulate(times, "keys", "pipe", intfmt=","))


def _known(root: Path) -> tuple[list[HostProfile], Recognised]:
    """Every host, this machine among them even before it was measured."""
    from bench.host.detect import detect
    from bench.host.registry import profiles, recognise

    here = recognise(root, detect())
    known = {profile.id: profile for profile in profiles(root)} | {here.profile.id: here.profile}
    return [known[name] for name in sorted(known)], here


def _entry(profile: HostProfile, here: Recognised) -> dict[str, Any]:
    return {
        **profile.model_dump(mode="json"),
        "datasheet": _datasheet(profile),
        "this_machine": profile.id == here.profile.id,
    }


def _datasheet(profile: HostProfile) -> dict[str, Any] | None:
    """What its card's maker publishes; None of a slice of one, and where there is none."""
    from bench.host.datasheets import datasheet_of

    hardware = profile.hardware
    sheet = None
    if hardware is None and profile.published and profile.published.gpu_name:
        sheet = datasheet_of(profile.published.gpu_name)
    elif hardware is not None and hardware.gpu_name and not hardware.mig:
        sheet = datasheet_of(hardware.gpu_name, hardware.gpu_memory_bytes)
    return None if sheet is None else {name: getattr(sheet, name) for name in _SHEET_KEYS}


def _times(profile: HostProfile, here: Recognised) -> str:
    measured = profile.hardware is not None and not (here.is_new and profile.id == here.profile.id)
    words = [word for word, true in (("published", profile.published), ("measured", measured)) if true]
    return ", ".join(words) or "none yet"


def _measured(profile: HostProfile) -> Iterator[tuple[str, str, str]]:
    """What calibration and self-test found: figure, value, day."""
    for name, peak in profile.peaks.items():
        rate, by = peak.flops_per_second / 1e9, f", with {peak.reached_by}" if peak.reached_by else ""
        yield f"{name} peak", f"{rate:,.0f} ± {peak.margin * rate:,.0f} GFLOP/s{by}", peak.date
    if profile.noise:
        noise = profile.noise
        text = f"{noise.in_turns:.1%} in turns, {noise.apart:.1%} apart ({noise.rounds} rounds)"
        yield "noise: equal processes differ by", text, noise.date
    if profile.self_test:
        test = profile.self_test
        yield "self-test: largest error", f"{test.largest_error:.2%} of {test.cells} known cells", test.date
        yield "self-test: an empty step", f"{test.empty_step_seconds * 1e3:.3g} ms", test.date


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
