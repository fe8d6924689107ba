"""The sections of a suite as frozen values: data, models, variants, protocol."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, StrictBool

from bench.suite.options import Options
from bench.suite.recipe import Freeze, TrainSpec
from bench.support.frozen import Frozen

__all__ = ["DataSpec", "ModelSpec", "Protocol", "TrainSpec", "Variant"]


class DataSpec(Frozen):
    """Which images, and which part of them; or an input pipeline of the user's own.

    `name` is a data set of the house or an import path (`my_data:load`, called with `args`); with
    `pipeline` it is that one's.
    """

    name: str
    pipeline: str | None = Field(
        None, description="a function of your own, `my_data:train`, that returns a tf.data.Dataset of any elements"
    )
    validation: str | None = Field(None, description="the same for held-out examples; goes with `pipeline`")
    batched: StrictBool = Field(False, description="pipeline only: it gives batches already, and not single examples")
    examples: PositiveInt | None = Field(
        None, description="pipeline only: training examples in an epoch, where the data set doesn't say"
    )
    unit: Annotated[dict[str, PositiveFloat], Field(min_length=1, max_length=1)] | None = Field(
        None, description="pipeline only: what rates count and how many an example has: `{tokens: 128}`"
    )
    subset: PositiveInt | tuple[NonNegativeInt, ...] | str | None = Field(
        None, description="number of classes drawn from `team_seed`, their indices, or a CSV file of the course's lists"
    )
    team_seed: NonNegativeInt | None = Field(None, description="which classes a number in `subset` draws")
    team: str | None = Field(None, description="row of the CSV file")
    held_out: Annotated[float, Field(ge=0, lt=1)] = Field(0.15, description="last share of training images")
    shape: tuple[PositiveInt, PositiveInt, PositiveInt] = Field(
        (32, 32, 3), description="synthetic only: H, W, channels"
    )
    classes: Annotated[int, Field(ge=2)] = Field(100, description="synthetic only")
    images: PositiveInt = Field(10_000, description="synthetic only: training images")
    test_images: PositiveInt = Field(2_000, description="synthetic only")
    seed: NonNegativeInt = Field(0, description="synthetic only")
    args: dict[str, Any] = Field(default_factory=dict, description="arguments of an import path's function")


class ModelSpec(Frozen):
    """A network and how it is trained.

    `name` labels it in cell ids; `network` is one of the house (`simple_cnn`, `vgg16`, `convnet` …), a
    `keras.applications` network by its own name (`VGG16`, `ResNet50` …), or an import path (`my_models:build`).
    `train` and `data` are what the suite's own sections come to for this model: it may change any part of them.
    """

    name: str
    network: str
    freeze: Freeze = Field(
        0, description="layers of the base that are not trained: their number (an integer) or a fraction (with a point)"
    )
    weights: str | None = Field(
        None, description="null: random from the seed; `imagenet`: Keras's own; else a file of the base's weights"
    )
    learning_rate: PositiveFloat | None = Field(None, description="Adam's; null: the network's own default")
    args: dict[str, Any] = Field(
        default_factory=dict, description="arguments of `convnet` and the like, and of an import path's function"
    )
    train: TrainSpec | None = Field(None, description="what of `train` is otherwise for this model")
    data: DataSpec | None = Field(None, description="what of `data` is otherwise for this model")


class Variant(Frozen):
    """A named set of options."""

    name: str
    options: Options = Options()


class Protocol(Frozen):
    """How a cell is measured. All `*_seconds` are seconds."""

    precision: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.02, description="stop once the 95 % interval of ms/step is within this share of it, to either side"
    )
    same_within: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.05, description="variants whose step times surely differ by no more than this share are called the same"
    )
    max_seconds: PositiveFloat = Field(20.0, description="or once the windows have taken this long")
    min_windows: Annotated[int, Field(ge=3)] = Field(5, description="windows before precision is judged")
    min_seconds: Annotated[float, Field(ge=0)] = Field(
        1.5, description="and seconds of windows: noise that comes and goes slowly is not seen in less"
    )
    window_seconds: PositiveFloat = Field(0.1, description="a window holds whole executions for at least this long")
    warmup_steps: PositiveInt = Field(
        2, description="steps after the first that are thrown away, at least, unless an execution takes over 5 s"
    )
    warmup_seconds: Annotated[float, Field(ge=0)] = Field(0.4, description="and for at least this long")
    timeout_seconds: PositiveFloat = Field(
        900.0, description="a cell that gives no sign for longer is ended, and recorded so"
    )
    eval_images: NonNegativeInt = Field(256, description="held-out images to judge accuracy on after the windows")
