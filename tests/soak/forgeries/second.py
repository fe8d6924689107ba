"""Three more, by somebody else who hadn't seen it: more steps in the same time, timings traded, accuracies borrowed."""

import copy

from tests.course import sealed_journal


def _pace(record):
    return sum(s for _, s in record["windows"]) / max(1, sum(n for n, _ in record["windows"]))


def forge_more_steps(rng, team, own, other):
    """Every time stays as the clock gave it; the windows of all variants but `notebook` claim to hold more steps."""
    records = copy.deepcopy(own)
    factor = {}
    for record in records:
        if record["variant"] == "notebook" or not record.get("windows"):
            continue
        scale = factor.setdefault((record["host"], record["variant"]), rng.uniform(1.35, 1.7))
        before = sum(n for n, _ in record["windows"])
        steps = [max(n + 1, round(n * scale)) for n, _ in record["windows"]]
        record["windows"] = [[n, s] for n, (_, s) in zip(steps, record["windows"], strict=False)]
        values = record["values"]
        if values.get("steps") is not None:
            values["steps"] += float(sum(steps) - before)
        for key, most in (("gpu_utilization", 0.97), ("cpu_share", 0.97)):
            if values.get(key) is not None:
                values[key] = max(values[key], min(most, values[key] * rng.uniform(1.05, 1.2)))
    return sealed_journal(records)


MOVED = ("steps", "cpu_share", "gpu_utilization", "gpu_power_watts", "gpu_energy_joules")


def forge_traded_timings(rng, team, own, other):
    """Only honest timings, in the wrong records: on each host `notebook` gets the slowest, `xla` the fastest."""
    records = copy.deepcopy(own)
    hosts = {}
    for at, record in enumerate(records):
        if record.get("windows") and "windows" in record["stages"]:
            hosts.setdefault((record["host"], record["model"], record["batch_size"]), []).append(at)
    for places in hosts.values():
        pool = sorted(places, key=lambda at: _pace(own[at]))
        variants = sorted({own[at]["variant"] for at in places})
        star = "xla" if "xla" in variants else next((v for v in variants if v != "notebook"), None)
        first = [at for at in places if own[at]["variant"] == star]
        last = [at for at in places if own[at]["variant"] == "notebook"]
        middle = [at for at in places if own[at]["variant"] not in (star, "notebook")]
        order = [int(at) for group in (first, middle, last) for at in rng.permutation(group)]
        for to, source in zip(order, pool, strict=False):
            record, giver = records[to], own[source]
            record["windows"] = copy.deepcopy(giver["windows"])
            for key in ("discarded", "stopped_by"):
                record[key] = copy.deepcopy(giver[key])
            change = giver["stages"]["windows"] - record["stages"]["windows"]
            record["stages"]["windows"] = giver["stages"]["windows"]
            if record["values"].get("seconds") is not None:
                record["values"]["seconds"] += change
            for key in MOVED:
                if key in record["values"] and key in giver["values"]:
                    record["values"][key] = giver["values"][key]
    return sealed_journal(records)


def forge_borrowed_accuracy(rng, team, own, other):
    """The weaker trainings take over the course of the other team's best ones, a few images up or down; times stay."""
    records = copy.deepcopy(own)
    best = sorted((r for r in other if r.get("history")), key=lambda r: -r["accuracy"]["held_out"])
    best = best[: max(1, len(best) // 2)]
    if not best:
        return sealed_journal(records)
    for record in records:
        history = record.get("history") or []
        fits = (
            [
                r
                for r in best
                if len(r["history"]) == len(history)
                and r["accuracy"]["held_out"] > record["accuracy"]["held_out"] + 0.04
            ]
            if history
            else []
        )
        if not fits:
            continue
        giver = fits[int(rng.integers(len(fits)))]
        accuracy, held = record["accuracy"], record["accuracy"]["held_out_images"]
        shift = int(rng.integers(-12, 13))
        for mine, theirs in zip(history, giver["history"], strict=False):
            count = round(theirs["val_accuracy"] * held) + shift + int(rng.integers(-3, 4))
            mine["val_accuracy"] = count / held
            mine["accuracy"] = theirs["accuracy"] + (mine["val_accuracy"] - theirs["val_accuracy"])
            for key in ("loss", "val_loss"):
                mine[key] = theirs[key] * float(1 + 0.006 * rng.standard_normal())
        accuracy["held_out"] = history[-1]["val_accuracy"]
        for key, images in (("train", "train_images"), ("test", "test_images")):
            if accuracy.get(key) is not None and giver["accuracy"].get(key) is not None:
                n = accuracy[images]
                wanted = giver["accuracy"][key] + accuracy["held_out"] - giver["accuracy"]["held_out"]
                accuracy[key] = min(n, round(wanted * n) + int(rng.integers(-4, 5))) / n
        if record["training"].get("monitor") == "val_loss":
            record["training"]["best_epoch"] = min(history, key=lambda e: e["val_loss"])["epoch"]
    return sealed_journal(records)


FORGERS = {
    "more_steps": forge_more_steps,
    "traded_timings": forge_traded_timings,
    "borrowed_accuracy": forge_borrowed_accuracy,
}
