#!/usr/bin/env bash
# TensorFlow 2.21.0: `Dataset.map(f)` without `num_parallel_calls` isn't the sequential map that its code looks like. Where
# `f` is stateless, tf.data's own rewriting (`map_parallelization`, on unless it is turned off; the docstring says so since)
# runs it on several elements at once. Who measures the plain map as "one call at a time" measures the parallel one.
# Seen on two cores, each operation on one thread: 1.5 to 1.7 cores busy by default, 1.0 to 1.1 with the rewriting off.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0
cat >serial.py <<'PYTHON'
import time

import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)


def work(index):
    matrix = tf.fill((400, 400), tf.cast(index, tf.float32))
    for _ in range(4):
        matrix = tf.tanh(tf.matmul(matrix, matrix) * 1e-6)
    return tf.reduce_sum(matrix)


def busy(dataset):
    began, used = time.perf_counter(), time.process_time()
    for _ in dataset:
        pass
    return (time.process_time() - used) / (time.perf_counter() - began)


options = tf.data.Options()
options.experimental_optimization.map_parallelization = False
dataset = tf.data.Dataset.range(300).map(work)
default = max(busy(dataset) for _ in range(5))
off = max(busy(dataset.with_options(options)) for _ in range(5))
print(f"cores busy: {default:.2f} by default, {off:.2f} with map_parallelization off")
raise SystemExit(default < off + 0.2)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python serial.py 2>/dev/null
