"""Roofs so small that all of them take a second, measured by the real code."""

from bench.workload.roofs.plan import RoofPlan

TINY = RoofPlan(
    product_shapes=((64, 64), (2, 8, 8, 16)),
    call_flops=1e6,
    passes=2,
    batch_size=1,
    array_bytes=2**16,
    jpeg_size=(24, 32),
    file_bytes=2**21,
    rounds=6,
    seconds=600.0,
    fewest=3,
    window_seconds=0.004,
    settling_seconds=0.0,
)
