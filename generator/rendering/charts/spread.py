"""The spread: how the organisations' values differ, as bars with a lane for one organisation's mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import altair as alt
import numpy as np
import numpy.typing as npt

from generator.model.metric import Metric
from generator.model.vocabulary import Kind
from generator.rendering.axes import Plot, Words, bar_edges, line_words, ticks, unit_title
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

_BARS_HEIGHT = 60.0
_LANE_HEIGHT = 30.0
_ROW_HEIGHT = 40.0
_LEFT, _RIGHT = "\u2039", "\u203a"


@dataclass(frozen=True)
class LabelledValue:
    """A line across a spread, with the words beside it."""

    value: float
    label: str


def draw_spread(
    metric: Metric,
    values: npt.NDArray[np.float64],
    country: float | None,
    *,
    benchmark_label: str = "",
    thresholds: Sequence[LabelledValue] = (),
) -> Plate | None:
    """Return the spread of the organisations' values, or None where fewer than five are known.

    NaN among the values is counted and left out. Values far from all others are in no bar, so that the rest
    can be told apart: the plate's edge and the summary say how many they are. The benchmark is the country's
    value, drawn with its label but for the unit that the axis has; a threshold far from all values is not
    drawn. A status, whose values are levels from 1, gets a bar for each level and no lines.
    """
    known = values[np.isfinite(values)]
    left_out = len(values) - len(known)
    if len(known) < FEWEST_VALUES:
        return None
    if metric.kind is Kind.STATUS:
        return _draw_levels(metric, known, left_out)
    lines = [line.value for line in thresholds]
    benchmark = None
    if country is not None and math.isfinite(country):
        benchmark = LabelledValue(country, benchmark_label.removesuffix(f" {metric.unit}"))
        lines.append(country)
    edges = bar_edges(metric, known, lines)
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
    if benchmark and not low <= benchmark.value <= high:
        benchmark = None
    return _draw_bars(metric, summary, benchmark, [line for line in thresholds if low <= line.value <= high])


def _draw_bars(
    metric: Metric, summary: Summary, benchmark: LabelledValue | None, thresholds: Sequence[LabelledValue]
) -> Plate:
    """Return a spread: bars, and below them the lane in which pages put an organisation's mark."""
    low, high = summary.bars[0].lower, summary.bars[-1].upper
    title = unit_title(metric)
    plot = Plot(
        left=16.0,
        top=38.0 if thresholds else 22.0,
        width=WIDTH - 32,
        height=_BARS_HEIGHT + _LANE_HEIGHT,
        bottom=38.0 if title else 22.0,
    )
    tallest = max(max(bar.organisations for bar in summary.bars), 1)
    y_domain = (-tallest * _LANE_HEIGHT / _BARS_HEIGHT, float(tallest))
    x, y = position(alt.X, (low, high)), position(alt.Y, y_domain)

    def across(value: float) -> float:
        return (value - low) / (high - low) * plot.width

    marks = ticks(low, high, TICKS, metric)
    words = [Words(label, across(tick), plot.height + 18, "middle", Colour.MUTED) for tick, label in marks]
    words.append(Words(title, plot.width / 2, plot.height + 34, "middle", Colour.MUTED))
    lines = [Words(line.label, across(line.value), -5, "middle", Colour.MUTED) for line in thresholds]
    line_top = 18 - plot.top
    if benchmark:
        place = across(benchmark.value)
        above = line_words(lines, plot, crossing=[place])
        words += [*above, Words(benchmark.label, place, 13 - plot.top, "middle", Colour.TEXT, is_bold=True)]
        if any(item.start - 2 < place < item.end + 2 for item in above):
            line_top = -3.0
    else:
        words += line_words(lines, plot)
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
    if thresholds:
        layers.append(
            rows_of({"x": line.value} for line in thresholds)
            .mark_rule(color=Colour.MUTED, strokeWidth=1.5, strokeDash=[2, 3])
            .encode(x=x, y=fixed(alt.YValue, -2), y2=fixed(alt.Y2Value, plot.height))
        )
    if benchmark:
        # The ground's colour on both sides tells the line from the bars.
        layers += [
            rows_of([{"x": benchmark.value}])
            .mark_rule(color=colour, strokeWidth=width)
            .encode(x=x, y=fixed(alt.YValue, line_top), y2=fixed(alt.Y2Value, plot.height))
            for colour, width in ((Colour.GROUND, 4), (Colour.LINE, 2))
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
        benchmark_x=round(plot.left + across(benchmark.value), 1) if benchmark else None,
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
