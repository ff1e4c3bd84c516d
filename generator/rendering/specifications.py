"""Specifications of the charts that readers explore: Vega-Lite of our own making, and what is never in one.

A specification consists of keys from a closed list. Texts of a data package stand in it as rows of data and
as titles of axes, where nothing evaluates them; it names no address to load anything from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.errors import ExitStatus, Finding
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
        # Where there is more room.
        is_left = x.domain is None or value < sum(x.domain) / 2
        layers += [
            {
                "data": {"name": name},
                "mark": {"type": "rule", "style": "line", "strokeWidth": 2, "clip": True},
                "encoding": {"x": x.encoding},
            },
            {
                "data": {"name": name},
                "mark": {
                    "type": "text", "style": "text", "align": "left" if is_left else "right",
                    "baseline": "top", "dx": 5 if is_left else -5, "fontSize": 12, "fontWeight": "bold",
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


def faults_of(path: str, chart: Mapping[str, Any], rows: int) -> Iterator[Finding]:
    """Yield what a specification must not have, and a row of the chart's table that would be no point.

    `rows` is how many rows the table beside the chart has.
    """
    yield from _foreign_keys(path, chart)
    points = chart["datasets"]["points"]
    layer = next(layer for layer in chart["layer"] if layer.get("name") == "points")
    fields = [layer["encoding"][axis]["field"] for axis in ("x", "y")]
    for number, row in enumerate(points, start=2):
        for field, value in row.items():
            is_needed = field in fields
            if value is None and not is_needed:
                continue
            if value is None or (isinstance(value, float) and not math.isfinite(value)):
                yield _fault("RND_POINT_COUNT", path, field, "no finite number", row=number)
    if len(points) != rows:
        yield _fault("RND_POINT_COUNT", path, "", f"{len(points):,} points for {rows:,} rows of the table")


def _foreign_keys(path: str, chart: Mapping[str, Any]) -> Iterator[Finding]:
    for place, key, value in _keys("", chart):
        name = f"{place}.{key}" if place else key
        if key in _REMOTE:
            yield _fault("RND_REMOTE_DATA", path, name, "data or a picture from an address")
        elif key not in _KEYS:
            yield _fault("RND_SPEC", path, name, "not one of the keys that charts have")
        elif key == "$schema" and value != SCHEMA:
            yield _fault("RND_SPEC", path, name, "not the grammar that charts are written in")
        elif key == "data" and set(value) != {"name"}:
            yield _fault("RND_SPEC", path, name, "not one of the chart's own tables")
    for field, label in chart["usermeta"]["labels"].items():
        if field not in _FIELDS or not isinstance(label, str):
            yield _fault("RND_SPEC", path, f"usermeta.labels.{field}", "not a cell that charts have")
    for table, rows in chart["datasets"].items():
        for number, row in enumerate(rows, start=2):
            for field, value in row.items():
                if field not in _FIELDS or not isinstance(value, str | float | int | None):
                    yield _fault(
                        "RND_SPEC", path, f"{table}.{field}", "not a cell that charts have", row=number
                    )


def _keys(place: str, value: object) -> Iterator[tuple[str, str, Any]]:
    """Yield every key with its place and value, but for those of data, and names of styles."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield place, key, inner
            if key == "style" and isinstance(inner, Mapping):
                for style in inner.values():
                    yield from _keys(f"{place}.{key}", style)
            elif key not in ("datasets", "usermeta"):
                yield from _keys(f"{place}.{key}" if place else key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(place, inner)


def _fault(code: str, path: str, column: str, reason: str, *, row: int | None = None) -> Finding:
    return Finding(path, row, column, reason, code=code, advice=_ADVICE[code], status=ExitStatus.RENDERING)


def point_size(height: float, tallest: float, columns: int) -> float:
    """Return the area of points that stand on each other: they touch neither above nor beside."""
    across = max(0.85 * min(height / max(tallest, 1), WIDTH / max(columns, 1)), 2.0)
    return float(pixels(math.pi / 4 * across**2))


STYLES = ("accent", "band", "line", "muted", "spread", "text")
"""The page's colours that marks have, by the names they have there."""

_ADVICE = {
    "RND_SPEC": "A fault of Candour, not of the data: charts are made of a closed list of keys.",
    "RND_REMOTE_DATA": "A fault of Candour, not of the data: charts carry their data. Nothing was asked for.",
    "RND_POINT_COUNT": "A fault of Candour, not of the data: each row of a chart's table is one point of it.",
}
_REMOTE = frozenset({"url", "href"})
_FIELDS = frozenset(
    {"code", "name", "value", "middle", "place", "level", "shown", "range", "label", "period", "end"}
    | {"lower", "upper", "mean", "segment", "target", "aim"}
    | {"run", "p10", "p30", "p70", "p90", "inner", "outer", "size"}
    | {"lower_99_8", "lower_95", "centre", "upper_95", "upper_99_8"}
)
_KEYS = frozenset(
    {"$schema", "description", "width", "height", "datasets", "layer", "config", "name", "data", "params"}
    | {"select", "type", "encodings", "bind", "on", "nearest", "clear", "mark", "style", "size", "opacity"}
    | {
        "clip",
        "encoding",
        "x",
        "y",
        "x2",
        "y2",
        "detail",
        "tooltip",
        "text",
        "field",
        "title",
        "axis",
        "scale",
    }
    | {
        "usermeta",
        "aria",
        "domain",
        "nice",
        "zero",
        "labelOverlap",
        "format",
        "tickMinStep",
        "strokeDash",
        "strokeWidth",
        "align",
    }
    | {"baseline", "dx", "fontSize", "fontWeight", "value", "background", "font", "labelFontSize"}
    | {"labels", "ticks", "titleFontSize", "titleFontWeight", "grid", "padding", "view", "stroke", "color"}
)
