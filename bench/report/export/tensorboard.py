"""Records as TensorBoard shows them: a run each, with scalars, and options beside metrics under HParams.

TensorBoard's own `EventFileWriter` imports all of TensorFlow where that is installed. So does
`hparams.summary`. Its `RecordWriter` and its messages don't, and so they are used alone, with files that appear whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.errors import Fault, InputError
from bench.report.export.extras import needed
from bench.report.export.hyperparameters import hyperparameters
from bench.report.export.scalars import epoch_scalars, figures, window_scalars
from bench.results.metrics import METRICS
from bench.results.query import identity, when
from bench.results.record import Record
from bench.results.safe_paths import plain
from bench.support.files import keep_within, write_whole, writing

__all__ = ["write_events"]

Chosen = Mapping[str, bool | int | float | str]

_FILE = "events.out.tfevents.0.bench"
"""TensorBoard reads what holds `tfevents`, and files of a run in the order of their names."""
_MARK = "written-by-bench-export"


def write_events(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write an event file for each record, and one for what all have in common; gives the runs' folders.

    What an earlier export left here, and these records aren't, is removed. Raises InputError where the folder holds
    something else, or TensorBoard isn't installed.
    """
    proto = _Messages()
    _need_own(folder)
    # first, so that what a killed export leaves is known for ours
    write_whole(folder / _MARK, "`bench export --format tensorboard` may replace what lies here.\n")
    chosen = _of_one_kind([hyperparameters(record) for record in records])
    runs = _runs(records)
    files = {folder / run / _FILE: run for run in runs}
    for (path, run), record, each in zip(files.items(), records, chosen, strict=True):
        keep_within(path, folder)
        _write(proto, path, _events(proto, record, each, run.as_posix()))
    _write(proto, folder / _FILE, [proto.event(proto.experiment(records, chosen), 0, 0.0)])
    for path in folder.rglob(_FILE):
        if path not in files and path.parent != folder:
            keep_within(path, folder)
            path.unlink()
    return [path.parent for path in files]


def _runs(records: Sequence[Record]) -> list[Path]:
    """The runs' folders, by names that no two have in common, though two that differ may be one as parts of a path."""
    found: dict[Path, None] = {}
    for record in records:
        last = f"b{record.batch_size}-s{record.seed}"
        place = (record.host, *([record.team] if record.team else []), record.suite)
        run = Path(*map(plain, (*place, record.model, record.variant, last)))
        if run in found:
            run = run.with_name(f"{last}-{hashlib.sha256(repr(identity(record)).encode()).hexdigest()[:8]}")
        found[run] = None
    return list(found)


def _need_own(folder: Path) -> None:
    if not folder.exists() or (folder / _MARK).is_file():
        return
    if not folder.is_dir() or next(folder.iterdir(), None) is not None:
        what = "holds something that no export to TensorBoard has written" if folder.is_dir() else "is no folder"
        raise InputError(Fault(what, "name a folder that is empty or not there yet", folder))


def _of_one_kind(chosen: Sequence[Chosen]) -> list[Chosen]:
    """The same with text where one name has numbers and words (`prefetch`): a column of HParams is of one type."""
    kinds: dict[str, set[type]] = {}
    for each in chosen:
        for name, value in each.items():
            kinds.setdefault(name, set()).add(type(value))
    mixed = {name for name, found in kinds.items() if len(found) > 1}
    return [{name: str(value) if name in mixed else value for name, value in each.items()} for each in chosen]


def _events(proto: _Messages, record: Record, chosen: Chosen, run: str) -> list[Any]:
    began = when(record).timestamp()
    scalars = [*epoch_scalars(record), *window_scalars(record)]
    ended = max([began + figures(record).get("seconds", 0.0), *(one.seconds for one in scalars)])
    return [
        proto.event(proto.session(chosen, run, began), 0, began),
        *(proto.scalar(one.name, one.value, one.step, one.seconds) for one in scalars),
        *(proto.scalar(f"metrics/{name}", value, 0, ended) for name, value in figures(record).items()),
        proto.event(proto.end(ended, ok=record.ok), 0, ended),
    ]


def _write(proto: _Messages, path: Path, events: Iterable[Any]) -> None:
    with writing(path, sync=False) as file:
        records = proto.writer(file)
        records.write(proto.version())
        for event in events:
            records.write(event.SerializeToString())


class _Messages:
    """TensorBoard's messages. Raises InputError where it isn't installed."""

    def __init__(self) -> None:
        def part(name: str) -> Any:
            return needed(f"tensorboard.{name}", "tensorboard", "tensorboard")

        self._event = part("compat.proto.event_pb2").Event
        self._summary = part("compat.proto.summary_pb2").Summary
        self._api = part("plugins.hparams.api_pb2")
        self._hparams = part("plugins.hparams.summary_v2")
        self._data = part("plugins.hparams.plugin_data_pb2")
        self._metadata = part("plugins.hparams.metadata")
        self.writer = part("summary.writer.record_writer").RecordWriter

    def version(self) -> bytes:
        """What every event file begins with."""
        first: bytes = self._event(file_version="brain.Event:2").SerializeToString()
        return first

    def event(self, summary: Any, step: int, seconds: float) -> Any:
        return self._event(wall_time=seconds, step=step, summary=summary)

    def scalar(self, name: str, value: float, step: int, seconds: float) -> Any:
        return self.event(self._summary(value=[self._summary.Value(tag=name, simple_value=value)]), step, seconds)

    def session(self, chosen: Chosen, name: str, began: float) -> Any:
        return self._hparams.hparams_pb(chosen, trial_id=name, start_time_secs=began)

    def end(self, seconds: float, *, ok: bool) -> Any:
        status = self._api.STATUS_SUCCESS if ok else self._api.STATUS_FAILURE
        end = self._data.SessionEndInfo(status=status, end_time_secs=seconds)
        about = self._metadata.create_summary_metadata(self._data.HParamsPluginData(session_end_info=end))
        tag, nothing = self._metadata.SESSION_END_INFO_TAG, self._metadata.NULL_TENSOR
        return self._summary(value=[self._summary.Value(tag=tag, metadata=about, tensor=nothing)])

    def experiment(self, records: Sequence[Record], chosen: Sequence[Chosen]) -> Any:
        """Columns of the HParams page: every option that any record has, and every metric, with its unit."""
        values: dict[str, set[Any]] = {}
        for each in chosen:
            for name, value in each.items():
                values.setdefault(name, set()).add(value)
        options = [self._hparams.HParam(name, self._hparams.Discrete(values[name])) for name in values]
        read = {name for record in records for name in figures(record)}
        metrics = [
            self._hparams.Metric(f"metrics/{name}", display_name=_heading(name), description=METRICS[name].legend)
            for name in METRICS
            if name in read
        ]
        return self._hparams.hparams_config_pb(options, metrics, 0.0)


def _heading(name: str) -> str:
    """In the unit of the values, which are as they are stored."""
    metric = METRICS[name]
    return f"{metric.title}, {metric.stored_unit}" if metric.stored_unit else metric.title
