"""The drawing of plates: Altair describes them and vl-convert renders them, once for each metric.

Texts of a data package reach Altair as rows of data and in no other way, so that none of them can become an
expression, an address or markup.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any, Literal

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd
import vl_convert

from generator.model.metric import Metric
from generator.model.vocabulary import Kind, Outlier
from generator.rendering.axes import (
    Plot,
    Words,
    bar_edges,
    funnel_ends,
    line_words,
    period_words,
    runs,
    size_words,
    ticks,
    unit_title,
)
from generator.rendering.hexagons import cut_curve, group_points
from generator.rendering.numbers import count_text, round_half_up, with_unit
from generator.rendering.plates import (
    FONT_SIZE,
    WIDTH,
    Bar,
    Note,
    Plate,
    PlateName,
    Scale,
    Summary,
    fit_text,
    symbol_id,
    text_width,
)
from generator.rendering.symbols import Colour, symbol_of

FEWEST_VALUES = 5
"""With fewer values there is no spread to see."""
MOST_LEVELS = 6
MOST_SINGLE_POINTS = 110
"""Of a funnel's organisations within the limits, or beyond them, so many are drawn one by one."""
MOST_HEXAGONS = 130
"""Otherwise those within the limits share so many hexagons."""
MOST_FLAG_GROUPS = 60
"""And those beyond each of the limits so many diamonds: a plate has at most 300 marks."""
MOST_PERIOD_LABELS = 8

_BARS_HEIGHT = 60.0
_LANE_HEIGHT = 30.0
_TREND_HEIGHT = 116.0
_ROW_HEIGHT = 40.0
_FUNNEL_HEIGHT = 176.0
_TICKS = 5
_TO_BASELINE = 4.5
"""How far the baseline of a text lies below its middle."""


@dataclass(frozen=True)
class LabelledValue:
    """A line across a spread, with the words beside it."""

    value: float
    label: str


@dataclass(frozen=True)
class PlatePeriod:
    """A period as an axis names it."""

    period: str
    label: str
    """Short: Q2 2026."""
    end: date


@dataclass(frozen=True)
class SeriesBreak:
    """The first period of a new series, and in a few words why it cannot be compared with those before."""

    period: str
    label: str


@dataclass(frozen=True)
class DatedNote:
    """Something that happened, which a reader of a trend should know of."""

    day: date
    label: str


@dataclass(frozen=True)
class FunnelPoint:
    """One organisation in a funnel."""

    size: float
    value: float
    outlier: Outlier


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
        low=_end_text(low, metric),
        high=_end_text(high, metric),
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


def png(svg: str) -> bytes:
    """Return a drawing as a picture of twice its width, for screens and paper alike."""
    return vl_convert.svg_to_png(svg, scale=2)


def bundle(own: str) -> str:
    """Return one script for browsers: Vega with its parts, and after it our own, which knows `vegaEmbed`."""
    return vl_convert.javascript_bundle(own, vl_version=_VEGALITE)


def bundle_version() -> str:
    """Return what a bundle depends on besides our own script."""
    return f"{version('vl-convert-python')}-{_VEGALITE}"


def draw_trend(
    metric: Metric,
    periods: Sequence[PlatePeriod],
    metric_periods: pd.DataFrame,
    *,
    country_label: str = "",
    breaks: Sequence[SeriesBreak] = (),
    events: Sequence[DatedNote] = (),
    reach: tuple[float, float] | None = None,
) -> Plate | None:
    """Return the country's trend with bands of percentiles, or None where there is nothing to draw over time.

    Periods come in order of time; METRIC_PERIODS holds the country's rows of one metric and breakdown, in any
    order. A period without a row, a value or percentiles leaves a gap. The bands hold the middle 80% and the
    middle 40% of organisations. The scale leaves room for most of the others, or reaches from and to what the
    caller says; organisations beyond it are marked at the edge. A status has no trend plate.
    """
    if metric.kind is Kind.STATUS or len(periods) < 2:
        return None
    names = metric_periods["period"].astype("str")  # a categorical index could not be reordered
    table = metric_periods.set_index(names).reindex([period.period for period in periods])
    table = table[["value", "p10", "p30", "p70", "p90"]].astype("float64")
    ends = _ends(metric, table, reach)
    if ends is None:
        return None
    known_breaks = [item for item in breaks if item.period in table.index[1:]]
    first, last = periods[0].end, periods[-1].end
    known_events = [item for item in events if first <= item.day <= last]
    return _draw_bands(metric, periods, table, ends, country_label, known_breaks, known_events)


def draw_funnel(
    metric: Metric,
    points: Sequence[FunnelPoint],
    curves: pd.DataFrame,
    *,
    country_label: str = "",
    size_label: str = "",
) -> Plate | None:
    """Return the organisations' values by size within the limits of chance, or None without a funnel.

    `curves` are the rows of FUNNELS of this metric, breakdown and period, in order of size. Many
    organisations share hexagons, the larger the more they are; those beyond the limits are diamonds, hollow
    beyond the 95% limits and filled beyond the 99.8% limits, each for itself unless they are many. Values far
    from all others stand on the edge, and the summary says how many they are.
    """
    if len(points) < FEWEST_VALUES or len(curves) < 2:
        return None
    return _draw_funnel(metric, points, curves, country_label, size_label)


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
    x, y = _position(alt.X, (low, high)), _position(alt.Y, y_domain)

    def across(value: float) -> float:
        return (value - low) / (high - low) * plot.width

    marks = ticks(low, high, _TICKS, metric)
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
        _rows({"x": tick} for tick, _ in marks)
        .mark_rule(color=Colour.RULE, strokeWidth=1)
        .encode(x=x, y=_fixed(alt.YValue, 0), y2=_fixed(alt.Y2Value, plot.height + 4)),
        _rows(
            {"x": bar.lower, "x2": bar.upper, "y": bar.organisations}
            for bar in summary.bars
            if bar.organisations
        )
        .mark_bar(color=Colour.SPREAD, stroke=Colour.GROUND, strokeWidth=0.6, binSpacing=0, minBandSize=0)
        .encode(x=x, x2=alt.X2(field="x2"), y=y, y2=alt.Y2Datum(0)),
        _rows([{"y": 0}])
        .mark_rule(color=Colour.EDGE, strokeWidth=1)
        .encode(y=y, x=_fixed(alt.XValue, 0), x2=_fixed(alt.X2Value, plot.width)),
    ]
    if thresholds:
        layers.append(
            _rows({"x": line.value} for line in thresholds)
            .mark_rule(color=Colour.MUTED, strokeWidth=1.5, strokeDash=[2, 3])
            .encode(x=x, y=_fixed(alt.YValue, -2), y2=_fixed(alt.Y2Value, plot.height))
        )
    if benchmark:
        # The ground's colour on both sides tells the line from the bars.
        layers += [
            _rows([{"x": benchmark.value}])
            .mark_rule(color=colour, strokeWidth=width)
            .encode(x=x, y=_fixed(alt.YValue, line_top), y2=_fixed(alt.Y2Value, plot.height))
            for colour, width in ((Colour.GROUND, 4), (Colour.LINE, 2))
        ]
    return Plate(
        name=PlateName.SPREAD,
        metric_id=metric.metric_id,
        width=WIDTH,
        height=plot.plate_height,
        left=plot.left,
        top=plot.top,
        plot_width=plot.width,
        plot_height=plot.height,
        scale=Scale.VALUES,
        x_domain=(low, high),
        y_domain=y_domain,
        symbol=_symbol(PlateName.SPREAD, metric, plot, layers, words),
        summary=summary,
        unit=title,
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
    x, y = _position(alt.X, (0.0, tallest)), _position(alt.Y, (0.5, count + 0.5), reverse=True)
    words = []
    for bar, level in zip(bars, metric.levels, strict=True):
        row = (bar.lower - 1) * _ROW_HEIGHT
        end = bar.organisations / tallest * plot.width
        words.append(Words(fit_text(level, WIDTH - plot.left - 4), 0, row + 14, "start", Colour.TEXT))
        words.append(Words(round_half_up(bar.organisations, 0), end + 6, row + 31, "start", Colour.MUTED))
    layers = [
        _rows({"y": bar.lower + 0.02, "y2": bar.lower + 0.42, "x": bar.organisations} for bar in bars)
        .mark_bar(color=Colour.SPREAD, binSpacing=0, minBandSize=0)
        .encode(y=y, y2=alt.Y2(field="y2"), x=x, x2=alt.X2Datum(0)),
    ]
    return Plate(
        name=PlateName.SPREAD,
        metric_id=metric.metric_id,
        width=WIDTH,
        height=plot.plate_height,
        left=plot.left,
        top=plot.top,
        plot_width=plot.width,
        plot_height=plot.height,
        scale=Scale.LEVELS,
        x_domain=(0.0, tallest),
        y_domain=(count + 0.5, 0.5),
        symbol=_symbol(PlateName.SPREAD, metric, plot, layers, words),
        summary=Summary(drawn, left_out + len(known) - drawn, bars=bars),
        lane=9.0,
    )


def _ends(
    metric: Metric, table: pd.DataFrame, reach: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Return from where to where a trend's scale goes, or None where neither rows nor the caller say so."""
    known = table.to_numpy()[np.isfinite(table.to_numpy())]
    if reach is None and len(known) == 0:
        return None
    found = [*known, *(reach or ())]
    low, high = float(min(found)), float(max(found))
    is_below_zero = low < 0
    if reach is None:
        # Of values spread as a bell, about 1 in 100 lies further out than this at either end.
        room = 0.4 * np.nan_to_num((table["p90"] - table["p10"]).max())
        low, high = low - room, high + room
    if not is_below_zero:
        low = max(low, 0.0)
    if metric.kind is Kind.PROPORTION:
        high = max(min(high, metric.multiplier), max(known, default=0.0))
    unit = 10.0**-metric.decimals
    low, high = math.floor(low / unit + 1e-9) * unit, math.ceil(high / unit - 1e-9) * unit
    if high - low < 2 * unit:
        low, high = low - unit if is_below_zero else max(low - unit, 0.0), high + unit
        if metric.kind is Kind.PROPORTION and low < metric.multiplier:
            high = min(high, metric.multiplier)
    return round(low, 10), round(high, 10)


def _draw_bands(
    metric: Metric,
    periods: Sequence[PlatePeriod],
    table: pd.DataFrame,
    y_domain: tuple[float, float],
    country_label: str,
    breaks: Sequence[SeriesBreak],
    events: Sequence[DatedNote],
) -> Plate:
    """Return a trend: bands, the country's line, and dashed lines where something changed."""
    marks = ticks(*y_domain, _TICKS, metric)
    country_label = fit_text(country_label, 84)
    tick_width = max(text_width(label) for _, label in marks)
    title = unit_title(metric)
    left, right = (
        round(tick_width + 10, 1),
        round(max(text_width(country_label), tick_width * 1.12 + 10) + 10, 1),
    )
    plot = Plot(
        left=left,
        top=8.0 + (22 if title else 0) + (17 if breaks or events else 0),
        width=round(WIDTH - left - right, 1),
        height=_TREND_HEIGHT,
        bottom=26.0,
    )
    days = [period.end.toordinal() for period in periods]
    x_domain = (float(days[0]), float(max(days[-1], days[0] + 1)))
    inset = 8.0

    def across(day: float) -> float:
        return inset + (day - x_domain[0]) / (x_domain[1] - x_domain[0]) * (plot.width - 2 * inset)

    def down(value: float) -> float:
        return (y_domain[1] - value) / (y_domain[1] - y_domain[0]) * plot.height

    x, y = _position(alt.X, x_domain, ends=(inset, plot.width - inset)), _position(alt.Y, y_domain)
    begins = table.index.isin([item.period for item in breaks])
    layers = [
        _rows({"y": tick} for tick, _ in marks)
        .mark_rule(color=Colour.RULE, strokeWidth=1)
        .encode(y=y, x=_fixed(alt.XValue, 0), x2=_fixed(alt.X2Value, plot.width)),
        *_band_layers(days, table["p10"], table["p90"], begins, _OUTER, x, y),
        *_band_layers(days, table["p30"], table["p70"], begins, _INNER, x, y),
        *_line_layers(days, table["value"], begins, x, y),
    ]
    order = list(table.index)
    notes = tuple(
        Note(number, item.day, item.label)
        for number, item in enumerate(sorted(events, key=lambda item: item.day), start=1)
    )
    # The labels of events are too long for a line of their own: numbers stand for them.
    changes = [
        (sum(days[order.index(item.period) - 1 :][:2]) / 2, item.label, _BREAK_DASH) for item in breaks
    ] + [(float(note.day.toordinal()), str(note.number), _EVENT_DASH) for note in notes]
    for dash in (_BREAK_DASH, _EVENT_DASH):
        rows = [{"x": day} for day, _, its_dash in changes if its_dash is dash]
        if rows:
            layers.append(
                _rows(rows)
                .mark_rule(color=Colour.MUTED, strokeWidth=1.5, strokeDash=dash)
                .encode(x=x, y=_fixed(alt.YValue, -3), y2=_fixed(alt.Y2Value, plot.height))
            )
    words = [Words(label, -8, down(tick) + _TO_BASELINE, "end", Colour.MUTED) for tick, label in marks]
    words.append(Words(title, -plot.left, 13 - plot.top, "start", Colour.MUTED))
    words += line_words(
        [Words(fit_text(label, 230), across(day), -7, "middle", Colour.MUTED) for day, label, _ in changes],
        plot,
    )
    words += period_words(
        [period.label for period in periods],
        [f"{period.end:%m/%Y}" for period in periods],
        [across(day) for day in days],
        plot.height + 20,
        MOST_PERIOD_LABELS,
        Colour.MUTED,
        plot,
    )
    last = float(table["value"].iloc[-1])
    is_named = bool(country_label) and math.isfinite(last)
    if is_named:
        words.append(Words(country_label, plot.width + 6, down(last) + _TO_BASELINE, "start", Colour.LINE))
    known = int(table["value"].notna().sum())
    return Plate(
        name=PlateName.TREND,
        metric_id=metric.metric_id,
        width=WIDTH,
        height=plot.plate_height,
        left=plot.left,
        top=plot.top,
        plot_width=plot.width,
        plot_height=plot.height,
        scale=Scale.PERIODS,
        x_domain=x_domain,
        y_domain=y_domain,
        symbol=_symbol(PlateName.TREND, metric, plot, layers, words),
        summary=Summary(
            known,
            len(periods) - known,
            low=_end_text(y_domain[0], metric),
            high=_end_text(y_domain[1], metric),
        ),
        unit=title,
        positions={
            period.period: round(plot.left + across(day), 1)
            for period, day in zip(periods, days, strict=True)
        },
        breaks=frozenset(item.period for item in breaks),
        country_label_y=round(plot.top + down(last) + _TO_BASELINE, 1) if is_named else None,
        notes=notes,
    )


def _draw_funnel(
    metric: Metric, points: Sequence[FunnelPoint], curves: pd.DataFrame, country_label: str, size_label: str
) -> Plate:
    """Return a funnel: the limits and the centre as curves, and above them the organisations."""
    size, value = (np.array([getattr(point, name) for point in points]) for name in ("size", "value"))
    y_domain = funnel_ends(metric, value, curves)
    x_domain = (float(min(size.min(), curves["denominator"].iloc[0])), float(max(size)))
    marks = ticks(*y_domain, _TICKS, metric)
    country_label = fit_text(country_label, 84)
    title = unit_title(metric)
    left = round(max(text_width(label) for _, label in marks) + 10, 1)
    right = round(max(text_width(country_label), 8) + 10, 1)
    plot = Plot(
        left=left,
        top=8.0 + (22 if title else 0),
        width=round(WIDTH - left - right, 1),
        height=_FUNNEL_HEIGHT,
        bottom=42.0,
    )
    roots = math.sqrt(x_domain[0]), math.sqrt(x_domain[1])
    inset = 8.0

    def across(sizes: Any) -> Any:
        return inset + (np.sqrt(sizes) - roots[0]) / (roots[1] - roots[0]) * (plot.width - 2 * inset)

    def down(values: Any) -> Any:
        return (y_domain[1] - values) / (y_domain[1] - y_domain[0]) * plot.height

    x, y = (
        alt.X(field="x", type="quantitative", scale=None),
        alt.Y(field="y", type="quantitative", scale=None),
    )
    shown = np.clip(value, *y_domain)
    words = [Words(label, -8, down(tick) + _TO_BASELINE, "end", Colour.MUTED) for tick, label in marks]
    words.append(Words(title, -plot.left, 13 - plot.top, "start", Colour.MUTED))
    words += size_words(x_domain, across, plot.height + 18, Colour.MUTED, plot)
    words.append(Words(size_label, plot.width / 2, plot.height + 36, "middle", Colour.MUTED))
    centre = float(curves["centre"].iloc[-1])
    words.append(Words(country_label, plot.width + 6, down(centre) + _TO_BASELINE, "start", Colour.LINE))
    layers = [
        _rows({"y": down(tick)} for tick, _ in marks)
        .mark_rule(color=Colour.RULE, strokeWidth=1)
        .encode(y=y, x=_fixed(alt.XValue, 0), x2=_fixed(alt.X2Value, plot.width))
    ]
    along = across(curves["denominator"].to_numpy())
    for names, look in _FUNNEL_LINES:
        parts = [
            part
            for name in names
            for part in cut_curve(along, down(curves[name].to_numpy()), 0.0, plot.height)
        ]
        rows = [
            {"x": round(at, 2), "y": round(height, 2), "run": run}
            for run, part in enumerate(parts)
            for at, height in part
        ]
        if rows:
            layers.append(_rows(rows).mark_line(**look).encode(x=x, y=y, detail=_RUN))
    outliers = np.array([point.outlier for point in points])
    is_grouped = len(points) > MOST_SINGLE_POINTS
    layers += _funnel_points(across(size), down(shown), outliers, is_grouped, x, y)
    return Plate(
        name=PlateName.FUNNEL,
        metric_id=metric.metric_id,
        width=WIDTH,
        height=plot.plate_height,
        left=plot.left,
        top=plot.top,
        plot_width=plot.width,
        plot_height=plot.height,
        scale=Scale.SIZES,
        x_domain=x_domain,
        y_domain=y_domain,
        symbol=_symbol(PlateName.FUNNEL, metric, plot, layers, words),
        summary=Summary(
            drawn=len(points),
            left_out=0,
            beyond_low=int((value < y_domain[0]).sum()),
            beyond_high=int((value > y_domain[1]).sum()),
            low=_end_text(y_domain[0], metric),
            high=_end_text(y_domain[1], metric),
            smallest=count_text(float(size.min())),
            largest=count_text(float(size.max())),
            is_grouped=is_grouped,
        ),
        unit=title,
    )


def _funnel_points(
    across: npt.NDArray[np.float64],
    down: npt.NDArray[np.float64],
    outliers: npt.NDArray[Any],
    is_grouped: bool,
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    """Return the organisations of a funnel, those beyond the limits above the others."""
    layers = []
    inside = outliers == Outlier.NONE
    flagged_many = int((~inside).sum()) > MOST_SINGLE_POINTS
    for chosen, look, size, grouped in (
        (inside, _WITHIN, 26.0, is_grouped),
        (np.isin(outliers, (Outlier.ALERT_LOW, Outlier.ALERT_HIGH)), _ALERTED, 52.0, flagged_many),
        (np.isin(outliers, (Outlier.ALARM_LOW, Outlier.ALARM_HIGH)), _ALARMED, 64.0, flagged_many),
    ):
        if not chosen.any():
            continue
        if grouped:
            most = MOST_HEXAGONS if chosen is inside else MOST_FLAG_GROUPS
            hexagons = group_points(across[chosen], down[chosen], most)
            share = np.sqrt(hexagons.points / hexagons.points.max())
            # Vega takes a symbol's size as the area of a square; its side is twice the radius.
            sizes = (2 * hexagons.radius * (0.35 + 0.65 * share)) ** 2
            places = zip(hexagons.x.tolist(), hexagons.y.tolist(), sizes.tolist(), strict=True)
        else:
            places = zip(
                across[chosen].tolist(), down[chosen].tolist(), [size] * int(chosen.sum()), strict=True
            )
        rows = [
            {"x": round(at, 1), "y": round(height, 1), "size": round(its, 1)} for at, height, its in places
        ]
        shape = _HEXAGON if grouped and chosen is inside else "circle" if chosen is inside else "diamond"
        layers.append(
            _rows(rows)
            .mark_point(shape=shape, opacity=1, **look)
            .encode(x=x, y=y, size=alt.Size(field="size", type="quantitative", scale=None, legend=None))
        )
    return layers


def _band_layers(
    days: Sequence[int],
    low: pd.Series[float],
    high: pd.Series[float],
    begins: npt.NDArray[np.bool_],
    look: tuple[Colour, float],
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    """Return a band: an area for each run of periods, a stroke for a period on its own."""
    colour, opacity = look
    joined, alone = runs((low.notna() & high.notna()).to_numpy(), begins)
    rows = [
        {"x": days[place], "y": float(low.iloc[place]), "y2": float(high.iloc[place]), "run": run}
        for run, places in enumerate(joined)
        for place in places
    ]
    strokes = [
        {"x": days[place], "y": float(low.iloc[place]), "y2": float(high.iloc[place])} for place in alone
    ]
    y2 = alt.Y2(field="y2")
    areas = _rows(rows).mark_area(color=colour, fillOpacity=opacity).encode(x=x, y=y, y2=y2, detail=_RUN)
    rules = (
        _rows(strokes).mark_rule(color=colour, strokeWidth=10, strokeOpacity=opacity).encode(x=x, y=y, y2=y2)
    )
    return [layer for layer, its_rows in ((areas, rows), (rules, strokes)) if its_rows]


def _line_layers(
    days: Sequence[int], values: pd.Series[float], begins: npt.NDArray[np.bool_], x: alt.X, y: alt.Y
) -> list[alt.Chart]:
    """Return the country's line: a line for each run of periods, a short stroke for a period on its own."""
    joined, alone = runs(values.notna().to_numpy(), begins)
    rows = [
        {"x": days[place], "y": float(values.iloc[place]), "run": run}
        for run, places in enumerate(joined)
        for place in places
    ]
    dots = [{"x": days[place], "y": float(values.iloc[place])} for place in alone]
    lines = _rows(rows).mark_line(color=Colour.LINE, strokeWidth=2).encode(x=x, y=y, detail=_RUN)
    points = (
        _rows(dots)
        .mark_point(color=Colour.LINE, shape="stroke", size=100, strokeWidth=2, opacity=1)
        .encode(x=x, y=y)
    )
    return [layer for layer, its_rows in ((lines, rows), (points, dots)) if its_rows]


def _text_layers(words: Iterable[Words], plot: Plot) -> list[alt.Chart]:
    """Return a layer for each way of setting text; the texts themselves are rows of data.

    A line of the surface's colour around the letters keeps them readable over other marks.
    """
    groups: dict[tuple[str, str, bool], list[dict[str, Any]]] = {}
    for item in (item.kept_on(plot) for item in words if item.text):
        rows = groups.setdefault((item.anchor, item.colour, item.is_bold), [])
        rows.append({"x": round(item.x, 2), "y": round(item.y, 2), "text": item.text})
    x = alt.X(field="x", type="quantitative", scale=None)
    y = alt.Y(field="y", type="quantitative", scale=None)
    text = alt.Text(field="text", type="nominal")
    return [
        _rows(rows)
        .mark_text(
            align=_ALIGN[anchor],
            baseline="alphabetic",
            color=colour,
            fontSize=FONT_SIZE,
            fontWeight="bold" if is_bold else "normal",
            stroke=Colour.GROUND,
            strokeWidth=3,
            strokeJoin="round",
        )
        .encode(x=x, y=y, text=text)
        for (anchor, colour, is_bold), rows in groups.items()
    ]


def _symbol(
    name: PlateName, metric: Metric, plot: Plot, layers: Sequence[alt.Chart], words: Iterable[Words]
) -> str:
    """Return the layers, and the words above them, as a symbol."""
    chart = alt.layer(*layers, *_text_layers(words, plot)).properties(
        width=plot.width,
        height=plot.height,
        padding={"left": plot.left, "top": plot.top, "right": plot.right, "bottom": plot.bottom},
        autosize="none",
        background="transparent",
        # What screen readers say is written by the page, which knows the organisation's own value.
        config=alt.Config(aria=False, font="sans-serif", view=alt.ViewConfig(stroke=None)),
    )
    # Each part was checked as it was made; checking the whole once more would take as long as drawing it.
    specification = chart.to_dict(validate=False)
    svg = vl_convert.vegalite_to_svg(specification, vl_version=_VEGALITE, allowed_base_urls=[])
    return symbol_of(svg, symbol_id(name, metric.metric_id), plot.plate_height)


def _rows(rows: Iterable[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(rows)))


def _position(
    channel: Callable[..., Any],
    domain: tuple[float, float],
    *,
    ends: tuple[float, float] | None = None,
    reverse: bool = False,
) -> Any:
    """Return a position by value, on a fixed domain and without an axis: plates write their own."""
    scale: dict[str, Any] = {"domain": list(domain), "nice": False, "zero": False}
    if ends:
        scale["range"] = list(ends)
    if reverse:
        scale["reverse"] = True
    field = "x" if channel is alt.X else "y"
    return channel(field=field, type="quantitative", axis=None, scale=alt.Scale(**scale))


def _fixed(channel: Callable[..., Any], place: float) -> Any:
    """Return a position in plate pixels from the plot's corner."""
    return channel(place)


def _end_text(value: float, metric: Metric) -> str:
    """Return an end of a scale as it is printed, with its unit."""
    decimals = metric.decimals if round(value, metric.decimals) == value else metric.decimals + 1
    text = round_half_up(value, decimals)
    return with_unit(text.rstrip("0").rstrip(".") if "." in text else text, metric)


_LEFT, _RIGHT = "\u2039", "\u203a"
_RUN = alt.Detail(field="run", type="nominal")
_OUTER, _INNER = (Colour.BAND, 1.0), (Colour.SPREAD, 0.4)
_BREAK_DASH = [5, 3]
_EVENT_DASH = [1, 3]
_HEXAGON = "M0-1L.87-.5V.5L0 1-.87.5V-.5Z"
_FUNNEL_LINES: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("lower_99_8", "upper_99_8"), {"color": Colour.MUTED, "strokeWidth": 1.5}),
    (("lower_95", "upper_95"), {"color": Colour.MUTED, "strokeWidth": 1.5, "strokeDash": [5, 3]}),
    (("centre",), {"color": Colour.LINE, "strokeWidth": 2}),
)
_WITHIN: dict[str, Any] = {"filled": True, "color": Colour.SPREAD}
_ALERTED: dict[str, Any] = {"fill": Colour.GROUND, "stroke": Colour.TEXT, "strokeWidth": 1.8}
_ALARMED: dict[str, Any] = {"fill": Colour.TEXT, "stroke": Colour.GROUND, "strokeWidth": 1}
_ALIGN: dict[str, Literal["left", "center", "right"]] = {"start": "left", "middle": "center", "end": "right"}
_VEGALITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
