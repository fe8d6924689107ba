"""What a machine costs beside time: money, the grid's carbon dioxide, hours of a hosted notebook's quota."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat

from bench.support.frozen import Frozen

__all__ = ["COSTS", "CostName", "Grid", "Price", "Quota"]

CostName = Literal["price", "grid", "quota"]
COSTS: tuple[CostName, ...] = ("price", "grid", "quota")

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Text = Annotated[str, Field(min_length=1)]

_MOST_KG = 3
"""More than any grid emits for a kilowatt hour: lignite alone is at 1.2, and figures in grams are in the hundreds."""


class Price(Frozen):
    """What an hour of this machine costs."""

    per_hour: PositiveFloat
    currency: Text = Field("USD", description="its code, such as EUR")
    source: Text | None = Field(None, description="who says so: a price list, a bill")
    date: Day | None = Field(None, description="the day of that price, 2026-01-31")


class Grid(Frozen):
    """What the electricity emits that this machine runs on."""

    kg_co2_per_kwh: Annotated[float, Field(gt=0, le=_MOST_KG)]
    source: Text = Field(description="whose figure it is, and of which grid")
    date: Day | None = Field(None, description="the day, or the last day of the time, that it holds for")


class Quota(Frozen):
    """The hours that a hosted notebook's service gives; an hour of the machine takes one of them."""

    hours: PositiveFloat
    per: Literal["session", "day", "week", "month"]
    source: Text
    date: Day | None = None
