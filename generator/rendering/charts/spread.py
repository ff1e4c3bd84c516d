"""The spread: how the organisations' values differ, as bars with a lane for one organisation's mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import altair as alt
import numpy as np
import numpy.typing as npt

from generator.model.metric import Metric
from generator.model.vocabulary import Direction, Kind
from generator.rendering.axes import Plot, Words, bar_edges, flag_rows, ticks, unit_title
from generator.rendering.charts.layers import (
    FEWEST_VALUES,
    TICKS,
    end_text,
    fixed,
    plate_of,
    position,
    rows_of,
)
from generator.rendering.numbers import round_half_up
from generator.rendering.plates import WIDTH, Bar, Plate, PlateName, Scale, Summary, fit_text
from generator.rendering.symbols import Colour

MOST_LEVELS = 6

_SIDE = 16.0
_BARS_WIDTH = WIDTH - 2 * _SIDE
_BARS_HEIGHT = 60.0
_LANE_HEIGHT = 30.0
_ROW_HEIGHT = 40.0
_NAME_ROW = 22.0
"""Height of the row for the benchmark's name."""
_FLAG_ROW = 16.0
_BASELINE = 13.0
_LEFT, _RIGHT = "\u2039", "\u203a"


@dataclass(frozen=True)
class LabelledValue:
    """A line across a spread, with the words beside it."""

    value: float
    label: str


def draw_spread(
    metric: Metric,
    values: npt.NDArray[np.float64],
    *,
    benchmarks: Sequence[float] = (),
    limits: npt.NDArray[np.float64] | None = None,
    thresholds: Sequence[LabelledValue] = (),
) -> Plate | None:
    """Return the spread of the organisations' values, or None where fewer than five are known.

    NaN among the values is counted and left out. Values far from all others are in no bar, so that the rest
    can be told apart: the plate's edge and the summary say how many they are. The scale reaches to benchmarks
    that are near, whose lines pages add, and as far to the ends of intervals (`limits`) as leaves the bars
    most of the room; a threshold far from all values is not drawn. A status, whose values are levels from 1,
    gets a bar for each level and no lines.
    """
    known = values[np.isfinite(values)]
    left_out = len(values) - len(known)
    if len(known) < FEWEST_VALUES:
        return None
    if metric.kind is Kind.STATUS:
        return _draw_levels(metric, known, left_out)
    lines = [line.value for line in thresholds] + [value for value in benchmarks if math.isfinite(value)]
    edges = bar_edges(metric, known, lines, () if limits is None else limits)
    low, high = float(edges[0]), float(edges[-1])
    counts = np.histogram(known, edges)[0]
    summary = Summary(
        drawn=int(counts.sum()),
        left_out=left_out,
        beyond_low=int((known < low).sum()),
        beyond_high=int((known > high).sum()),
        low=end_text(low, metric),
        high=end_text(high, metric),
        bars=tuple(
            Bar(lower, upper, count)
            for lower, upper, count in zip(
                edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True
            )
        ),
    )
    return _draw_bars(metric, summary, [line for line in thresholds if low <= line.value <= high])


def _draw_bars(metric: Metric, summary: Summary, thresholds: Sequence[LabelledValue]) -> Plate:
    """Return a spread: bars, above them a row for a benchmark's name, below them the lane for a mark.

    What the thresholds are stands in rows of its own above all else, each beside the end of its line.
    """
    low, high = summary.bars[0].lower, summary.bars[-1].upper
    title = unit_title(metric)

    def share(value: float) -> float:
        return (value - low) / (high - low)

    rows = flag_rows(
        [
            Words(line.label, share(line.value) * _BARS_WIDTH, 0, "middle", Colour.MUTED)
            for line in thresholds
        ],
        (2 - _SIDE, WIDTH - _SIDE - 2),
        is_left_first=metric.direction is Direction.LOWER_IS_BETTER,
    )
    plot = Plot(
        left=_SIDE,
        top=_NAME_ROW + _FLAG_ROW * len(rows),
        width=_BARS_WIDTH,
        height=_BARS_HEIGHT + _LANE_HEIGHT,
        bottom=38.0 if title else 22.0,
    )
    tallest = max(max(bar.organisations for bar in summary.bars), 1)
    y_domain = (-tallest * _LANE_HEIGHT / _BARS_HEIGHT, float(tallest))
    x, y = position(alt.X, (low, high)), position(alt.Y, y_domain)

    def across(value: float) -> float:
        return share(value) * plot.width

    marks = ticks(low, high, TICKS, metric)
    words = [Words(label, across(tick), plot.height + 18, "middle", Colour.MUTED) for tick, label in marks]
    words.append(Words(title, plot.width / 2, plot.height + 34, "middle", Colour.MUTED))
    tops = [_FLAG_ROW * place - plot.top for place in range(len(rows))]
    words += [replace(item, y=top + _BASELINE) for row, top in zip(rows, tops, strict=True) for item in row]
    if summary.beyond_low:
        words.append(
            Words(f"{_LEFT} {summary.beyond_low:,}", 2 - plot.left, _BARS_HEIGHT - 16, "start", Colour.MUTED)
        )
    if summary.beyond_high:
        end = plot.width + plot.right - 2
        words.append(Words(f"{summary.beyond_high:,} {_RIGHT}", end, _BARS_HEIGHT - 16, "end", Colour.MUTED))
    layers = [
        rows_of({"x": tick} for tick, _ in marks)
        .mark_rule(color=Colour.RULE, strokeWidth=1)
        .encode(x=x, y=fixed(alt.YValue, 0), y2=fixed(alt.Y2Value, plot.height + 4)),
        rows_of(
            {"x": bar.lower, "x2": bar.upper, "y": bar.organisations}
            for bar in summary.bars
            if bar.organisations
        )
        .mark_bar(color=Colour.SPREAD, stroke=Colour.GROUND, strokeWidth=0.6, binSpacing=0, minBandSize=0)
        .encode(x=x, x2=alt.X2(field="x2"), y=y, y2=alt.Y2Datum(0)),
        rows_of([{"y": 0}])
        .mark_rule(color=Colour.EDGE, strokeWidth=1)
        .encode(y=y, x=fixed(alt.XValue, 0), x2=fixed(alt.X2Value, plot.width)),
    ]
    # Each line reaches up to its own words.
    layers += [
        rows_of({"x": line} for line in lines)
        .mark_rule(color=Colour.MUTED, strokeWidth=1.5, strokeDash=[2, 3])
        .encode(x=x, y=fixed(alt.YValue, top + 2), y2=fixed(alt.Y2Value, plot.height))
        for row, top in zip(rows, tops, strict=True)
        if (lines := [line.value for line in thresholds if line.label in {item.text for item in row}])
    ]
    plate = plate_of(
        PlateName.SPREAD,
        metric,
        plot,
        layers,
        words,
        scale=Scale.VALUES,
        x_domain=(low, high),
        y_domain=y_domain,
        summary=summary,
        unit=title,
    )
    return replace(
        plate,
        lane=plot.top + _BARS_HEIGHT + _LANE_HEIGHT / 2,
        thresholds=tuple(round(plot.left + across(line.value), 1) for line in thresholds),
    )


def _draw_levels(metric: Metric, known: npt.NDArray[np.float64], left_out: int) -> Plate | None:
    """Return how many organisations are at each level of a status, best first; None for too many levels."""
    count = len(metric.levels)
    if not 1 <= count <= MOST_LEVELS:
        return None
    bars = tuple(Bar(level, level, int((known == level).sum())) for level in range(1, count + 1))
    drawn = sum(bar.organisations for bar in bars)
    tallest = float(max(max(bar.organisations for bar in bars), 1))
    plot = Plot(left=24.0, top=4.0, width=WIDTH - 24 - 56, height=_ROW_HEIGHT * count, bottom=4.0)
    x, y = position(alt.X, (0.0, tallest)), position(alt.Y, (0.5, count + 0.5), reverse=True)
    words = []
    for bar, level in zip(bars, metric.levels, strict=True):
        row = (bar.lower - 1) * _ROW_HEIGHT
        end = bar.organisations / tallest * plot.width
        words.append(Words(fit_text(level, WIDTH - plot.left - 4), 0, row + 14, "start", Colour.TEXT))
        words.append(Words(round_half_up(bar.organisations, 0), end + 6, row + 31, "start", Colour.MUTED))
    layers = [
        rows_of({"y": bar.lower + 0.02, "y2": bar.lower + 0.42, "x": bar.organisations} for bar in bars)
        .mark_bar(color=Colour.SPREAD, binSpacing=0, minBandSize=0)
        .encode(y=y, y2=alt.Y2(field="y2"), x=x, x2=alt.X2Datum(0)),
    ]
    plate = plate_of(
        PlateName.SPREAD,
        metric,
        plot,
        layers,
        words,
        scale=Scale.LEVELS,
        x_domain=(0.0, tallest),
        y_domain=(count + 0.5, 0.5),
        summary=Summary(drawn, left_out + len(known) - drawn, bars=bars),
    )
    return replace(plate, lane=9.0)
