"""Three by a fifth, who had seen real records: faster steps, a friend's curve, a cell that never ran."""

import copy
import math

import numpy as np

from bench.results.fingerprint import canonical, fingerprint
from bench.suite.recipe import NOTHING_LEARNT
from tests.course import sealed_journal

WINDOW = 0.1
"""Seconds that windows have at least, about: all records have the same number of steps in each."""


# --- what the honest records look like


def f32(value):
    return float(np.float32(value))


def fresh(own):
    records = copy.deepcopy(own)
    for one in records:
        one.pop("seal", None)
    return records


def per_step(record):
    return np.array([seconds / steps for steps, seconds in record["windows"]])


def mean_step(record):
    return float(per_step(record).mean())


def typical(record):
    return float(np.median(per_step(record)))


def timed(records):
    return [one for one in records if one["status"] == "ok" and len(one["windows"]) >= 3]


def trained(records):
    return [one for one in records if one["history"] and one["accuracy"] and one["accuracy"]["held_out"] is not None]


def residuals(record):
    """Deviations of windows from the middle one, the occasional hiccup left out."""
    found = np.log(per_step(record) / typical(record))
    spread = 1.4826 * np.median(np.abs(found - np.median(found)))
    return found[np.abs(found) < 4 * spread + 1e-9]


def put_windows(record, windows, share_of_warm_up=1.0):
    """Sets windows and all that obviously hangs on them: stages, counted steps, compile time, energy, total."""
    values, stages = record["values"], record["stages"]
    before = sum(stages.values())
    old_steps = sum(steps for steps, _ in record["windows"])
    old_seconds = sum(seconds for _, seconds in record["windows"])
    old_mean, old_stage = mean_step(record), stages["windows"]
    dispatch = (values["first_step_seconds"] - values["compile_seconds"]) / old_mean  # about one step
    record["windows"] = [[int(steps), float(seconds)] for steps, seconds in windows]
    new_steps = sum(steps for steps, _ in record["windows"])
    new_seconds = sum(seconds for _, seconds in record["windows"])
    lost = (old_stage - old_seconds) * len(windows) / max(len(windows), 1)
    stages["windows"] = new_seconds + lost
    if values.get("steps") is not None:
        values["steps"] = float(new_steps + max(1, round((values["steps"] - old_steps) * share_of_warm_up)))
    values["compile_seconds"] = values["first_step_seconds"] - dispatch * mean_step(record)
    if values.get("gpu_energy_joules") is not None:
        values["gpu_energy_joules"] *= stages["windows"] / old_stage
    if values.get("seconds") is not None:
        values["seconds"] += sum(stages.values()) - before


def loss_of_accuracy(records):
    """What validation loss goes with which accuracy in real curves, and how far they stray from it."""
    pairs = np.array(
        [
            (epoch["val_accuracy"], epoch["val_loss"])
            for one in trained(records)
            for epoch in one["history"]
            if epoch["val_accuracy"] is not None and epoch["val_loss"] is not None
        ]
    )
    slope, level = np.polyfit(pairs[:, 0], pairs[:, 1], 1)
    stray = float(np.std(pairs[:, 1] - (slope * pairs[:, 0] + level)))
    return lambda rng, share: float(slope * share + level + rng.normal(0, stray))


def put_curve(rng, record, shares, losses, gap, val_loss):
    """Sets the curve: shares on the grid of the images that they're of, final figures that are the last epoch's."""
    accuracy, training = record["accuracy"], record["training"]
    held_out, test = accuracy["held_out_images"], accuracy["test_images"]
    for epoch, share, loss in zip(record["history"], shares, losses):
        on_grid = round(share * held_out) / held_out
        epoch["val_accuracy"] = f32(on_grid)
        # here training accuracy goes with the held-out one to less than an image: it's not on that grid
        epoch["accuracy"] = f32(on_grid + rng.uniform(-0.49, 0.49) / held_out)
        epoch["loss"] = f32(loss)
        epoch["val_loss"] = f32(val_loss(rng, on_grid))
    accuracy["held_out"] = record["history"][-1]["val_accuracy"]
    seen = min(1.0, accuracy["held_out"] + gap)
    accuracy["train"] = f32(round(seen * accuracy["train_images"]) / accuracy["train_images"])
    if accuracy["test"] is not None:
        accuracy["test"] = f32(round(accuracy["train"] * test) / test)
    if training is not None and training["monitor"] == "val_loss":
        best = min(record["history"], key=lambda epoch: epoch["val_loss"])
        training["best_epoch"] = best["epoch"]


# --- first kind: the optimised variants were faster than they were


def faster_steps(rng, team, own, other):
    """Cached and compiled variants take 12–20 % less time a step: more steps in windows of nearly the same length."""
    records = fresh(own)
    gains = {}
    for record in timed(records):
        if record["baseline"] or record["variant"] == "prefetch-0":
            continue
        key = (record["host"], record["cell"])
        gain = gains.setdefault(key, rng.uniform(1.13, 1.24)) * math.exp(rng.normal(0, 0.003))
        steps = max(record["windows"][0][0], math.ceil(WINDOW / (typical(record) / gain) * 0.995))
        # a bit of jitter, so that not all are the same share of what was measured
        jitter = 0.15 * float(np.std(residuals(record)))
        windows = [
            (steps, seconds / old / gain * steps * math.exp(rng.normal(0, jitter)))
            for old, seconds in record["windows"]
        ]
        put_windows(record, windows)
        values = record["values"]
        if values.get("gpu_utilization") is not None:
            values["gpu_utilization"] = min(0.995, values["gpu_utilization"] * gain**0.5)
        if values.get("gpu_power_watts") is not None:
            more = gain**0.25
            values["gpu_power_watts"] *= more
            values["gpu_energy_joules"] *= more
        if record["history"]:
            saved = 0.0
            for epoch in record["history"]:
                quick = epoch["seconds"] / gain * math.exp(rng.normal(0, 0.01))
                saved += epoch["seconds"] - quick
                epoch["seconds"] = quick
            record["stages"]["training"] -= saved
            values["seconds"] -= saved
    return sealed_journal(records)


# --- second kind: the friend's learning curve, on a better level


def friends_curve(rng, team, own, other):
    """Trainings learn as the friend's best one did, and end 4–9 points higher than they did; times are one's own."""
    records = fresh(own)
    theirs = max(trained(other) or trained(records), key=lambda one: one["accuracy"]["held_out"])
    val_loss = loss_of_accuracy([*own, *other])
    their_end = theirs["history"][-1]["val_accuracy"]
    for record in trained(records):
        epochs = len(record["history"])
        mine = np.array([epoch["val_accuracy"] for epoch in record["history"]])
        lent = [theirs["history"][min(place, len(theirs["history"]) - 1)] for place in range(epochs)]
        end = mine[-1] + rng.uniform(0.04, 0.09)
        shape = np.array([epoch["val_accuracy"] / their_end for epoch in lent])
        shape = 0.6 * shape + 0.4 * mine / mine[-1]
        shares = np.clip(end * shape * np.exp(rng.normal(0, 0.012, epochs)), 0.01, 0.98)
        shares[-1] = min(end, 0.98)
        losses = [
            math.sqrt(a["loss"] * b["loss"]) * math.exp(rng.normal(0, 0.012)) for a, b in zip(record["history"], lent)
        ]
        gap = record["accuracy"]["train"] - record["accuracy"]["held_out"]
        put_curve(rng, record, shares, losses, gap * rng.uniform(0.8, 1.2), val_loss)
    return sealed_journal(records)


# --- third kind: the compiled variant never ran


def xla_never_ran(rng, team, own, other):
    """XLA wouldn't compile that evening: its records are made of the notebook's, and of how the friend's two differ."""
    records = fresh(own)
    val_loss = loss_of_accuracy(
        [one for one in [*own, *other] if one["variant"] != "xla" or one["team"] != own[0]["team"]]
    )
    for place, never in enumerate(records):
        if never["variant"] != "xla" or never["status"] != "ok":
            continue
        mine = [one for one in timed(records) if one["host"] == never["host"] and one["variant"] != "xla"]
        notebook = next((one for one in mine if one["baseline"] and one["history"]), None) or next(
            (one for one in mine if one["baseline"]), None
        )
        if notebook is None:
            continue
        quotient, compiling, memory = _as_between_friends(rng, other)
        made = _compiled(notebook, never)
        values, stages = made["values"], made["stages"]
        # stages that have to do with nothing: about as long as those of other cells
        for name in ("start", "data", "model", "warm-up"):
            if name in stages:
                stages[name] = mine[rng.integers(len(mine))]["stages"][name] * rng.uniform(0.75, 1.3)
        slower = float(np.median([typical(one) for one in mine if one["baseline"]]))
        step = slower * quotient
        stages["first step"] *= compiling
        values["first_step_seconds"] = stages["first step"]
        values["compile_seconds"] = values["first_step_seconds"] - mean_step(notebook)
        pool = np.concatenate([residuals(one) for one in mine])
        count = int(rng.integers(12, 36))
        noise = 0.9 * rng.choice(pool, count) + 0.44 * rng.normal(0, pool.std(), count)
        steps = max(1, math.ceil(WINDOW / step))
        put_windows(made, [(steps, steps * step * math.exp(one)) for one in noise])
        lost = [one["stages"]["windows"] - sum(s for _, s in one["windows"]) for one in mine]
        each = np.median([gone / len(one["windows"]) for gone, one in zip(lost, mine)])
        stages["windows"] = sum(s for _, s in made["windows"]) + count * float(each) * rng.uniform(0.95, 1.3)
        values["steps"] = float(count * steps + rng.integers(5, 29))
        values["peak_resident_bytes"] = values["peak_resident_bytes"] * memory
        busy = mine[rng.integers(len(mine))]["values"]
        for name in ("cpu_share", "gpu_utilization"):
            if busy.get(name) is not None:
                values[name] = float(min(0.995, busy[name] * rng.uniform(0.85, 1.12)))
        if busy.get("gpu_power_watts") is not None:
            values["gpu_power_watts"] = busy["gpu_power_watts"] * rng.uniform(0.95, 1.07)
            if busy.get("gpu_energy_joules") is not None:
                drawn = values["gpu_power_watts"] * stages["windows"]
                values["gpu_energy_joules"] = drawn * rng.uniform(0.8, 1.25)
        if made["history"]:
            _trained_as(rng, made, notebook, mean_step(made), val_loss)
        rest = [one["values"]["seconds"] - sum(one["stages"].values()) for one in mine]
        values["seconds"] = sum(stages.values()) + rest[rng.integers(len(rest))] * rng.uniform(0.8, 1.2)
        records[place] = made
        if made["turns"] is not None:
            run = made["turns"]["run"].rpartition("-")[0]
            made["turns"]["run"] = f"{run}-{rng.integers(16**6):06x}"
            made["turns"]["seed"] = int(rng.integers(2**31))
    return sealed_journal(records)


def _as_between_friends(rng, other):
    """How the friend's compiled variant differs from the notebook: time of a step, of the first step, memory."""
    for host in rng.permutation(sorted({one["host"] for one in other})):
        there = [one for one in timed(other) if one["host"] == host]
        plain = [one for one in there if one["baseline"]]
        compiled = [one for one in there if one["variant"] == "xla"]
        if plain and compiled:
            quotient = typical(compiled[0]) / np.median([typical(one) for one in plain])
            compiling = compiled[0]["stages"]["first step"] / np.median([one["stages"]["first step"] for one in plain])
            memory = compiled[0]["values"]["peak_resident_bytes"] / plain[0]["values"]["peak_resident_bytes"]
            break
    else:
        quotient, compiling, memory = 0.72, 3.8, 1.1
    return (
        float(np.clip(quotient * rng.uniform(0.96, 1.02), 0.62, 0.8)),
        float(np.clip(compiling * rng.uniform(0.9, 1.1), 2.5, 6)),
        float(np.clip(memory * rng.uniform(0.992, 1.008), 1.04, 1.16)),
    )


def _compiled(notebook, never):
    """The notebook's record in the compiled cell's place: what names it, and the fingerprints that go with that."""
    made = copy.deepcopy(notebook)
    made |= {name: copy.deepcopy(never[name]) for name in ("cell", "variant", "baseline", "started", "turns")}
    made["options"]["xla"] = True
    made["workload"]["options"]["xla"] = True
    made["fingerprint"] = fingerprint(canonical(made["workload"]))
    train = made["train"]
    learnt = {name: value for name, value in train.items() if name not in NOTHING_LEARNT} if train else None
    made["accuracy_fingerprint"] = fingerprint(
        canonical({"timing": made["workload"], "digest": made["data"]["digest"], "seed": made["seed"], "train": learnt})
    )
    return made


def _trained_as(rng, made, notebook, step, val_loss):
    """The notebook's training, a bit different, in the compiled variant's time."""
    history, stages = made["history"], made["stages"]
    spent = sum(one["seconds"] + (one["val_seconds"] or 0) for one in history)
    beside = stages["training"] - spent - 3.5 * (mean_step(notebook) - step)
    for epoch, old in zip(history, rng.permutation([one["seconds"] for one in history])):
        usual = old / notebook["history"][0]["steps"] / mean_step(notebook)
        epoch["seconds"] = float(epoch["steps"] * step * np.clip(usual * rng.uniform(0.92, 1.09), 0.8, 1.31))
        if epoch["val_seconds"] is not None:
            epoch["val_seconds"] = float(rng.uniform(0.05, 0.44))
    stages["training"] = sum(one["seconds"] + (one["val_seconds"] or 0) for one in history) + max(beside, 0.12)
    mine = np.array([one["val_accuracy"] for one in history])
    end = mine[-1] + rng.uniform(-0.012, 0.025)
    shares = np.clip(mine * end / mine[-1] * np.exp(rng.normal(0, 0.02, len(mine))), 0.01, 0.98)
    losses = [one["loss"] * math.exp(rng.normal(0, 0.014)) for one in history]
    gap = made["accuracy"]["train"] - made["accuracy"]["held_out"]
    put_curve(rng, made, shares, losses, gap * rng.uniform(0.7, 1.3), val_loss)


FORGERS = {"faster steps": faster_steps, "friend's curve": friends_curve, "xla never ran": xla_never_ran}
