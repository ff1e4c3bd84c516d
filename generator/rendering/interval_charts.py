"""Values with their intervals, a row for each: organisations of an area, fifths, groups of patients.

A page draws them from these records. Across, a chart has the width that the page gives it; down, each row has
the same height. So lengths across are thousandths of the chart's width, and rows are counted. A picture to be
taken away has units of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from generator.model.metric import Metric
from generator.model.vocabulary import Judgement, Kind
from generator.rendering.axes import ticks, unit_title, without_strays
from generator.rendering.facts import Fact
from generator.rendering.plates import pixels

MOST_NAMED_ALWAYS = 12
"""Up to so many rows have their names above them; more at the side, where a screen is wide enough."""

_MARGIN = 0.02
_TICKS = 4
_EDGE = 0.04
"""So near to an end, as a share of the width, the scale is not labelled: the label would stand out of it."""


class Units(NamedTuple):
    """How large a chart is drawn."""

    across: float
    """Width of the chart."""
    row: float
    """Height of a row."""
    below_name: float
    """How far down in its row a value stands where each row has room for its name above it."""


PAGE = Units(1000, 10, 7.1)
"""A page stretches the chart to its own width."""

Line = tuple[str, float, bool]
"""A line down the chart: its name, its value, and whether it is the country's."""


@dataclass(frozen=True)
class IntervalRow:
    """One row before it is drawn; lower and upper are NaN where there is no interval."""

    name: str
    value: float
    lower: float
    upper: float
    judgement: Judgement = Judgement.NOT_COMPARED
    code: str = ""
    """The organisation's, where the row is one's."""


@dataclass(frozen=True)
class RowMarks:
    """The rows of one judgement: paths of their intervals and, drawn with caps, of their values."""

    judgement: Judgement
    intervals: str
    values: str


@dataclass(frozen=True)
class NamedLine:
    """A line down the chart, with its name above it."""

    name: str
    is_country: bool
    path: str
    share: float
    """How far across it lies, of 1."""

    @property
    def place(self) -> str:
        """How far across its name stands, in percent."""
        return _percent(self.share)

    @property
    def anchor(self) -> str:
        """SVG text-anchor: start or end."""
        return "start" if self.share < 0.5 else "end"


@dataclass(frozen=True)
class Tick:
    """A round value on the scale."""

    label: str
    share: float
    """How far across it lies, of 1."""

    @property
    def place(self) -> str:
        """In percent of the chart's width."""
        return _percent(self.share)


@dataclass(frozen=True)
class IntervalChart:
    """Rows of values with their intervals, ready to place."""

    names: tuple[str, ...]
    marks: tuple[RowMarks, ...]
    lines: tuple[NamedLine, ...]
    ticks: tuple[Tick, ...]
    grid: str
    """Path of the lines of the scale."""
    unit: str
    """The unit of the scale; empty for %, which stands with each number."""
    cut: int
    """Rows whose interval goes on beyond the scale."""
    beyond: int
    """Rows whose value lies beyond the scale and is drawn on its edge."""
    left_out: int
    """How many had no value."""
    height: float
    """Height in the chart's own units."""
    ends: tuple[float, float]
    """From where to where the scale goes."""

    @property
    def is_named_always(self) -> bool:
        """Whether each row has room for its name above it, on every screen."""
        return len(self.names) <= MOST_NAMED_ALWAYS


def interval_chart(
    metric: Metric, rows: Iterable[IntervalRow], lines: Sequence[Line] = (), units: Units = PAGE
) -> IntervalChart | None:
    """Return the rows drawn in the order they come in, or None where fewer than two have a value.

    The scale holds every value but those far from all others; intervals that are wider end at its edge.
    """
    every = list(rows)
    known = [row for row in every if not math.isnan(row.value)]
    if metric.kind is Kind.STATUS or len(known) < 2:
        return None
    lines = [line for line in lines if not math.isnan(line[1])]
    low, high = _ends(metric, known, [value for _, value, _ in lines])

    def share(value: float) -> float:
        return (min(max(value, low), high) - low) / (high - low)

    def across(value: float) -> str:
        return pixels(share(value) * units.across)

    bottom = pixels(units.row * len(known))
    middle = units.below_name if len(known) <= MOST_NAMED_ALWAYS else units.row / 2
    down = [pixels(units.row * place + middle) for place in range(len(known))]
    marks = [tick for tick in ticks(low, high, _TICKS, metric) if _EDGE < share(tick[0]) < 1 - _EDGE]
    return IntervalChart(
        names=tuple(row.name for row in known),
        marks=tuple(
            RowMarks(
                judgement,
                "".join(
                    f"M{across(row.lower)} {y}H{across(row.upper)}"
                    for row, y in zip(known, down, strict=True)
                    if row.judgement is judgement and not math.isnan(row.lower)
                ),
                "".join(
                    f"M{across(row.value)} {y}h0"
                    for row, y in zip(known, down, strict=True)
                    if row.judgement is judgement
                ),
            )
            for judgement in Judgement
            if any(row.judgement is judgement for row in known)
        ),
        lines=tuple(
            NamedLine(name, is_country, f"M{across(value)} 0V{bottom}", share(value))
            for name, value, is_country in lines
        ),
        ticks=tuple(Tick(label, share(value)) for value, label in marks),
        grid="".join(f"M{across(value)} 0V{bottom}" for value, _ in marks),
        unit=unit_title(metric),
        cut=sum(row.lower < low or row.upper > high for row in known),
        beyond=sum(not low <= row.value <= high for row in known),
        left_out=len(every) - len(known),
        height=units.row * len(known),
        ends=(low, high),
    )


def row_of(name: str, fact: Fact) -> IntervalRow:
    """Return one result as a row."""
    result = fact.result
    judgement = Judgement(result.judgement)
    return IntervalRow(name, result.value, result.lower, result.upper, judgement, result.organisation_code)


def by_value(rows: Iterable[IntervalRow]) -> list[IntervalRow]:
    """Return the rows with the highest value first, equal ones by name; rows without a value last."""
    return sorted(rows, key=lambda row: (math.isnan(row.value), -row.value, row.name.casefold()))


def _ends(metric: Metric, rows: Sequence[IntervalRow], lines: Sequence[float]) -> tuple[float, float]:
    """Return from where to where the scale goes."""
    low, high = without_strays(np.array([row.value for row in rows]))
    low, high = min([low, *lines]), max([high, *lines])
    # Of small organisations' intervals as much is shown as leaves room to tell values apart.
    room = max(0.4 * (high - low), 2 * 10.0**-metric.decimals)
    lowers = [row.lower for row in rows if not math.isnan(row.lower)]
    uppers = [row.upper for row in rows if not math.isnan(row.upper)]
    low, high = max(min([low, *lowers]), low - room), min(max([high, *uppers]), high + room)
    margin = _MARGIN * (high - low) or 10.0**-metric.decimals
    floor = 0.0 if low >= 0 else -math.inf
    ceiling = max(metric.multiplier, high) if metric.kind is Kind.PROPORTION else math.inf
    return max(low - margin, floor), min(high + margin, ceiling)


def _percent(share: float) -> str:
    return f"{pixels(share * 100)}%"
