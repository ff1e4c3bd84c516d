"""The funnel: the organisations' values by size, within the limits of chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import Outlier
from generator.rendering.axes import Plot, Words, funnel_ends, size_words, ticks, unit_title
from generator.rendering.charts.layers import (
    FEWEST_VALUES,
    RUN,
    TICKS,
    TO_BASELINE,
    end_text,
    fixed,
    plate_of,
    rows_of,
)
from generator.rendering.hexagons import cut_curve, group_points
from generator.rendering.numbers import count_text
from generator.rendering.plates import WIDTH, Plate, PlateName, Scale, Summary, fit_text, text_width
from generator.rendering.symbols import Colour

MOST_SINGLE_POINTS = 110
"""Of a funnel's organisations within the limits, or beyond them, so many are drawn one by one."""
MOST_HEXAGONS = 130
"""Otherwise those within the limits share so many hexagons."""
MOST_FLAG_GROUPS = 60
"""And those beyond each of the limits so many diamonds: a plate has at most 300 marks."""

_HEIGHT = 176.0
_HEXAGON = "M0-1L.87-.5V.5L0 1-.87.5V-.5Z"
_FUNNEL_LINES: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("lower_99_8", "upper_99_8"), {"color": Colour.MUTED, "strokeWidth": 1.5}),
    (("lower_95", "upper_95"), {"color": Colour.MUTED, "strokeWidth": 1.5, "strokeDash": [5, 3]}),
    (("centre",), {"color": Colour.LINE, "strokeWidth": 2}),
)
_WITHIN: dict[str, Any] = {"filled": True, "color": Colour.SPREAD}
_ALERTED: dict[str, Any] = {"fill": Colour.GROUND, "stroke": Colour.TEXT, "strokeWidth": 1.8}
_ALARMED: dict[str, Any] = {"fill": Colour.TEXT, "stroke": Colour.GROUND, "strokeWidth": 1}


@dataclass(frozen=True)
class FunnelPoint:
    """One organisation in a funnel."""

    size: float
    value: float
    outlier: Outlier


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


def _draw_funnel(
    metric: Metric, points: Sequence[FunnelPoint], curves: pd.DataFrame, country_label: str, size_label: str
) -> Plate:
    """Return a funnel: the limits and the centre as curves, and above them the organisations."""
    size, value = (np.array([getattr(point, name) for point in points]) for name in ("size", "value"))
    y_domain = funnel_ends(metric, value, curves)
    x_domain = (float(min(size.min(), curves["denominator"].iloc[0])), float(max(size)))
    marks = ticks(*y_domain, TICKS, metric)
    country_label = fit_text(country_label, 84)
    title = unit_title(metric)
    left = round(max(text_width(label) for _, label in marks) + 10, 1)
    right = round(max(text_width(country_label), 8) + 10, 1)
    plot = Plot(
        left=left,
        top=8.0 + (22 if title else 0),
        width=round(WIDTH - left - right, 1),
        height=_HEIGHT,
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
    words = [Words(label, -8, down(tick) + TO_BASELINE, "end", Colour.MUTED) for tick, label in marks]
    words.append(Words(title, -plot.left, 13 - plot.top, "start", Colour.MUTED))
    words += size_words(x_domain, across, plot.height + 18, Colour.MUTED, plot)
    words.append(Words(size_label, plot.width / 2, plot.height + 36, "middle", Colour.MUTED))
    centre = float(curves["centre"].iloc[-1])
    words.append(Words(country_label, plot.width + 6, down(centre) + TO_BASELINE, "start", Colour.LINE))
    layers = [
        rows_of({"y": down(tick)} for tick, _ in marks)
        .mark_rule(color=Colour.RULE, strokeWidth=1)
        .encode(y=y, x=fixed(alt.XValue, 0), x2=fixed(alt.X2Value, plot.width))
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
            layers.append(rows_of(rows).mark_line(**look).encode(x=x, y=y, detail=RUN))
    outliers = np.array([point.outlier for point in points])
    is_grouped = len(points) > MOST_SINGLE_POINTS
    layers += _funnel_points(across(size), down(shown), outliers, is_grouped, x, y)
    return plate_of(
        PlateName.FUNNEL,
        metric,
        plot,
        layers,
        words,
        scale=Scale.SIZES,
        x_domain=x_domain,
        y_domain=y_domain,
        summary=Summary(
            drawn=len(points),
            left_out=0,
            beyond_low=int((value < y_domain[0]).sum()),
            beyond_high=int((value > y_domain[1]).sum()),
            low=end_text(y_domain[0], metric),
            high=end_text(y_domain[1], metric),
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
            rows_of(rows)
            .mark_point(shape=shape, opacity=1, **look)
            .encode(x=x, y=y, size=alt.Size(field="size", type="quantitative", scale=None, legend=None))
        )
    return layers
