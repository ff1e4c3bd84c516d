"""Specifications of the charts that readers explore: Vega-Lite of our own making.

A specification consists of keys from a closed list. Texts of a data package stand in it as rows of data and
as titles of axes, where nothing evaluates them; it names no address to load anything from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.rendering.plates import pixels

Row = Mapping[str, str | float | int | None]

WIDTH, HEIGHT = 640, 360
"""Size of the chart where nothing else is said; the frame gives it all the room there is."""

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""Names the grammar. Nothing loads it."""


@dataclass(frozen=True)
class Position:
    """What gives the points their place along one axis."""

    field: str
    title: str
    domain: tuple[float, float] | None = None
    """Where the axis begins and ends; None where the data say it."""
    kind: str = "quantitative"
    """How Vega-Lite reads it: quantitative, temporal (ISO dates, read in UTC) or nominal."""
    order: tuple[str, ...] = ()
    """The names of a nominal axis, in order."""
    is_root: bool = False
    """Whether it goes by the square root, as sizes do."""
    is_whole: bool = False
    """Whether only whole numbers make sense."""
    is_silent: bool = False
    """Whether it only keeps the rows apart: an axis without labels."""

    @property
    def encoding(self) -> dict[str, Any]:
        """The channel's definition."""
        axis: dict[str, Any] = {"labelOverlap": True}
        scale: dict[str, Any] = {}
        if self.kind == "quantitative":
            scale = {"nice": False, "zero": False}
        if self.is_root:
            scale |= {"type": "sqrt"}
        if self.kind == "temporal":
            scale = {"type": "utc", "padding": 12}
            axis["format"] = "%m/%Y"
        if self.is_whole:
            axis |= {"format": "d", "tickMinStep": 1}
        if self.is_silent:
            axis |= {"labels": False, "ticks": False, "grid": False}
        if self.domain:
            scale["domain"] = list(self.domain)
        if self.order:
            # As a domain, not as an order: Vega-Lite would make an expression of that.
            scale["domain"] = list(self.order)
        encoding: dict[str, Any] = {"field": self.field, "type": self.kind, "title": self.title, "axis": axis}
        if scale:
            encoding["scale"] = scale
        return encoding


@dataclass(frozen=True)
class Chart:
    """A chart to explore: a point for each row, what stands behind the points, and where they lie."""

    rows: Sequence[Row]
    x: Position
    y: Position
    labels: Mapping[str, str]
    """What is said about a point: the row's field to the name that readers know it by."""
    size: float = 60.0
    """Area of a point, in square pixels."""
    style: str = "spread"
    behind: Sequence[Mapping[str, Any]] = ()
    """Layers below the points."""
    above: Sequence[Mapping[str, Any]] = ()
    extra: Mapping[str, Sequence[Row]] | None = None
    """Rows of other layers, by the name under which these know them."""


def specification(chart: Chart, description: str, palette: Mapping[str, str]) -> dict[str, Any]:
    """Return the chart in Vega-Lite, with its data. Styles have the names of the page's colours."""
    position = {"x": chart.x.encoding, "y": chart.y.encoding}
    zoomed = [axis for axis, place in (("x", chart.x), ("y", chart.y)) if place.kind != "nominal"]
    points = {
        "name": "points",
        "data": {"name": "points"},
        "params": [
            {"name": "zoom", "select": {"type": "interval", "encodings": zoomed}, "bind": "scales"},
            {
                "name": "near",
                "select": {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"},
            },
        ],
        "mark": {
            "type": "circle",
            "style": chart.style,
            "size": round(chart.size, 1),
            "opacity": 1,
            "clip": True,
        },
        "encoding": {
            **position,
            # Without their names: Vega-Lite would write them into an expression.
            "tooltip": [{"field": field, "type": "nominal"} for field in chart.labels],
        },
    }
    picked = {
        "name": "picked",
        "data": {"name": "picked"},
        "mark": {
            "type": "point",
            "style": "accent",
            "size": 260,
            "strokeWidth": 3,
            "opacity": 1,
            "clip": True,
        },
        "encoding": position,
    }
    has_names = "code" in chart.labels
    return {
        "$schema": SCHEMA,
        "description": description,
        "width": WIDTH,
        "height": HEIGHT,
        "usermeta": {"labels": dict(chart.labels)},
        "datasets": {
            "points": [dict(row) for row in chart.rows],
            # Empty until a reader looks for an organisation.
            **({"picked": []} if has_names else {}),
            **{name: [dict(row) for row in rows] for name, rows in (chart.extra or {}).items()},
        },
        "layer": [*chart.behind, points, *chart.above, *([picked] if has_names else [])],
        "config": {
            "background": palette["ground"],
            "font": "sans-serif",
            # What screen readers say is written by the page. Vega-Lite would make expressions of titles.
            "aria": False,
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "grid": True},
            "view": {"stroke": None},
            "style": {name: {"color": palette[name]} for name in STYLES},
        },
    }


def lines_across(
    x: Position, lines: Sequence[tuple[float, str]]
) -> tuple[list[Mapping[str, Any]], dict[str, Sequence[Row]]]:
    """Return the layers of upright lines at values, each with its name at the top, and their data."""
    layers: list[Mapping[str, Any]] = []
    data: dict[str, Sequence[Row]] = {}
    for number, (value, label) in enumerate(lines):
        name = f"benchmark{number or ''}"
        goes_right = _has_room_right(x, value, [other for other, _ in lines])
        layers += [
            {
                "data": {"name": name},
                "mark": {"type": "rule", "style": "line", "strokeWidth": 2, "clip": True},
                "encoding": {"x": x.encoding},
            },
            {
                "data": {"name": name},
                "mark": {
                    "type": "text", "style": "text", "align": "left" if goes_right else "right",
                    "baseline": "top", "dx": 5 if goes_right else -5, "fontSize": 12, "fontWeight": "bold",
                    "clip": True,
                },
                "encoding": {
                    "x": x.encoding,
                    "y": {"value": 2 + 15 * number},
                    "text": {"field": "label", "type": "nominal"},
                },
            },
        ]  # fmt: skip
        data[name] = ({x.field: value, "label": label},)
    return layers, data


def _has_room_right(x: Position, value: float, lines: Sequence[float]) -> bool:
    """Return whether a line's name stands right of it: away from another line, unless the edge is near."""
    if x.domain is None:
        return True
    share = (value - x.domain[0]) / (x.domain[1] - x.domain[0])
    if len(lines) == 1 or not _NEAR_EDGE < share < 1 - _NEAR_EDGE:
        return share < 0.5
    return value == max(lines)


def interval(x: Position, y: Position) -> dict[str, Any]:
    """Return a layer with a line from the lower to the upper limit of each point that has them."""
    encoding = {"x": {**x.encoding, "field": "lower"}, "x2": {"field": "upper"}, "y": y.encoding}
    mark = {"type": "rule", "style": "muted", "strokeWidth": 1.5, "clip": True}
    return {"data": {"name": "points"}, "mark": mark, "encoding": encoding}


def rings(x: Position, y: Position) -> dict[str, Any]:
    """Return a layer with a ring around each of the marked points."""
    mark = {"type": "point", "style": "text", "size": 160, "strokeWidth": 1.5, "clip": True}
    return {"data": {"name": "marked"}, "mark": mark, "encoding": {"x": x.encoding, "y": y.encoding}}


def band(
    x: Position, y: Position, ends: tuple[str, str], style: str, opacity: float, *, by: str = "run"
) -> dict[str, Any]:
    """Return a layer that shades what lies between two fields; missing values and new series leave a gap."""
    encoding = {
        "x": x.encoding,
        "y": {**y.encoding, "field": ends[0]},
        "y2": {"field": ends[1], "title": y.title},
        "detail": {"field": by, "type": "nominal"},
    }
    mark = {"type": "area", "style": style, "opacity": opacity, "clip": True}
    return {"data": {"name": "points"}, "mark": mark, "encoding": encoding}


def line(
    x: Position, y: Position, field: str = "", *, by: str = "run", dash: tuple[int, ...] = ()
) -> dict[str, Any]:
    """Return a layer with the line through the points, or through another field of theirs.

    Missing values and new series, which `by` tells apart, leave a gap.
    """
    encoding = {
        "x": x.encoding,
        "y": {**y.encoding, "field": field or y.field},
        "detail": {"field": by, "type": "nominal"},
    }
    mark: dict[str, Any] = {"type": "line", "style": "line", "strokeWidth": 2, "clip": True}
    if dash:
        mark["strokeDash"] = list(dash)
    return {"data": {"name": "points"}, "mark": mark, "encoding": encoding}


def curve(x: Position, y: Position, field: str, dash: tuple[int, ...] = ()) -> dict[str, Any]:
    """Return a layer with a line through one field of the limits."""
    mark: dict[str, Any] = {"type": "line", "style": "line", "strokeWidth": 1.5, "clip": True}
    if dash:
        mark["strokeDash"] = list(dash)
    return {
        "data": {"name": "limits"},
        "mark": mark,
        "encoding": {"x": x.encoding, "y": {**y.encoding, "field": field}},
    }


def point_size(height: float, tallest: float, columns: int) -> float:
    """Return the area of points that stand on each other: they touch neither above nor beside."""
    across = max(0.85 * min(height / max(tallest, 1), WIDTH / max(columns, 1)), 2.0)
    return float(pixels(math.pi / 4 * across**2))


_NEAR_EDGE = 0.2
"""Where a line's name may have no room on one side, as a share of the chart's width."""

STYLES = ("accent", "band", "line", "muted", "spread", "text")
"""The page's colours that marks have, by the names they have there."""
