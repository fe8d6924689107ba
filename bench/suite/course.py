"""What a course asks of those who hand in a suite's results: the `course:` section."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, StrictBool

from bench.support.frozen import Frozen

__all__ = ["Course", "GradedAccuracy"]

GradedAccuracy = Literal["test_accuracy", "held_out_accuracy", "accuracy"]


class Course(Frozen):
    """Rules that `bench check` holds a tree's newest records against, those of every cell. What is null is no rule."""

    max_params: PositiveInt | None = Field(None, description="trainable parameters that a network may have")
    max_epochs: PositiveInt | None = Field(None, description="epochs that it may be trained")
    max_seconds: PositiveFloat | None = Field(None, description="of its training, with the validation of each epoch")
    max_memory_mib: PositiveFloat | None = Field(
        None,
        description="most memory held until its training had ended: the GPU's where that computes, else main memory",
    )
    max_state_mib: PositiveFloat | None = Field(None, description="weights and the optimizer's slots, in float32")
    min_accuracy: Annotated[float | None, Field(gt=0, le=1)] = Field(
        None, description="share of images that it must classify right"
    )
    accuracy: GradedAccuracy = Field("test_accuracy", description="of which images: what `min_accuracy` is of")
    data: tuple[str, ...] = Field((), description="data sets that may be trained on; none: any")
    real_data: StrictBool = Field(
        True, description="synthetic images, which stand in for those that aren't there, don't count"
    )
    columns: tuple[str, ...] = Field((), description="metrics that each record must have")
