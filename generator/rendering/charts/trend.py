"""The trend: the country's value over time, within bands of percentiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import Kind
from generator.rendering.axes import (
    Plot,
    Words,
    line_words,
    period_words,
    runs,
    ticks,
    unit_title,
    year_words,
)
from generator.rendering.charts.layers import (
    RUN,
    TICKS,
    TO_BASELINE,
    end_text,
    fixed,
    plate_of,
    position,
    rows_of,
)
from generator.rendering.plates import WIDTH, Note, Plate, PlateName, Scale, Summary, fit_text, text_width
from generator.rendering.symbols import Colour

MOST_PERIOD_LABELS = 8

_HEIGHT = 116.0
_OUTER, _INNER = (Colour.BAND, 1.0), (Colour.SPREAD, 0.4)
_BREAK_DASH = [5, 3]
_EVENT_DASH = [1, 3]


@dataclass(frozen=True)
class PlatePeriod:
    """A period as an axis names it."""

    period: str
    label: str
    """Short: Q2 2026."""
    end: date
    start: date | None = None
    """Its first day; None where it is a single day, or not known."""

    @property
    def middle(self) -> date:
        """The day in its middle, where its value stands: what happened in it lies on either side."""
        return self.end if self.start is None else self.start + (self.end - self.start) / 2


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
    first, last = periods[0].middle, periods[-1].middle
    known_events = [item for item in events if first <= item.day <= last]
    return _draw_bands(metric, periods, table, ends, country_label, known_breaks, known_events)


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
    marks = ticks(*y_domain, TICKS, metric)
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
        height=_HEIGHT,
        bottom=26.0,
    )
    days = [period.middle.toordinal() for period in periods]
    x_domain = (float(days[0]), float(max(days[-1], days[0] + 1)))
    inset = 8.0

    def across(day: float) -> float:
        return inset + (day - x_domain[0]) / (x_domain[1] - x_domain[0]) * (plot.width - 2 * inset)

    def down(value: float) -> float:
        return (y_domain[1] - value) / (y_domain[1] - y_domain[0]) * plot.height

    x, y = position(alt.X, x_domain, ends=(inset, plot.width - inset)), position(alt.Y, y_domain)
    begins = table.index.isin([item.period for item in breaks])
    layers = [
        rows_of({"y": tick} for tick, _ in marks)
        .mark_rule(color=Colour.RULE, strokeWidth=1)
        .encode(y=y, x=fixed(alt.XValue, 0), x2=fixed(alt.X2Value, plot.width)),
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
                rows_of(rows)
                .mark_rule(color=Colour.MUTED, strokeWidth=1.5, strokeDash=dash)
                .encode(x=x, y=fixed(alt.YValue, -3), y2=fixed(alt.Y2Value, plot.height))
            )
    words = [Words(label, -8, down(tick) + TO_BASELINE, "end", Colour.MUTED) for tick, label in marks]
    words.append(Words(title, -plot.left, 13 - plot.top, "start", Colour.MUTED))
    words += line_words(
        [Words(fit_text(label, 230), across(day), -7, "middle", Colour.MUTED) for day, label, _ in changes],
        plot,
    )
    middles = [period.middle for period in periods]
    if len(periods) > 1.5 * len({middle.year for middle in middles}):
        named, begins_of_years = year_words(middles, across, plot.height + 20, Colour.MUTED, plot)
        words += named
        layers.append(
            rows_of({"x": round(place, 1)} for place in begins_of_years)
            .mark_rule(color=Colour.EDGE, strokeWidth=1)
            .encode(
                x=alt.X(field="x", type="quantitative", scale=None),
                y=fixed(alt.YValue, plot.height),
                y2=fixed(alt.Y2Value, plot.height + 8),
            )
        )
    else:
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
        words.append(Words(country_label, plot.width + 6, down(last) + TO_BASELINE, "start", Colour.LINE))
    known = int(table["value"].notna().sum())
    plate = plate_of(
        PlateName.TREND,
        metric,
        plot,
        layers,
        words,
        scale=Scale.PERIODS,
        x_domain=x_domain,
        y_domain=y_domain,
        summary=Summary(
            known,
            len(periods) - known,
            low=end_text(y_domain[0], metric),
            high=end_text(y_domain[1], metric),
            has_bands=bool((table["p10"].notna() & table["p90"].notna()).any()),
        ),
        unit=title,
    )
    return replace(
        plate,
        positions={
            period.period: round(plot.left + across(day), 1)
            for period, day in zip(periods, days, strict=True)
        },
        breaks=frozenset(item.period for item in breaks),
        country_label_y=round(plot.top + down(last) + TO_BASELINE, 1) if is_named else None,
        notes=notes,
    )


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
    areas = rows_of(rows).mark_area(color=colour, fillOpacity=opacity).encode(x=x, y=y, y2=y2, detail=RUN)
    rules = (
        rows_of(strokes)
        .mark_rule(color=colour, strokeWidth=10, strokeOpacity=opacity)
        .encode(x=x, y=y, y2=y2)
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
    lines = rows_of(rows).mark_line(color=Colour.LINE, strokeWidth=2).encode(x=x, y=y, detail=RUN)
    points = (
        rows_of(dots)
        .mark_point(color=Colour.LINE, shape="stroke", size=100, strokeWidth=2, opacity=1)
        .encode(x=x, y=y)
    )
    return [layer for layer, its_rows in ((lines, rows), (points, dots)) if its_rows]
