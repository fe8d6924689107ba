#!/usr/bin/env bash
# Keras 3.15.1: `IoU`, `MeanIoU` and `BinaryIoU` count in whole numbers by default, so that sample weights below 1 are
# all 0: the documentation's own example, which it says gives 0.333, gives 0. With `dtype="float32"` it is right.
# Weighted figures of a segmentation are silently 0, or of other weights (1.5 counts as 1).
# Seen: "IoU of the documented example: 0.0000", "MeanIoU: 0.0000", "MeanIoU in float32: 0.2381".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras

labels, guesses, weights = [0, 0, 1, 1], [0, 1, 0, 1], [0.3, 0.3, 0.3, 0.1]
for name, metric in (
    ("IoU of the documented example", keras.metrics.IoU(num_classes=2, target_class_ids=[0])),
    ("MeanIoU", keras.metrics.MeanIoU(num_classes=2)),
    ("MeanIoU in float32", keras.metrics.MeanIoU(num_classes=2, dtype="float32")),
):
    metric.update_state(labels, guesses, sample_weight=weights)
    print(f"{name}: {float(metric.result()):.4f}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'IoU of the documented example: 0.0000' said &&
    grep -qx 'MeanIoU: 0.0000' said &&
    grep -qx 'MeanIoU in float32: 0.2381' said
