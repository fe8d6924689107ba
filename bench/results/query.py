"""Questions to the stored records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

from bench.errors import gathered
from bench.results.bounded import moment_of
from bench.results.journal_line import JournalLine
from bench.results.pair import Pair
from bench.results.reading import Read, UnreadableError, read
from bench.results.record import Finding, Record
from bench.results.team import is_team

__all__ = [
    "Group",
    "Identity",
    "attempts",
    "by_suite",
    "good",
    "identity",
    "joined",
    "latest",
    "newest",
    "pairs_files",
    "rank",
    "read_all",
    "read_files",
    "read_pairs",
    "results_files",
    "runs",
    "together",
    "when",
]

Identity = tuple[str, str, str, str, int, int, str]


class Group(NamedTuple):
    """Whose records stand in one table: a suite's on a host, and there a team's; None: of no team."""

    host: str
    suite: str
    team: str | None = None


T = TypeVar("T", bound=JournalLine)
P = TypeVar("P")


def read_all(
    root: Path,
    hosts: Collection[str] | None = None,
    suites: Collection[str] | None = None,
    teams: Collection[str] | None = None,
) -> Read[Record]:
    """Every record under `<root>/results`, by host and suite; of some hosts' or teams' folders or suites' files where
    given.

    Raises what `read` raises, the faults of all files together.
    """
    return read_files(results_files(root, hosts, suites, teams), Record)


def results_files(
    root: Path,
    hosts: Collection[str] | None = None,
    suites: Collection[str] | None = None,
    teams: Collection[str] | None = None,
) -> list[Path]:
    """The files of records under `<root>/results`, in their order: hosts' own, and each team's after them."""
    base = root / "results"
    own = [] if teams is not None else [(path, path.parent.name) for path in base.glob("*/*.jsonl")]
    of_teams = [
        (path, path.parent.parent.name)
        for path in base.glob("*/*/*.jsonl")
        if is_team(path.parent.name) and (teams is None or path.parent.name in teams)
    ]
    return [
        path
        for path, host in (*sorted(own), *sorted(of_teams))
        if (hosts is None or host in hosts) and (suites is None or path.stem in suites)
    ]


def read_pairs(root: Path) -> Read[Pair]:
    """Every pair of cells measured interleaved, by host and suite. Raises what `read` raises, for all files
    together."""
    return read_files(pairs_files(root), Pair)


def pairs_files(root: Path, hosts: Collection[str] | None = None) -> list[Path]:
    """The files of pairs under `<root>/results`, or of some hosts' folders, in their order: see `results_files`."""
    base = root / "results"
    own = [(path, path.parents[1].name) for path in base.glob("*/pairs/*.jsonl")]
    of_teams = [
        (path, path.parents[2].name) for path in base.glob("*/*/pairs/*.jsonl") if is_team(path.parents[1].name)
    ]
    return [path for path, host in (*sorted(own), *sorted(of_teams)) if hosts is None or host in hosts]


def read_files(paths: Iterable[Path], form: type[T], *, strict: bool = False) -> Read[T]:
    """What the files hold, one after another; see `together`, and `read` for `strict`."""
    return together(lambda path: read(path, form, strict=strict), paths)


def together(content: Callable[[P], Read[T]], places: Iterable[P]) -> Read[T]:
    """The `content` of all `places`, one after another; one that can't be read costs itself and a notice.

    Raises what `content` raises else, the faults of all places together.
    """

    def tried(place: P) -> Read[T]:
        try:
            return content(place)
        except UnreadableError as error:
            return Read((), tuple(f"{fault}; it was passed over" for fault in error.faults))

    found = gathered(partial(tried, place) for place in places)
    records = chain.from_iterable(one.records for one in found)
    return Read(tuple(records), tuple(chain.from_iterable(one.notices for one in found)))


def identity(record: Record) -> Identity:
    """Host, suite, model, variant, batch size, seed and team (empty: none): equal ones are attempts at one cell.

    A cell's id won't do: it names its seed only while the suite has several.
    """
    team = record.team or ""
    return record.host, record.suite, record.model, record.variant, record.batch_size, record.seed, team


def latest(records: Iterable[Record]) -> tuple[Record, ...]:
    """The newest record of each cell on each host, in the order in which cells first appear, joined with those of the
    other processes that the same run measured it in.

    The newest wins whatever its status: a cell that fails today is shown as failed, though it did well last week. Only
    a record of the debugging executor never displaces one that counts.
    """
    return tuple(map(joined, newest(attempts(records))))


def newest(each: Iterable[Sequence[Record]]) -> tuple[Sequence[Record], ...]:
    """Of each cell's `attempts` the newest, as `latest` has it, in the order in which cells first appear."""
    found: dict[Identity, tuple[Record, Sequence[Record]]] = {}
    for attempt in each:
        best = max(attempt, key=rank)
        key = identity(best)
        if key not in found or rank(best) >= rank(found[key][0]):
            found[key] = best, attempt
    return tuple(attempt for _, attempt in found.values())


def runs(records: Iterable[Record]) -> tuple[Record, ...]:
    """A record for each run of a cell, in the order in which these first appear: its processes joined."""
    return tuple(map(joined, attempts(records)))


def attempts(records: Iterable[Record]) -> Iterable[list[Record]]:
    """The records of one cell in one run, with one workload; one that took no turns is a run of its own."""
    found: dict[Hashable, list[Record]] = {}
    for place, record in enumerate(records):
        turns = record.turns if record.counts else None
        key = place if turns is None else (identity(record), turns.run, record.fingerprint)
        found.setdefault(key, []).append(record)
    return found.values()


def by_suite(records: Iterable[Record]) -> dict[Group, list[Record]]:
    """The records of each host, suite and team, in the order in which these first appear."""
    groups: dict[Group, list[Record]] = {}
    for record in records:
        groups.setdefault(Group(record.host, record.suite, record.team), []).append(record)
    return groups


def good(records: Iterable[Record], attributed: bool = False) -> frozenset[tuple[str, str, str]]:
    """(host, cell, accuracy fingerprint) of what `--resume` need not measure again: what tables show as ok or skipped,
    and, where a run wants it `attributed`, with its attribution.

    A cell whose newest record is neither is measured again, however well it did before. The cell is named beside its
    fingerprint: two variants of one suite can settle to the same options on a machine, and each wants its own record.
    """
    return frozenset(
        (record.host, record.cell, record.accuracy_fingerprint)
        for record in latest(records)
        if record.status == "skipped"
        or (record.ok and record.whole and (record.attribution is not None or not attributed))
        if record.counts
    )


def when(record: Record) -> datetime:
    """When the record's cell was started."""
    return moment_of(record.started)


def rank(record: Record) -> tuple[bool, datetime]:
    """What makes one of several records of a cell the newest: see `latest`."""
    return record.counts, when(record)


def joined(records: Sequence[Record]) -> Record:
    """The one record that stands for the processes of a cell in one run: what it says beside its windows is that of
    the first that ended well, and is whole.

    Processes that didn't end well count in no figure; where none did, the newest stands for all of them.
    """
    ok = sorted((record for record in records if record.ok), key=_order)
    if not ok:
        return records[-1]
    return ok[0] if len(ok) == 1 else ok[0].of_processes(ok, _findings(ok))


def _order(record: Record) -> tuple[bool, int, int]:
    turns = record.turns
    return not record.whole, turns.round if turns else 0, turns.group if turns else 0


def _findings(records: Sequence[Record]) -> tuple[Finding, ...]:
    """Each kind once, in as many words as its first record has for it; and how many of the processes it was found in,
    where that isn't all of them."""
    found: dict[str, list[Finding]] = {}
    for record in records:
        for one in {finding.code: finding for finding in record.findings}.values():
            found.setdefault(one.code, []).append(one)
    return tuple(_of_some(same, len(records)) for same in found.values())


def _of_some(same: Sequence[Finding], processes: int) -> Finding:
    first = same[0]
    if len(same) == processes:
        return first
    return Finding(code=first.code, message=f"{first.message} (in {len(same)} of {processes} processes)")
