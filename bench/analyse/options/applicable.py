"""Which options mean nothing to an input pipeline of the user's own."""

from __future__ import annotations

from bench.results.record import DataInfo

__all__ = ["not_applicable"]

_OF_ARRAYS = ("source", "pixels", "augment", "image_size")


def not_applicable(option: str, data: DataInfo | None, *, batch_map: bool = False) -> str | None:
    """Why `option` can't be changed for what is fed from `data`; None where it can. `batch_map`: there is one, so that
    there is a map to run in parallel."""
    if data is None or data.pipeline is None:
        return None
    own, name = data.pipeline, data.name
    if option in _OF_ARRAYS:
        return f"{option} is for images in arrays, which the harness's own pipeline feeds; {name} feeds itself"
    if option in own.seams:
        return None
    if option == "map" and not batch_map:
        return f"{name} leaves no map to the variant: num_parallel_calls=bench.options.map_calls() would"
    if option == "shuffle" and own.batched:
        return f"{name} gives batches, and leaves no shuffle to the variant: bench.options.shuffle() would"
    if option == "cache" and own.endless:
        return f"{name} never ends, so that no cache of it is ever full: put bench.options.cache() where it has an end"
    return None
