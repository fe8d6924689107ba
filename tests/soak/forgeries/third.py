"""Three more, by a third who hadn't seen it: times shaved off, trainings that go better, processes relabelled."""

import copy
from collections import defaultdict

from tests.course import sealed_journal

# ---------------------------------------------------------------- bookkeeping shared by the forgers


def _ok(record):
    return bool(record.get("windows")) and record.get("status", "ok") == "ok"


def _base(record):
    return bool(record.get("baseline")) or record.get("variant") == "notebook"


def _per_step(windows):
    """Seconds per step."""
    return sum(s for _, s in windows) / sum(n for n, _ in windows)


def _num(x):
    return isinstance(x, (int, float)) and not isinstance(x, bool)


def _stage(record, name, delta):
    """Changes a stage and the whole process's time by delta seconds."""
    stages, values = record.get("stages") or {}, record.get("values") or {}
    if _num(stages.get(name)):
        stages[name] = float(stages[name] + delta)
        if _num(values.get("seconds")):
            values["seconds"] = float(values["seconds"] + delta)


def _retime(record, windows, rng, energy=True):
    """Puts windows in place and lets all that hangs on them follow."""
    old, values = record["windows"], record.get("values") or {}
    before, after = _per_step(old), _per_step(windows)
    old_sum, new_sum = sum(s for _, s in old), sum(s for _, s in windows)
    record["windows"] = [[int(n), float(s)] for n, s in windows]
    # the time taken by the windows (the harness's own few microseconds per window stay)
    overhead = ((record.get("stages") or {}).get("windows") or old_sum) - old_sum
    _stage(record, "windows", new_sum - old_sum + overhead * (len(windows) / len(old) - 1))
    # steps: of the windows and a few before them
    if _num(values.get("steps")):
        extra = values["steps"] - sum(n for n, _ in old)
        values["steps"] = type(values["steps"])(sum(n for n, _ in windows) + extra)
    # the first step: compilation and one usual step
    if _num(values.get("first_step_seconds")) and _num(values.get("compile_seconds")):
        delta = after - before
        values["first_step_seconds"] = float(values["first_step_seconds"] + delta)
        _stage(record, "first step", delta)
    if energy and _num(values.get("gpu_energy_joules")):
        values["gpu_energy_joules"] = float(values["gpu_energy_joules"] * new_sum / old_sum)
    # a training in the same process takes its steps at the same pace
    change = 0.0
    for epoch in record.get("history") or []:
        if _num(epoch.get("seconds")):
            took = float(epoch["seconds"] * after / before * rng.normal(1, 0.006))
            change += took - epoch["seconds"]
            epoch["seconds"] = took
    if change:
        _stage(record, "training", change)


def _faster(record, factor, rng):
    """The record with times per step multiplied by factor; windows keep about their length, as calibrated."""
    old = record["windows"]
    first = old[0][0]
    new_first = max(1, round(first / factor))
    windows = []
    for n, s in old:
        steps = new_first if n == first else max(1, round(n / factor))
        pace = s / n * factor * rng.normal(1, 0.003)
        windows.append([steps, steps * pace])
    _retime(record, windows, rng)
    values = record.get("values") or {}
    # a GPU that waits less is used more
    if _num(values.get("gpu_utilization")):
        use = values["gpu_utilization"]
        values["gpu_utilization"] = float(min(0.985, use + (1 - use) * 0.5 * (1 - factor)))
        if _num(values.get("gpu_power_watts")):
            more = 1 + 0.12 * (1 - factor)
            values["gpu_power_watts"] = float(values["gpu_power_watts"] * more)
            if _num(values.get("gpu_energy_joules")):
                values["gpu_energy_joules"] = float(values["gpu_energy_joules"] * more)


# ---------------------------------------------------------------- 1: times of the optimised variants


def forge_time_shave(rng, team, own, other):
    """Every optimised cell's times a step are cut by 18 to 36 %, the same in all of its processes; the noise stays."""
    records = copy.deepcopy(own)
    cuts, touched = {}, False
    for record in records:
        if not _ok(record) or _base(record):
            continue
        key = (record.get("host"), record.get("cell"))
        if key not in cuts:
            cuts[key] = float(rng.uniform(0.64, 0.82))
        _faster(record, cuts[key] * float(rng.normal(1, 0.008)), rng)
        touched = True
    if not touched:  # nothing but baselines: absolute times are ranked still
        cut = float(rng.uniform(0.66, 0.80))
        for record in records:
            if _ok(record):
                _faster(record, cut, rng)
    return sealed_journal(records)


# ---------------------------------------------------------------- 2: accuracies of the trainings


def _counted(x, images):
    return round(min(max(x, 0.0), 0.995) * images) / images


def forge_better_training(rng, team, own, other):
    """Every training's curve is lifted (errors cut by a fifth to a third, more in later epochs), losses follow."""
    records = copy.deepcopy(own)
    cut = float(rng.uniform(0.18, 0.33))
    trained = [
        r
        for r in records
        if r.get("history")
        and any(_num(h.get("val_accuracy")) for h in r["history"])
        and isinstance(r.get("accuracy"), dict)
    ]
    for record in trained:
        history, accuracy = record["history"], record["accuracy"]
        held = accuracy.get("held_out_images") or 1000
        mine = cut * float(rng.uniform(0.9, 1.1))
        final_before = history[-1].get("val_accuracy")
        for i, epoch in enumerate(history):
            at = (i + 1) / len(history)
            less = mine * (0.45 + 0.55 * at) * float(rng.normal(1, 0.03))
            if _num(epoch.get("val_accuracy")):
                was = epoch["val_accuracy"]
                now = _counted(1 - (1 - was) * (1 - less), held)
                epoch["val_accuracy"] = now
                if _num(epoch.get("accuracy")):
                    epoch["accuracy"] = float(min(0.999, max(0.0, epoch["accuracy"] - was + now)))
                if _num(epoch.get("val_loss")) and was < 1:
                    epoch["val_loss"] = float(epoch["val_loss"] * max(0.02, (1 - now) / (1 - was)))
            if _num(epoch.get("test_accuracy")):
                was = epoch["test_accuracy"]
                now = _counted(1 - (1 - was) * (1 - less), accuracy.get("test_images") or 2000)
                epoch["test_accuracy"] = now
                if _num(epoch.get("test_loss")) and was < 1:
                    epoch["test_loss"] = float(epoch["test_loss"] * max(0.02, (1 - now) / (1 - was)))
        # the final figures: at the epoch whose weights were judged
        was_held = accuracy.get("held_out")
        best = (record.get("training") or {}).get("best_epoch")
        losses = [h.get("val_loss") for h in history]
        if _num(best) and all(_num(x) for x in losses) and (record["training"].get("monitor") == "val_loss"):
            best_now = history[losses.index(min(losses))].get("epoch", losses.index(min(losses)) + 1)
            record["training"]["best_epoch"] = type(best)(best_now)
            best = best_now
        if _num(was_held):
            if _num(final_before) and abs(was_held - final_before) < 1e-9:
                now_held = history[-1]["val_accuracy"]
            else:
                now_held = _counted(1 - (1 - was_held) * (1 - mine), held)
            accuracy["held_out"] = now_held
            for name, count in (("train", "train_images"), ("test", "test_images")):
                if _num(accuracy.get(name)) and accuracy.get(count):
                    gap = (accuracy[name] - was_held) * (1 - now_held) / max(1e-9, 1 - was_held)
                    accuracy[name] = _counted(now_held + gap, accuracy[count])
    if not trained:  # no history: lift the figures alone
        for record in records:
            accuracy = record.get("accuracy")
            if isinstance(accuracy, dict):
                for name, count in (
                    ("train", "train_images"),
                    ("held_out", "held_out_images"),
                    ("test", "test_images"),
                ):
                    if _num(accuracy.get(name)) and accuracy.get(count):
                        accuracy[name] = _counted(1 - (1 - accuracy[name]) * (1 - cut), accuracy[count])
    return sealed_journal(records)


# ---------------------------------------------------------------- 3: genuine measurements under other labels

_SOFT = ("gpu_utilization", "gpu_power_watts", "gpu_energy_joules", "cpu_share")


def forge_relabelled(rng, team, own, other):
    """Nothing is invented: the team's own timings are dealt anew among its cells of a model and batch on a host: the
    slowest processes pass for the baseline, the others go to the variants (memory, compilation, accuracies stay with
    their cells). Only where this gains too little, the baseline's are stretched besides."""
    records = copy.deepcopy(own)
    groups = defaultdict(list)
    for i, record in enumerate(records):
        if _ok(record):
            groups[(record.get("host"), record.get("model"), record.get("batch_size"))].append(i)
    done = False
    for key in groups:
        members = groups[key]
        bases = [i for i in members if _base(records[i])]
        rest = [i for i in members if not _base(records[i])]
        if not bases or not rest:
            continue
        pace = {i: _per_step(records[i]["windows"]) for i in members}
        sources = sorted(members, key=lambda i: -pace[i])
        slow = [sources[k] for k in range(len(bases))]
        fast = sources[len(bases) :]
        slow = [slow[k] for k in rng.permutation(len(slow))]
        takes = dict(zip(bases, slow))
        takes.update(zip(sorted(rest, key=lambda i: -pace[i]), fast))
        payload = {
            i: (
                copy.deepcopy(records[i]["windows"]),
                {k: records[i]["values"].get(k) for k in _SOFT},
                records[i].get("stopped_by"),
                copy.deepcopy(records[i].get("discarded")),
            )
            for i in members
        }
        for i in members:
            if takes[i] == i:
                continue
            windows, soft, stopped, discarded = payload[takes[i]]
            _retime(records[i], windows, rng, energy=False)
            for name, value in soft.items():
                if name in records[i]["values"] and (value is None) == (records[i]["values"][name] is None):
                    records[i]["values"][name] = value
            records[i]["stopped_by"], records[i]["discarded"] = stopped, discarded

        # what is gained, by cell
        def speed(of):
            base = sum(of[i] for i in bases) / len(bases)
            cells = defaultdict(list)
            for i in rest:
                cells[records[i]["cell"]].append(of[i])
            return {cell: base / (sum(x) / len(x)) for cell, x in cells.items()}

        was, now = speed(pace), speed({i: _per_step(records[i]["windows"]) for i in members})
        gain = max(now[c] / was[c] for c in was)
        want = float(rng.uniform(1.2, 1.35))
        if gain < want:
            slower = want / gain
            for i in bases:
                _faster(records[i], slower * float(rng.normal(1, 0.006)), rng)
        done = True
    if not done:  # no cell to take from: the plain way
        return forge_time_shave(rng, team, own, other)
    return sealed_journal(records)


FORGERS = {
    "time_shave": forge_time_shave,
    "better_training": forge_better_training,
    "relabelled": forge_relabelled,
}
