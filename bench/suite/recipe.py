"""How a cell is trained to an accuracy: the `train:` section of a suite, and what a model changes of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, NonNegativeInt, PositiveFloat, PositiveInt, StrictBool

from bench.support.frozen import Frozen

__all__ = [
    "NOTHING_LEARNT",
    "EarlyStopping",
    "Freeze",
    "Monitor",
    "OptimizerSpec",
    "Phase",
    "ReduceOnPlateau",
    "TrainSpec",
]

NOTHING_LEARNT = frozenset({"keep_weights", "max_params", "test_each_epoch"})
"""Keys of `train` that change nothing of what is learnt."""

Freeze = NonNegativeInt | Annotated[float, Field(ge=0, le=1)]
"""Layers of the base that are not trained: their number (an integer) or a fraction (with a point)."""

Monitor = Literal["val_loss", "val_accuracy", "loss", "accuracy"]
"""A figure of an epoch, by Keras's name; `val_` ones are of the held-out images."""

NonNegative = Annotated[float, Field(ge=0)]


def _named(value: object) -> object:
    """`sgd` and `{name: sgd, momentum: 0.9}` as `{name, args}`."""
    if isinstance(value, str):
        return {"name": value, "args": {}}
    if isinstance(value, dict) and "args" not in value:
        return {
            **({"name": value["name"]} if "name" in value else {}),
            "args": {key: argument for key, argument in value.items() if key != "name"},
        }
    return value


class OptimizerSpec(Frozen):
    """One of Keras's optimizers by its class's name in small letters, and arguments that aren't Keras's defaults."""

    name: str
    args: dict[str, Any] = Field(default_factory=dict)

    @property
    def written_args(self) -> str:
        """As a suite writes them: `momentum: 0.9, nesterov: True`."""
        return ", ".join(f"{name}: {value}" for name, value in self.args.items())


class EarlyStopping(Frozen):
    """Stop once the monitored figure hasn't gained `min_delta` on its best for `patience` epochs (Keras's rule)."""

    patience: PositiveInt
    min_delta: NonNegative = 0.0


class ReduceOnPlateau(Frozen):
    """Multiply the learning rate by `factor` once the monitored figure hasn't gained `min_delta` on its best for
    `patience` epochs, then wait for `cooldown` epochs before counting again; never below `min_rate` (Keras's rule)."""

    patience: PositiveInt
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    min_delta: NonNegative = 1e-4
    cooldown: NonNegativeInt = 0
    min_rate: NonNegative = 0.0


class Phase(Frozen):
    """A stretch of training with layers, rate and rules of its own; what is null is `train:`'s, or the model's."""

    name: str
    epochs: PositiveInt | None = None
    freeze: Freeze | None = None
    learning_rate: PositiveFloat | None = None
    early_stopping: EarlyStopping | None = None
    reduce_on_plateau: ReduceOnPlateau | None = None


class TrainSpec(Frozen):
    """Training to accuracy, after the windows and from the start again: the windows' steps are undone."""

    epochs: PositiveInt | None = Field(None, description="of each phase that doesn't say; at most, where a rule stops")
    steps_per_epoch: PositiveInt | None = Field(None, description="null: as many as whole batches fit in the data")
    validation_steps: PositiveInt | None = Field(
        None, description="batches of held-out images after each epoch; null, and where there are fewer: all"
    )
    optimizer: Annotated[OptimizerSpec | None, BeforeValidator(_named)] = Field(
        None, description="null: Adam; a model that comes compiled keeps its own"
    )
    learning_rate: PositiveFloat | None = Field(
        None, description="null: the model's; with an optimizer named, and where the model has none, Keras's default"
    )
    monitor: Monitor = Field("val_loss", description="what the rules and the best weights go by")
    early_stopping: EarlyStopping | None = None
    reduce_on_plateau: ReduceOnPlateau | None = None
    restore_best: StrictBool = Field(False, description="end with the weights of the best epoch, not of the last")
    target_accuracy: Annotated[float | None, Field(gt=0, le=1)] = Field(
        None, description="share of held-out images: time and energy until it is reached are recorded"
    )
    stop_at_target: StrictBool = Field(False, description="stop as soon as it is reached")
    max_params: PositiveInt | None = Field(None, description="trainable parameters that the network may have")
    test_each_epoch: StrictBool = Field(
        False, description="judge the test images after every epoch too, for the curves; no rule looks at that"
    )
    keep_weights: StrictBool = Field(False, description="keep what was trained, for `bench evaluate`")
    phases: tuple[Phase, ...] = Field((), description="one after the other; none: all in one")

    def stages(self, freeze: float) -> tuple[Phase, ...]:
        """The phases, everything of each filled in but a rate that is Keras's; `freeze` is the model's own."""
        phases = self.phases or (Phase(name=""),)
        own = {name: getattr(self, name) for name in ("epochs", "early_stopping", "reduce_on_plateau")}
        own |= {"learning_rate": self.learning_rate, "freeze": freeze}
        return tuple(
            phase.model_copy(update={name: value for name, value in own.items() if getattr(phase, name) is None})
            for phase in phases
        )

    @property
    def most_epochs(self) -> int:
        """Epochs, if no rule stops it."""
        return sum(phase.epochs or 0 for phase in self.stages(0))
