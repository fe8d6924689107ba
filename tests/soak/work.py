"""Is the work counted what TensorFlow computes? A table of networks, layer count beside gradient graph. Takes minutes.

    .venv/bin/python tests/soak/work.py [NETWORK …]

Counts training multiply-adds of every network of Keras Applications at every freezing level of `suites/transfer.yaml`,
and of every network of the shipped suites, two ways: layer by layer, as the harness does, and in the whole network's
own graph of the gradients by its trainable weights, which TensorFlow would run. Ends with status 1 if any two differ
by more than 0.5 %.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

from bench.suite.load import load
from bench.suite.options import Options
from bench.suite.spec import ModelSpec
from bench.workload.graph_macs import graph_macs
from bench.workload.macs import count_macs
from bench.workload.networks.build import build

SUITES = Path(__file__).resolve().parents[2] / "suites"
CLASSES, SIDE, BATCH = 100, 78, 4
ALIKE = 0.005


def gradient_graph(model: keras.Model) -> tuple[int | None, str | None]:
    """Multiply-adds an image of the graph of a loss and its gradients; None and why if they can't be seen there."""

    def step(images: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(images, training=True))
        return [loss, *(one for one in tape.gradient(loss, weights) if one is not None)]

    weights = [weight.value for weight in model.trainable_weights]
    shape = (BATCH, *model.inputs[0].shape[1:])
    with keras.StatelessScope():
        traced = tf.function(step, autograph=False).get_concrete_function(tf.TensorSpec(shape, model.inputs[0].dtype))
    macs, why = graph_macs(traced.outputs)
    return (None, why) if macs is None else (round(macs / BATCH), None)


def models() -> dict[tuple[str, float, int], ModelSpec]:
    """Every network to count, by its name, by how much of it is frozen, and by the side of its images."""
    found: dict[tuple[str, float, int], ModelSpec] = {}
    for path in sorted(SUITES.glob("*.yaml")):
        for cell in load(path).cells():
            model = cell.model.model_copy(update={"weights": None})
            name = " ".join([model.network, *(f"{key}={value}" for key, value in model.args.items())])
            found[name, model.freeze, cell.variant.options.image_size or 32] = model
    levels = {level for name, level, side in found if side == SIDE}
    for module in vars(keras.applications).values():
        for name, made in vars(module).items() if isinstance(module, ModuleType) else ():
            if name[0].isupper() and callable(made):
                for level in levels:
                    found[name, level, SIDE] = ModelSpec(name=name, network=name, freeze=level)
    return found


def main() -> int:
    keras.initializers.GlorotUniform.__call__ = lambda self, shape, dtype=None: keras.ops.zeros(shape, dtype)
    chosen, worst = sys.argv[1:], 0.0
    for (name, level, side), spec in models().items():
        if chosen and spec.network not in chosen:
            continue
        keras.backend.clear_session()
        try:
            network = build(spec, (side, side, 3), CLASSES, Options(), SUITES)
        except Exception as error:
            print(f"{name:44} {level:4} {side:4}  can't be built: {error}", flush=True)
            continue
        model = keras.Model(network.inputs, network.outputs)
        counted, (traced, why) = count_macs(model, BATCH), gradient_graph(model)
        if counted.training is None or traced is None:
            print(f"{name:44} {level:4} {side:4}  not compared: {counted.absent or why}", flush=True)
            continue
        ratio = counted.training / traced
        worst = max(worst, abs(ratio - 1))
        figures = f"{counted.training / 1e6:10.2f} {traced / 1e6:10.2f} M  {ratio:.4f}"
        print(f"{name:44} {level:4} {side:4} {figures}", flush=True)
    print(f"at most {worst:.2%} apart")
    return int(worst > ALIKE)


if __name__ == "__main__":
    sys.exit(main())
