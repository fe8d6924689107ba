"""What was measured of a machine, as its profile keeps it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from bench.support.frozen import Frozen

__all__ = [
    "ROOF_UNITS",
    "AiBenchmark",
    "DataType",
    "Noise",
    "Peak",
    "Roof",
    "RoofName",
    "SelfTest",
    "Unit",
]

DataType = Literal["float32", "tf32", "float16", "bfloat16"]

RoofName = Literal[
    "vgg16_float32",
    "vgg16_tf32",
    "vgg16_float16",
    "vgg16_bfloat16",
    "device_bandwidth",
    "host_to_device_bandwidth",
    "launch_latency",
    "jpeg_decode",
    "map",
    "file_read",
]

Unit = Literal["FLOP/s", "B/s", "s", "images/s", "elements/s"]

ROOF_UNITS: Final[dict[RoofName, Unit]] = {
    "vgg16_float32": "FLOP/s",
    "vgg16_tf32": "FLOP/s",
    "vgg16_float16": "FLOP/s",
    "vgg16_bfloat16": "FLOP/s",
    "device_bandwidth": "B/s",
    "host_to_device_bandwidth": "B/s",
    "launch_latency": "s",
    "jpeg_decode": "images/s",
    "map": "elements/s",
    "file_read": "B/s",
}
"""Of all of them more is better, but for those in seconds."""


class Noise(Frozen):
    """What equal cells differ by on this machine, beyond the noise of their windows.

    Both are standard deviations of a process's step time, as a share of it: `in_turns` between processes that took
    turns, so that drift hit both alike; `apart` between processes that were measured one after another, as the cells
    of a suite are. Estimated from `rounds` rounds of two fresh processes.
    """

    date: str
    in_turns: Annotated[float, Field(ge=0, lt=1)]
    apart: Annotated[float, Field(ge=0, lt=1)]
    rounds: Annotated[int, Field(ge=2)]


class SelfTest(Frozen):
    """What cells of known step time showed: the largest relative error, and what an empty step costs here."""

    date: str
    version: str = Field(description="of bench")
    largest_error: Annotated[float, Field(ge=0)]
    empty_step_seconds: PositiveFloat
    cells: PositiveInt


class Peak(Frozen):
    """Highest rate of floating-point operations measured on this machine with one data type.

    What it sustains in windows of a tenth of a second or longer: the fastest eighth of those that were timed, their
    operations over their seconds, with the 95 % interval `low`..`high` of that (see `bench.instruments.sustained`). Of
    products of large square matrices and of 3×3 convolutions, chained, the faster: `reached_by` says which and of
    what size. On CPUs that is often the convolution, since oneDNN multiplies faster than TensorFlow's matrix product.
    """

    flops_per_second: PositiveFloat
    low: PositiveFloat
    high: PositiveFloat
    date: str
    reached_by: str | None = None

    @property
    def margin(self) -> float:
        """Half the interval's width, as a share of the rate."""
        return (self.high - self.low) / 2 / self.flops_per_second


class Roof(Frozen):
    """What this machine does at most of one thing that is not a large product, with its 95 % interval.

    As for `Peak`, that of the fastest eighth of its windows. In the unit that `ROOF_UNITS` gives for its name. `of`
    says of what: sizes, and what was counted.
    """

    value: PositiveFloat
    low: PositiveFloat
    high: PositiveFloat
    date: str
    of: str

    @property
    def margin(self) -> float:
        """Half the interval's width, as a share of the value."""
        return (self.high - self.low) / 2 / self.value


class AiBenchmark(Frozen):
    """One run of the package ai-benchmark (A. Ignatov et al., *AI Benchmark*, 2019) on this machine.

    The scores are the package's own, by its own formula: 10,000 × the geometric mean of its reference times over the
    times measured, one for inference and one for training; the AI-Score is their sum. None where the run doesn't have
    that part, and where a test of it failed: `absent` says which.
    """

    version: Annotated[str, Field(description="of ai-benchmark")]
    date: str
    software: dict[str, str] = Field(default_factory=dict, description="versions that the times depend on")
    ai_score: PositiveInt | None = None
    inference_score: PositiveInt | None = None
    training_score: PositiveInt | None = None
    absent: str | None = Field(None, description="why there is no score")
    seconds: NonNegativeFloat = Field(description="what its tests took")
    peak_memory_bytes: PositiveInt | None = Field(None, description="largest resident set of its processes")
    foreign_cpu_share: float | None = Field(None, description="what others took of the processors meanwhile, 0..1")
    milliseconds: dict[str, PositiveFloat] = Field(default_factory=dict, description="a test's mean pass, by its name")
    failed: dict[str, str] = Field(default_factory=dict, description="why a test has no time, by its name")
