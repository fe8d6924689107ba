"""Which measured cells, and which published times, tell how fast a network trains on each host."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from bench.analyse.comparable import unfit
from bench.analyse.expectation.handout import matches
from bench.analyse.planning.pace import Pace, measured_pace, published_pace
from bench.analyse.training.seeds import Repeats, repeats
from bench.host.profile import HostProfile, PublishedTime
from bench.results.query import when
from bench.results.record import Record
from bench.suite.names import SEARCHED

__all__ = ["Prospect", "networks_of", "prospects"]

NOTEBOOK = "notebook"


@dataclass(frozen=True)
class Prospect:
    """A network on a host, and the pace that is known of it there; None: it was never measured, nor published.

    `cell` names what was measured, without its seed; `suite` is empty of a published time. `trained` are its trainings
    there, `elsewhere` those of the same cell on other hosts, with epochs as long, where there are none.
    """

    profile: HostProfile
    cell: str
    suite: str
    pace: Pace | None
    trained: tuple[Record, ...] = ()
    elsewhere: tuple[Record, ...] = ()

    @property
    def is_published(self) -> bool:
        return self.pace is not None and not self.suite


def networks_of(records: Iterable[Record], profiles: Iterable[HostProfile]) -> tuple[str, ...]:
    """The networks that something is known of, and the names that suites give them, each once."""
    measured = (name for one in records for name in (one.workload.model.network, one.model))
    published = (time.model for profile in profiles if profile.published for time in profile.published.times)
    return tuple(dict.fromkeys((*measured, *published)))


def prospects(
    records: Sequence[Record],
    profiles: Sequence[HostProfile],
    network: str | None = None,
    variants: Collection[str] = (),
) -> tuple[Prospect, ...]:
    """What is known of `network` (None: of each) on the hosts of `profiles`, by host.

    `records` are the newest of each cell. Without `variants`, which are patterns, each suite's baseline counts. Of
    cells that are equal but for their suite, one that was trained counts, else the newest. A host that nothing is known
    of has one prospect without a pace, where `network` is given.
    """
    chosen = [one for one in records if _is_meant(one, network, variants)]
    by_host: dict[str, list[Repeats]] = {}
    for found in repeats(chosen):
        by_host.setdefault(found.first.host, []).append(found)
    trainings = [found for each in by_host.values() for found in each if found.trained]
    return tuple(
        replace(one, elsewhere=_elsewhere(one, trainings))
        for profile in profiles
        for one in _of_host(profile, by_host.get(profile.id, []), network, variants, chosen)
    )


def _elsewhere(one: Prospect, trainings: Iterable[Repeats]) -> tuple[Record, ...]:
    """How accurate so many epochs make a network doesn't depend on the machine; those of one other host will do."""
    if one.trained or one.pace is None or one.pace.epoch_images is None:
        return ()
    images, batch = one.pace.epoch_images, one.pace.batch
    for found in trainings:
        first = found.trained[0]
        cell = f"{first.workload.model.network}/{first.variant}/b{first.batch_size}"
        same = (
            one.cell in (found.name, cell) and abs(first.history[-1].steps * first.global_batch_size - images) < batch
        )
        if same and first.host != one.profile.id:
            return found.trained
    return ()


def _of_host(
    profile: HostProfile,
    found: Sequence[Repeats],
    network: str | None,
    variants: Collection[str],
    measured_anywhere: Sequence[Record],
) -> Iterator[Prospect]:
    kept: dict[str, Repeats] = {}
    for one in found:
        other = kept.get(one.first.fingerprint)
        if other is None or _rank(one) > _rank(other):
            kept[one.first.fingerprint] = one
    known = [(one, pace) for one in kept.values() if (pace := measured_pace(one, profile)) is not None]
    yield from (Prospect(profile, one.name, one.first.suite, pace, one.trained) for one, pace in known)
    measured = {one.first.workload.model.network for one, _ in known}
    published = [
        time
        for time in (profile.published.times if profile.published else ())
        if network in (None, time.model) and time.model not in measured and _fits(time.variant, variants)
    ]
    for time in published:
        pace = published_pace(time, _epoch_images(time, measured_anywhere))
        yield Prospect(profile, f"{time.model}/{time.variant}/b{time.batch_size}", "", pace)
    if network is not None and not known and not published:
        yield Prospect(profile, network, "", None)


def _is_meant(record: Record, network: str | None, variants: Collection[str]) -> bool:
    named = network in (None, record.model, record.workload.model.network)
    fits = _matches(record.variant, variants) if variants else record.baseline
    return named and fits and record.counts and not record.suite.startswith(SEARCHED) and unfit(record) is None


def _fits(variant: str, variants: Collection[str]) -> bool:
    return _matches(variant, variants) if variants else variant == NOTEBOOK


def _matches(variant: str, variants: Collection[str]) -> bool:
    return any(fnmatchcase(variant, pattern) for pattern in variants)


def _rank(found: Repeats) -> tuple[bool, object]:
    return bool(found.trained), max(map(when, found.ok))


def _epoch_images(time: PublishedTime, records: Iterable[Record]) -> float | None:
    """Images that an epoch has of a published cell, where all who measured it agree."""
    found = set()
    for one in records:
        if matches(one, time.model, time.batch_size, time.trainable_params):
            steps = one.train.steps_per_epoch if one.train is not None else None
            found.add(steps * one.global_batch_size if steps is not None else one.workload.data.train_images)
    return found.pop() if len(found) == 1 else None
