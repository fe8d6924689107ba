"""Seams of an input pipeline: where a function of your own leaves a choice to the suite's variants.

    def train():
        files = tf.data.Dataset.list_files("photos/*/*.jpg")
        images = files.map(decode, num_parallel_calls=bench.options.map_calls())
        return images.apply(bench.options.cache()).apply(bench.options.shuffle(10_000))

Outside of a suite they add nothing but a prefetch that tf.data tunes, so that the same function serves the training
itself; `use` chooses otherwise.
"""

from bench.workload.seams import batch, cache, map_calls, prefetch, shuffle, use

__all__ = ["batch", "cache", "map_calls", "prefetch", "shuffle", "use"]
