"""What a course asks of those who hand in a suite's results: the `course:` section."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, StrictBool

from bench.support.frozen import Frozen

__all__ = ["Course", "Grade", "GradedAccuracy", "Ranking", "Selection"]

GradedAccuracy = Literal["test_accuracy", "held_out_accuracy", "accuracy"]


class Selection(Frozen):
    """Of which of a team's cells a ranking or a grade is: the best one that keeps the course's rules."""

    model: str | None = Field(None, description="of this model alone, or of those that match the pattern")
    variant: str | None = Field(None, description="of this variant alone, or of those that match the pattern")
    group: Literal["all", "host"] = Field("all", description="all teams together, or those on each host by themselves")


class Ranking(Selection):
    """What teams are ranked by on `bench board`."""

    by: str = Field(description="a metric, or `speedup`: over the team's own baseline, of the same network and host")


class Grade(Selection):
    """What a team gets for what it has measured."""

    formula: str = Field(description="arithmetic over metrics, such as `20*(accuracy-min)/(max-min)`")
    decimals: Annotated[int, Field(ge=0, le=6)] = Field(1, description="that it is rounded to")


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
    accuracy: GradedAccuracy = Field(
        "test_accuracy", description="of which images: what `min_accuracy`, and `accuracy` in a formula, are of"
    )
    data: tuple[str, ...] = Field((), description="data sets that may be trained on; none: any")
    real_data: StrictBool = Field(
        True, description="synthetic images, which stand in for those that aren't there, don't count"
    )
    columns: tuple[str, ...] = Field((), description="metrics that each record must have")
    rankings: dict[str, Ranking] = Field(
        default_factory=dict, description="what `bench board` ranks by, each by its title"
    )
    grades: dict[str, Grade] = Field(default_factory=dict, description="columns of the gradebook, each by its title")
