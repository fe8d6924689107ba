"""The options that a variant sets. Their defaults are the notebook's pipeline, exactly as published."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PositiveInt, StrictBool

from bench.support.frozen import Frozen

__all__ = ["Options"]


def _off_is_none(value: object) -> object:
    # YAML 1.1 reads a bare `off` or `no` as false, and the writer of `cache: off` means none
    return "none" if value is False else value


def _none_is_null(value: object) -> object:
    return None if value in ("none", False) else value


class Options(Frozen):
    """Input pipeline and execution of one variant.

    The values `auto` stand for what suits the device (see `bench.run.plan.settle`); what a record carries is settled.

    >>> Options(cache="memory").changed()
    {'cache': 'memory'}
    """

    source: Literal["memory", "tfrecord", "device", "auto"] = Field(
        "memory", description="where images come from: arrays in memory, TFRecord files, or the device's own memory"
    )
    pixels: Literal["float64", "float32", "uint8"] = Field(
        "float64", description="type of a pixel in the pipeline; uint8 is rescaled to 0..1 inside the model"
    )
    cache: Annotated[Literal["none", "memory", "file"], BeforeValidator(_off_is_none)] = Field(
        "none",
        description="keep what the pipeline has decoded and mapped; a pass of its own fills it before the timed steps",
    )
    shuffle: Annotated[PositiveInt | Literal["all", "none"], BeforeValidator(_off_is_none)] = Field(
        "all", description="images in the shuffle buffer"
    )
    map: Annotated[PositiveInt | Literal["none", "autotune"], BeforeValidator(_off_is_none)] = Field(
        "none",
        description="convert pixels image by image in the pipeline, that many at a time; none: converted beforehand, "
        "and other maps run one after the other",
    )
    prefetch: Annotated[int, Field(ge=0)] | Literal["autotune"] = Field(
        "autotune", description="batches made ready ahead of the step"
    )
    deterministic: StrictBool = Field(
        True, description="keep the order of what maps in parallel; false: whatever is done first goes first"
    )
    pipeline_threads: PositiveInt | None = Field(
        None, description="threads for the input pipeline alone; null: it shares TensorFlow's"
    )
    autotune_ram_mib: PositiveInt | None = Field(
        None, description="memory that tf.data's autotuning may fill with buffers, in MiB; null: half of what is free"
    )
    augment: Annotated[Literal["none", "pipeline", "model"], BeforeValidator(_off_is_none)] = Field(
        "none", description="random flips and shifts, and where they are done"
    )
    batch_map: Annotated[str | None, BeforeValidator(_none_is_null)] = Field(
        None, description="a function of your own on each batch, `my_code:function`: (images, labels) to the same"
    )
    image_size: PositiveInt | None = Field(None, description="side of the square image in pixels; null: the data's own")
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16", "auto"] = Field(
        "float32", description="Keras's dtype policy"
    )
    xla: StrictBool | Literal["auto"] = Field(False, description="compile the step with XLA")
    steps_per_execution: PositiveInt | Literal["auto"] = Field(
        1, description="steps that one call of the compiled function runs"
    )
    threads: PositiveInt | None = Field(
        None, description="TensorFlow's intra- and inter-op threads; null: its own choice"
    )
    devices: PositiveInt | Literal["all"] = Field(
        1, description="GPUs that share each step: so many, or all that TensorFlow sees; see `strategy`"
    )
    strategy: Literal["mirrored"] | None = Field(
        None,
        description="how they share it: `mirrored` is tf.distribute.MirroredStrategy, which several devices always "
        "have and a single one can have; null: on one device no strategy at all",
    )
    batch: Literal["global", "per_replica"] = Field(
        "global",
        description="what the suite's batch size is of: the whole step, which devices share evenly, or each device",
    )
    logical_devices: StrictBool = Field(
        False,
        description="where there is no GPU, let `devices` be logical CPU devices of one process, which share its "
        "cores: to try it out, for they gain nothing",
    )
    tf32: StrictBool = Field(
        True, description="let float32 products use TF32 on GPUs that have it (TensorFlow's default)"
    )
    env: dict[str, str] = Field(
        default_factory=dict, description="environment variables, set before TensorFlow is imported"
    )

    @property
    def is_replicated(self) -> bool:
        """Does a strategy run the step, on several devices or on one?"""
        return self.strategy is not None or self.devices != 1

    def changed(self) -> dict[str, object]:
        """The options that differ from the notebook's, as they are written in a suite."""
        default = Options()
        return {
            name: getattr(self, name)
            for name in type(self).model_fields
            if getattr(self, name) != getattr(default, name)
        }
