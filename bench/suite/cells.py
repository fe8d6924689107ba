"""A suite as a whole, and the cells that it spells out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt, StrictBool

from bench.suite.course import Course
from bench.suite.recipe import TrainSpec
from bench.suite.spec import DataSpec, ModelSpec, Protocol, Variant
from bench.support.frozen import Frozen

__all__ = ["Cell", "Design", "Suite"]

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
    course: Course | None = Field(None, description="rules of a course, which `bench check` judges; null: none")
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
