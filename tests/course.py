"""A course made up: honest teams on machines of many kinds, and forgers of ten kinds, as records and journals."""

import hashlib
import json
import math
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from bench.host.hardware import Hardware
from bench.host.profile import HostProfile
from bench.results.journal import journal_path
from bench.results.record import Accuracy, Epoch, Record, Training
from bench.results.seal import digest_of, sealed
from bench.suite.recipe import NOTHING_LEARNT, TrainSpec
from tests.records import CPU, make_data, make_record

MACHINES = {
    # device, ms a step of simple_cnn, share by which windows vary, watts
    "colab-t4": ({"gpu_name": "Tesla T4", "compute_capability": "7.5"}, 15.0, 0.02, 55),
    "kaggle-p100": ({"gpu_name": "Tesla P100-PCIE-16GB", "compute_capability": "6.0"}, 14.0, 0.008, None),
    "rtx-2080-ti": ({"gpu_name": "NVIDIA GeForce RTX 2080 Ti", "compute_capability": "7.5"}, 7.0, 0.004, 180),
    "rtx-4070-laptop": ({"gpu_name": "NVIDIA GeForce RTX 4070 Laptop GPU", "compute_capability": "8.9"}, 5.0, 0.05, 80),
    "cpu-laptop-4c": ({}, 45.0, 0.08, None),
}
VARIANTS = {
    # options; ms a step, compile time and memory, each as a multiple of the baseline's
    "notebook": ({}, 1.0, 1.0, 1.0),
    "cache": ({"cache": "memory"}, 0.93, 1.0, 1.2),
    "prefetch-0": ({"prefetch": 0}, 1.15, 1.0, 0.98),
    "xla": ({"xla": True}, 0.75, 4.0, 1.1),
}
APART = 0.05
"""By how much two processes of one cell differ on one machine (standard deviation)."""


@cache
def profile_of(host, team):
    """The profile of a machine, as a team's bundle brings it."""
    device, *_ = MACHINES[host]
    kind = {"kind": "gpu"} | device if device else {"kind": "cpu"}
    hardware = Hardware(**kind, cpu="Xeon", cores=4, memory_bytes=2**34, system="Linux")
    return HostProfile(id=host, label=host, hardware=hardware)


def fingerprint(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]


def clock(rng, seconds):
    """Times as a clock that counts nanoseconds gives them, as differences."""
    since = rng.uniform(1e3, 1e6)
    return [float(since + one) - since for one in seconds]


def single(value):
    """A figure as Keras gives it."""
    return float(np.float32(value))


def times(rng, step, noise, count):
    """Seconds of `count` windows: noise, and on some machines drift, stalls, a throttle or two speeds."""
    steps = max(1, math.ceil(0.1 / step))
    factors = 1 + noise * rng.standard_normal(count)
    what = rng.random()
    if what < 0.1:  # throttles after a while
        factors[rng.integers(count) :] *= rng.uniform(1.05, 1.6)
    elif what < 0.2:
        factors *= np.linspace(1, rng.uniform(0.9, 1.2), count)
    elif what < 0.3:
        factors[rng.random(count) < 0.05] *= rng.uniform(1.5, 5)
    elif what < 0.35:
        factors[rng.random(count) < 0.5] *= 1.15
    return [(steps, one) for one in clock(rng, steps * step * np.maximum(factors, 0.5))]


def honest(rng, team, host, seed, variant, began, place, *, own=(1.0, 1.0), trained=False):
    """One record as a run would leave it: all that is told twice is told alike.

    `own` is how slow the team's machine is beside others of its kind, at steps and at compiling.
    """
    device, step_ms, noise, watts = MACHINES[host]
    options, slower, longer, larger = VARIANTS[variant]
    step = step_ms / 1e3 * own[0] * slower * math.exp(APART * rng.standard_normal())
    windows = times(rng, step, noise, int(rng.integers(8, 40)))
    total, steps = sum(one for _, one in windows), sum(count for count, _ in windows)
    compiled = 2.0 * own[1] * longer * math.exp(0.15 * rng.standard_normal())
    first = float(compiled + total / steps)
    record = make_record(
        variant=variant,
        options=options,
        host=host,
        team=team,
        seed=seed,
        device=CPU | {"kind": "gpu", "name": device["gpu_name"]} | device if device else CPU | {"cores": 4},
        data=make_data(digest=f"{int(team[-1:] or 0) % 7:04x}", train_images=8_500),
        suite="cnn",
        started=(began + timedelta(seconds=40 * place)).isoformat(timespec="seconds"),
        turns={
            "run": f"{began:%Y%m%dT%H%M%S}-{rng.integers(2**24):06x}",
            "round": 1,
            "group": place + 1,
            "place": 1,
            "cells": 1,
            "length": 1,
            "seed": int(rng.integers(2**31)),
        },
    )
    stages = {"start": rng.uniform(0.1, 4), "data": rng.uniform(0.1, 3), "model": rng.uniform(0.1, 1)}
    stages |= {"first step": first, "warm-up": rng.uniform(0.4, 2), "windows": total * 1.0003 + 1e-4}
    values = {
        **record.values,
        "first_step_seconds": first,
        "compile_seconds": float(first - total / steps),
        "steps": float(steps + rng.integers(3, 30)),
        "peak_resident_bytes": 1.1e9 * own[1] ** 0.2 * larger * math.exp(0.01 * rng.standard_normal()),
        "training_macs_per_image": 2.83 * record.values["macs_per_image"],
        "cpu_share": rng.uniform(0.2, 1),
        "gpu_utilization": rng.uniform(0.3, 1) if device else None,
        "gpu_power_watts": watts and watts * rng.uniform(0.8, 1.1),
        "gpu_energy_joules": watts and total * watts * rng.uniform(0.7, 1.2),
    }
    accuracy = record.accuracy.model_copy(update={"train": 21 / 512, "held_out": 18 / 512})
    changes = {"windows": tuple(windows), "stages": stages, "values": values, "accuracy": accuracy}
    if trained:
        changes |= learnt(rng, record, step, stages)
    values["seconds"] = sum(stages.values()) + rng.uniform(0, 3)
    made = Record.model_validate(record.model_dump(exclude={"schema_version"}) | dumped(changes))
    train = made.train.plain if made.train else None
    timing = made.workload.plain
    kept = train and {name: one for name, one in train.items() if name not in NOTHING_LEARNT}
    whole = {"timing": timing, "digest": made.data.digest, "seed": made.seed, "train": kept}
    return made.model_copy(update={"fingerprint": fingerprint(timing), "accuracy_fingerprint": fingerprint(whole)})


def learnt(rng, record, step, stages):
    """Epochs that come to some accuracy, each a whole number of its images."""
    epochs, images, test = 6, 1_500, 2_000
    goal, began = rng.uniform(0.35, 0.75), 3.2 * rng.normal(1, 0.01)
    history = []
    for number in range(1, epochs + 1):
        share = goal * (1 - math.exp(-number / 2)) + rng.normal(0, 0.01)
        right = round(min(0.99, max(0.01, share)) * images)
        loss = began if number == 1 else began * math.exp(-number / 4) * rng.normal(1, 0.02)
        seconds, val_seconds = clock(rng, (30 * step * rng.uniform(0.8, 1.3), rng.uniform(0.05, 0.5)))
        history.append(
            Epoch(
                epoch=number,
                steps=30,
                seconds=seconds,
                loss=single(loss),
                accuracy=single(round(share * 30 * record.batch_size) / (30 * record.batch_size)),
                val_loss=single(1.2 * (1 - right / images) * 2 + rng.uniform(0, 0.1)),
                val_accuracy=single(right / images),
                val_seconds=val_seconds,
                learning_rate=1e-3,
            )
        )
    stages["training"] = 1.02 * sum(one.seconds + one.val_seconds for one in history) + 0.1
    best = min(history, key=lambda one: one.val_loss)
    accuracy = Accuracy(
        train=single(round(goal * 1_500) / 1_500),
        held_out=history[-1].val_accuracy,
        held_out_images=images,
        steps=30 * epochs,
        synthetic=False,
        train_images=1_500,
        test=single(round(goal * test) / test),
        test_images=test,
    )
    training = Training(stopped_by="epochs", monitor="val_loss", best_epoch=best.epoch, restored=False)
    train = TrainSpec(epochs=epochs).model_dump(mode="json")
    return {"history": tuple(history), "accuracy": accuracy, "training": training, "train": train}


def dumped(changes):
    found = {}
    for name, one in changes.items():
        found[name] = [each.model_dump() for each in one] if name == "history" else one
        found[name] = one.model_dump() if hasattr(one, "model_dump") else found[name]
    return found


def honest_team(rng, team, *, cells=6):
    """The records of a team, on a machine or two; some clocks are set meanwhile, some runs go on the next day."""
    found = []
    hosts = list(rng.choice(list(MACHINES), size=2 if rng.random() < 0.2 else 1, replace=False))
    for host in hosts:
        began = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=int(rng.integers(25 * 86_400)))
        if rng.random() < 0.05:
            began = began.replace(year=2020)  # a clock that was never set
        own = rng.uniform(0.85, 1.25), math.exp(0.4 * rng.standard_normal())
        for place in range(cells):
            if rng.random() < 0.02:
                began += timedelta(hours=int(rng.integers(-1, 24)))
            variant, trained = list(VARIANTS)[place % len(VARIANTS)], place % 3 == 0
            found.append(honest(rng, team, str(host), place // 4, variant, began, place, own=own, trained=trained))
    return found


def lines_of_team(records):
    """The records' lines by host, as they are written before they are sealed."""
    lines = {}
    for record in records:
        lines.setdefault(record.host, []).append(record.model_dump_json().encode())
    return lines


def seal_all(lines):
    """The lines, each sealed after the one before it."""
    found, before = [], None
    for line in lines:
        found.append(sealed(line, before))
        before = digest_of(found[-1])
    return found


def keep(root, team, lines):
    """Write sealed lines by host into a tree."""
    for host, every in lines.items():
        path = journal_path(root, host, "cnn", team)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(line + b"\n" for line in every))


def edited(change):
    """A forger who changes each record as it is parsed, and seals all anew."""

    def forge(rng, team, own, other):
        found = {}
        for host, lines in lines_of_team(own).items():
            records = [json.loads(line) for line in lines]
            for record in records:
                change(rng, record)
            found[host] = seal_all([json.dumps(one, separators=(",", ":")).encode() for one in records])
        return found

    return forge


def faster(rng, record):
    factor = rng.uniform(0.6, 0.93)
    record["windows"] = [[steps, seconds * factor] for steps, seconds in record["windows"]]


def rounded(rng, record):
    record["windows"] = [[steps, round(seconds * 0.9, 3)] for steps, seconds in record["windows"]]


def better(rng, record):
    if record["accuracy"] and record["history"]:
        record["accuracy"]["held_out"] = min(0.9999, record["accuracy"]["held_out"] + rng.uniform(0.05, 0.2))
        record["accuracy"]["test"] = min(0.9999, record["accuracy"]["test"] + rng.uniform(0.05, 0.2))


def other_card(rng, record):
    name = "Tesla P100-PCIE-16GB" if "T4" in (record["device"].get("gpu_name") or "") else "Tesla T4"
    capability = record["device"].get("compute_capability") or "8.6"
    record["device"] |= {"kind": "gpu", "gpu_name": name, "name": name, "compute_capability": capability}


def other_version(rng, record):
    record["software"]["tensorflow"] = str(rng.choice(["2.13.7", "2.99.0", "latest", "4.1.0"]))


def other_cell(rng, record):
    record["batch_size"] *= 2
    record["cell"] = record["cell"].replace("b128", "b256")


def beyond_physics(rng, record):
    factor = 1 / 400
    record["windows"] = [[steps, seconds * factor] for steps, seconds in record["windows"]]
    total = sum(seconds for _, seconds in record["windows"])
    steps = sum(steps for steps, _ in record["windows"])
    record["stages"]["windows"] = total * 1.0001
    record["values"]["compile_seconds"] = record["values"]["first_step_seconds"] - total / steps


def copied(rng, team, own, other):
    """Another team's records under one's own name, begun at other times."""
    found = {}
    for host, lines in lines_of_team(other).items():
        records = [json.loads(line) for line in lines]
        for record in records:
            record["team"] = team
            record["started"] = (datetime.fromisoformat(record["started"]) + timedelta(hours=5)).isoformat()
        found[host] = seal_all([json.dumps(one, separators=(",", ":")).encode() for one in records])
    return found


def copied_faster(rng, team, own, other):
    """The same, made faster by one factor, and all clocks with it."""
    found = {}
    for host, lines in lines_of_team(other).items():
        records = [json.loads(line) for line in lines]
        for record in records:
            factor = rng.uniform(0.8, 0.97)
            record["team"] = team
            record["windows"] = [[steps, seconds * factor] for steps, seconds in record["windows"]]
            for place in (record["stages"], record["values"]):
                timed = place is record["stages"]
                place |= {name: one * factor for name, one in place.items() if one and (timed or "seconds" in name)}
        found[host] = seal_all([json.dumps(one, separators=(",", ":")).encode() for one in records])
    return found


def left_out(rng, team, own, other):
    """Records taken out of the middle, as they are."""
    return {host: lines[:2] + lines[3:] for host, lines in sealed_lines(own).items()}


def by_hand(rng, team, own, other):
    """A line changed in an editor."""
    found = sealed_lines(own)
    for lines in found.values():
        lines[1] = lines[1].replace(b'"status":"ok"', b'"status": "ok"').replace(b'"seed":0', b'"seed":11')
    return found


def sealed_journal(records):
    """Lines of records that were parsed and may have been changed, sealed anew as the journals of their hosts."""
    hosts = {}
    for one in records:
        bare = {name: value for name, value in one.items() if name != "seal"}
        hosts.setdefault(one["host"], []).append(json.dumps(bare, separators=(",", ":")).encode())
    return [line.decode() for lines in hosts.values() for line in seal_all(lines)]


def sealed_lines(records):
    return {host: seal_all(lines) for host, lines in lines_of_team(records).items()}


FORGERS = {
    "faster": edited(faster),
    "rounded": edited(rounded),
    "better": edited(better),
    "other card": edited(other_card),
    "other version": edited(other_version),
    "other cell": edited(other_cell),
    "beyond physics": edited(beyond_physics),
    "copied": copied,
    "copied faster": copied_faster,
    "left out": left_out,
    "by hand": by_hand,
}


def honest_tree(root, teams, seed=0):
    """A tree of honest teams, named from 0 on."""
    for team in range(teams):
        rng = np.random.default_rng([seed, team])
        keep(root, f"{team:04}", sealed_lines(honest_team(rng, f"{team:04}")))


def by_stranger(forge):
    """A forger who takes and gives what journals hold, as one of those here."""

    def forged(rng, team, own, other):
        own, other = (
            [one for lines in sealed_lines(each).values() for one in map(json.loads, lines)] for each in (own, other)
        )
        found = {}
        for line in forge(rng, team, own, other):
            found.setdefault(json.loads(line)["host"], []).append(line.encode())
        return found

    return forged


def forged_tree(root, teams, seed=1, forgers=FORGERS, copying=("copied", "copied faster")):
    """A tree of forgers and those they copied from; gives the kind of forgery by the forger's team."""
    kinds = {}
    for number in range(teams):
        rng = np.random.default_rng([seed, number])
        kind = list(forgers)[number % len(forgers)]
        team, victim = f"f{number:04}", f"v{number + 1:04}"  # whose data are others
        own, other = honest_team(rng, team), honest_team(rng, victim)
        keep(root, team, forgers[kind](rng, team, own, other))
        if kind in copying:
            keep(root, victim, sealed_lines(other))
        kinds[team] = kind
    return kinds
