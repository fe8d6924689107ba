"""A suite as frozen values, and the cells that it spells out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, StrictBool

from bench.suite.options import Options
from bench.suite.recipe import Freeze, TrainSpec
from bench.support.frozen import Frozen

__all__ = ["Cell", "DataSpec", "Design", "ModelSpec", "Protocol", "Suite", "TrainSpec", "Variant"]


class DataSpec(Frozen):
    """Which images, and which part of them.

    `name` is a data set of the house or an import path (`my_data:load`, called with `args`).
    """

    name: str
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


Design = Literal["full factorial", "one factor at a time"]


class Suite(Frozen):
    """One YAML file under `suites/`, every default filled in. `name` is the file's stem."""

    name: str
    title: str = Field("", description="what the report heads the suite's tables with")
    folder: str = Field(".", description="the file's own folder: import paths and CSV files are looked up there")
    data: DataSpec = Field(description="which images; a data set's name alone will do")
    models: tuple[ModelSpec, ...] = Field(description="networks, and how each is trained")
    variants: tuple[Variant, ...] = Field(description="named sets of options; a bare name is one of cnn.yaml's")
    batch_sizes: tuple[PositiveInt, ...] = Field((128,), description="images a step")
    seeds: tuple[NonNegativeInt, ...] = Field((0,), description="of weights and order of images: repeats of each cell")
    baseline: str = Field("", description="the variant that speed-ups are given over; empty: the first")
    protocol: Protocol = Field(Protocol(), description="how cells are measured")
    train: TrainSpec | None = Field(
        None, description="train each cell to an accuracy once it is timed; null: time it alone"
    )
    design: Design = Field(
        "full factorial",
        description="every model × variant × batch size; or the first model, the baseline and the first batch size, and"
        " what differs from these in one of the three",
    )
    table: tuple[str, ...] = Field((), description="columns of the table that shows what was trained; none: the usual")
    attribute: StrictBool = Field(
        False, description="name the bottleneck of each step, and measure each option on against off, interleaved"
    )
    places: dict[str, tuple[Path | str, int | None]] = Field(
        default_factory=dict, exclude=True, repr=False, description="file and line of what a model sets, for faults"
    )

    def place(self, *way: str | int) -> tuple[Path | str | None, int | None]:
        """File and line of what lies there, or of the nearest around it: `("models", NAME, "train", "phases", 0)`."""
        for end in range(len(way), 0, -1):
            found = self.places.get(".".join(map(str, way[:end])))
            if found is not None:
                return found
        return None, None

    def cells(self) -> tuple[Cell, ...]:
        """Every model × variant × batch size × seed that the design takes, in the file's order."""
        several = len(self.seeds) > 1
        return tuple(
            Cell(
                id=f"{model.name}/{variant.name}/b{batch_size}" + (f"/s{seed}" if several else ""),
                suite=self.name,
                folder=self.folder,
                data=model.data or self.data,
                model=model.model_copy(update={"train": None, "data": None}),
                variant=variant,
                batch_size=batch_size,
                seed=seed,
                protocol=self.protocol,
                train=model.train or self.train,
                attribute=self.attribute,
            )
            for model, variant, batch_size in self._combinations()
            for seed in self.seeds
        )

    def _combinations(self) -> Iterator[tuple[ModelSpec, Variant, int]]:
        baseline = self.baseline or self.variants[0].name
        for model in self.models:
            for variant in self.variants:
                for batch_size in self.batch_sizes:
                    others = (
                        model != self.models[0],
                        variant.name != baseline,
                        batch_size != self.batch_sizes[0],
                    )
                    if self.design == "full factorial" or sum(others) <= 1:
                        yield model, variant, batch_size


class Cell(Frozen):
    """Model × variant × batch size × seed: the smallest thing that is measured. `id` reads `vgg16/xla/b128`."""

    id: str
    suite: str
    folder: str
    data: DataSpec
    model: ModelSpec
    variant: Variant
    batch_size: PositiveInt
    seed: NonNegativeInt
    protocol: Protocol
    train: TrainSpec | None
    attribute: bool = False
