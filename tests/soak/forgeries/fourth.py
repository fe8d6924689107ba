"""Three by a fourth: baselines made slow, seeds that were never run, epochs that were never trained."""

import copy
import math
from datetime import datetime, timedelta

import numpy as np

from bench.results.fingerprint import canonical, fingerprint
from bench.suite.recipe import NOTHING_LEARNT
from tests.course import sealed_journal


def _forger(change):
    return lambda rng, _team, own, _other: sealed_journal(change(copy.deepcopy(own), rng))


# ---------------------------------------------------------------------------------------------------------- helpers


def _whole(share, of):
    """A share as one of so many images."""
    return float(min(of - 1, max(1, round(share * of))) / of) if of else float(share)


def _later(records, after, seconds):
    """What the same machine ran afterwards began so much later."""
    seconds = math.ceil(seconds)
    for one in records[records.index(after) + 1 :]:
        if one["host"] == after["host"]:
            began = datetime.fromisoformat(one["started"]) + timedelta(seconds=seconds)
            one["started"] = began.isoformat(timespec="seconds")


def _step(windows):
    return sum(seconds for _, seconds in windows) / sum(steps for steps, _ in windows)


def _scale(values, name, factor, most=None):
    if values.get(name) is not None:
        values[name] = float(values[name] * factor)
        if most is not None:
            values[name] = min(most, values[name])


def _accuracy_fingerprint(record):
    """As `bench.run.plan` makes it."""
    train = record["train"] and {name: one for name, one in record["train"].items() if name not in NOTHING_LEARNT}
    return fingerprint(
        canonical(
            {
                "timing": record["workload"],
                "digest": record["data"]["digest"],
                "seed": record["seed"],
                "train": train,
            }
        )
    )


def _best(record):
    """The best epoch by the monitor."""
    monitor = record["training"]["monitor"]
    pick = max if monitor.endswith("accuracy") else min
    return pick(record["history"], key=lambda one: one[monitor])["epoch"]


def _new_windows(record, windows):
    """Put in other windows, with all that is told of them elsewhere. Gives by how many seconds the run got longer."""
    old, stages, values = record["windows"], record["stages"], record["values"]
    before, after = sum(one for _, one in old), sum(one for _, one in windows)
    step_before, step_after = _step(old), _step(windows)
    extra = 0.0
    if "windows" in stages:
        extra += stages["windows"] * (after / before - 1)
        stages["windows"] = float(stages["windows"] * after / before)
    if values.get("steps") is not None:
        values["steps"] = float(values["steps"] + sum(one for one, _ in windows) - sum(one for one, _ in old))
    if values.get("first_step_seconds") is not None:
        values["first_step_seconds"] = float(values["first_step_seconds"] + step_after - step_before)
        if "first step" in stages:
            stages["first step"] = values["first_step_seconds"]
            extra += step_after - step_before
    _scale(values, "gpu_energy_joules", after / before)
    record["windows"] = [[int(steps), float(seconds)] for steps, seconds in windows]
    return extra


# -------------------------------------------------------------------------------------------------- 1. slow baseline


def slow_baseline(records, rng):
    """The notebook's own variant is made slower, so that every optimisation is worth more in the report.

    The optimised variants are left alone, all of them are genuine; there are fewer steps in a window, for the harness
    wants windows of a tenth of a second.
    """
    slower = {host: rng.uniform(1.18, 1.4) for host in sorted({one["host"] for one in records})}
    for record in records:
        if record["status"] != "ok" or not record["windows"] or not record["baseline"]:
            continue
        factor = slower[record["host"]] * rng.normal(1, 0.01)
        windows = []
        for steps, seconds in record["windows"]:
            fewer = max(1, math.ceil(steps / factor))
            windows.append([fewer, seconds / steps * factor * rng.normal(1, 0.002) * fewer])
        extra = _new_windows(record, windows)
        stages, values = record["stages"], record["values"]
        if "warm-up" in stages:
            extra += stages["warm-up"] * (factor - 1)
            stages["warm-up"] = float(stages["warm-up"] * factor)
        _scale(values, "gpu_utilization", 1 / factor**0.5)  # it waits for its data, say
        _scale(values, "gpu_power_watts", 1 / factor**0.2)
        _scale(values, "gpu_energy_joules", 1 / factor**0.2)
        if record["history"]:
            longer = 0.0
            for epoch in record["history"]:
                for name in ("seconds", "val_seconds"):
                    if epoch[name] is not None:
                        longer += epoch[name] * (factor - 1)
                        epoch[name] = float(epoch[name] * factor)
            if "training" in stages:
                stages["training"] = float(stages["training"] + longer * 1.02)
                extra += longer * 1.02
        if values.get("seconds") is not None:
            values["seconds"] = float(values["seconds"] + extra)
        _later(records, record, max(0.0, extra))
    return records


# ------------------------------------------------------------------------------------------------- 2. invented seeds


def invented_seeds(records, rng):
    """Only the first seed was run; what the other seeds are said to have given is the first's, shaken a little.

    A cell's repeats that are in `records` were not run by this team; where there are none, a second seed of every
    cell is invented.
    """
    ran, asked = {}, []
    kept = []
    for record in records:
        key = record["host"], record["cell"]
        if key in ran and record["seed"] != ran[key]["seed"]:
            asked.append((key, record["seed"]))
        else:
            ran.setdefault(key, record)
            kept.append(record)
    if not asked:
        asked = [(key, one["seed"] + 1) for key, one in ran.items()]
    for key, seed in asked:
        if ran[key]["status"] == "ok" and ran[key]["windows"]:
            mine = [one for one in kept if one["host"] == key[0]]
            kept.insert(kept.index(mine[-1]) + 1, _another(ran[key], seed, mine, rng))
    return kept


def _another(source, seed, mine, rng):
    """The record of a seed that was never run; `mine` are those of the machine so far."""
    record, last = copy.deepcopy(source), mine[-1]
    record["seed"] = int(seed)
    record["accuracy_fingerprint"] = _accuracy_fingerprint(record)
    wait = max(40, math.ceil((last["values"].get("seconds") or 30) + rng.uniform(3, 8)))
    began = datetime.fromisoformat(last["started"]) + timedelta(seconds=wait)
    record["started"] = began.isoformat(timespec="seconds")
    if record["turns"]:
        record["turns"] |= {
            "run": f"{last['turns']['run'].rpartition('-')[0]}-{rng.integers(2**24):06x}",
            "group": last["turns"]["group"] + 1,
            "seed": int(rng.integers(2**31)),
        }

    # the windows in another order, a few more or fewer, all a bit faster or slower
    old = record["windows"]
    count = max(len(old) + int(rng.integers(-4, 5)), record["protocol"]["min_windows"], 5)
    order = rng.permutation(len(old))
    order = np.concatenate([order, rng.integers(len(old), size=max(0, count - len(old)))])[:count]
    times = np.array([seconds / steps for steps, seconds in old])
    spread = float(np.std(times) / np.mean(times))
    factor = rng.normal(1, 0.02)
    windows = [
        [old[place][0], old[place][1] * factor * rng.normal(1, 0.3 * min(spread, 0.03) + 0.001)] for place in order
    ]
    stages, values = record["stages"], record["values"]
    slack = (values.get("seconds") or 0.0) - sum(stages.values())
    _new_windows(record, windows)
    if values.get("steps") is not None:
        warm = values["steps"] - sum(steps for steps, _ in windows)
        values["steps"] += float(max(3, warm + int(rng.integers(-3, 4))) - warm)

    for name, share in {"start": 0.2, "data": 0.15, "model": 0.1, "warm-up": 0.08}.items():
        if name in stages:
            stages[name] = float(stages[name] * math.exp(share * rng.standard_normal()))
    if values.get("compile_seconds") is not None:
        longer = values["compile_seconds"] * rng.normal(0, 0.05)
        for there, name in ((values, "compile_seconds"), (values, "first_step_seconds"), (stages, "first step")):
            if there.get(name) is not None:
                there[name] = float(there[name] + longer)
    for name, share in {
        "peak_resident_bytes": 0.006,
        "peak_gpu_allocator_bytes": 0.0,
        "peak_gpu_nvml_bytes": 0.0,
    }.items():
        _scale(values, name, rng.normal(1, share))
    _scale(values, "cpu_share", rng.normal(1, 0.04), 1.0)
    _scale(values, "gpu_utilization", rng.normal(1, 0.02), 1.0)
    watts = rng.normal(1, 0.02)
    _scale(values, "gpu_power_watts", watts)
    _scale(values, "gpu_energy_joules", watts * rng.normal(1, 0.01))

    accuracy = record["accuracy"]
    if record["history"]:
        _trained_again(record, rng)
    elif accuracy:
        for name, of in (("train", "train_images"), ("held_out", "held_out_images"), ("test", "test_images")):
            if accuracy[name] is not None and accuracy[of]:
                accuracy[name] = _whole(accuracy[name] + rng.normal(0, 0.004), accuracy[of])
    if values.get("seconds") is not None:
        values["seconds"] = float(sum(stages.values()) + slack * rng.uniform(0.8, 1.2))
    return record


def _trained_again(record, rng):
    """Another seed's curve: the same one, a bit higher or lower, with noise of its own."""
    accuracy, history, images = record["accuracy"], record["history"], record["data"]["held_out_images"]
    shift, pace = rng.normal(0, 0.012), rng.normal(1, 0.02)
    said_last = accuracy["held_out"] == history[-1]["val_accuracy"]
    took = 0.0
    for place, epoch in enumerate(history, 1):
        more = shift * place / len(history) + rng.normal(0, 0.006)
        if epoch["val_accuracy"] is not None:
            epoch["val_accuracy"] = _whole(epoch["val_accuracy"] + more, images)
        if epoch["accuracy"] is not None:
            epoch["accuracy"] = float(min(0.99, max(0.005, epoch["accuracy"] + more + rng.normal(0, 0.002))))
        if epoch["val_loss"] is not None:
            epoch["val_loss"] = float(max(0.02, epoch["val_loss"] - 2.4 * more + rng.normal(0, 0.01)))
        epoch["loss"] = float(epoch["loss"] * rng.normal(1, 0.012))
        for name in ("seconds", "val_seconds"):
            if epoch[name] is not None:
                took -= epoch[name]
                epoch[name] = float(epoch[name] * pace * rng.normal(1, 0.04))
                took += epoch[name]
    if "training" in record["stages"]:
        record["stages"]["training"] = float(record["stages"]["training"] + 1.02 * took)
    record["training"]["best_epoch"] = _best(record)
    if said_last:
        accuracy["held_out"] = history[-1]["val_accuracy"]
    for name, of in (("train", "train_images"), ("test", "test_images")):
        if accuracy[name] is not None:
            accuracy[name] = _whole(accuracy[name] + shift + rng.normal(0, 0.003), accuracy[of])


# --------------------------------------------------------------------------------------------------- 3. more epochs


def more_epochs(records, rng):
    """Epochs that were never trained: the curve goes on where it ended, and comes to three to six points more."""
    added = int(rng.integers(4, 7))
    for record in records:
        training, train, history = record["training"], record["train"], record["history"]
        if record["status"] != "ok" or not training or len(history) < 3 or training["stopped_by"] != "epochs":
            continue
        if history[-1]["val_accuracy"] is None or history[-1]["val_loss"] is None:
            continue
        extra = _go_on(record, added, rng)
        train["epochs"] = len(record["history"])
        record["accuracy_fingerprint"] = _accuracy_fingerprint(record)
        if "training" in record["stages"]:
            record["stages"]["training"] = float(record["stages"]["training"] + extra)
        if record["values"].get("seconds") is not None:
            record["values"]["seconds"] = float(record["values"]["seconds"] + extra)
        _later(records, record, extra)
    return records


def _go_on(record, added, rng):
    accuracy, history, images = record["accuracy"], record["history"], record["data"]["held_out_images"]
    ran = [dict(one) for one in history]
    shown, losses = ([one[name] for one in ran] for name in ("val_accuracy", "val_loss"))
    slope, level = np.polyfit(shown, losses, 1)
    around = float(np.std(np.polyval((slope, level), shown) - losses))
    began = max(shown[-2:])
    gain = rng.uniform(0.03, 0.06)
    fell = (ran[-1]["loss"] / ran[-3]["loss"]) ** 0.5  # by what an epoch lowered the loss at the end
    loss, seconds = ran[-1]["loss"], 0.0
    for place in range(1, added + 1):
        share = began + gain * (1 - math.exp(-place / 2)) / (1 - math.exp(-added / 2))
        if place < added:
            share += rng.normal(0, 0.006)
        fell = fell + (1 - fell) * 0.1
        loss *= min(1.0, fell * rng.normal(1, 0.02))
        like = ran[int(rng.integers(1, len(ran)))]
        right = _whole(share, images)
        epoch = dict(ran[-1])
        epoch |= {
            "epoch": len(ran) + place,
            "seconds": float(like["seconds"] * rng.normal(1, 0.03)),
            "loss": float(loss),
            "val_loss": float(max(0.03, slope * right + level + rng.normal(0, around))),
            "val_accuracy": right,
        }
        if epoch["accuracy"] is not None:
            epoch["accuracy"] = float(min(0.99, share + rng.normal(0, 0.004)))
        if epoch["val_seconds"] is not None:
            epoch["val_seconds"] = float(like["val_seconds"] * rng.normal(1, 0.05))
        seconds += epoch["seconds"] + (epoch["val_seconds"] or 0.0)
        history.append(epoch)
    record["training"]["best_epoch"] = _best(record)
    rose = history[-1]["val_accuracy"] - (accuracy["held_out"] or ran[-1]["val_accuracy"])
    accuracy["held_out"] = history[-1]["val_accuracy"]
    accuracy["steps"] = sum(one["steps"] for one in history)
    accuracy["train"] = _whole(accuracy["train"] + rose * rng.uniform(0.9, 1.2), accuracy["train_images"])
    if accuracy["test"] is not None:
        accuracy["test"] = _whole(accuracy["test"] + max(0.021, rose * rng.uniform(0.8, 1.0)), accuracy["test_images"])
    return 1.02 * seconds


FORGERS = {
    "slow baseline": _forger(slow_baseline),
    "invented seeds": _forger(invented_seeds),
    "more epochs": _forger(more_epochs),
}
