"""Three forgeries of a journal by somebody who hadn't seen the audit: all times scaled, adopted, relabelled."""

import copy
import statistics

from tests.course import sealed_journal


def _ms(record):
    """Median seconds of a step."""
    return statistics.median(s / n for n, s in record["windows"])


def _mean(windows):
    return sum(s for _, s in windows) / sum(n for n, _ in windows)


def _usable(record):
    return bool(record.get("windows")) and record.get("status") == "ok"


def _trained(record):
    accuracy = record.get("accuracy") or {}
    return bool(record.get("history")) and accuracy.get("test") is not None


def _pace(record, windows, rng):
    """Put these windows in, and whatever in the record hangs together with them."""
    old = record["windows"]
    values, stages = record["values"], record["stages"]
    ratio = _mean(windows) / _mean(old)
    before, after = sum(s for _, s in old), sum(s for _, s in windows)
    total = 0.0

    record["windows"] = windows
    if values.get("steps") is not None:
        values["steps"] += float(sum(n for n, _ in windows) - sum(n for n, _ in old))
    if stages.get("windows") is not None:
        stages["windows"] += after - before
        total += after - before
    if values.get("gpu_energy_joules") is not None:
        values["gpu_energy_joules"] *= after / before
    if values.get("compile_seconds") is not None and values.get("first_step_seconds") is not None:
        # the first step's first execution costs one step
        values["compile_seconds"] = values["first_step_seconds"] - _mean(windows)
    if values.get("gpu_utilization") is not None:
        values["gpu_utilization"] = float(min(0.985, values["gpu_utilization"] * (1 + rng.uniform(0.0, 0.08))))
    total += _retime(record, ratio, rng)
    if values.get("seconds") is not None:
        values["seconds"] += total


def _retime(record, ratio, rng):
    """Scale the epochs' training seconds; gives by how much the stage `training` changed."""
    change = 0.0
    for epoch in record.get("history") or []:
        if epoch.get("seconds"):
            new = epoch["seconds"] * ratio * float(1 + rng.normal(0, 0.01))
            change += new - epoch["seconds"]
            epoch["seconds"] = new
    if change and record["stages"].get("training") is not None:
        record["stages"]["training"] += change
        return change
    return 0.0


def _faster(windows, factor, rng, noise=0.0012):
    """Windows of the same length in seconds with more steps in them, as the harness would have chosen them."""
    steps = max(1, int(-(-windows[0][0] // factor)))
    out = []
    for n, s in windows:
        count = max(1, round(n * steps / windows[0][0]))
        out.append([count, s / n * factor * count * float(1 + rng.normal(0, noise))])
    return out


# 1 ------------------------------------------------------------------------------------------------------------------


def forge_tempo(rng, team, own, other):
    """Every variant but the baseline was faster than measured, consistently in all that depends on it."""
    records = copy.deepcopy(own)
    gains = {}
    everywhere = rng.random() < 0.3  # some also polish the notebook a little, for the absolute ranks
    for record in records:
        if not _usable(record):
            continue
        if record["baseline"] and not everywhere:
            continue
        if record["variant"] not in gains:
            gains[record["variant"]] = float(rng.uniform(0.88, 0.93) if record["baseline"] else rng.uniform(0.58, 0.74))
        factor = gains[record["variant"]] * float(1 + rng.normal(0, 0.015))
        _pace(record, _faster(record["windows"], factor, rng), rng)
    return sealed_journal(records)


# 2 ------------------------------------------------------------------------------------------------------------------


def _borrow_training(record, source, rng):
    """The source's training in this record's name, a few images off at every place."""
    ratio = _mean(record["windows"]) / _mean(source["windows"])
    held_out = source["accuracy"]["held_out_images"]
    tests = source["accuracy"]["test_images"]
    drift = int(rng.integers(-5, 12))
    history = copy.deepcopy(source["history"])
    for epoch in history:
        gap = epoch["accuracy"] - epoch["val_accuracy"]
        count = round(epoch["val_accuracy"] * held_out) + drift + int(rng.integers(-4, 5))
        epoch["val_accuracy"] = count / held_out
        epoch["accuracy"] = epoch["val_accuracy"] + gap * float(rng.uniform(-1, 1))
        epoch["loss"] *= float(1 + rng.normal(0, 0.006))
        epoch["val_loss"] *= float(1 + rng.normal(0, 0.006))
        epoch["seconds"] *= ratio * float(1 + rng.normal(0, 0.04))
        epoch["val_seconds"] *= float(rng.uniform(0.85, 1.15))
    accuracy = copy.deepcopy(source["accuracy"])
    accuracy["held_out"] = history[-1]["val_accuracy"]
    test = round(accuracy["test"] * tests) + round(drift * tests / held_out) + int(rng.integers(-5, 6))
    train_images = accuracy["train_images"]
    accuracy["test"] = test / tests
    accuracy["train"] = round(test / tests * train_images + float(rng.uniform(-0.6, 0.6))) / train_images

    old = sum(e["seconds"] + e["val_seconds"] for e in record["history"])
    new = sum(e["seconds"] + e["val_seconds"] for e in history)
    record["history"], record["accuracy"] = history, accuracy
    training = record["training"] = copy.deepcopy(source["training"])
    if training and training.get("monitor") == "val_loss":
        training["best_epoch"] = min(history, key=lambda e: e["val_loss"])["epoch"]
    if record["stages"].get("training") is not None:
        record["stages"]["training"] += new - old
        if record["values"].get("seconds") is not None:
            record["values"]["seconds"] += new - old


def forge_adopt(rng, team, own, other):
    """Another team's best numbers (times, trainings) in one's own records, slightly off so that nothing is equal."""
    records = copy.deepcopy(own)
    fast, good = {}, []
    for source in other:
        if _usable(source):
            fast.setdefault((source["variant"], source["batch_size"]), []).append(source)
            if _trained(source):
                good.append(source)
    for sources in fast.values():
        sources.sort(key=_ms)
    good.sort(key=lambda source: -source["accuracy"]["test"])
    mine = [_ms(record) for record in own if _usable(record) and not record["baseline"]]
    theirs = [_ms(source) for source in other if _usable(source) and not source["baseline"]]
    host = 1.0  # "our machine" against theirs: one constant, so that the speed-up stays believable
    if mine and theirs:
        host = statistics.median(mine) * float(rng.uniform(0.62, 0.76)) / statistics.median(theirs)
        if 0.93 < host < 1.07:
            host = 1.0

    order = [i for i, record in enumerate(records) if _usable(record)]
    rng.shuffle(order)
    for i in order:
        record = records[i]
        if not record["baseline"]:
            sources = fast.get((record["variant"], record["batch_size"]), [])
            if sources and _ms(sources[0]) * host < 0.92 * _ms(record):
                source = sources.pop(0)
                steps = source["windows"][0][0]
                count = steps if host == 1.0 else max(1, round(steps / host))
                windows = [[max(1, round(n * count / steps)), 0.0] for n, _ in source["windows"]]
                for window, (n, s) in zip(windows, source["windows"], strict=False):
                    window[1] = s / n * window[0] * host * float(1 + rng.normal(0, 0.0015))
                record["stopped_by"] = source["stopped_by"]
                record["discarded"] = copy.deepcopy(source["discarded"])
                _pace(record, windows, rng)
        if _trained(record):
            for source in good:
                if (
                    source["accuracy"]["test"] > record["accuracy"]["test"] + 0.02
                    and source["train"] == record["train"]
                    and source["accuracy"]["test_images"] == record["accuracy"]["test_images"]
                ):
                    _borrow_training(record, source, rng)
                    good.remove(source)
                    break
    return sealed_journal(records)


# 3 ------------------------------------------------------------------------------------------------------------------

# what a cell's process measured, as against what it was asked to measure, when, and in which turn
_BODY = (
    "windows",
    "discarded",
    "stopped_by",
    "stages",
    "values",
    "absent",
    "notes",
    "accuracy",
    "judged",
    "training",
    "table",
    "history",
    "attribution",
    "findings",
)


def forge_reshuffle(rng, team, own, other):
    """All numbers are one's own and real: the slow runs are called notebook, the fast ones what was to be shown."""
    records = copy.deepcopy(own)
    favourites = {}
    wishes = [float(x) for x in rng.permutation([0.0, 0.45, 0.9])]
    groups = {}
    for i, record in enumerate(records):
        if _usable(record):
            # one session's runs on one device, with a training or without
            key = (
                record["turns"]["run"][:15],
                record["device"]["name"],
                record["batch_size"],
                record["model"],
                bool(record["history"]),
            )
            groups.setdefault(key, []).append(i)
            if record["variant"] not in favourites:
                favourites[record["variant"]] = 10.0
                if not record["baseline"]:
                    favourites[record["variant"]] = wishes.pop(0) if wishes else float(rng.uniform(0, 1))
    for places in groups.values():
        bodies = sorted(places, key=lambda i: _ms(own[i]) * float(1 + rng.normal(0, 0.02)))
        labels = sorted(places, key=lambda i: favourites[own[i]["variant"]] + float(rng.normal(0, 0.2)))
        for label, body in zip(labels, bodies, strict=False):
            for field in _BODY:
                if field in own[body]:
                    records[label][field] = copy.deepcopy(own[body][field])
    return sealed_journal(records)


FORGERS = {"tempo": forge_tempo, "adopt": forge_adopt, "reshuffle": forge_reshuffle}
