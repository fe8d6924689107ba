"""Records as runs of MLflow: what was chosen as parameters, figures as metrics, and where they are from as tags."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from bench.errors import Fault, InputError
from bench.report.export.extras import needed
from bench.report.export.hyperparameters import hyperparameters
from bench.report.export.mlflow_store import Store
from bench.report.export.scalars import Scalar, epoch_scalars, figures, window_scalars
from bench.results.query import when
from bench.results.record import Record
from bench.support.plain_text import plain_text

__all__ = ["Logged", "log_runs"]

T = TypeVar("T")

_DIGEST, _WHOLE = "bench.digest", "bench.whole"
_MOST_METRICS, _MOST_OTHERS = 1000, 100
"""In one call, by MLflow's REST API."""
_LONGEST = 500
"""Characters of a parameter's or tag's value that every version and store of it takes."""
_PAGE = 1000


class Logged(NamedTuple):
    """How many runs were added, and how many were there already."""

    added: int
    known: int


def log_runs(records: Sequence[Record], store: Store) -> Logged:
    """Log a run for each record, in an experiment `bench/SUITE`, unless it holds one of that very record.

    A run that an interrupted export left unfinished is deleted and logged anew. Raises InputError where MLflow isn't
    installed or the store can't be used.
    """
    mlflow = _module(store)
    store.make_ready()
    known: dict[str, dict[str, Any]] = {}
    added = 0
    try:
        client = mlflow.MlflowClient(tracking_uri=store.uri, registry_uri=store.uri)
        for record in records:
            name = f"bench/{plain_text(record.suite)}"
            experiment = _experiment(client, name, store)
            if experiment not in known:
                known[experiment] = _digests(client, experiment)
            digest = _digest(record)
            found = known[experiment].get(digest)
            if found is not None and found.data.tags.get(_WHOLE) == "true":
                continue
            if found is not None:
                client.delete_run(found.info.run_id)
            known[experiment][digest] = _log(client, experiment, record, digest)
            added += 1
    except mlflow.exceptions.MlflowException as error:
        why = (str(error).splitlines() or ["it doesn't say why"])[0]
        raise InputError(Fault(f"MLflow can't keep runs at {store.uri} ({why})")) from None
    return Logged(added, len(records) - added)


def _module(store: Store) -> Any:
    """MLflow, quiet, and fit for the store."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # it would tell its makers what it was used for
    if store.is_folder:
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # MLflow 3.17 refuses to use folders without it
    mlflow = needed("mlflow", "mlflow", "mlflow")
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)  # tables that are made, and that folders are old
    return mlflow


def _experiment(client: Any, name: str, store: Store) -> str:
    found = client.get_experiment_by_name(name)
    identifier: str = found.experiment_id if found else client.create_experiment(name, store.artifacts)
    return identifier


def _digests(client: Any, experiment: str) -> dict[str, Any]:
    """The runs that were exported before, by their records' digests."""
    found: dict[str, Any] = {}
    token = None
    while True:
        page = client.search_runs([experiment], max_results=_PAGE, page_token=token)
        found |= {run.data.tags[_DIGEST]: run for run in page if _DIGEST in run.data.tags}
        token = page.token
        if not token:
            return found


def _digest(record: Record) -> str:
    """Of all that its processes recorded."""
    hashed = hashlib.sha256()
    for process in record.processes:
        hashed.update(process.model_dump_json().encode(errors="surrogatepass"))
    return hashed.hexdigest()


def _log(client: Any, experiment: str, record: Record, digest: str) -> Any:
    entities = needed("mlflow.entities", "mlflow", "mlflow")

    began = when(record).timestamp()
    scalars = [*epoch_scalars(record), *window_scalars(record)]
    ended = max([began + figures(record).get("seconds", 0.0), *(one.seconds for one in scalars)])
    scalars += [Scalar(name, value, 0, ended) for name, value in figures(record).items()]
    tags = {_DIGEST: digest, **_tags(record)}
    run = client.create_run(
        experiment, start_time=_milliseconds(began), tags=tags, run_name=plain_text(record.cell)[:_LONGEST]
    )
    one, parameters = run.info.run_id, hyperparameters(record).items()
    for few in _parts(parameters, _MOST_OTHERS):
        client.log_batch(one, params=[entities.Param(name, str(value)[:_LONGEST]) for name, value in few])
    for some in _parts(scalars, _MOST_METRICS):
        metrics = [entities.Metric(name, value, _milliseconds(seconds), step) for name, value, step, seconds in some]
        client.log_batch(one, metrics=metrics)
    client.set_terminated(one, "FINISHED" if record.ok else "FAILED", _milliseconds(ended))
    client.log_batch(one, tags=[entities.RunTag(_WHOLE, "true")])  # last: what lacks it was cut off
    return client.get_run(one)


def _tags(record: Record) -> dict[str, str]:
    """Where the record is from."""
    data = record.data
    tags = {
        "host": record.host,
        "team": record.team or "",
        "cell": record.cell,
        "device": record.device.name or record.device.kind,
        "status": record.status,
        "executor": record.executor,
        "started": record.started,
        "fingerprint": record.fingerprint,
        "failure": record.failure.message if record.failure else "",
        "data": f"{data.name}, synthetic" if data and data.synthetic else data.name if data else "",
        "findings": " ".join(finding.code for finding in record.findings),
        "processes": str(len(record.processes)),
        **{f"software.{name}": number for name, number in record.software.items()},
    }
    return {f"bench.{name}": plain_text(text)[:_LONGEST] for name, text in tags.items() if text}


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _parts(whole: Any, most: int) -> Iterator[list[Any]]:
    left = iter(whole)
    while part := list(islice(left, most)):
        yield part
